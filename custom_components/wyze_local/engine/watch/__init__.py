"""Watching the cameras for motion: a child process that reads, looks, keeps what came before, and records.

This is the parent's side; importing it loads neither PyAV nor numpy:

    worker = WatchWorker(clock=SystemClock(), rng=random.Random(), on_news=…, on_state=…)
    await worker.start()                            # one process for all cameras, kept running
    await worker.add(key, url, WatchSettings(…))    # new or changed; nothing is restarted for it
    await worker.still(key)                         # the last picture, as a JPEG
    await worker.record(key, seconds, pre_roll)     # the id of a clip that is being written from now on
    await worker.remove(key)
    await worker.stop()                             # nothing is left

`on_news(key, news)` brings `MotionBegan`, `MotionGrew` and `MotionEnded`, and what becomes of clips;
`on_state(key, WatchState)` tells how the watch of a camera stands and what it costs. `add` before `start` is
fine, and nothing has to be repeated after a crash: the next process gets everything back.

The child's side: `child.py` holds a `Reader` per camera, whose thread shows each packet to an `Eye` (decodes,
asks the `Detector`, tells episodes).
"""

from .client import CRASHES, WatchWorker
from .errors import WatchError
from .quarantine import FORGIVEN
from .states import (
    MotionBegan,
    MotionEnded,
    MotionGrew,
    WatchNews,
    WatchPhase,
    WatchSettings,
    WatchState,
    WatchStill,
)

__all__ = [
    "CRASHES",
    "FORGIVEN",
    "MotionBegan",
    "MotionEnded",
    "MotionGrew",
    "WatchError",
    "WatchNews",
    "WatchPhase",
    "WatchSettings",
    "WatchState",
    "WatchStill",
    "WatchWorker",
]
