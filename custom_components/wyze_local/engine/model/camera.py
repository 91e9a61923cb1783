"""A camera and what reaches it on the LAN. Built only from values that passed the checks below."""

import ipaddress
import re
import secrets
from dataclasses import dataclass
from typing import Self

from .errors import InvalidField
from .secret import Secret
from .stream_address import StreamAddress

DEFAULT_PORT = 32761
"""UDP port on which cameras answer the LAN protocol."""

MAX_INPUT = 512
"""Longest value of any field that is looked at, in characters."""

_UID = re.compile(r"[A-Z0-9]{20}")
# Whatever is printable, but for what means something in a stream server's source syntax.
_ENR = re.compile(r"[!-~]{16,64}")
_ENR_FORBIDDEN = frozenset("&#${}%\"'\\<>")
_MAC = re.compile(r"[0-9A-F]{12}")
_MODEL = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,31}")
_CAMERA_KEY = re.compile(r"[0-9a-f]{32}")


def new_camera_key() -> str:
    """Return a new random identity for a camera: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def _bounded(field: str, value: str) -> str:
    """Return the value without surrounding blanks.

    Raises InvalidField when it is missing, far too long, or holds control characters.
    """
    value = value.strip()
    if not value:
        raise InvalidField(field, "missing")
    if len(value) > MAX_INPUT:
        raise InvalidField(field, "too_long")
    if not value.isprintable():
        raise InvalidField(field, "illegal_characters")
    return value


def parse_address(value: str) -> str:
    """Return a literal IPv4 address in its usual form.

    The stream server takes no host names for cameras, and no camera speaks IPv6.
    Raises InvalidField with `not_an_address` for anything else, host names included.
    """
    value = _bounded("address", value)
    try:
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        raise InvalidField("address", "not_an_address") from None


def parse_port(value: int) -> int:
    """Return a UDP port; raises InvalidField when it is not one."""
    if not 1 <= value <= 65535:
        raise InvalidField("port", "not_a_port")
    return value


def parse_uid(value: str) -> Secret:
    """Return the P2P id: 20 capital letters and digits."""
    value = _bounded("uid", value)
    # Some letters beyond ASCII become ASCII in capitals, so they are looked for first.
    if not value.isascii() or not _UID.fullmatch(value.upper()):
        raise InvalidField("uid", "not_a_uid")
    return Secret(value.upper())


def parse_enr(value: str) -> Secret:
    """Return the camera's key: 16 to 64 printable ASCII characters."""
    value = _bounded("enr", value)
    if not _ENR.fullmatch(value) or _ENR_FORBIDDEN & set(value):
        raise InvalidField("enr", "not_an_enr")
    return Secret(value)


def parse_mac(value: str) -> Secret:
    """Return the hardware address as 12 capital hexadecimal digits; separators are dropped."""
    value = re.sub(r"[:.\-]", "", _bounded("mac", value)).upper()
    if not _MAC.fullmatch(value):
        raise InvalidField("mac", "not_a_mac")
    return Secret(value)


def parse_model(value: str) -> str:
    """Return the vendor's model id (`WYZE_CAKP2JFUS`, …), or an empty string when not given."""
    if not value.strip():
        return ""
    value = _bounded("model", value)
    if not value.isascii() or not _MODEL.fullmatch(value.upper()):
        raise InvalidField("model", "not_a_model")
    return value.upper()


def parse_name(value: str) -> str:
    """Return a name to show: one line of at most 64 printable characters, no direction marks."""
    value = _bounded("name", value)
    if len(value) > 64:
        raise InvalidField("name", "too_long")
    return value


def parse_camera_key(value: str) -> str:
    """Return a camera key; raises InvalidField when it is not one of ours."""
    if not _CAMERA_KEY.fullmatch(value):
        raise InvalidField("camera_key", "not_a_key")
    return value


@dataclass(frozen=True, slots=True)
class Credentials:
    """What reaches a camera on the LAN. Prints without keys and without the address."""

    address: Secret
    uid: Secret
    enr: Secret
    mac: Secret
    model: str = ""
    port: int = DEFAULT_PORT

    @classmethod
    def parse(
        cls, *, address: str, uid: str, enr: str, mac: str, model: str = "", port: int = DEFAULT_PORT
    ) -> Self:
        """Build credentials from typed values; raises InvalidField for the first that is wrong."""
        return cls(
            address=Secret(parse_address(address)),
            uid=parse_uid(uid),
            enr=parse_enr(enr),
            mac=parse_mac(mac),
            model=parse_model(model),
            port=parse_port(port),
        )


type Way = Credentials | StreamAddress
"""What reaches a camera: its own protocol with its own key, or a stream of any make."""


@dataclass(frozen=True, slots=True)
class Camera:
    """One device. `key` never changes, whatever happens to name, address or keys."""

    key: str
    name: str
    credentials: Way
    proven: bool = False
    """Whether the camera has proved itself with its own key since these credentials were given.

    A stream proves nothing but that it plays.
    """
