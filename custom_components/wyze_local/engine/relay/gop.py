"""The last group of pictures, kept so that a new reader sees something at once."""

from dataclasses import dataclass, replace

from .formats import AudioFormat, VideoFormat

MAX_BYTES = 8 * 1024 * 1024
"""Largest group that is kept; of a larger one nothing is replayed."""

MAX_PICTURES = 900
"""Most pictures that are kept: a camera that makes no key frames must not fill memory with crumbs."""

STEP = 0.001
"""Seconds between two replayed pictures."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame with its time on our clock."""

    format: VideoFormat | AudioFormat
    """How it is coded: a reader that was told otherwise cannot use it."""
    key: bool
    units: tuple[bytes, ...]
    """NAL units of a picture; pieces of sound."""
    at: float
    """Seconds of our monotonic clock."""

    @property
    def video(self) -> bool:
        """Whether it is a picture."""
        return isinstance(self.format, VideoFormat)

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
        if self.size + sample.size > self._max or len(self._samples) >= MAX_PICTURES:
            self.clear()
            return
        self._samples.append(sample)
        self.size += sample.size

    def replay(self) -> list[Sample]:
        """Return all pictures with stamps packed together so that they END at the newest one's true time.

        Nothing is delayed: what follows is live.
        """
        if not self._samples:
            return []
        newest, last = self._samples[-1].at, len(self._samples) - 1
        return [
            replace(sample, at=newest - (last - index) * STEP) for index, sample in enumerate(self._samples)
        ]
