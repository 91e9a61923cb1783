"""What the motion before a camera makes of its clips, from looks on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.model import ClipFinished
from engine.watch.episodes import Began, Ended, Episodes
from engine.watch.look import Change, Look, still

from .camera import START, WALL, Stage, footage, stage


def watched(on: Stage, *spans: tuple[float, float]) -> Callable[[float], None]:
    """Tell the recorder of motion in these spans, as the reader does. Three seconds of quiet end it."""
    episodes = Episodes(quiet=3.0)

    def look(passed: float) -> None:
        moving = any(begins <= passed < ends for begins, ends in spans)
        seen = Look(True, 0.5, None, (), Change.NONE) if moving else still()
        for episode in episodes.take(seen, START + passed):
            if isinstance(episode, Began):
                on.recorder.trigger(f"at {passed:.0f}", episode.at)
            elif isinstance(episode, Ended):
                on.recorder.release(episode.at)

    return look


def test_further_motion_makes_a_clip_longer(tmp_path: Path) -> None:
    """And motion after the end of one makes another."""
    with stage(tmp_path) as on:
        on.play(footage(), watched(on, (21.5, 23.0), (25.0, 27.0), (29.0, 30.0), (36.0, 37.0)))
        on.close()
        first, second = sorted(on.of(ClipFinished), key=lambda news: news.started)
        assert (first.event_id, second.event_id) == ("at 22", "at 36")
        assert first.ended == pytest.approx(WALL + START + 33, abs=0.3)
