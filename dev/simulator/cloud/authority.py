"""The certificates of the fake cloud: an authority made anew at each start, and what it signs.

Only the authority's own certificate is left in a file. Private keys are on disk no longer than it takes to
load them, in a folder that nobody else may read.
"""

import datetime as dt
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = dt.timedelta(days=1)


NAME = "cloud.example"
"""A name that its certificates are good for, where something leads from it to this machine."""


class Certificate(StrEnum):
    """Which certificate a server shows."""

    GOOD = "good"
    EXPIRED = "expired"
    EARLY = "early"
    """Not valid before tomorrow."""
    FOREIGN = "foreign"
    """Signed by an authority that nobody trusts."""
    OTHER_NAME = "other_name"
    """Good, but another server's."""


@dataclass(frozen=True)
class Authority:
    """A certificate authority."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> str:
        """Return the authority's certificate, which whoever trusts it needs."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


def make_authority(name: str) -> Authority:
    """Make an authority with a fresh key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(subject, subject, key, now - 30 * _DAY, now + 365 * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def server_contexts(trusted: Authority) -> dict[Certificate, ssl.SSLContext]:
    """Return what a server needs to show each kind of certificate."""
    foreign = make_authority("Somebody else's authority")
    return {kind: _context(foreign if kind is Certificate.FOREIGN else trusted, kind) for kind in Certificate}


def client_context(pem: str) -> ssl.SSLContext:
    """Return what a client needs to trust this authority, and no other."""
    return ssl.create_default_context(cadata=pem)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begins: dt.datetime,
    ends: dt.datetime,
) -> x509.CertificateBuilder:
    """Return what all certificates have in common."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _validity(kind: Certificate) -> tuple[dt.datetime, dt.datetime]:
    """Return from when to when it is valid."""
    now = dt.datetime.now(dt.UTC)
    if kind is Certificate.EXPIRED:
        return now - 20 * _DAY, now - _DAY
    if kind is Certificate.EARLY:
        return now + _DAY, now + 20 * _DAY
    return now - 20 * _DAY, now + 90 * _DAY


def _context(authority: Authority, kind: Certificate) -> ssl.SSLContext:
    """Return a server's context with a certificate of that kind."""
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.DNSName(NAME),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
    if kind is Certificate.OTHER_NAME:
        names = [x509.DNSName("elsewhere.invalid")]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fake cloud")])
    issuer = authority.certificate
    certificate = (
        _builder(subject, issuer.subject, key, *_validity(kind))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "server.pem")
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(path)
    return context
