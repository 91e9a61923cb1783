"""What a clip is made of: encoded pictures and sound as they came, each with its time by our own clock."""

from dataclasses import dataclass
from typing import ClassVar

from .nal import VideoCodec


@dataclass(frozen=True, slots=True)
class Picture:
    """How pictures of a stream are decoded; another one means another clip."""

    codec: VideoCodec
    sets: bytes
    """The parameter sets, with start codes."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One encoded picture, or some sound."""

    OVERHEAD: ClassVar[int] = 200
    """About the bytes of memory that one takes beside its data."""

    video: bool
    key: bool
    data: bytes
    """As it came: pictures with start codes."""
    moment: float
    """When it was taken, in monotonic seconds: when it is decoded."""
    delay: float = 0.0
    """How much later it is shown, in seconds."""

    @property
    def size(self) -> int:
        """About what it takes of the memory, in bytes."""
        return len(self.data) + self.OVERHEAD
