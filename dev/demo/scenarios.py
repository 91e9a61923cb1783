"""Names the stories that the demo can play."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from .account import account_alone
from .scenario import camera_faults
from .vendor import PLAYS, play

type Scenario = Callable[[Path | None, int | None], Awaitable[int]]

SCENARIOS: dict[str, Scenario] = {
    "account": account_alone,
    "camera-faults": camera_faults,
    **{name: partial(play, name, (name,)) for name in PLAYS},
    "cloud": partial(play, "cloud", tuple(PLAYS)),
}
"""Name → what plays it: given the folder for screenshots (None: a person watches) and a port."""
