"""Names under which the viewers of one camera watch, so that each has a connection of its own to the source.

go2rtc keeps no picture back: only who opens a connection to the relay gets the last group of pictures at
once. A name is taken again once nobody watches under it any more, so go2rtc's map of streams stays small.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from .answers import StreamInfo

MAX_NAMES = 16
"""How many names a camera has at most; further viewers share one, and wait for the next key frame."""


class ViewerNames:
    """The names of one camera's viewers."""

    def __init__(self, new: Callable[[int], str] = lambda _: secrets.token_hex(16)) -> None:
        """Begin with none; `new` makes one, given its number, when it is first needed."""
        self.new = new
        self._names: list[str] = []
        self._lent: list[str] = []

    @property
    def all(self) -> tuple[str, ...]:
        """All names that go2rtc knows."""
        return tuple(self._names)

    def forget(self) -> None:
        """Begin again: another go2rtc knows none of them."""
        self._names.clear()

    def pick(self, streams: Mapping[str, StreamInfo], taken: Iterable[str]) -> str:
        """Return a name that nobody watches under, by go2rtc's own listing; go2rtc may not know it yet.

        `taken` are names whose viewers are only just coming, so that the listing cannot know of them.
        """
        coming = Counter(taken)
        crowds = {name: coming[name] + _crowd(streams.get(name)) for name in self._names}
        quietest = min(crowds, key=crowds.__getitem__, default=None)
        if quietest is not None and (crowds[quietest] == 0 or len(self._names) >= MAX_NAMES):
            return quietest
        self._names.append(self.new(len(self._names)))
        return self._names[-1]


def _crowd(stream: StreamInfo | None) -> int:
    """Return how many watch, or one for a connection that is only just ending."""
    if stream is None:
        return 0
    return max(len(stream.consumers), int(stream.running))
