"""A very small vendor: answers what a test told it to, over TLS with a CA of its own, and remembers."""

import datetime as dt
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.cloud import Hosts

type Respond = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A CA, and certificates for 127.0.0.1 that it made."""

    name: str = "right"
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _build(
        self, subject: str, key: ec.EllipticCurvePublicKey, begins: float, ends: float, *, ca: bool
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{self.name} CA")]))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins * DAY)
            .not_valid_after(now + ends * DAY)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    key_cert_sign=ca,
                    crl_sign=ca,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        )
        if not ca:
            address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
            builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def trusting(self) -> ssl.SSLContext:
        """Return a client's context that trusts this CA and no other."""
        root = self._build(f"{self.name} CA", self._key.public_key(), -9, 99, ca=True)
        return ssl.create_default_context(cadata=root.public_bytes(serialization.Encoding.DER))

    def serving(self, begins: float = -1, ends: float = 9) -> ssl.SSLContext:
        """Return a server's context; the certificate is good from and until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._build("vendor", key.public_key(), begins, ends, ca=False)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with TemporaryDirectory() as folder:
            file = Path(folder) / "pair.pem"
            file.write_bytes(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
                + certificate.public_bytes(serialization.Encoding.PEM)
            )
            context.load_cert_chain(file)
        return context


_made = cache(Authority)


def authority(name: str = "right") -> Authority:
    """Return the CA of that name, always the same one."""
    return _made(name)


def answer(body: Any, status: int = 200, **headers: str) -> Respond:
    """Answer with JSON, or with bytes as they are; `_` in a header's name stands for `-`."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}

    async def respond(_: web.BaseRequest) -> web.StreamResponse:
        if isinstance(body, bytes):
            given.setdefault("Content-Type", "application/json")
            return web.Response(body=body, status=status, headers=given)
        return web.json_response(body, status=status, headers=given)

    return respond


def good(data: Any = None, **headers: str) -> Respond:
    """Answer as a call that went well does."""
    return answer(
        {"ts": 1, "code": "1", "msg": "SUCCESS", "data": {} if data is None else data}, 200, **headers
    )


def refused(code: Any, msg: str = "", **headers: str) -> Respond:
    """Answer as a call that did not."""
    return answer({"ts": 1, "code": code, "msg": msg, "data": {}}, 200, **headers)


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, Any]


class Server:
    """Answers on 127.0.0.1. What no test has set is a failure of the test."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.routes: dict[str, Respond] = {}
        self.origin = ""

    @property
    def hosts(self) -> Hosts:
        """All roles, here."""
        return Hosts(auth=self.origin, api=self.origin, devmgmt=self.origin)

    def count(self, path: str) -> int:
        """Return how often something was asked for."""
        return sum(asked.path == path for asked in self.asked)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Remember a request and answer it."""
        body = await request.read()
        self.asked.append(
            Asked(
                request.path,
                dict(request.query),
                {name.lower(): value for name, value in request.headers.items()},
                json.loads(body) if body else {},
            )
        )
        return await self.routes[request.path](request)


@asynccontextmanager
async def serving(context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Run a server."""
    server = Server()
    low = web.Server(server.handle)
    runner = web.ServerRunner(low, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context or authority().serving())
    await site.start()
    host, port = runner.addresses[0][:2]
    server.origin = f"https://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
