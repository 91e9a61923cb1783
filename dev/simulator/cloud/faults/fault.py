"""Which fault strikes which call."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..world import Asked


@dataclass(slots=True, eq=False)
class Fault:
    """Something wrong with some calls; `Faults.add` makes it work, `Faults.clear` takes it away."""

    kind: str
    endpoint: str | None = None
    """Whose answers it spoils; None: all."""
    after: int = 0
    """Calls of these that are answered well before it strikes."""
    times: int | None = None
    """How many calls it strikes; None: all until it is taken away."""
    user: str | None = None
    """The e-mail of the person whose calls it strikes, of those with a good token; None: everybody's."""
    options: Mapping[str, Any] = field(default_factory=dict)
    passed: int = 0
    struck: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it has been taken away."""

    def strikes(self, asked: Asked) -> bool:
        """Return whether it strikes this call, and count that."""
        if self.endpoint not in {None, asked.call.endpoint}:
            return False
        if self.user is not None and (asked.user is None or asked.user.email != self.user):
            return False
        if self.passed < self.after:
            self.passed += 1
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        self.struck += 1
        return True

    def number(self, name: str, default: float) -> float:
        """Return an option that is a number; raises ValueError."""
        value = self.options.get(name, default)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError(f"{name} must be a number")  # noqa: TRY004 - said to whoever uses the control API
        return value

    def text(self, name: str, default: str) -> str:
        """Return an option that is text."""
        return str(self.options.get(name, default))


class Faults:
    """All faults in force, oldest first."""

    def __init__(self) -> None:
        """Begin without any."""
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Let a fault work from the next call on."""
        self._faults.append(fault)
        return fault

    def clear(self, fault: Fault | None = None) -> None:
        """Take a fault away, or all; what hangs because of it goes on."""
        for gone in [fault] if fault else list(self._faults):
            gone.gone.set()
            if gone in self._faults:
                self._faults.remove(gone)

    def striking(self, asked: Asked) -> list[Fault]:
        """Return the faults that strike a call."""
        return [fault for fault in self._faults if fault.strikes(asked)]

    def __iter__(self) -> Any:
        """Go through the faults in force."""
        return iter(list(self._faults))
