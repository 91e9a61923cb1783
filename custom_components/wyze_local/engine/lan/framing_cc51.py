"""The framing of newer firmware: clear datagrams that begin with 51 CC and have a sealed header.

Seals of the camera are not checked: nobody knows what all firmwares put there, and DTLS proves more.
"""

from .framing import SESSION_ID_SIZE, Inbound, Kind, new_session_id
from .keys import Keys
from .layout import Field, Layout
from .values import Framing

_MARKER = b"\x51\xcc"
_SEAL_SIZE = 20

_HEADER = (
    Field("marker", 0, "2s", _MARKER),
    Field("command", 4, "H"),
    Field("size", 6, "H"),
    Field("direction", 8, "H"),
)
_SEARCH = Layout(
    32,
    *_HEADER,
    Field("step", 12, "H"),
    Field("ticket", 14, "H"),
    Field("session", 16, "8s"),
    Field("version", 24, "4s", b"\x00\x08\x03\x04"),
    Field("build", 28, "B", 0x1D),
)
_PONG = Layout(28, *_HEADER, Field("counter", 16, "I"), Field("session", 20, "8s"))
_DATA = Layout(
    28,
    *_HEADER,
    Field("kind", 12, "B", 0x10),
    Field("channel", 13, "B"),
    Field("ticket", 14, "H"),
    Field("session", 16, "8s"),
    Field("one", 24, "I", 1),
)
_read_head = _DATA.reader("marker", "command", "direction", "kind", "channel")
_read_search = _SEARCH.reader("step", "ticket", "session")

_SEARCH_COMMAND, _PING_COMMAND, _DATA_COMMAND = 0x1002, 0x1202, 0x1502
_RESPONSE = 0xFFFF
_FIRST, _WISH, _GRANTED = 0, 2, 3
_SIZE_AT = 12
"""Where the bytes begin that the size field counts."""


class FramerCC51:
    """Builds and reads datagrams of newer firmware."""

    framing = Framing.CC51

    def __init__(self, keys: Keys) -> None:
        """Begin with a session id that the camera will replace."""
        self._keys = keys
        self._session = new_session_id()
        self._ticket = 0
        self._counter = 0

    def _sealed(self, head: bytes, payload: bytes = b"") -> bytes:
        return b"".join((head, payload, self._keys.seal(head)))

    def _step(self, step: int) -> bytes:
        head = _SEARCH.build(
            command=_SEARCH_COMMAND,
            size=_SEARCH.size + _SEAL_SIZE - _SIZE_AT,
            step=step,
            ticket=self._ticket,
            session=self._session,
        )
        return self._sealed(head)

    def search(self) -> bytes:
        """Return the first datagram."""
        return self._step(_FIRST)

    def on_found(self, inbound: Inbound) -> bytes | None:
        """Take over ticket and session id."""
        self._ticket = int.from_bytes(inbound.payload[:2], "little")
        self._session = inbound.payload[2 : 2 + SESSION_ID_SIZE]
        return None

    def open(self, unix: float) -> bytes:
        """Return the wish for a session."""
        return self._step(_WISH)

    def data(self, channel: int, payload: bytes) -> bytes:
        """Return a datagram with DTLS bytes."""
        head = _DATA.build(
            command=_DATA_COMMAND,
            size=_DATA.size + len(payload) + _SEAL_SIZE - _SIZE_AT,
            channel=channel,
            ticket=self._ticket,
            session=self._session,
        )
        return self._sealed(head, payload)

    def pong(self, inbound: Inbound) -> bytes:
        """Return the answer to a ping: one of our own."""
        self._counter = self._counter + 2 & 0xFFFFFFFF
        return self._sealed(
            _PONG.build(
                command=_PING_COMMAND,
                size=_PONG.size + _SEAL_SIZE - _SIZE_AT,
                counter=self._counter,
                session=self._session,
            )
        )

    def parse(self, datagram: bytes) -> Inbound | None:
        """Read a datagram; None for anything else."""
        if len(datagram) < _PONG.size + _SEAL_SIZE or datagram[:2] != _MARKER:
            return None
        _, command, direction, _, channel = _read_head(datagram)
        if command == _DATA_COMMAND:
            payload = datagram[_DATA.size : -_SEAL_SIZE]
            return Inbound(Kind.DATA, channel, payload) if payload else None
        if command == _PING_COMMAND:
            return Inbound(Kind.PING)
        if command != _SEARCH_COMMAND or len(datagram) < _SEARCH.size + _SEAL_SIZE:
            return None
        step, ticket, session = _read_search(datagram)
        if step == _GRANTED and direction == _RESPONSE:
            return Inbound(Kind.OPENED)
        return Inbound(Kind.FOUND, payload=ticket.to_bytes(2, "little") + session)
