"""Many cameras whose clips begin, are written and end in the same moment, by the one thread for the disk.

Each camera has a thread of its own, as in the watch worker. Somebody passes all of them at once; while the
clips of that end, somebody passes again.
"""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from custom_components.wyze_local.engine.model import SystemClock
from custom_components.wyze_local.engine.watch.writer import Writer

from .clips import PLAYABLE_MS, Camera, Row, make_footage
from .errors import BenchError

_WITHIN = 60.0
"""Seconds after which it is given up."""


def measure(cameras: int, times: int, folder: Path | None, sync_ms: float) -> list[Row]:
    """Measure so many cameras so often, in a folder of this machine. Blocks.

    Each time the disk is asked to have something for certain takes so many milliseconds more than it does.
    """
    begin: list[float] = []
    again: list[float] = []
    finish: list[float] = []
    with tempfile.TemporaryDirectory() as made, _slow(sync_ms):
        footage = make_footage(Path(made))
        for _ in range(times):
            with tempfile.TemporaryDirectory(dir=folder) as name:
                _Crowd(footage, Path(name), cameras).pass_by(begin, again, finish)
    disk = f"{cameras} cameras at once" + (f", {sync_ms:g} ms more for each sync" if sync_ms else "")
    return [
        Row("begin", f"{disk}: motion → its clip can be played", begin, "ms", PLAYABLE_MS),
        Row("again", f"{disk}: the same, while as many clips end", again, "ms", PLAYABLE_MS),
        Row("finish", f"{disk}: end of the motion → the clip has its name", finish, "ms"),
    ]


@contextmanager
def _slow(sync_ms: float) -> Iterator[None]:
    """Let every sync take longer: what a memory card, a hard disk or a NAS does."""

    def slowly(sync: Callable[[Any], None]) -> Callable[[Any], None]:
        def slow(fd: Any) -> None:
            time.sleep(sync_ms / 1000)
            sync(fd)

        return slow

    with patch.multiple(os, fsync=slowly(os.fsync), fdatasync=slowly(os.fdatasync)):
        yield


class _Crowd:
    """Cameras that share a writer."""

    def __init__(self, footage: Path, folder: Path, count: int) -> None:
        self._writer = Writer(SystemClock())
        self._cameras = []
        for number in range(count):
            (mine := folder / str(number)).mkdir()
            self._cameras.append(Camera(footage, mine, self._writer))

    def pass_by(self, begin: list[float], again: list[float], finish: list[float]) -> None:
        """Let somebody pass all cameras at once, and somebody else when the first one has gone."""
        for camera in self._cameras:
            camera.show(until=20)
        begin += self._began(_trigger)
        self._together(lambda camera: camera.show(until=30))
        ended = time.perf_counter()
        again += self._began(_pass_again)
        for camera in self._cameras:
            if not camera.finished.wait(_WITHIN):
                raise BenchError("a clip did not end")
        finish += [(camera.finished_at - ended) * 1000 for camera in self._cameras]
        for camera in self._cameras:
            camera.recorder.close()
        if not self._writer.close(_WITHIN):
            raise BenchError("the disk does not answer")

    def _began(self, do: Callable[[Camera], None]) -> list[float]:
        """Have something done before all cameras; return after how many milliseconds each had a clip."""
        for camera in self._cameras:
            camera.began.clear()
        started = self._together(do)
        for camera in self._cameras:
            if not camera.began.wait(_WITHIN):
                raise BenchError("no clip began")
        return [(camera.began_at - started) * 1000 for camera in self._cameras]

    def _together(self, do: Callable[[Camera], None]) -> float:
        """Have each camera's thread do something at the same moment; return when that was."""
        together = threading.Barrier(len(self._cameras) + 1)

        def run(camera: Camera) -> None:
            together.wait(_WITHIN)
            do(camera)

        threads = [threading.Thread(target=run, args=(camera,)) for camera in self._cameras]
        for thread in threads:
            thread.start()
        together.wait(_WITHIN)
        started = time.perf_counter()
        for thread in threads:
            thread.join(_WITHIN)
        return started


def _trigger(camera: Camera) -> None:
    camera.recorder.trigger("bench", camera.clock.now)


def _pass_again(camera: Camera) -> None:
    """End the motion, and have another begin with the next picture."""
    camera.recorder.release(camera.clock.now)
    camera.show(until=30.2)
    camera.recorder.trigger("again", camera.clock.now)
