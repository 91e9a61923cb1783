"""The way to the vendor and the form of its answers: verified, bounded, each trouble with its own word."""

import asyncio
import contextlib
import gzip
import json
import random
import socket
import ssl
import time
import traceback
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from engine.cloud import CloudClient, CloudError, CloudReason, Hosts
from engine.cloud.decode import MAX_BODY, MAX_DEPTH, MAX_PARTS, Refused, parse
from engine.model import Secret
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import Server, answer, authority, good, refused, serving
from tests.engine.lan.virtual import LoopClock, virtual
from tests.support.clock import FakeClock

PHONE = Secret(r.PHONE_ID)
CLOSED = Hosts(*["https://127.0.0.1:1"] * 4)


async def ask(client: CloudClient) -> CloudError:
    """Ask for the cameras and return the error, which tells nothing of what was sent or received."""
    with pytest.raises(CloudError) as caught:
        await client.cameras(r.tokens(), PHONE)
    err = caught.value
    assert err.__context__ is None
    assert err.__cause__ is None
    told = "".join(traceback.format_exception(err)) + repr(vars(err))
    assert not [canary for canary in (*r.CANARIES, "unwanted") if canary in told]
    assert err.call == "cameras"
    return err


async def asked_of(respond: Any) -> CloudReason:
    """Answer with something wrong and return what came of it."""
    async with r.rig() as rig:
        rig.on(r.CAMERAS, respond)
        err = await ask(rig.client)
        assert rig.records[-1].status == err.reason
        return err.word


def client(session: aiohttp.ClientSession, hosts: Hosts, tls: Any = None) -> CloudClient:
    clock = FakeClock()
    return CloudClient(
        session,
        hosts=hosts,
        tls=authority().trusting() if tls is None else tls,
        clock=clock,
        rng=random.Random(1),
    )


# TLS.


@pytest.mark.parametrize("tls", [False, None, 1])
async def test_a_client_without_verification_is_not_made(tls: Any) -> None:
    async with aiohttp.ClientSession() as session:
        blind = ssl.create_default_context()
        blind.check_hostname = False
        lax = ssl.create_default_context()
        lax.check_hostname = False
        lax.verify_mode = ssl.CERT_NONE
        for context in (tls, blind, lax):
            with pytest.raises(ValueError, match="verified"):
                CloudClient(session, hosts=Hosts(), tls=context, clock=FakeClock(), rng=random.Random(1))


