"""Clips that are being written: what the worker says of them, until the library has them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .clip_ids import ClipPlace
from .engine.library import Clip
from .engine.model import ClipBegan, ClipFailed, ClipName, ClipStill, Clock

if TYPE_CHECKING:
    from .engine.watch import WatchNews

FORGOTTEN_AFTER = 600.0
"""Seconds after which a clip is not written any more, whatever was heard: twice the longest one."""


@dataclass(slots=True)
class _Growing:
    """One clip."""

    name: ClipName
    since: float
    still: bool = False


class GrowingClips:
    """The clips that grow just now. Nothing here touches the disk."""

    def __init__(self, clock: Clock) -> None:
        """Begin without any."""
        self._clock = clock
        self._clips: dict[ClipPlace, _Growing] = {}

    def hear(self, camera_key: str, news: WatchNews) -> None:
        """Follow what the worker tells of a clip; one that is whole stays until it is said to be `over`."""
        match news:
            case ClipBegan(clip_id=clip_id):
                growing = _Growing(ClipName.parse(clip_id), self._clock.monotonic())
                self._clips[ClipPlace(camera_key, clip_id)] = growing
            case ClipStill(clip_id=clip_id):
                if (known := self._clips.get(ClipPlace(camera_key, clip_id))) is not None:
                    known.still = True
            case ClipFailed(clip_id=str(clip_id)):
                self.over(ClipPlace(camera_key, clip_id))

    def over(self, place: ClipPlace) -> None:
        """Learn that a clip does not grow any more."""
        self._clips.pop(place, None)

    def forget(self) -> None:
        """Learn that none grows: there is no place for them."""
        self._clips.clear()

    def of(self, camera_key: str) -> list[Clip]:
        """Return those of a camera, the newest first."""
        now = self._clock.monotonic()
        # A worker that died tells of no end; the next one finishes what it left, and tells of that.
        for place in [place for place, one in self._clips.items() if now - one.since > FORGOTTEN_AFTER]:
            del self._clips[place]
        found = [
            Clip(one.name, 0, one.still, pinned=False, details=None, growing=True)
            for place, one in self._clips.items()
            if place.camera_key == camera_key
        ]
        return sorted(found, key=lambda clip: clip.name, reverse=True)
