"""Names the stories that the demo can play."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from .account import account_alone
from .scenario import camera_faults

type Scenario = Callable[[Path | None, int | None], Awaitable[int]]

SCENARIOS: dict[str, Scenario] = {"account": account_alone, "camera-faults": camera_faults}
"""Name → what plays it: given the folder for screenshots (None: a person watches) and a port."""

CHECKED = tuple(name for name in SCENARIOS if name != "account")
"""Those that `script/test` checks by name: `--check` without a scenario plays the account's story, too."""
