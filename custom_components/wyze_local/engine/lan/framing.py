"""What both framings have in common: the small language below DTLS."""

import os
from enum import Enum
from typing import NamedTuple, Protocol

from .values import Framing

SESSION_ID_SIZE = 8
MAX_DATAGRAM = 4096
"""Longest datagram that is looked at, in bytes."""


class Kind(Enum):
    """What a camera's datagram is."""

    FOUND = "found"
    """The answer to the search."""
    OPENED = "opened"
    """The answer to the wish for a session."""
    DATA = "data"
    PING = "ping"


class Inbound(NamedTuple):
    """A camera's datagram."""

    kind: Kind
    channel: int = 0
    """0: main, 1: talk-back."""
    payload: bytes = b""
    """DTLS bytes, or what a ping wants back, or what the answer to the search told."""


class Framer(Protocol):
    """Builds and reads one framing's datagrams for one session."""

    framing: Framing

    def search(self) -> bytes:
        """Return the first datagram."""
        ...

    def on_found(self, inbound: Inbound) -> bytes | None:
        """Take the answer to the search; return what is to be said once, if anything."""
        ...

    def open(self, unix: float) -> bytes:
        """Return the wish for a session."""
        ...

    def data(self, channel: int, payload: bytes) -> bytes:
        """Return a datagram with DTLS bytes (at most 2 KiB)."""
        ...

    def pong(self, inbound: Inbound) -> bytes:
        """Return the answer to a ping."""
        ...

    def parse(self, datagram: bytes) -> Inbound | None:
        """Read a datagram; None for anything that has no meaning in this framing. Never raises."""
        ...


def new_session_id() -> bytes:
    """Return a random session id."""
    return os.urandom(SESSION_ID_SIZE)
