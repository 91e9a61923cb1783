"""Frames out of fragments: any order, a bounded wait, bounded memory.

A newer whole frame waits for an older one of which pieces are missing, but only so long. Whether the two
video streams (key frames, others) count their frames together is not known of every camera: it is taken
for granted until the numbers say otherwise. Then frames are ordered by when their first piece came.
"""

from collections import deque
from dataclasses import dataclass, field

from .media import Fragment, Info
from .values import LinkStats

HOLD = 0.12
"""Seconds that a whole frame waits for an older one."""
MAX_OPEN = 32
"""Frames that are kept at a time."""
MAX_BYTES = 8 << 20
"""Bytes of unfinished frames that are kept."""
_FAR = 64
"""A step between frame numbers that no loss explains."""
_BACK = 4
"""A step back between them that no delay explains: so many frames take longer than `HOLD`."""
_STEADY = 8
"""Frames in a row without a gap after which a gap is worth waiting for."""
_REMEMBERED = 128
_WRAP = 1 << 32
_HALF = 1 << 31


@dataclass(slots=True)
class Assembled:
    """A whole frame."""

    number: int
    """Counts by one; a gap for each frame that is known to be lost."""
    data: bytes
    info: Info
    arrived: float


@dataclass(slots=True)
class _Frame:
    """A frame of which at least one piece is there."""

    stream: int
    number: int
    order: int
    total: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    info: Info | None = None
    arrived: float = 0.0
    whole_at: float | None = None


def _ahead(number: int, base: int) -> int:
    """Return how far a number lies ahead of another (negative: behind), in 32 bits."""
    return (number - base + _HALF) % _WRAP - _HALF


