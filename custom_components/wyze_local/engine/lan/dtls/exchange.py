"""The key exchange: the three groups that are offered."""

from enum import IntEnum

from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..errors import Malformed


class Group(IntEnum):
    """Named groups, best first."""

    X25519 = 29
    P256 = 23
    P384 = 24


_CURVES: dict[int, type[ec.EllipticCurve]] = {Group.P256: ec.SECP256R1, Group.P384: ec.SECP384R1}


def agree(group: int, theirs: bytes) -> tuple[bytes, bytes]:
    """Return our public value and the shared secret; raises Malformed for what is no public value."""
    try:
        if group == Group.X25519:
            own = x25519.X25519PrivateKey.generate()
            shared = own.exchange(x25519.X25519PublicKey.from_public_bytes(theirs))
            return own.public_key().public_bytes_raw(), shared
        if curve := _CURVES.get(group):
            if theirs[:1] != b"\x04":
                raise Malformed("compressed point")
            key = ec.generate_private_key(curve())
            shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve(), theirs))
            return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), shared
    except ValueError:
        raise Malformed("no public value of this group") from None
    raise Malformed("a group that was not offered")
