"""What both DTLS roles share: records, handshake order, flights, the end of a connection."""

import struct
from abc import ABC, abstractmethod
from enum import Enum, IntEnum

from .. import WireError
from . import messages
from .suites import VERSION, Protection, Suite, finished, premaster, prf

_RECORD = struct.Struct("!B2sQH")
_CCS, _ALERT, _HANDSHAKE, _DATA = 20, 21, 22, 23
_MAX_MESSAGE = 8192
_LOOK_AHEAD = 8
_WINDOW = 64
_SEQUENCE_BITS = 48
_EPOCH_1 = 1 << _SEQUENCE_BITS


class State(Enum):
    """How far a connection is."""

    HANDSHAKE = "handshake"
    OPEN = "open"
    CLOSED = "closed"
    """Closed in order by either side."""
    FAILED = "failed"
    """Ended by a fatal alert of either side."""


class Alert(IntEnum):
    """Alert descriptions in use."""

    CLOSE_NOTIFY = 0
    BAD_RECORD_MAC = 20
    HANDSHAKE_FAILURE = 40
    DECODE_ERROR = 50
    DECRYPT_ERROR = 51
    UNKNOWN_PSK_IDENTITY = 115


class HandshakeFailure(WireError):
    """The handshake cannot go on; the peer gets this alert."""

    def __init__(self, alert: Alert) -> None:
        """Take the alert to send."""
        super().__init__(alert.name)
        self.alert = alert


class _Partial:
    """A handshake message of which fragments are missing."""

    def __init__(self, kind: int, size: int) -> None:
        """Expect a message of that many bytes."""
        self.kind = kind
        self.body = bytearray(size)
        self._missing = bytearray(b"\1") * size

    def add(self, offset: int, data: bytes) -> None:
        """Fill in a fragment that lies inside the message."""
        self.body[offset : offset + len(data)] = data
        self._missing[offset : offset + len(data)] = bytes(len(data))

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not any(self._missing)


