"""Which place on the board a camera has, in the parent: its crashes must not be another camera's."""

import random

from engine.model import Secret, WatchMode, new_camera_key
from engine.watch import WatchSettings, WatchWorker
from engine.watch.board import SLOTS

from ...support.clock import FakeClock

URL, SETTINGS = Secret("rtsp://127.0.0.1/"), WatchSettings(WatchMode.FULL)


async def test_no_camera_has_the_place_of_another() -> None:
    """Also after thousands that came and went: switching a watch off and on takes another place each time."""
    worker = WatchWorker(clock=FakeClock(), rng=random.Random(7))
    stays, comes = new_camera_key(), new_camera_key()
    await worker.add(stays, URL, SETTINGS)
    taken = worker._cameras[stays].slot
    places = []
    for _ in range(SLOTS + 1):
        await worker.add(comes, URL, SETTINGS)
        places.append(worker._cameras[comes].slot)
        await worker.remove(comes)
    assert taken not in places
    assert len(set(places)) == SLOTS - 1, "a place that was just left stays empty as long as possible"
    for _ in range(SLOTS + 1):
        await worker.add(new_camera_key(), URL, SETTINGS)
