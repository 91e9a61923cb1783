"""What kind of child process one is."""

from collections.abc import Mapping
from dataclasses import dataclass

from .codec import MAX_MESSAGE
from .errors import ChildError


@dataclass(frozen=True, slots=True)
class Program:
    """A room of the engine that is started as a process."""

    room: str
    speaks: Mapping[str, type]
    """What it may say, by name."""
    error: type[ChildError]
    """What is raised when it cannot do something."""
    limit: int = MAX_MESSAGE
    """Longest message in bytes that it may say."""

    @property
    def down(self) -> str:
        """The reason of everything that cannot be done while it does not run: `relay_down`."""
        return f"{self.room}_down"
