"""Takes apart what an RTSP client sends. Hostile bytes end in ProtocolError, never in memory or time."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from ..child import ProtocolError

MAX_HEAD = 8192
"""Longest request line with headers, in bytes."""

MAX_HEADERS = 32
MAX_BODY = 4096
MAX_URL = 1024

_METHODS = frozenset(
    {"OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER"}
    | {"ANNOUNCE", "RECORD"}
)
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):[ \t]*([ -~\t]*)")
_CSEQ = re.compile(r"[0-9]{1,9}")
_LENGTH = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Request:
    """A request; header names in lower case."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def cseq(self) -> str:
        """Its number."""
        return self.headers["cseq"]


@dataclass(frozen=True, slots=True)
class Interleaved:
    """Binary data between requests."""

    channel: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL asks for."""

    camera_key: str
    token: str
    twice: bool = False
    still: bool = False
    opus: bool = False
    watch: bool = False


class Parser:
    """Feeds on bytes, gives requests and binary data."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Request | Interleaved]:
        """Take bytes, return what is whole by now; raises ProtocolError, after which nothing is right."""
        self._buffer += data
        found: list[Request | Interleaved] = []
        while (item := self._next()) is not None:
            found.append(item)
        return found

    def _next(self) -> Request | Interleaved | None:
        buffer = self._buffer
        if not buffer:
            return None
        if buffer[0] == 0x24:
            return self._interleaved()
        if not 0x41 <= buffer[0] <= 0x5A:
            raise ProtocolError("not RTSP")
        end = buffer.find(b"\r\n\r\n", 0, MAX_HEAD)
        if end < 0:
            # What is no RTSP request is told by its first line; a web browser's is not waited for.
            line = buffer.find(b"\r\n")
            if len(buffer) >= MAX_HEAD or (line >= 0 and not buffer[:line].endswith(b" RTSP/1.0")):
                raise ProtocolError("not RTSP")
            return None
        request, length = _request(bytes(buffer[:end]))
        if len(buffer) < end + 4 + length:
            return None
        del buffer[: end + 4 + length]
        return request

    def _interleaved(self) -> Interleaved | None:
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        end = 4 + (buffer[2] << 8 | buffer[3])
        if len(buffer) < end:
            return None
        item = Interleaved(buffer[1], bytes(buffer[4:end]))
        del buffer[:end]
        return item


def _request(head: bytes) -> tuple[Request, int]:
    """Return the request and the length of its body."""
    try:
        first, *lines = head.decode("ascii").split("\r\n")
    except UnicodeDecodeError:
        raise ProtocolError("not ASCII") from None
    parts = first.split(" ")
    if len(parts) != 3 or parts[0] not in _METHODS or parts[2] != "RTSP/1.0":
        raise ProtocolError("not a request")
    if not parts[1].isprintable():
        raise ProtocolError("not a URL")
    if not 1 <= len(parts[1]) <= MAX_URL or len(lines) > MAX_HEADERS:
        raise ProtocolError("too long")
    headers: dict[str, str] = {}
    for line in lines:
        if (match := _HEADER.fullmatch(line)) is None:
            raise ProtocolError("not a header")
        if headers.setdefault(match[1].lower(), match[2].strip()) != match[2].strip():
            raise ProtocolError("a header that contradicts itself")
    if not _CSEQ.fullmatch(headers.get("cseq", "")):
        raise ProtocolError("no number")
    length = headers.get("content-length", "0")
    if not _LENGTH.fullmatch(length) or int(length) > MAX_BODY:
        raise ProtocolError("too long")
    return Request(parts[0], parts[1], headers), int(length)


def parse_target(url: str) -> Target:
    """Return what an RTSP URL asks for; parts that are missing are empty. Raises ProtocolError."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, max_num_fields=8)
    except ValueError:
        raise ProtocolError("not a URL") from None
    query = dict(pairs)
    if parts.scheme != "rtsp" or len(query) != len(pairs):
        raise ProtocolError("not a URL")
    return Target(
        parts.path.strip("/"),
        query.get("auth", ""),
        *(query.get(name) == "1" for name in ("twice", "still", "opus", "watch")),
    )


def parse_channel(transport: str) -> int | None:
    """Return the first interleaved channel that a Transport header asks for.

    0 when it names none; None when it does not want interleaving over TCP. Raises ProtocolError.
    """
    options = transport.split(",", maxsplit=1)[0].split(";")
    if options[0].strip().upper() != "RTP/AVP/TCP":
        return None
    for option in options[1:]:
        name, _, value = option.strip().partition("=")
        if name.lower() == "interleaved":
            first = value.partition("-")[0]
            if not re.fullmatch(r"[0-9]{1,3}", first) or int(first) > 254 or int(first) % 2:
                raise ProtocolError("no such channel")
            return int(first)
    return 0


def track_of(url: str) -> str:
    """Return the last part of a URL, where control URLs name the track."""
    return url.rsplit("/", 1)[-1]
