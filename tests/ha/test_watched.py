"""Who counts as somebody that watches: everybody but ourselves, fetching a still."""

from types import SimpleNamespace
from typing import Any, cast

from custom_components.wyze_local.engine.relay import CameraState, Phase
from custom_components.wyze_local.settings import CameraSettings
from custom_components.wyze_local.watched import Watched


class Relayed:
    """A camera at the relay, as it is told of: how many read it, and whether a still is being fetched."""

    def __init__(self) -> None:
        self.stills = SimpleNamespace(busy=False)
        stills: Any = self.stills
        record = cast("Any", None)
        self.watched = Watched(record, CameraSettings(), stills, outside=False, battery=False)

    def seen(self, readers: int, *, fetching: bool, phase: Phase = Phase.LIVE) -> bool:
        """Hear of so many readers; returns whether somebody sees the pictures."""
        self.stills.busy = fetching
        self.watched.note(CameraState(phase, readers=readers))
        return self.watched.seen


def test_whoever_watches_stays_seen_while_stills_come_and_go() -> None:
    camera = Relayed()
    assert camera.seen(1, fetching=False)
    assert camera.seen(1, fetching=True)
    assert camera.seen(2, fetching=True)
    assert camera.seen(1, fetching=True), "the still's reader is gone before its fetch has ended"
    assert camera.seen(1, fetching=False)
    assert not camera.seen(0, fetching=False)


def test_a_still_alone_is_nobody() -> None:
    camera = Relayed()
    assert not camera.seen(0, fetching=True)
    assert not camera.seen(1, fetching=True)
    assert not camera.seen(0, fetching=True)
    assert not camera.seen(1, fetching=True, phase=Phase.STALLED)


def test_whoever_comes_during_a_still_is_seen_and_goes_with_the_last_reader() -> None:
    camera = Relayed()
    assert not camera.seen(1, fetching=True)
    assert camera.seen(2, fetching=True)
    assert not camera.seen(0, fetching=True)
    assert not camera.seen(1, fetching=True)
