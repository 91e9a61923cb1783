"""Commands ("HL"): a 16-byte header and a payload."""

import struct
from dataclasses import dataclass

from . import WireError, xxtea

_HEADER = struct.Struct("<2sBxHH8x")
_MAGIC = b"HL"
CAMERA_VERSION = 25
"""Protocol version that simulated cameras report."""

_DEFAULT_KEY = b"F" * 16


@dataclass(frozen=True, slots=True)
class Command:
    """One command or answer."""

    code: int
    payload: bytes = b""


def parse(message: bytes) -> Command:
    """Read a command; raises WireError when it is cut off or something else."""
    if len(message) < _HEADER.size:
        raise WireError("command is too short")
    magic, _, code, size = _HEADER.unpack_from(message)
    payload = message[_HEADER.size :]
    if magic != _MAGIC or size > len(payload):
        raise WireError("not a command")
    return Command(code, payload[:size])


def build(command: Command) -> bytes:
    """Return the bytes of a command."""
    return _HEADER.pack(_MAGIC, CAMERA_VERSION, command.code, len(command.payload)) + command.payload


def challenge(nonce: bytes, enr: str, status: int) -> bytes:
    """Encrypt a 16-byte nonce so that only a holder of the ENR can give it back.

    Status 1 uses a well-known key, 3 the first half of the ENR, 6 both halves.
    """
    key = enr.encode().ljust(32, b"\0")
    if status == 6:
        return xxtea.encrypt(xxtea.encrypt(nonce, key[16:32]), key[:16])
    return xxtea.encrypt(nonce, key[:16] if status == 3 else _DEFAULT_KEY)
