"""Handshake messages: cut into fragments and put together again."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from ..errors import Malformed

HEADER_SIZE = 12
MAX_MESSAGE = 4096
"""Longest message that is put together, in bytes."""
MAX_AHEAD = 8
"""How many messages beyond the next one are kept."""


class Type(IntEnum):
    """What a message is."""

    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    HELLO_VERIFY_REQUEST = 3
    SERVER_KEY_EXCHANGE = 12
    SERVER_HELLO_DONE = 14
    CLIENT_KEY_EXCHANGE = 16
    FINISHED = 20


class Message(NamedTuple):
    """A whole message."""

    type: int
    sequence: int
    body: bytes

    def encode(self) -> bytes:
        """Return it unfragmented: as it is sent, and as both sides hash it."""
        size = len(self.body).to_bytes(3)
        return b"".join((bytes((self.type,)), size, self.sequence.to_bytes(2), bytes(3), size, self.body))


class _Fragment(NamedTuple):
    type: int
    size: int
    sequence: int
    offset: int
    data: bytes


def _fragments(body: bytes) -> list[_Fragment]:
    """Return the fragments of a record; raises Malformed unless it holds whole ones only."""
    found, at = [], 0
    while at < len(body):
        head = body[at : at + HEADER_SIZE]
        at += HEADER_SIZE
        if len(head) < HEADER_SIZE:
            raise Malformed("half a handshake header")
        size, offset, length = (int.from_bytes(head[i : i + 3]) for i in (1, 6, 9))
        if size > MAX_MESSAGE or offset + length > size or at + length > len(body):
            raise Malformed("a fragment that does not fit")
        found.append(_Fragment(head[0], size, int.from_bytes(head[4:6]), offset, body[at : at + length]))
        at += length
    return found


@dataclass(slots=True)
class _Partial:
    """A message of which some bytes are there."""

    type: int
    data: bytearray
    have: bytearray = field(init=False)

    def __post_init__(self) -> None:
        self.have = bytearray(len(self.data))

    def add(self, fragment: _Fragment) -> None:
        end = fragment.offset + len(fragment.data)
        self.data[fragment.offset : end] = fragment.data
        self.have[fragment.offset : end] = b"\1" * len(fragment.data)

    @property
    def whole(self) -> bool:
        return 0 not in self.have


class Reassembler:
    """Gives the peer's messages in their order, however their fragments come."""

    def __init__(self) -> None:
        """The first message expected has the number 0."""
        self._next = 0
        self._partial: dict[int, _Partial] = {}

    def add(self, body: bytes) -> list[Message]:
        """Take a record's body and return the messages that became whole; raises Malformed."""
        for fragment in _fragments(body):
            ahead = fragment.sequence - self._next
            if not 0 <= ahead < MAX_AHEAD:
                continue
            partial = self._partial.setdefault(
                fragment.sequence, _Partial(fragment.type, bytearray(fragment.size))
            )
            if (partial.type, len(partial.data)) != (fragment.type, fragment.size):
                raise Malformed("fragments of different messages")
            partial.add(fragment)
        return self._take()

    def _take(self) -> list[Message]:
        whole = []
        while (partial := self._partial.get(self._next)) and partial.whole:
            del self._partial[self._next]
            whole.append(Message(partial.type, self._next, bytes(partial.data)))
            self._next += 1
        return whole
