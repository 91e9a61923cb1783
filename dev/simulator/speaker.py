"""What comes out of a camera's speaker."""

from .counters import Counters

_KEPT = 1_000_000


class Speaker:
    """Counts what it gets, and keeps the newest megabyte of it."""

    def __init__(self, counters: Counters) -> None:
        """Count there."""
        self._counters = counters
        self.heard = bytearray()
        """Coded as the camera's own sound."""

    def play(self, sound: bytes) -> None:
        """Let some sound be heard."""
        self._counters.talk_bytes += len(sound)
        self.heard += sound
        del self.heard[:-_KEPT]
