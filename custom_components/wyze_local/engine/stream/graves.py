"""What a go2rtc has yet to forget: streams whose end failed. Their keys stay masked until it is done."""

from collections.abc import Awaitable, Callable

from .api import Api
from .errors import ApiError, ServerDown
from .held import HeldStream
from .redact import Redactor

TEND_EVERY = 5.0
"""Seconds between two tries."""

type Ending = Callable[[Api], Awaitable[None]]


class Graves:
    """Streams that nobody wants any more and that a go2rtc may still know."""

    def __init__(self, redactor: Redactor) -> None:
        """Begin with none; the redactor is told when a stream's secrets are secrets no more."""
        self._redactor = redactor
        self._waiting: list[tuple[HeldStream, Ending]] = []

    def __bool__(self) -> bool:
        """Tell whether anything is left to do."""
        return bool(self._waiting)

    def add(self, stream: HeldStream, ending: Ending) -> None:
        """Take a stream whose secrets are masked, and what makes a go2rtc forget it."""
        self._waiting.append((stream, ending))

    def rise(self, name: str) -> None:
        """Do nothing more about a name that is wanted again: what is put there takes its place."""
        self._drop(lambda stream: stream.name == name)

    def clear(self) -> None:
        """Note that the go2rtc is another one, which knows nothing."""
        self._drop(lambda _: True)

    async def tend(self, api: Api) -> None:
        """Do what is left to do; what fails is left for the next time."""
        for stream, ending in tuple(self._waiting):
            try:
                await ending(api)
            except ApiError, ServerDown:
                # One that hangs would hang at the others, too.
                return
            self._drop(lambda one, done=stream: one is done)  # type: ignore[misc]

    def _drop(self, over: Callable[[HeldStream], bool]) -> None:
        for stream, _ in self._waiting:
            if over(stream):
                self._redactor.remove(stream.secrets)
        self._waiting = [(stream, ending) for stream, ending in self._waiting if not over(stream)]
