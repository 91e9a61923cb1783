"""Cameras that are away for a while: what was asked for meanwhile, and what ended, makes no clip."""

import io
from pathlib import Path

import av
import pytest

from engine.model import ClipBegan, ClipFailed, ClipFinished, ClipName, Cut, Trouble

from .camera import Stage, decoded, event, footage, once, settle, stage

CLIP = "20270115T080000-0123abcd"


def away(on: Stage, seconds: float) -> None:
    """Let the camera be away so long."""
    on.recorder.lost()
    on.clock.now += seconds


@pytest.mark.parametrize("outage", [3.0, 30.0])
def test_an_event_that_ended_while_the_camera_was_away_is_over(tmp_path: Path, outage: float) -> None:
    with stage(tmp_path) as on:
        on.play(footage(), event(on, 31.5, 37.5))
        away(on, outage)
        on.play(footage(seconds=6))
        on.close()
        (finished,) = on.of(ClipFinished)
        assert finished.cut is Cut.RECONNECTED
        assert not on.of(ClipFailed)
        (clip,) = on.clips()
        decoded(clip)


def test_what_was_asked_for_does_not_begin_after_its_time(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.play(footage(), once(36.5, lambda at: on.recorder.record(CLIP, 5.0, at)))
        away(on, 60)
        on.play(footage(seconds=6))
        on.close()
        (finished,) = on.of(ClipFinished)
        assert (finished.clip_id, finished.cut) == (CLIP, Cut.RECONNECTED)
        assert len(on.clips()) == 1


def test_what_is_asked_for_while_there_is_no_camera_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.recorder.record(CLIP, 5.0, on.clock.now)
        (failed,) = on.of(ClipFailed)
        assert (failed.clip_id, failed.reason) == (CLIP, Trouble.NO_PICTURE)
        on.play(footage(seconds=6))
        away(on, 1)
        again = ClipName.new(on.clock.time()).id
        on.recorder.record(again, 5.0, on.clock.now)
        assert on.of(ClipFailed)[-1] == ClipFailed(again, None, Trouble.NO_PICTURE)
        on.play(footage(seconds=6))
        settle(on)
        on.close()
        assert not on.clips()


def test_what_was_asked_for_does_not_begin_after_who_asked_was_told(tmp_path: Path) -> None:
    """They wait for its first picture, and not for ever."""
    with stage(tmp_path) as on, av.open(io.BytesIO(footage()), "r") as source:
        video, begun = source.streams.video[0], on.clock.now
        on.recorder.opened(video, None)
        asked = once(1.0, lambda at: on.recorder.record(CLIP, 30.0, at))
        for packet in source.demux(video):
            if packet.pts is None or packet.time_base is None:
                continue
            passed = float(packet.pts * packet.time_base)
            if not (packet.is_keyframe and passed < 15):
                on.clock.now = begun + passed
                on.recorder.take(packet, on.clock.now)
                asked(passed)
            assert on.of(ClipFailed) or passed < 10
        settle(on)
        assert on.of(ClipFailed) == [ClipFailed(CLIP, None, Trouble.NO_PICTURE)]
        assert not on.of(ClipBegan)


def test_a_clip_after_an_outage_has_its_full_length(tmp_path: Path) -> None:
    """The time in which there was no picture is not taken for what lies between two key frames."""
    with stage(tmp_path, longest=20.0) as on:
        on.play(footage(), once(34.5, lambda at: on.recorder.trigger("event", at)))
        away(on, 19)
        on.play(footage(seconds=12))
        on.close()
        first, second = on.of(ClipFinished)
        assert (first.cut, second.cut) == (Cut.RECONNECTED, Cut.CLOSED)
        assert second.ended - second.started == pytest.approx(12, abs=0.3)
