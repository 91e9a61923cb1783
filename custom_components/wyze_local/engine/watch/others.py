"""Parts of clips that another installation may be writing, told by whether they change while we look.

By our own monotonic clock: neither a NAS whose time is another one nor a clock that is set makes a part old.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from ..model import ClipName, ClipOwner, Clock

AT_WORK_FOR = 3600.0
"""Seconds without a change after which nobody writes a part any more. A NAS that hangs may answer after
long, and network drives show a change late; what waits loses nothing by it."""

type _State = tuple[int, int]


class OtherWriters:
    """What was seen of others' parts. For the disk's thread only."""

    def __init__(self, clock: Clock) -> None:
        """Begin without having seen any."""
        self._clock = clock
        self._seen: dict[tuple[Path, str], dict[ClipName, tuple[_State, float]]] = {}

    def at_work(
        self, owner: ClipOwner, folder: Path, day: str, parts: Mapping[ClipName, os.stat_result]
    ) -> set[ClipName]:
        """Return those of all parts of a day that somebody else than `owner` may be writing."""
        known, now = self._seen.pop((folder, day), {}), self._clock.monotonic()
        found = {}
        for name, part in parts.items():
            if owner.wrote(name):
                continue
            state = part.st_size, part.st_mtime_ns
            before, since = known.get(name, (state, now))
            found[name] = state, since if before == state else now
        if found:
            self._seen[folder, day] = found
        return {name for name, (_, since) in found.items() if now - since < AT_WORK_FOR}