@pytest.mark.parametrize("origin", ["http://127.0.0.1", "https://127.0.0.1/path", "127.0.0.1", ""])
def test_a_host_without_tls_is_none(origin: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Hosts(api=origin)


@pytest.mark.parametrize(
    ("begins", "ends", "ca", "reason"),
    [
        (-1, 9, "wrong", CloudReason.CERTIFICATE),
        (-5, -1, "right", CloudReason.CERTIFICATE),
        (1, 9, "right", CloudReason.CLOCK_WRONG),
    ],
    ids=["foreign", "expired", "not yet valid"],
)
async def test_a_wrong_certificate_is_no_wrong_password(
    begins: float, ends: float, ca: str, reason: CloudReason
) -> None:
    async with serving(authority(ca).serving(begins, ends)) as server, aiohttp.ClientSession() as session:
        server.routes[r.CAMERAS] = good({"device_list": []})
        assert (await ask(client(session, server.hosts))).word is reason
        assert server.asked == []


async def test_a_certificate_for_another_name_is_not_taken() -> None:
    async with serving() as server:
        connector = aiohttp.TCPConnector(resolver=Resolver("127.0.0.1"))
        async with aiohttp.ClientSession(connector=connector) as session:
            port = server.origin.rpartition(":")[2]
            hosts = Hosts(*[f"https://vendor.example:{port}"] * 4)
            assert (await ask(client(session, hosts))).word is CloudReason.CERTIFICATE
            assert server.asked == []


async def test_a_port_that_speaks_no_tls_is_not_spoken_to() -> None:
    heard = b""

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard += await reader.read(2000)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    plain = await asyncio.start_server(hear, "127.0.0.1", 0)
    async with plain, aiohttp.ClientSession() as session:
        port = plain.sockets[0].getsockname()[1]
        err = await ask(client(session, Hosts(*[f"https://127.0.0.1:{port}"] * 4)))
        assert err.word is CloudReason.CERTIFICATE
    assert r.ACCESS.encode() not in heard


async def test_an_expired_certificate_and_a_clock_known_to_be_wrong_are_the_clock() -> None:
    async with r.rig() as rig:
        rig.skew = 86400.0
        rig.on(r.CAMERAS, good({"device_list": []}))
        await rig.client.cameras(r.tokens(), PHONE)
        assert rig.client.clock_skew == pytest.approx(-86400.0, abs=2)
        async with serving(authority().serving(-5, -1)) as other:
            rig.client.hosts = other.hosts
            assert (await ask(rig.client)).word is CloudReason.CLOCK_WRONG


@pytest.mark.parametrize("skew", [86400.0, -86400.0, 400.0])
async def test_a_refusal_by_a_vendor_of_another_day_is_the_clock(skew: float) -> None:
    async with r.rig() as rig:
        rig.skew = skew
        rig.on(r.CAMERAS, refused("1001", "timestamp"))
        assert (await ask(rig.client)).word is CloudReason.CLOCK_WRONG


async def test_an_old_answer_of_a_cache_says_nothing_of_the_clock() -> None:
    async with r.rig() as rig:
        rig.skew = -3600.0
        rig.on(r.CAMERAS, refused("1001", Age="3600"))
        assert (await ask(rig.client)).word is CloudReason.BAD_REQUEST
        assert rig.client.clock_skew is None


async def test_a_small_difference_of_clocks_is_none() -> None:
    async with r.rig() as rig:
        rig.skew = 200.0
        rig.on(r.CAMERAS, refused("1001", "timestamp"))
        assert (await ask(rig.client)).word is CloudReason.BAD_REQUEST


# Connections.


class Resolver(AbstractResolver):
    """Knows one address for every name, or none."""

    def __init__(self, address: str = "") -> None:
        self.address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if not self.address:
            raise OSError("no such name")
        return [
            ResolveResult(
                hostname=host, host=self.address, port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Nothing to close."""


async def test_names_that_are_not_found_have_their_word() -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Resolver())) as session:
        err = await ask(client(session, Hosts(*["https://vendor.example"] * 4)))
        assert err.word is CloudReason.NAME_LOOKUP


async def test_nobody_there() -> None:
    async with aiohttp.ClientSession() as session:
        assert (await ask(client(session, CLOSED))).word is CloudReason.UNREACHABLE


async def test_a_session_that_was_closed() -> None:
    session = aiohttp.ClientSession()
    asking = client(session, CLOSED)
    await session.close()
    assert (await ask(asking)).word is CloudReason.UNREACHABLE


async def test_a_connection_that_is_cut() -> None:
    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100", "Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"code"')
        assert request.transport is not None
        request.transport.abort()
        return response

    assert await asked_of(cut) in {CloudReason.UNREACHABLE, CloudReason.MALFORMED}


async def test_a_redirect_is_not_followed() -> None:
    async with r.rig() as rig:
        for status in (301, 302, 303, 307, 308):
            rig.on(r.CAMERAS, answer({}, status, Location=f"{rig.server.origin}/elsewhere"))
            assert (await ask(rig.client)).word is CloudReason.NOT_JSON
            await rig.clock.advance(9)
        assert {asked.path for asked in rig.server.asked} == {r.CAMERAS}


@contextlib.asynccontextmanager
async def in_virtual_time() -> AsyncIterator[tuple[Server, CloudClient]]:
    async with serving() as server, aiohttp.ClientSession() as session:
        yield (
            server,
            CloudClient(
                session,
                hosts=server.hosts,
                tls=authority().trusting(),
                clock=LoopClock(),
                rng=random.Random(1),
            ),
        )
    # What the server still does for a client that has left comes to its end.
    await LoopClock().sleep(90)


@virtual
async def test_an_answer_that_drips_ends_after_fifteen_seconds() -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b" ")
                await asyncio.sleep(0.5)
        return response

    async with in_virtual_time() as (server, asking):
        server.routes[r.CAMERAS] = drip
        began = asyncio.get_running_loop().time()
        assert (await ask(asking)).word is CloudReason.TIMEOUT
        assert asyncio.get_running_loop().time() - began == pytest.approx(15, abs=0.6)


@virtual
async def test_a_vendor_that_says_nothing_ends_after_fifteen_seconds() -> None:
    async def hang(_: web.BaseRequest) -> web.StreamResponse:
        await LoopClock().sleep(60)
        return web.Response()

    async with in_virtual_time() as (server, asking):
        server.routes[r.CAMERAS] = hang
        began = asyncio.get_running_loop().time()
        assert (await ask(asking)).word is CloudReason.TIMEOUT
        assert asyncio.get_running_loop().time() - began == pytest.approx(15, abs=0.6)


@virtual
async def test_a_port_that_never_shakes_hands_ends_after_five_seconds() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    plain = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with plain, aiohttp.ClientSession() as session:
        port = plain.sockets[0].getsockname()[1]
        asking = client(session, Hosts(*[f"https://127.0.0.1:{port}"] * 4))
        began = asyncio.get_running_loop().time()
        assert (await ask(asking)).word is CloudReason.TIMEOUT
        assert asyncio.get_running_loop().time() - began == pytest.approx(5, abs=0.6)
        await LoopClock().sleep(1)


# Answers.

HTML = b"<!DOCTYPE html><html><title>unwanted portal</title></html>"
DEEP = b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}"


@pytest.mark.parametrize(
    ("body", "status", "kind", "reason"),
    [
        (HTML, 200, "text/html", CloudReason.NOT_JSON),
        (HTML, 200, "application/json", CloudReason.NOT_JSON),
        (b'{"code": "1"}', 200, "text/html; charset=utf-8", CloudReason.NOT_JSON),
        (HTML, 502, "text/html", CloudReason.SERVER),
        (HTML, 403, "text/html", CloudReason.FORBIDDEN),
        (HTML, 404, "text/html", CloudReason.NOT_JSON),
        (HTML, 401, "text/html", CloudReason.TOKEN_REFUSED),
        (b"", 401, "application/json", CloudReason.TOKEN_REFUSED),
        (b"", 200, "application/json", CloudReason.NOT_JSON),
        (b"SUCCESS", 200, "application/json", CloudReason.NOT_JSON),
        (b'{"code": "1"', 200, "application/json", CloudReason.MALFORMED),
        (b'{"code": "1}', 200, "application/json", CloudReason.MALFORMED),
        (b'{"code": NaN}', 200, "application/json", CloudReason.MALFORMED),
        (b'{"code": "\xff"}', 200, "application/json", CloudReason.MALFORMED),
        (b'{"code": ' + b"9" * 5000 + b"}", 200, "application/json", CloudReason.MALFORMED),
        (b"[]", 200, "application/json", CloudReason.MALFORMED),
        (b"{}", 200, "application/json", CloudReason.MALFORMED),
        (b'{"code": 1, "data": null}', 200, "application/json", CloudReason.MALFORMED),
        (b'{"code": "1", "data": {"device_list": null}}', 200, "application/json", CloudReason.MALFORMED),
        (b'{"code": "7777"}', 200, "application/json", CloudReason.SERVER),
        (b'{"code": "1"}', 404, "application/json", CloudReason.BAD_REQUEST),
        (b'{"code": "3019"}', 200, "application/json", CloudReason.OFFLINE_DEVICE),
        (b'{"code": 3019}', 200, "application/json", CloudReason.OFFLINE_DEVICE),
        (b'{"code": "1000"}', 200, "application/json", CloudReason.SERVER),
        (b'{"code": "2001"}', 200, "application/json", CloudReason.TOKEN_REFUSED),
        (b'{"code": 2}', 200, "application/json", CloudReason.TOKEN_REFUSED),
        (b'{"code": "9", "msg": "AccessTokenError"}', 200, "application/json", CloudReason.TOKEN_REFUSED),
        (b'{"message": "InvalidTokenError>"}', 401, "application/json", CloudReason.TOKEN_REFUSED),
        (DEEP, 200, "application/json", CloudReason.MALFORMED),
        (b"[" * 1_000_000, 200, "application/json", CloudReason.MALFORMED),
        (b'{"a":' * 200_000, 200, "application/json", CloudReason.MALFORMED),
        (b'"' * 1_000_001, 200, "application/json", CloudReason.NOT_JSON),
        (b"{" + b'\\"' * 1_000_000, 200, "application/json", CloudReason.MALFORMED),
        (b"[" + b"[]," * MAX_PARTS + b"[]]", 200, "application/json", CloudReason.TOO_LARGE),
        (b" " * (MAX_BODY + 1), 200, "application/json", CloudReason.TOO_LARGE),
    ],
)  # fmt: skip
async def test_an_answer_that_is_none_has_its_word(
    body: bytes, status: int, kind: str, reason: CloudReason
) -> None:
    began = time.process_time()
    assert await asked_of(answer(body, status, Content_Type=kind)) is reason
    assert time.process_time() - began < 3, "an odd answer is not to cost much"


async def test_an_answer_may_come_compressed() -> None:
    body = json.dumps({"code": 1, "data": {"device_list": [r.device()]}}).encode()
    async with r.rig() as rig:
        for packed, name in ((gzip.compress(body), "gzip"), (zlib.compress(body), "deflate")):
            rig.on(r.CAMERAS, answer(packed, Content_Encoding=name))
            assert len((await rig.client.cameras(r.tokens(), PHONE)).cameras) == 1


BOMB = gzip.compress(b" " * (200 << 20))


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (BOMB, "gzip", CloudReason.TOO_LARGE),
        (BOMB[:-9], "gzip", CloudReason.TOO_LARGE),
        (gzip.compress(b'{"code": 1}')[:-9], "gzip", CloudReason.MALFORMED),
        (b'{"code": 1}', "gzip", CloudReason.MALFORMED),
        (b'{"code": 1}', "br", CloudReason.MALFORMED),
        (gzip.compress(BOMB), "gzip, gzip", CloudReason.MALFORMED),
    ],
    ids=["bomb", "cut bomb", "cut", "not packed", "unknown", "twice"],
)
async def test_a_packed_answer_unpacks_to_so_much_at_most(
    body: bytes, encoding: str, reason: CloudReason
) -> None:
    assert await asked_of(answer(body, Content_Encoding=encoding)) is reason


def test_an_answer_may_be_as_deep_as_that() -> None:
    assert parse(DEEP.replace(b"[", b"", 1).replace(b"]", b"", 1))
    with pytest.raises(Refused):
        parse(DEEP)


async def test_a_large_answer_holds_nobody_up() -> None:
    devices = [r.device(mac=f"{number:012X}", nickname="n" * 200) for number in range(500)]
    longest, done = 0.0, False

    async def watch() -> None:
        nonlocal longest
        while not done:
            began = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - began)

    async with r.rig() as rig:
        rig.on(r.CAMERAS, good({"device_list": devices}))
        watching = asyncio.create_task(watch())
        found = await rig.client.cameras(r.tokens(), PHONE)
        done = True
        await watching
    assert len(found.cameras) == 500
    print(f"longest time without the event loop: {longest * 1000:.1f} ms")


async def test_no_cookie_and_no_name_of_this_machine_is_sent() -> None:
    async with r.rig() as rig:
        rig.on(r.CAMERAS, good({"device_list": []}, Set_Cookie="unwanted=1; Path=/"))
        await rig.client.cameras(r.tokens(), PHONE)
        await rig.client.cameras(r.tokens(), PHONE)
        headers = rig.server.asked[-1].headers
        assert headers["user-agent"] == "wyze-local"
        assert not {"cookie", "authorization", "signature2", "x-api-key"} & headers.keys()


def test_the_room_holds_no_secret_of_the_vendors_application() -> None:
    room = Path(__file__).parents[3] / "custom_components" / "wyze_local" / "engine" / "cloud"
    for file in room.glob("*.py"):
        assert not [word for word in ("x-api-key", "signature2", "hmac") if word in file.read_text().lower()]