class Lane:
    """Puts together the frames of one kind. Raises nothing; what makes no sense is counted."""

    def __init__(self, stats: LinkStats) -> None:
        """Count into these figures."""
        self._stats = stats
        self._open: dict[tuple[int, int], _Frame] = {}
        self._bytes = 0
        self._done: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)
        self._last: int | None = None
        self._last_of: dict[int, int] = {}
        self._begun: Fragment | None = None
        self._arrivals = 0
        self._held = 0
        self._broken = 0
        self._steady = 0
        self._number = 0
        self.together = True
        """Whether both video streams count their frames together."""

    # In.

    def add(self, fragment: Fragment, now: float) -> list[Assembled]:
        """Take a piece; return the frames that are to be handed out now, in order."""
        key = fragment.stream, fragment.number
        frame = self._open.get(key)
        if frame is None:
            if key not in self._done:
                self._watch_numbers(fragment)
            if key in self._done or self._too_old(fragment):
                self._stats.late += 1
                return []
            frame = self._begin(key, fragment)
        if frame.total != fragment.total:
            self._stats.malformed += 1
            return []
        if fragment.place in frame.pieces:
            self._stats.late += 1
            return []
        self._put(frame, fragment, now)
        out = self._bound(now)
        return out + self.poll(now) if self._held else out

    def _begin(self, key: tuple[int, int], fragment: Fragment) -> _Frame:
        self._arrivals += 1
        order = fragment.number if self.together else self._arrivals
        frame = self._open[key] = _Frame(fragment.stream, fragment.number, order, fragment.total)
        return frame

    def _put(self, frame: _Frame, fragment: Fragment, now: float) -> None:
        frame.pieces[fragment.place] = fragment.payload
        frame.size += len(fragment.payload)
        self._bytes += len(fragment.payload)
        frame.info = fragment.info or frame.info
        frame.arrived = now
        if len(frame.pieces) == frame.total:
            frame.whole_at = now
            self._held += 1

    def _too_old(self, fragment: Fragment) -> bool:
        """Tell whether newer frames were handed out already. A great step back is a new beginning."""
        last = self._last if self.together else self._last_of.get(fragment.stream)
        return last is not None and -_FAR <= _ahead(fragment.number, last) <= 0

    def _bound(self, now: float) -> list[Assembled]:
        """Wait no longer for the oldest frames when there are too many, or too much."""
        out: list[Assembled] = []
        while len(self._open) > MAX_OPEN or self._bytes > MAX_BYTES:
            oldest = min(self._open.values(), key=self._place)
            if oldest.whole_at is None:
                self._give_up(oldest)
            else:
                out += self._finish(oldest, now)
        return out

    # The numbers.

    def _watch_numbers(self, fragment: Fragment) -> None:
        """Notice that the streams count apart, where one follows the other.

        They do when both use a number, or when the step between them is none that loss or delay explain.
        """
        before, self._begun = self._begun, fragment
        if not self.together or before is None or before.stream == fragment.stream:
            return
        step = _ahead(fragment.number, before.number)
        used = any(number == fragment.number for _, number in (*self._open, *self._done))
        if used or not -_BACK <= step <= _FAR:
            self._count_apart()

    def _count_apart(self) -> None:
        """Go on in the order of arrival."""
        self.together = False
        for frame in self._open.values():
            self._arrivals += 1
            frame.order = self._arrivals
        self._last = None

    def _place(self, frame: _Frame) -> int:
        """Return what frames are sorted by."""
        if self.together and self._last is not None:
            return _ahead(frame.order, self._last)
        return frame.order

    # Out.

    def poll(self, now: float) -> list[Assembled]:
        """Return what has waited long enough, or need not wait."""
        out: list[Assembled] = []
        while self._open:
            frame = min(self._open.values(), key=self._place)
            if frame.whole_at is not None and not self._worth_waiting(frame, now):
                out += self._finish(frame, now)
            elif frame.whole_at is None and self._overdue(frame, now):
                self._give_up(frame)
            else:
                break
        return out

    @property
    def deadline(self) -> float | None:
        """When `poll` is to be called at the latest, seconds as given to `add`; None: never."""
        waiting = [frame.whole_at for frame in self._open.values() if frame.whole_at is not None]
        return min(waiting) + HOLD if waiting else None

    def _worth_waiting(self, frame: _Frame, now: float) -> bool:
        """Tell whether a frame of which nothing is there yet may still come before this one."""
        if not self.together or self._last is None or frame.whole_at is None or self._steady < _STEADY:
            return False
        return 1 < _ahead(frame.number, self._last) <= _FAR and now < frame.whole_at + HOLD

    def _overdue(self, frame: _Frame, now: float) -> bool:
        """Tell whether a newer whole frame has waited long enough for this one."""
        newer = [other.whole_at for other in self._open.values() if other.whole_at is not None]
        return bool(newer) and now >= min(newer) + HOLD

    def _finish(self, frame: _Frame, now: float) -> list[Assembled]:
        """Hand out a whole frame; nothing when its end does not fit."""
        self._stats.reordered += frame.whole_at is not None and now > frame.whole_at
        self._forget(frame)
        missing = self._step(frame)
        self._stats.missing += max(0, missing - self._broken)
        self._broken = 0
        self._number += missing + 1
        data = b"".join([frame.pieces[index] for index in range(frame.total)])
        if frame.info is None or (frame.info.size and frame.info.size != len(data)):
            self._stats.malformed += 1
            return []
        return [Assembled(self._number, data, frame.info, frame.arrived)]

    def _step(self, frame: _Frame) -> int:
        """Go on to this frame; return how many are missing before it."""
        last = self._last if self.together else self._last_of.get(frame.stream)
        step = 1 if last is None else _ahead(frame.number, last)
        self._last_of[frame.stream] = frame.number
        if self.together:
            self._last = frame.number
        self._steady = self._steady + 1 if step == 1 else 0
        return step - 1 if 1 <= step <= _FAR else 0

    def _give_up(self, frame: _Frame) -> None:
        """Drop an unfinished frame; the next one handed out shows the gap."""
        self._forget(frame)
        self._broken += 1
        self._stats.given_up += 1
        self._stats.lost_fragments += frame.total - len(frame.pieces)

    def _forget(self, frame: _Frame) -> None:
        del self._open[frame.stream, frame.number]
        self._bytes -= frame.size
        self._held -= frame.whole_at is not None
        self._done.append((frame.stream, frame.number))
