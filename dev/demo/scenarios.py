"""Names the stories that the demo can play."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .account import account_alone
from .controls import controls
from .events import events
from .scenario import camera_faults
from .vendor import PLAYS, play


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story."""

    told: str
    """What it is about."""
    play: Callable[[Path | None, int | None], Awaitable[int]]
    """Plays it: given the folder for screenshots (None: a person watches) and a port."""


SCENARIOS: dict[str, Scenario] = {
    "account": Scenario("a fake vendor cloud, and nothing set up yet: sign in by yourself", account_alone),
    "camera-faults": Scenario(
        "a camera, go2rtc, the relay and Home Assistant get one trouble after the other", camera_faults
    ),
    "controls": Scenario("cameras are turned, lit and spoken through, and no cloud exists", controls),
    "events": Scenario("somebody walks by while the cloud is dead: event, automation, clip", events),
    **{name: Scenario(one.told, partial(play, name, (name,))) for name, one in PLAYS.items()},
    "cloud": Scenario("all five of these, one after the other", partial(play, "cloud", tuple(PLAYS))),
}

CHECKED = tuple(name for name in SCENARIOS if name not in {"account", *PLAYS})
"""Those that `script/test` checks by name: `--check` without a scenario plays the account's story, too, and
`cloud` plays all about the vendor's cloud."""
