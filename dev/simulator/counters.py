"""What a camera has done so far, and when it sent which frame."""

from collections import deque
from dataclasses import dataclass, field

_SENT_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Sent:
    """One frame handed to the network."""

    sequence: int
    """Counts the camera's frames from 1 and never starts again."""
    frame: int
    """The number burned into the picture; repeats with the loop."""
    key: bool
    monotonic_ns: int
    """CLOCK_MONOTONIC, the same for all processes of the machine."""
    wall: float
    """Unix time in seconds."""


@dataclass(slots=True)
class Walk:
    """Somebody went through the picture."""

    began: Sent
    """The first frame in which somebody was to be seen, half-way between two key frames."""
    ended: Sent | None = None
    """The first frame without anybody; None while somebody is there."""


@dataclass(slots=True)
class Counters:
    """Sums since the camera was made; faults and reboots do not reset them."""

    discoveries: int = 0
    """First datagrams that were answered."""
    dials: int = 0
    """Sessions opened below DTLS."""
    handshakes: int = 0
    """DTLS handshakes completed on the main channel."""
    failed_handshakes: int = 0
    logins: int = 0
    """Challenges answered rightly."""
    refused: int = 0
    """Sessions above the limit."""
    commands: int = 0
    """Commands received, repeats included."""
    orders: int = 0
    """Commands that were carried out, repeats included; not those that only ask."""
    sirens: int = 0
    """How often the siren began to sound."""
    reboots: int = 0
    frames_sent: int = 0
    audio_sent: int = 0
    """Packets of sound sent."""
    talks: int = 0
    """Talk-back channels opened."""
    talk_bytes: int = 0
    """Bytes of sound received on them."""
    pongs: int = 0
    """Keep-alives that viewers answered."""
    lost: int = 0
    """Datagrams dropped on purpose."""
    delayed: int = 0
    """Datagrams held back on purpose."""
    malformed: int = 0
    """Packets inside sessions that made no sense."""


@dataclass(slots=True)
class SentLog:
    """The newest sent frames, oldest first."""

    _entries: deque[Sent] = field(default_factory=lambda: deque(maxlen=_SENT_KEPT))

    def add(self, entry: Sent) -> None:
        """Append one."""
        self._entries.append(entry)

    def since(self, sequence: int) -> list[Sent]:
        """Return the entries with a higher sequence."""
        return [entry for entry in self._entries if entry.sequence > sequence]
