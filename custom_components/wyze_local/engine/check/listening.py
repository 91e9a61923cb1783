"""Counts what a camera sends while the check listens, and judges it."""

import itertools
from dataclasses import dataclass, field

from ..lan import Kind, LinkStats, MediaFrame
from .values import Diagnosis, Figure, Note

LOSS = 0.02
"""Share of frames that may be missing or given up before the network counts as weak."""
RARE = 8.0
"""Seconds between key frames above which they are far apart."""
CLOCK_OFF = 60.0
"""Seconds by which a camera's clock may differ."""


@dataclass(slots=True)
class _Lane:
    """The frames of one kind."""

    frames: int = 0
    bytes: int = 0
    codecs: set[str] = field(default_factory=set)
    number: int | None = None
    gaps: int = 0
    backwards: int = 0

    def take(self, frame: MediaFrame) -> None:
        self.frames += 1
        self.bytes += len(frame.data)
        self.codecs.add(frame.codec.value)
        if self.number is not None:
            step = frame.number - self.number
            self.gaps += max(0, step - 1)
            self.backwards += step <= 0
        self.number = frame.number


class Listener:
    """Takes the frames of one session."""

    def __init__(self, began: float) -> None:
        """Count from a moment of the session's monotonic clock on."""
        self._began = began
        self._pictures, self._sounds = _Lane(), _Lane()
        self._keys: list[tuple[float, int]] = []
        self._first: float | None = None
        self._last = began
        self._sound_format = (0, 0)
        self._announced_fps = 0
        self._clock: int | None = None

    def take(self, frame: MediaFrame) -> None:
        """Take a frame."""
        if frame.kind is Kind.AUDIO:
            self._sounds.take(frame)
            self._sound_format = frame.sample_rate, frame.channels
            return
        self._pictures.take(frame)
        self._first = self._first or frame.received_at
        self._last = frame.received_at
        self._announced_fps = frame.fps
        if frame.camera_seconds:
            self._clock = frame.camera_seconds
        if frame.key:
            self._keys.append((frame.received_at, self._pictures.frames))

    @property
    def playable(self) -> bool:
        """Whether decoding could begin."""
        return bool(self._keys)

    def _key_interval(self) -> float | None:
        """Return the longest time between two key frames; None for fewer than two."""
        times = [at for at, _ in self._keys]
        return max((b - a for a, b in itertools.pairwise(times)), default=None)

    def _rate(self) -> float:
        """Return pictures per second."""
        span = self._last - (self._first or self._last)
        return (self._pictures.frames - 1) / span if span > 0 else 0.0

    def figures(self, link: LinkStats, wall: float) -> dict[str, Figure]:
        """Return what was counted, in words that stay the same; `wall` is the time by our clock."""
        pictures, sounds = self._pictures, self._sounds
        found: dict[str, Figure] = {
            "pictures": pictures.frames,
            "key_frames": len(self._keys),
            "pictures_per_second": round(self._rate(), 1),
            "announced_per_second": self._announced_fps,
            "video": "+".join(sorted(pictures.codecs)),
            "bytes": pictures.bytes + sounds.bytes,
            "numbers_skipped": pictures.gaps,
            "numbers_backwards": pictures.backwards,
            "sounds": sounds.frames,
            "datagrams": link.datagrams,
            "fragments_lost": link.lost_fragments,
            "late": link.late,
            "reordered": link.reordered,
            "frames_given_up": link.given_up,
            "frames_missing": link.missing,
            "rejected": link.rejected,
            "malformed": link.malformed,
            "loss_percent": round(100 * self.loss(link), 2),
        }
        if self._keys:
            found["seconds_to_key_frame"] = round(self._keys[0][0] - self._began, 2)
        if (interval := self._key_interval()) is not None:
            found["key_frame_interval"] = round(interval, 2)
        if sounds.frames:
            found["audio"] = "+".join(sorted(sounds.codecs))
            found["sample_rate"], found["channels"] = self._sound_format
        if self._clock is not None:
            found["clock_ahead"] = round(self._clock - wall)
        return found

    def loss(self, link: LinkStats) -> float:
        """Return the share of frames that never got whole, 0 to 1."""
        gone = link.given_up + link.missing
        return gone / (link.frames + gone) if gone else 0.0

    def judge(self, link: LinkStats, *, sound: bool) -> Diagnosis | None:
        """Return what is wrong with what came; None when nothing is. `sound`: it was announced."""
        if not self._pictures.frames:
            return Diagnosis.NO_MEDIA
        if not self._keys:
            return Diagnosis.NO_KEY_FRAME
        if self.loss(link) > LOSS:
            return Diagnosis.WEAK_NETWORK
        if sound and not self._sounds.frames:
            return Diagnosis.NO_SOUND
        return None

    def notes(self, link: LinkStats, wall: float) -> list[Note]:
        """Return what is worth noting."""
        interval = self._key_interval()
        since_key = self._last - self._keys[-1][0] if self._keys else 0.0
        lossless = not (link.given_up or link.missing)
        noted = {
            Note.REORDERED: link.reordered > 0 or link.late > 0,
            Note.GAPS: lossless and (self._pictures.gaps > 0 or self._pictures.backwards > 0),
            Note.RARE_KEYS: max(interval or 0.0, since_key) > RARE,
            Note.CLOCK: self._clock is not None and abs(self._clock - wall) > CLOCK_OFF,
        }
        return [note for note, holds in noted.items() if holds]
