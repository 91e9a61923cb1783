"""Scenarios: troubles that cameras and processes get while somebody watches, and how soon all is well again.

`__init__` names them; `faults` says what happens and what the limits are, `play` plays it on a stage,
`tab`, `states` and `processes` look at it from outside, `comeback` judges, `report` adds up.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from ..account import account_alone
from .play import camera_faults

type Scenario = Callable[[Path | None, int | None], Awaitable[int]]

SCENARIOS: dict[str, Scenario] = {"account": account_alone, "camera-faults": camera_faults}
"""Name → what plays it: given the folder for screenshots (None: a person watches) and a port."""

CHECKED = tuple(name for name in SCENARIOS if name != "account")
"""Those that `script/test` checks by name: `--check` without a scenario plays the account's story, too."""

__all__ = ["CHECKED", "SCENARIOS"]
