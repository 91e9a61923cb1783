"""What was asked of the fake cloud. Nothing secret is kept: no password, token, key or code."""

from collections.abc import Iterator
from dataclasses import dataclass, field

UNKNOWN = "unknown"
"""The endpoint of calls that the cloud has no answer for."""


@dataclass(slots=True)
class Call:
    """One request; appended when its head has come, completed when it is answered."""

    number: int
    """From 1 on."""
    endpoint: str
    role: str
    path: str
    """Without its query."""
    at: float
    """When, in seconds since 1970, by the cloud's clock."""
    together: int
    """How many calls of this endpoint were unanswered when it came, itself included."""
    server_name: str | None = None
    """The name that the TLS handshake asked for; None when it was an address."""
    user: str | None = None
    """The e-mail of whoever it was for."""
    agent: str = ""
    what: str = ""
    """What an order or a question was about, such as `power_on` or `P3=1`."""
    device: str = ""
    """The MAC of the device that it was about."""
    fields: frozenset[str] = frozenset()
    """The names of the body's fields."""
    faults: tuple[str, ...] = ()
    """The faults that struck."""
    status: int | None = None
    """The answer's HTTP status; None while there is none, or when there will never be."""
    code: str | None = None
    """The vendor's own code in the answer, as text."""
    seconds: float | None = field(default=None, compare=False)
    """How long the answer took."""


class Calls:
    """All calls, oldest first."""

    def __init__(self) -> None:
        """Begin without any."""
        self._calls: list[Call] = []
        self._open: dict[str, int] = {}

    def begin(self, endpoint: str, role: str, path: str, at: float) -> Call:
        """Note a call that has come."""
        together = self._open[endpoint] = self._open.get(endpoint, 0) + 1
        call = Call(len(self._calls) + 1, endpoint, role, path, at, together)
        self._calls.append(call)
        return call

    def rename(self, call: Call, endpoint: str) -> None:
        """Note that a call was about something else than its path told."""
        self._open[call.endpoint] -= 1
        call.endpoint = endpoint
        call.together = self._open[endpoint] = self._open.get(endpoint, 0) + 1

    def end(self, call: Call, now: float) -> None:
        """Note that a call is over, answered or not."""
        self._open[call.endpoint] -= 1
        call.seconds = now - call.at

    def __iter__(self) -> Iterator[Call]:
        """Go through all calls."""
        return iter(self._calls)

    def of(self, endpoint: str | None = None, *, user: str | None = None, since: int = 0) -> list[Call]:
        """Return the calls of an endpoint, of a person, after a number."""
        return [
            call
            for call in self._calls
            if call.number > since and endpoint in {None, call.endpoint} and user in {None, call.user}
        ]

    def most_together(self, endpoint: str) -> int:
        """Return how many calls of an endpoint were ever unanswered at once."""
        return max((call.together for call in self.of(endpoint)), default=0)