class DtlsEndpoint(ABC):
    """One side of one association."""

    def __init__(self, psk: bytes) -> None:
        """Take the pre-shared key."""
        self.state = State.HANDSHAKE
        self.alert: int | None = None
        """The alert that ended the connection, ours or the peer's."""
        self._psk = psk
        self._out: list[bytes] = []
        self._flight: list[tuple[int, bool, bytes]] = []
        self._numbers = [0, _EPOCH_1]
        self._seen_top = -1
        self._seen = 0
        self._reader: Protection | None = None
        self._writer: Protection | None = None
        self._partials: dict[int, _Partial] = {}
        self._next_in = 0
        self._next_out = 0
        self._transcript = b""
        self._master = b""
        self._echoed = False

    # What a role does.

    @abstractmethod
    def _on_message(self, kind: int, body: bytes, framed: bytes) -> None:
        """Act on the next handshake message; raises WireError when it must not come now."""

    # What a caller does.

    def take(self) -> list[bytes]:
        """Return the datagrams to send now, and forget them."""
        out, self._out = self._out, []
        return out

    def receive(self, datagram: bytes) -> list[bytes]:
        """Take a datagram; return the application data in it, in order."""
        data: list[bytes] = []
        self._echoed = False
        at = 0
        while at + _RECORD.size <= len(datagram) and self.state in (State.HANDSHAKE, State.OPEN):
            kind, version, number, size = _RECORD.unpack_from(datagram, at)
            at += _RECORD.size
            fragment = datagram[at : at + size]
            at += size
            if len(fragment) != size or version[0] != VERSION[0]:
                break
            if number >= _EPOCH_1 and version != VERSION:
                continue
            try:
                self._on_record(kind, number, fragment, data)
            except HandshakeFailure as failure:
                self._fail(failure.alert)
            except WireError:
                continue
        return data

    def send(self, data: bytes) -> bytes:
        """Return one datagram with one record of application data. Only while OPEN."""
        return self._record(_DATA, data, sealed=True)

    def close(self) -> None:
        """Say good-bye, once."""
        if self.state is State.OPEN:
            self._send_alert(1, Alert.CLOSE_NOTIFY)
        if self.state in (State.HANDSHAKE, State.OPEN):
            self.state = State.CLOSED

    def retransmit(self) -> None:
        """Send the last flight again, with new record numbers."""
        if self.state is State.HANDSHAKE:
            self._send_flight()

    # Records.

    def _record(self, kind: int, payload: bytes, *, sealed: bool) -> bytes:
        """Build one record."""
        number = self._numbers[sealed]
        self._numbers[sealed] += 1
        if sealed:
            assert self._writer
            payload = self._writer.seal(number, kind, payload)
        return _RECORD.pack(kind, VERSION, number, len(payload)) + payload

    def _on_record(self, kind: int, number: int, fragment: bytes, data: list[bytes]) -> None:
        """Open a record and hand its content on; raises WireError for one to drop."""
        sealed = number >= _EPOCH_1
        if sealed:
            fragment = self._open(kind, number, fragment)
        if kind == _HANDSHAKE:
            self._on_fragments(fragment)
        elif kind == _ALERT and (sealed or self.state is State.HANDSHAKE):
            self._on_alert(fragment)
        elif kind == _DATA and sealed and self.state is State.OPEN:
            data.append(fragment)

    def _open(self, kind: int, number: int, fragment: bytes) -> bytes:
        """Check and decrypt a record of epoch 1."""
        if self._reader is None or number >> _SEQUENCE_BITS != 1:
            raise WireError("no key for this epoch")
        behind = self._seen_top - number
        if behind >= _WINDOW or (behind >= 0 and self._seen >> behind & 1):
            raise WireError("record was seen before")
        try:
            plain = self._reader.open(number, kind, fragment)
        except WireError:
            if kind == _HANDSHAKE and self.state is State.HANDSHAKE:
                raise HandshakeFailure(Alert.BAD_RECORD_MAC) from None
            raise
        if behind < 0:
            self._seen = (self._seen << min(-behind, _WINDOW) | 1) & ((1 << _WINDOW) - 1)
            self._seen_top = number
        else:
            self._seen |= 1 << behind
        return plain

    def _on_alert(self, fragment: bytes) -> None:
        """End the connection when the peer says so."""
        if len(fragment) != 2:
            raise WireError("malformed alert")
        level, description = fragment
        if description == Alert.CLOSE_NOTIFY:
            self.close()
        elif level == 2:
            self.state = State.FAILED
            self.alert = description

    def _send_alert(self, level: int, alert: Alert) -> None:
        """Send an alert under the protection in force."""
        sealed = self.state is State.OPEN
        self._out.append(self._record(_ALERT, bytes((level, alert)), sealed=sealed))

    def _fail(self, alert: Alert) -> None:
        """End the handshake with a fatal alert."""
        self._send_alert(2, alert)
        self.state = State.FAILED
        self.alert = alert

    # Handshake messages.

    def _on_fragments(self, fragment: bytes) -> None:
        """Sort handshake fragments into messages and act on those whose turn it is."""
        reader = messages.Reader(fragment)
        while reader.rest:
            kind, size3, sequence, offset3, length3 = messages.HEADER.unpack(
                reader.take(messages.HEADER.size)
            )
            size, offset, length = (int.from_bytes(part) for part in (size3, offset3, length3))
            part = reader.take(length)
            if sequence < self._next_in:
                self._echo()
                continue
            if size > _MAX_MESSAGE or offset + length > size or sequence >= self._next_in + _LOOK_AHEAD:
                raise WireError("implausible handshake fragment")
            partial = self._partials.setdefault(sequence, _Partial(kind, size))
            if partial.kind != kind or len(partial.body) != size:
                raise WireError("fragments do not fit together")
            partial.add(offset, part)
            self._advance()

    def _advance(self) -> None:
        """Act on complete messages in order."""
        while (partial := self._partials.get(self._next_in)) and partial.complete:
            del self._partials[self._next_in]
            sequence = self._next_in
            self._next_in += 1
            body = bytes(partial.body)
            try:
                self._on_message(partial.kind, body, messages.frame(partial.kind, sequence, body))
            except HandshakeFailure:
                raise
            except WireError:
                raise HandshakeFailure(Alert.DECODE_ERROR) from None

    def _echo(self) -> None:
        """Answer a repeated message with our last flight, at most once per datagram."""
        if not self._echoed:
            self._echoed = True
            self._send_flight()

    def _start_flight(self) -> None:
        """Forget the last flight: the peer has answered it."""
        self._flight = []

    def _add(self, kind: messages.Type, body: bytes, *, sealed: bool = False, hashed: bool = True) -> None:
        """Add a handshake message to the flight."""
        framed = messages.frame(kind, self._next_out, body)
        self._next_out += 1
        if hashed:
            self._transcript += framed
        self._flight.append((_HANDSHAKE, sealed, framed))

    def _add_finish(self, label: bytes) -> None:
        """Add ChangeCipherSpec and Finished to the flight."""
        self._flight.append((_CCS, False, b"\1"))
        self._add(messages.Type.FINISHED, finished(self._master, label, self._transcript), sealed=True)

    def _send_flight(self) -> None:
        """Send the flight in one datagram: cameras' handshakes are small."""
        if self._flight:
            records = [self._record(kind, payload, sealed=sealed) for kind, sealed, payload in self._flight]
            self._out.append(b"".join(records))

    def _check_finished(self, label: bytes, body: bytes) -> None:
        """Compare the peer's Finished with ours."""
        if body != finished(self._master, label, self._transcript):
            raise HandshakeFailure(Alert.DECRYPT_ERROR)

    def _derive(
        self, suite: Suite, shared: bytes, randoms: tuple[bytes, bytes]
    ) -> tuple[Protection, Protection]:
        """Compute the master secret; return what client and server write with."""
        client_random, server_random = randoms
        shared = shared or bytes(len(self._psk))
        secret = premaster(shared, self._psk)
        self._master = prf(secret, b"master secret", client_random + server_random, 48)
        return suite.protections(self._master, client_random, server_random)
