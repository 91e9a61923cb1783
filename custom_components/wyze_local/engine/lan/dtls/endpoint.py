"""What both roles share: records in and out, flights with their repetition, alerts, the end."""

import hashlib
import hmac
import os
from abc import ABC, abstractmethod
from enum import Enum
from typing import NamedTuple

from ..errors import LanError, Malformed, Reason
from .cipher import FINISHED_SIZE, MASTER_SIZE, Opener, Sealer, expand
from .handshake import Message, Reassembler, Type
from .record import EPOCH_SHIFT, Content, Record, ReplayWindow, join, split

FIRST_REPEAT = 0.3
"""Seconds until an unanswered flight is repeated; doubles each time."""
MAX_PLAIN = 1 << 14
_EPOCH = 1 << EPOCH_SHIFT
_WARNING, _FATAL = 1, 2
_CLOSE_NOTIFY = 0
_ALERTS = {
    20: Reason.WRONG_KEY,  # bad_record_mac
    21: Reason.WRONG_KEY,  # decryption_failed
    49: Reason.WRONG_KEY,  # access_denied
    51: Reason.WRONG_KEY,  # decrypt_error
    115: Reason.WRONG_KEY,  # unknown_psk_identity
    40: Reason.NO_DTLS,  # handshake_failure
    70: Reason.NO_DTLS,  # protocol_version
    71: Reason.NO_DTLS,  # insufficient_security
    86: Reason.NO_DTLS,  # inappropriate_fallback
}
"""What a fatal alert during the handshake says of the other side; all others are its fault."""
_DECRYPT_ERROR, _ILLEGAL_PARAMETER = 51, 47


class State(Enum):
    """How far an association is."""

    HANDSHAKE = "handshake"
    OPEN = "open"
    CLOSED = "closed"
    """Ended, by either side."""
    FAILED = "failed"
    """The handshake failed; `failure` says why."""


class _Queued(NamedTuple):
    """One record of a flight, before it is sealed."""

    content: Content
    body: bytes
    sealed: bool


