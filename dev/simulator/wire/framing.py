"""What both datagram framings have in common: who says hello, who sends data."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Kind(Enum):
    """What a viewer's datagram wants."""

    DISCOVER = "discover"
    """Is a camera with this id here?"""
    OPEN = "open"
    """Open a session; repeated until answered."""
    DATA = "data"
    """DTLS bytes of a session."""
    PONG = "pong"
    """The answer to a keep-alive."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One datagram of a viewer that passed the framing's own checks."""

    kind: Kind
    session_id: bytes
    channel: int = 0
    payload: bytes = b""


class Framer(Protocol):
    """Reads and builds the datagrams of one camera."""

    def parse(self, datagram: bytes) -> Inbound | None:
        """Return what a datagram wants, None when a camera would not react. Never raises."""
        ...

    def found(self, session_id: bytes) -> bytes:
        """Answer a DISCOVER."""
        ...

    def opened(self, session_id: bytes) -> bytes:
        """Answer an OPEN."""
        ...

    def data(self, session_id: bytes, channel: int, sequence: int, payload: bytes) -> bytes:
        """Carry DTLS bytes to a viewer. `sequence` counts the data datagrams of the session."""
        ...

    def ping(self, session_id: bytes, counter: int) -> bytes:
        """Ask a viewer whether it is there."""
        ...
