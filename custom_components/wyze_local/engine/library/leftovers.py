"""Parts of clips that nobody finishes: of cameras that were removed, and those that cannot be saved."""

import os

from ..model import ClipName, Clock

LEFT_FOR = 86400.0
"""Seconds for which a part has to lie there unchanged, as seen by us: a worker that comes back after days
still finds and finishes what it left, and no clock that is wrong makes a part old."""

type _State = tuple[int, int]


class Leftovers:
    """What the passes over the folders saw of unfinished clips. Not safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        """Begin without having seen any."""
        self._clock = clock
        self._seen: dict[tuple[str, ClipName], tuple[_State, float]] = {}
        self._found: dict[tuple[str, ClipName], tuple[_State, float]] = {}
        self.days = 0
        """How many folders of days all passes have been through: while it grows, no disk hangs."""

    def abandoned(self, folder: str, name: ClipName, part: os.stat_result) -> bool:
        """Tell whether a part that is seen now may be removed."""
        state, now = (part.st_size, part.st_mtime_ns), self._clock.monotonic()
        known, since = self._seen.get((folder, name), (state, now))
        if known != state:
            since = now
        self._found[folder, name] = state, since
        return now - since > LEFT_FOR

    def passed(self) -> None:
        """Learn that a pass is over: what was not seen in it is forgotten."""
        self._seen, self._found = self._found, {}