class Endpoint(ABC):
    """One end of an association. The caller moves datagrams and tells the time (seconds, any origin)."""

    _speaks_last = False
    """Whether the last flight of the handshake is ours."""

    def __init__(self, psk: bytes) -> None:
        """Wait; the key is 32 bytes."""
        self.state = State.HANDSHAKE
        self.failure: LanError | None = None
        self.heard = False
        """Whether anything that looks like DTLS ever came."""
        self.rejected = 0
        """Records that were replayed, forged or damaged."""
        self.deadline: float | None = None
        """When `poll` wants to be called; None: never."""
        self._psk = psk
        self._random = os.urandom(32)
        self._out: list[bytes] = []
        self._flight: list[_Queued] = []
        self._repeat_after = FIRST_REPEAT
        self._numbers = [0, _EPOCH]
        self._next_message = 0
        self._transcript = hashlib.sha256()
        self._reassembler = Reassembler()
        self._window = ReplayWindow()
        self._master = b""
        self._sealer: Sealer | None = None
        self._opener: Opener | None = None
        self._now = 0.0

    def __repr__(self) -> str:
        """Show no key."""
        return f"<{type(self).__name__} {self.state.value}>"

    # What the caller uses.

    def receive(self, datagram: bytes, now: float) -> list[bytes]:
        """Take a datagram and return what data it held. Never raises, whatever the bytes are."""
        self._now = now
        data = []
        for record in split(datagram):
            if self.state is State.OPEN and record.number >> EPOCH_SHIFT == 1:
                if (plain := self._open(record)) is None:
                    continue
                if record.content == Content.DATA:
                    data.append(plain)
                else:
                    self._on_sealed(record.content, plain)
            elif self.state is State.HANDSHAKE:
                self.heard = True
                self._on_handshake_record(record)
        return data

    def take(self) -> list[bytes]:
        """Return the datagrams to be sent, once."""
        out, self._out = self._out, []
        return out

    def poll(self, now: float) -> None:
        """Repeat what is due to be repeated."""
        if self.deadline is not None and now >= self.deadline and self.state is State.HANDSHAKE:
            self._now = now
            self._repeat_after *= 2
            self._send_flight()

    def seal(self, data: bytes) -> bytes:
        """Return a datagram that holds the data (at most 16 KiB); raises LanError unless open."""
        if self.state is not State.OPEN:
            raise LanError(Reason.CLOSED)
        if len(data) > MAX_PLAIN:
            raise ValueError("too long for a record")
        return self._encode(Content.DATA, data, sealed=True)

    def close(self) -> None:
        """Say good-bye, once; there is something to `take` afterwards if there may be anybody to hear it.

        Before and in the midst of the handshake, too (RFC 5246 §7.2.1): who has opened a channel for us would
        keep it open for a while.
        """
        if self.state in (State.HANDSHAKE, State.OPEN):
            self._alert(_WARNING, _CLOSE_NOTIFY, sealed=self._numbers[True] > _EPOCH)
        self._end(State.CLOSED)

    # Records in.

    def _open(self, record: Record) -> bytes | None:
        """Return the plain body of a record that is new and genuine."""
        if not self._window.is_new(record.number) or self._opener is None:
            self.rejected += 1
            return None
        plain = self._opener.open(record.content, record.number, record.body)
        if plain is None:
            self.rejected += 1
            return None
        self._window.mark(record.number)
        return plain

    def _on_sealed(self, content: int, plain: bytes) -> None:
        """Take what is no data, inside an open association."""
        if content == Content.ALERT and len(plain) == 2:
            if plain[0] == _FATAL or plain[1] == _CLOSE_NOTIFY:
                self.close()
        elif content == Content.HANDSHAKE and self._speaks_last:
            # The peer repeats its last flight because ours got lost.
            self._send_flight()
            self.deadline = None

    def _on_handshake_record(self, record: Record) -> None:
        """Take a record during the handshake."""
        epoch = record.number >> EPOCH_SHIFT
        body: bytes | None = record.body
        if epoch == 1 and self._opener is not None:
            body = self._open(record)
        elif epoch:
            return
        if body is None:
            return
        if record.content == Content.ALERT and len(body) == 2:
            self._on_alert(*body)
        elif record.content == Content.HANDSHAKE:
            try:
                for message in self._reassembler.add(body):
                    # A Finished that nobody sealed is nobody's Finished.
                    if (message.type == Type.FINISHED) != (epoch == 1):
                        raise Malformed("a message of the wrong epoch")
                    self._on_message(message)
                    if self.state is not State.HANDSHAKE:
                        break
            except Malformed as err:
                self._alert(_FATAL, _ILLEGAL_PARAMETER, sealed=False)
                self._fail(err)

    def _on_alert(self, level: int, description: int) -> None:
        """Take an alert during the handshake."""
        if level == _FATAL:
            self._fail(LanError(_ALERTS.get(description, Reason.PROTOCOL_FAULT), f"alert {description}"))
        elif description == _CLOSE_NOTIFY:
            self._fail(LanError(Reason.REFUSED, "hung up during the handshake"))

    @abstractmethod
    def _on_message(self, message: Message) -> None:
        """Take the next handshake message; raises Malformed for what has no place here."""

    # Records out.

    def _encode(self, content: Content, body: bytes, *, sealed: bool) -> bytes:
        """Return a record with the next number."""
        number = self._numbers[sealed]
        self._numbers[sealed] += 1
        if sealed:
            assert self._sealer is not None
            body = self._sealer.seal(content, number, body)
        return join(content, number, body)

    def _alert(self, level: int, description: int, *, sealed: bool) -> None:
        self._out.append(self._encode(Content.ALERT, bytes((level, description)), sealed=sealed))

    def _message(self, kind: Type, body: bytes, *, sealed: bool = False, hashed: bool = True) -> None:
        """Add a message to the flight that is being made."""
        message = Message(kind, self._next_message, body).encode()
        self._next_message += 1
        if hashed:
            self._transcript.update(message)
        self._flight.append(_Queued(Content.HANDSHAKE, message, sealed))

    def _change_cipher(self) -> None:
        self._flight.append(_Queued(Content.CHANGE_CIPHER_SPEC, b"\1", sealed=False))

    def _begin_flight(self) -> None:
        """Forget the last flight: it was answered."""
        self._flight = []
        self._repeat_after = FIRST_REPEAT

    def _send_flight(self) -> None:
        """Send the flight in one datagram, which stays far below any MTU, and have it repeated later."""
        self._out.append(b"".join(self._encode(q.content, q.body, sealed=q.sealed) for q in self._flight))
        self.deadline = self._now + self._repeat_after

    # The end of the handshake.

    def _derive_master(self, premaster: bytes, client_random: bytes, server_random: bytes) -> None:
        self._master = expand(premaster, b"master secret", client_random + server_random, MASTER_SIZE)

    def _finished(self, label: bytes) -> bytes:
        """Return what a Finished message says of all messages so far."""
        return expand(self._master, label, self._transcript.digest(), FINISHED_SIZE)

    def _verify_finished(self, message: Message, label: bytes) -> bool:
        """Check the peer's Finished message: the moment at which it has proved that it has the key."""
        if hmac.compare_digest(message.body, self._finished(label)):
            self._transcript.update(message.encode())
            return True
        self._alert(_FATAL, _DECRYPT_ERROR, sealed=False)
        self._fail(LanError(Reason.WRONG_KEY, "its Finished message is wrong"))
        return False

    def _establish(self) -> None:
        self.state = State.OPEN
        self.deadline = None

    def _fail(self, failure: LanError) -> None:
        self.failure = failure
        self._end(State.FAILED)

    def _end(self, state: State) -> None:
        if self.state in (State.HANDSHAKE, State.OPEN):
            self.state = state
        self.deadline = None
