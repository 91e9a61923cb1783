"""From pieces to the bytes of a clip: a header, and fragments of at most about a second."""

from collections.abc import Sequence

from .boxes import FragmentPart, Track, empty_header, file_type, fragment
from .nal import VideoCodec, with_lengths
from .piece import Piece

LONGEST = 1.0
"""Seconds of a fragment: what a crash takes of a clip."""


class _Lane:
    """The samples of one track that are in no fragment yet. Times are in ticks."""

    def __init__(self, number: int, track: Track) -> None:
        self.number = number
        self.scale = track.scale
        self.samples: list[tuple[bytes, int, int, bool]] = []
        """Data, time, delay, whether it is a key frame."""
        self._first: tuple[float, int] | None = None
        self._last = -1
        self._step = track.scale // 15 if track.video else 1024

    def add(self, data: bytes, piece: Piece, base: float) -> None:
        if self._first is None:
            self._first = piece.moment, round((piece.moment - base) * self.scale)
        moment, ticks = self._first
        # Counted from its own first sample, steps come out as even as the sender's.
        time = max(ticks + round((piece.moment - moment) * self.scale), self._last + 1)
        self._last = time
        self.samples.append((data, time, round(piece.delay * self.scale), piece.key or not piece.video))

    def take(self, count: int) -> FragmentPart | None:
        """Take out the first samples, as long as each lasts until the next."""
        taken, self.samples = self.samples[:count], self.samples[count:]
        if not taken:
            return None
        times = [time for _, time, _, _ in taken]
        following = [time for _, time, _, _ in self.samples[:1]] or [times[-1] + self._step]
        durations = [after - time for time, after in zip(times, [*times[1:], *following], strict=True)]
        self._step = durations[-1]
        return FragmentPart(
            self.number,
            times[0],
            [data for data, _, _, _ in taken],
            durations,
            [delay for _, _, delay, _ in taken],
            [key for _, _, _, key in taken],
        )


class Fragments:
    """The stream of bytes of one clip."""

    def __init__(self, codec: VideoCodec, tracks: Sequence[Track], base: float) -> None:
        """Begin a clip whose time starts at a monotonic moment."""
        self._codec = codec
        self._tracks = tracks
        self._base = base
        self._lanes = [_Lane(number, track) for number, track in enumerate(tracks, 1)]
        self._oldest: float | None = None
        self._sequence = 0

    def header(self) -> bytes:
        """Return what stands before the first fragment."""
        return file_type() + empty_header(self._tracks)

    def add(self, piece: Piece) -> bytes:
        """Take in a piece; returns a fragment when one is due, or nothing."""
        if piece.moment < self._base or (not piece.video and len(self._lanes) < 2):
            return b""
        data = with_lengths(self._codec, piece.data) if piece.video else piece.data
        if not data:
            return b""
        self._lanes[0 if piece.video else 1].add(data, piece, self._base)
        if self._oldest is None:
            self._oldest = piece.moment
        if piece.key or piece.moment - self._oldest >= LONGEST:
            # How long the last one of each lasts is not known before the next has come.
            return self._fragment([len(lane.samples) - 1 for lane in self._lanes], piece.moment)
        return b""

    def rest(self) -> bytes:
        """Return the last fragment."""
        return self._fragment([len(lane.samples) for lane in self._lanes], None)

    def _fragment(self, counts: list[int], oldest: float | None) -> bytes:
        taken = (lane.take(max(count, 0)) for lane, count in zip(self._lanes, counts, strict=True))
        parts = [part for part in taken if part is not None]
        if not parts:
            return b""
        self._oldest = oldest
        self._sequence += 1
        return fragment(self._sequence, parts)
