"""How often the vendor may be asked: a pace of our own, and whatever the vendor tells.

One lane for each account's calls and one for log-ins. No official figures exist; the pace is what other
clients found to be safe.
"""

import random
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ..model import Clock
from .errors import CloudError, CloudReason

PER_SECOND = 1.0
BURST = 5
MAX_QUEUE = 60.0
"""Seconds that a call waits for its turn at most."""
BETWEEN_LOG_INS = 30.0
"""Seconds between two log-ins of this installation, whoever signs in."""

MIN_AWAY = 60.0
MAX_AWAY = 6 * 3600.0
AWAY_UNKNOWN = 900.0
"""Seconds to keep away when the vendor says that it is too much, but not for how long."""
NEARLY_SPENT = 10
"""Calls left, by the vendor's count, at which nothing more is asked."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MAX_LANES = 64


class Lane:
    """The calls that count against one budget."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        """Begin with a full burst."""
        self._clock = clock
        self._rng = rng
        self._next = clock.monotonic() - BURST / PER_SECOND
        self._closed_until = 0.0

    async def turn(self, call: str, *, urgent: bool = False) -> None:
        """Wait for a turn; raises CloudError (`rate_limited`) when it is not near.

        Urgent is what others wait for: it does not queue behind them.
        """
        now = self._clock.monotonic()
        if self._closed_until > now:
            raise self._limited(call, self._closed_until - now)
        self._next = max(self._next, now - BURST / PER_SECOND) + 1 / PER_SECOND
        if urgent:
            return
        if (wait := self._next - now) > MAX_QUEUE:
            self._next -= 1 / PER_SECOND
            raise self._limited(call, wait)
        if wait > 0:
            await self._clock.sleep(wait)
            if (left := self._closed_until - self._clock.monotonic()) > 0:
                raise self._limited(call, left)

    def close(self, seconds: float) -> float:
        """Ask nothing for so long, bounded, and a little longer by chance; return seconds since 1970."""
        away = min(max(seconds, MIN_AWAY), MAX_AWAY) * (1 + self._rng.uniform(0.0, 0.1))
        self._closed_until = max(self._closed_until, self._clock.monotonic() + min(away, MAX_AWAY))
        return self._clock.time() + self._closed_until - self._clock.monotonic()

    def _limited(self, call: str, seconds: float) -> CloudError:
        return CloudError(CloudReason.RATE_LIMITED, call, retry_at=self._clock.time() + seconds)


class Lanes:
    """All lanes, the least recently used forgotten first."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        """Begin without any."""
        self._clock = clock
        self._rng = rng
        self._lanes: OrderedDict[object, Lane] = OrderedDict()

    def lane(self, key: object) -> Lane:
        """Return the lane of a key."""
        lane = self._lanes.setdefault(key, Lane(self._clock, self._rng))
        self._lanes.move_to_end(key)
        if len(self._lanes) > _MAX_LANES:
            self._lanes.popitem(last=False)
        return lane


class LogInGate:
    """Lets one log-in through at a time, and the next not before BETWEEN_LOG_INS."""

    def __init__(self, clock: Clock) -> None:
        """Begin open."""
        self._clock = clock
        self._next = clock.monotonic()

    async def turn(self, call: str) -> None:
        """Wait until a log-in may begin, so that nobody has to type anything again.

        Raises CloudError (`rate_limited`) when somebody else waits already.
        """
        now = self._clock.monotonic()
        wait = max(self._next - now, 0.0)
        if wait > BETWEEN_LOG_INS:
            raise CloudError(CloudReason.RATE_LIMITED, call, retry_at=self._clock.time() + wait)
        self._next = now + wait + BETWEEN_LOG_INS
        if wait:
            await self._clock.sleep(wait)


def away(headers: Mapping[str, str], now: float) -> float | None:
    """Return for how many seconds the vendor says to keep away, unbounded, or None when it does not say.

    `now` is the vendor's own time where known, so that a wrong clock here does not matter.
    """
    if (after := _retry_after(headers.get("Retry-After", ""), now)) is not None:
        return after
    until = _reset_by(headers.get("X-RateLimit-Reset-By", ""))
    return None if until is None else until - now


def nearly_spent(headers: Mapping[str, str], spare: int = NEARLY_SPENT) -> bool:
    """Tell whether the vendor says that no more than so many calls are left."""
    left = headers.get("X-RateLimit-Remaining", "").strip()
    return left.isascii() and left.isdigit() and len(left) < 10 and int(left) <= spare


def date_of(headers: Mapping[str, str]) -> float | None:
    """Return the vendor's time in seconds since 1970, or None."""
    return _http_date(headers.get("Date", ""))


def _retry_after(value: str, now: float) -> float | None:
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9]) if len(value) < 10 else MAX_AWAY
    until = _http_date(value)
    return None if until is None else until - now


def _http_date(value: str) -> float | None:
    if not value or len(value) > 64 or not value.isascii():
        return None
    try:
        return parsedate_to_datetime(value).timestamp()
    except ValueError, TypeError, OverflowError, IndexError:
        return None


def _reset_by(value: str) -> float | None:
    """Read `Tue Jan 05 12:00:00 UTC 2026`; the day of the week and this machine's language do not matter."""
    parts = value.split()
    if len(value) > 64 or not value.isascii() or len(parts) != 6 or parts[4] not in {"UTC", "GMT"}:
        return None
    try:
        month = _MONTHS.index(parts[1].title()) + 1
        hour, minute, second = (int(part) for part in parts[3].split(":"))
        return datetime(int(parts[5]), month, int(parts[2]), hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError, OverflowError:
        return None
