"""What the fake cloud knows and keeps: people, tokens, limits, and what was asked of it."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .answers import Refused, Role
from .people import User
from .records import Call, Calls
from .tokens import Tokens


class CloudClock:
    """The cloud's own clock, which can be put forward."""

    def __init__(self) -> None:
        """Begin with the real time."""
        self._ahead = 0.0

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return time.time() + self._ahead

    def now_ms(self) -> int:
        """Return the time in milliseconds since 1970."""
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead += seconds


class Limits:
    """How many calls each person, or everybody who is not signed in, may make."""

    def __init__(self) -> None:
        """Begin with what people found out about the real ones."""
        self.budget = 300
        """Calls in each window."""
        self.window = 300.0
        """Seconds."""
        self._calls: dict[str, deque[float]] = {}

    def spend(self, who: str, now: float) -> tuple[int, float]:
        """Count a call; return how many remain (below 0: too many) and when the first one is forgotten."""
        calls = self._calls.setdefault(who, deque())
        while calls and calls[0] <= now - self.window:
            calls.popleft()
        if len(calls) < self.budget:
            calls.append(now)
            return self.budget - len(calls), calls[0] + self.window
        return -1, (calls[0] if calls else now) + self.window


@dataclass
class World:
    """Everything that the answers are made from."""

    clock: CloudClock = field(default_factory=CloudClock)
    users: dict[str, User] = field(default_factory=dict)
    """By e-mail."""
    tokens: Tokens = field(default_factory=Tokens)
    limits: Limits = field(default_factory=Limits)
    calls: Calls = field(default_factory=Calls)
    explains: bool = True
    """Whether a refused log-in says what was wrong, by invented words where no source has the vendor's.

    Otherwise it says one and the same for a wrong password and a wrong key of any kind, as people have seen.
    """
    code_seconds: float = 300.0
    """How long a code that was sent as a text message is good for."""
    origins: dict[Role, str] = field(default_factory=dict)
    kept: dict[tuple[str, str | None], dict[str, Any]] = field(default_factory=dict)
    """The last good answer of each endpoint to each person, as a cache would have it."""

    def user_of(self, access: object) -> User | None:
        """Return whose access token this is; None when it is not good."""
        email = self.tokens.owner(access, self.clock.now())
        return None if email is None else self.users.get(email)

    def secrets(self) -> dict[str, str]:
        """Return all that nobody may find outside a vault, by what it is: people's, and every token given."""
        found = {
            f"{what} of {user.email}": value
            for user in self.users.values()
            for what, value in user.secrets().items()
        }
        for number, grant in enumerate(self.tokens.given):
            found |= {f"access token {number}": grant.access, f"refresh token {number}": grant.refresh}
        return found


@dataclass
class Asked:
    """One request, read."""

    world: World
    request: web.Request
    role: Role
    call: Call
    body: Mapping[str, Any]
    user: User | None = None
    """Whose token came with it, if it is good."""
    ignored: bool = False
    """Whether what is to be done is accepted and not done."""

    @property
    def owner(self) -> User:
        """Whose token came with it; only for endpoints that nobody reaches without one."""
        if self.user is None:
            raise Refused(2001, "AccessTokenError")
        return self.user

    @property
    def now(self) -> float:
        """The time in seconds since 1970."""
        return self.world.clock.now()

    @property
    def now_ms(self) -> int:
        """The time in milliseconds since 1970."""
        return self.world.clock.now_ms()

    @property
    def origin(self) -> str:
        """Where pictures lie."""
        return self.world.origins[Role.API]

    def text(self, name: str) -> str:
        """Return a field that must be text; raises Refused."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise Refused(1001, f"parameter error: {name}")
        return value

    def number(self, name: str) -> int:
        """Return a field that must be a whole number; raises Refused."""
        value = self.body.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused(1001, f"parameter error: {name}")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a field that must be a list of texts; raises Refused."""
        value = self.body.get(name)
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise Refused(1001, f"parameter error: {name}")
        return value
