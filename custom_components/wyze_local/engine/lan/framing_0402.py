"""The framing of older firmware: obfuscated datagrams that begin with 04 02."""

from . import transcode
from .framing import Inbound, Kind, new_session_id
from .keys import Keys
from .layout import Field, Layout
from .values import Framing

_MARKER = b"\x04\x02\x1a"
_HEADER_SIZE = 16
_DATA_AT = 28
_PING_BODY = 8

_HEADER = (
    Field("marker", 0, "3s", _MARKER),
    Field("mode", 3, "B"),
    Field("body_size", 4, "H"),
    Field("sequence", 6, "H"),
    Field("command", 8, "H"),
    Field("flags", 10, "H", 0x0021),
)
_SEARCH = Layout(
    88,
    *_HEADER,
    Field("uid", 16, "20s"),
    Field("version", 52, "4s", b"\x01\x01\x02\x04"),
    Field("session", 56, "8s"),
    Field("stage", 64, "B"),
    Field("auth", 74, "8s"),
)
_OPEN = Layout(52, *_HEADER, Field("uid", 16, "20s"), Field("session", 36, "8s"), Field("time", 48, "I"))
_DATA = Layout(
    _DATA_AT,
    *_HEADER,
    Field("session_head", 12, "2s"),
    Field("channel", 14, "B"),
    Field("one", 15, "B", 1),
    Field("size", 16, "I", 12),
    Field("session", 20, "8s"),
)
_PING = Layout(24, *_HEADER, Field("echo", 16, "8s"))
_read = _DATA.reader("marker", "command", "channel")

_SET_UP, _KEEP_ALIVE, _WITH_DATA = 0x02, 0x0A, 0x0B
_SEARCH_COMMAND, _FOUND, _OPEN_COMMAND, _OPENED = 0x0601, 0x0602, 0x0402, 0x0404
_TO_CAMERA, _FROM_CAMERA, _PONG, _PING_COMMAND = 0x0407, 0x0408, 0x0427, 0x0428


class Framer0402:
    """Builds and reads datagrams of older firmware."""

    framing = Framing.TRANSCODE

    def __init__(self, keys: Keys) -> None:
        """Begin with a new session id."""
        self._keys = keys
        self._session = new_session_id()
        self._sequence = 0

    def _search(self, stage: int, auth: bytes) -> bytes:
        return transcode.encode(
            _SEARCH.build(
                mode=_SET_UP,
                body_size=_SEARCH.size - _HEADER_SIZE,
                command=_SEARCH_COMMAND,
                uid=self._keys.uid,
                session=self._session,
                stage=stage,
                auth=auth,
            )
        )

    def search(self) -> bytes:
        """Return the first datagram, which shows that we know the camera's key."""
        return self._search(1, self._keys.auth)

    def on_found(self, inbound: Inbound) -> bytes | None:
        """Return the second step, which is not answered."""
        return self._search(2, b"")

    def open(self, unix: float) -> bytes:
        """Return the wish for a session."""
        plain = _OPEN.build(
            mode=_SET_UP,
            body_size=_OPEN.size - _HEADER_SIZE,
            command=_OPEN_COMMAND,
            flags=0x0033,
            uid=self._keys.uid,
            session=self._session,
            time=int(unix) & 0xFFFFFFFF,
        )
        return transcode.encode(plain)

    def data(self, channel: int, payload: bytes) -> bytes:
        """Return a datagram with DTLS bytes."""
        head = _DATA.build(
            mode=_WITH_DATA,
            body_size=_DATA_AT - _HEADER_SIZE + len(payload),
            sequence=self._sequence,
            command=_TO_CAMERA,
            session_head=self._session[:2],
            channel=channel,
            session=self._session,
        )
        self._sequence = self._sequence + 1 & 0xFFFF
        return transcode.encode(head + payload)

    def pong(self, inbound: Inbound) -> bytes:
        """Return the answer to a ping: its first 8 bytes."""
        plain = _PING.build(
            mode=_KEEP_ALIVE, body_size=_PING_BODY, command=_PONG, echo=inbound.payload[:_PING_BODY]
        )
        return transcode.encode(plain)

    def parse(self, datagram: bytes) -> Inbound | None:
        """Read a datagram; None for anything else."""
        if len(datagram) < _HEADER_SIZE:
            return None
        plain = transcode.decode(datagram)
        marker, command, channel = _read(plain)
        if marker[:2] != _MARKER[:2]:
            return None
        if command == _FROM_CAMERA:
            return Inbound(Kind.DATA, channel, plain[_DATA_AT:]) if len(plain) > _DATA_AT else None
        if command == _PING_COMMAND:
            return Inbound(Kind.PING, payload=plain[_HEADER_SIZE:])
        if command == _FOUND:
            return Inbound(Kind.FOUND)
        return Inbound(Kind.OPENED) if command == _OPENED else None
