"""The events of one camera: local news and hints of the cloud, put together."""

from collections import deque
from dataclasses import replace

from .hints import Hint
from .words import CameraEvent, Fired, Kind, Origin, Seen

WINDOW = 15.0
"""Seconds that a hint may lie before or after what was seen here to be of the same event."""
MOST_KEPT = 32
"""Events that something may still be added to, and clips of each; older ones are what they are."""

_ORDER = tuple(Kind)


class EventStream:
    """Puts one camera's events together. Every call returns what is to be told, in this order.

    No call raises, whatever the clocks do: times only decide what belongs together.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kept: deque[CameraEvent] = deque(maxlen=MOST_KEPT)
        self._names: dict[str, str] = {}
        """The ids of kept events, by what the detector calls them."""

    @property
    def last(self) -> CameraEvent | None:
        """The newest event."""
        return self._kept[-1] if self._kept else None

    @property
    def moving(self) -> bool:
        """Whether something moves, as far as is seen here."""
        return any(event.ended is None for event in self._kept)

    def named(self, episode: str) -> CameraEvent | None:
        """Return the event that the detector calls so, if it is kept."""
        return self.event(self._names.get(episode, ""))

    def event(self, event_id: str) -> CameraEvent | None:
        """Return an event, if it is kept."""
        return next((event for event in self._kept if event.id == event_id), None)

    # What is seen here

    def began(self, episode: str, seen: Seen, clip_id: str | None = None) -> tuple[Fired, ...]:
        """Take it that something began to move. That is always told, whatever the cloud said before."""
        self.lost(seen.at)
        event = self._of_cloud_near(seen.at)
        if event is None:
            event = CameraEvent(episode, seen.at, None, Origin.LOCAL)
        else:
            began = min(event.began, seen.at)
            event = replace(event, began=began, ended=None, origin=Origin.BOTH)
        event = _better(event, seen)
        event = replace(event, clip_id=clip_id, kinds=event.kinds | {Kind.MOTION})
        self._names[episode] = event.id
        self._keep(event)
        return (Fired(Kind.MOTION, event),)

    def grew(self, episode: str, seen: Seen) -> None:
        """Take it that there was a better moment, or a further zone."""
        if (event := self.named(episode)) is not None:
            self._keep(_better(event, seen))

    def ended(self, episode: str, at: float) -> None:
        """Take it that nothing moves any more."""
        event = self.named(episode)
        if event is not None and event.ended is None:
            self._keep(replace(event, ended=max(at, event.began)))

    def lost(self, at: float) -> None:
        """Take it that nobody looks any more: whatever moves has ended."""
        for event in tuple(self._kept):
            if event.ended is None:
                self._keep(replace(event, ended=max(at, event.began)))

    def clip(
        self, episode: str, clip_id: str | None, *, finished: bool = False, has_still: bool = False
    ) -> CameraEvent | None:
        """Take it that there is a clip of an event, or none after all; returns the event."""
        if (event := self.named(episode)) is None:
            return None
        there = clip_id is not None
        event = replace(
            event, clip_id=clip_id, clip_finished=finished and there, has_still=has_still and there
        )
        self._keep(event)
        return event

    def goes_on(self, episode: str, clip_id: str) -> None:
        """Take it that an event goes on in a further clip, which is finished."""
        if (event := self.named(episode)) is not None:
            self._keep(replace(event, parts=(*event.parts, clip_id)[-MOST_KEPT:]))

    # What the cloud tells

    def hint(self, hint: Hint, fresh: frozenset[Kind]) -> tuple[Fired, ...]:
        """Take a hint of now, of a camera that is trusted; `fresh` is what it has not told before."""
        if not fresh:
            return ()
        # One that comes again may have another time: our clock was set, or the vendor's is known better now.
        event = self._nearest(hint.at) or self.event(hint.id)
        if event is None:
            event = CameraEvent(hint.id, hint.at, hint.at, Origin.CLOUD)
        elif event.origin is Origin.LOCAL:
            event = replace(event, origin=Origin.BOTH)
        # Each press is one, however close to another.
        told = [kind for kind in _ORDER if kind in fresh and (kind is Kind.RING or kind not in event.kinds)]
        event = replace(event, kinds=event.kinds | fresh)
        self._keep(event)
        return tuple(Fired(kind, event) for kind in told)

    # Which belongs to which

    def _nearest(self, at: float) -> CameraEvent | None:
        """Return the event that a moment belongs to; one that was seen here before all others."""
        near = [event for event in self._kept if _distance(event, at) <= WINDOW]
        return min(near, key=lambda one: (one.origin is Origin.CLOUD, _distance(one, at)), default=None)

    def _of_cloud_near(self, at: float) -> CameraEvent | None:
        """Return what only the cloud has told of so far, and that begins to be seen here now."""
        near = [one for one in self._kept if one.origin is Origin.CLOUD and _distance(one, at) <= WINDOW]
        return min(near, key=lambda one: _distance(one, at), default=None)

    def _keep(self, event: CameraEvent) -> None:
        """Keep an event in its place, or as the newest."""
        for place, known in enumerate(self._kept):
            if known.id == event.id:
                self._kept[place] = event
                return
        self._kept.append(event)
        ids = {one.id for one in self._kept}
        self._names = {name: known for name, known in self._names.items() if known in ids}


def _distance(event: CameraEvent, at: float) -> float:
    """Return how many seconds a moment lies outside an event; no event that goes on ends before it."""
    if at < event.began:
        return event.began - at
    return 0.0 if event.ended is None else max(at - event.ended, 0.0)


def _better(event: CameraEvent, seen: Seen) -> CameraEvent:
    """Return an event with what was seen of it at a moment."""
    zones = (*event.zones, *(zone for zone in seen.zones if zone not in event.zones))
    if event.score is not None and seen.score <= event.score:
        return replace(event, zones=zones)
    return replace(event, zones=zones, score=seen.score, box=seen.box, frame_time=seen.at)
