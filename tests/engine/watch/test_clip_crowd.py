"""Clips of many cameras at once: one that begins waits for none that ends."""

import threading
from pathlib import Path

import pytest

from engine.model import ClipBegan, ClipFinished, SystemClock
from engine.watch.writer import Job, Writer

from .camera import Stage, footage, once, settle


class Hold:
    """Something to do that takes as long as the test wants, and may leave something."""

    def __init__(self, rest: Job | None = None) -> None:
        self.begun, self._over = threading.Event(), threading.Event()
        self._rest = rest

    def __call__(self) -> Job | None:
        self.begun.set()
        assert self._over.wait(30)
        return self._rest

    def on(self, writer: Writer) -> None:
        assert writer.put(self)
        assert self.begun.wait(30)

    def end(self) -> None:
        self._over.set()


def test_a_clip_that_begins_waits_for_none_that_ends(tmp_path: Path) -> None:
    """One ends while the disk is busy, then another begins: that is there first, and both come to an end."""
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one = Stage(tmp_path / "one")
    other = Stage(tmp_path / "other", writer=one.writer, tell=one.news.append)
    one.play(footage(), once(10, lambda at: one.recorder.trigger("one", at)))
    settle(one)
    busy = Hold()
    busy.on(one.writer)
    one.recorder.close()
    other.play(footage(), once(10, lambda at: other.recorder.trigger("other", at)))
    other.recorder.close()
    busy.end()
    assert one.writer.close(30)
    told = [(type(news), news.event_id) for news in one.news if isinstance(news, ClipBegan | ClipFinished)]
    assert told == [
        (ClipBegan, "one"),
        (ClipBegan, "other"),
        (ClipFinished, "one"),
        (ClipFinished, "other"),
    ]


@pytest.mark.parametrize(
    ("urgent", "order"), [(True, ["put", "rest", "usual"]), (False, ["rest", "usual", "put"])]
)
def test_what_is_left_of_a_job_waits_for_what_is_urgent_only(urgent: bool, order: list[str]) -> None:
    """A clip that ends step by step goes on before all others, and comes to its end in any case."""
    writer, done = Writer(SystemClock()), list[str]()
    busy = Hold(lambda: done.append("rest"))
    busy.on(writer)
    assert writer.put(lambda: done.append("usual"))
    assert writer.put(lambda: done.append("put"), urgent=urgent)
    busy.end()
    assert writer.close(30)
    assert done == order
