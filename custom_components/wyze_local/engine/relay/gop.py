"""The last group of pictures, kept so that a new reader sees something at once."""

from dataclasses import dataclass, replace

MAX_BYTES = 8 * 1024 * 1024
"""Largest group that is kept; of a larger one nothing is replayed."""

STEP = 0.001
"""Seconds between two replayed pictures."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame with its time on our clock."""

    video: bool
    key: bool
    units: tuple[bytes, ...]
    """NAL units of a picture; pieces of sound."""
    at: float
    """Seconds of our monotonic clock."""

    @property
    def size(self) -> int:
        """Bytes in it."""
        return sum(map(len, self.units))


class Gop:
    """The pictures since the last key frame."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        """Begin empty."""
        self._max = max_bytes
        self._samples: list[Sample] = []
        self.size = 0
        """Bytes kept."""

    def __len__(self) -> int:
        """Return how many pictures are kept."""
        return len(self._samples)

    def clear(self) -> None:
        """Forget everything; the next key frame begins anew."""
        self._samples.clear()
        self.size = 0

    def add(self, sample: Sample) -> None:
        """Take the next picture; before the first key frame and beyond the limit nothing is kept."""
        if sample.key:
            self.clear()
        elif not self._samples:
            return
        if self.size + sample.size > self._max:
            self.clear()
            return
        self._samples.append(sample)
        self.size += sample.size

    def replay(self, *, twice: bool = False) -> list[Sample]:
        """Return all pictures with stamps packed together so that they END at the newest one's true time.

        `twice` puts the key frame in front once more. Nothing is delayed: what follows is live.
        """
        samples = self._samples[:1] + self._samples if twice else self._samples
        if not samples:
            return []
        newest = samples[-1].at
        last = len(samples) - 1
        return [replace(sample, at=newest - (last - index) * STEP) for index, sample in enumerate(samples)]
