"""What a restart must not forget, as plain JSON: how far an outage, its back-off and its recovery have come.

Durations rather than dates, and one date: a clock that is off by a day when the machine starts costs at most
what can be waited anyway, and never makes an outage look short. Nothing in it is a key or personal.
"""

import math
import random
from dataclasses import dataclass, fields, replace
from typing import Any

from .policy import Policy
from .state import State, begin
from .words import Moment, Outcome, Phase

VERSION = 1

type Record = dict[str, int | str | bool | None]


class BadRecord(ValueError):
    """The value is not what `record` makes, or of another version."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """The fields of a record. Milliseconds, but for what is counted."""

    version: int
    saved_at: int
    """Since 1970, by the wall clock."""
    phase: str
    cause: str | None
    tries: int
    probing: bool
    """Whether a probe was under way."""
    next_in: int
    out_for: int | None
    """None while nothing fails."""
    confirm: bool
    recovered_for: int
    lists: int
    list_ago: int | None
    limited_for: int
    tokens: int


_TYPES: dict[str, tuple[type, ...]] = {
    "phase": (str,),
    "cause": (str, type(None)),
    "probing": (bool,),
    "confirm": (bool,),
    "out_for": (int, type(None)),
    "list_ago": (int, type(None)),
}
"""What is not simply a whole number."""


def record(state: State) -> Record:
    """Return the record of a state, as of its last event. Rounded so that a restart waits rather longer."""
    policy, now, down = state.policy, state.seen.steady, state.phase is not Phase.CLOSED
    return {
        "version": VERSION,
        "saved_at": _down(state.seen.wall),
        "phase": state.phase.value,
        "cause": None if state.cause is None else state.cause.value,
        "tries": state.tries,
        "probing": down and state.probe is not None,
        "next_in": _up(_left(state.next_try, now)) if down else 0,
        "out_for": None if state.out_since is None else _up(state.lasted),
        "confirm": state.confirm,
        "recovered_for": _since(state.recovering_since, now, policy.recover_for) or 0,
        "lists": state.lists,
        "list_ago": _since(state.last_list, now, policy.list_gap),
        "limited_for": _up(_left(state.limited_until, now)),
        "tokens": math.floor(state.tokens),
    }


def restore(value: object, policy: Policy, now: Moment, rng: random.Random) -> State:
    """Return the state that a record leaves, at a moment of another run of the clocks.

    A damaged one is taken as an outage of unknown length: that costs a few probes and an hour in which the
    vendor's word only confirms. Never raises. Without any record there is `begin`.
    """
    try:
        saved = _read(value)
    except BadRecord:
        saved = _unknown(now)
    passed = (_down(now.wall) - saved.saved_at) / 1000
    away = min(_seconds(saved.limited_for), policy.rate_most) - max(0.0, passed)
    values: dict[str, Any] = {
        "tokens": float(min(max(saved.tokens, -1), policy.burst)),
        "limited_until": now.steady + away if away > 0 else None,
    }
    if saved.out_for is not None:
        lasted = _lasted(saved.out_for, passed, policy)
        values["out_since"] = Moment(now.steady - lasted, now.wall - lasted)
    if saved.phase != Phase.CLOSED.value:
        values |= {
            "phase": Phase(saved.phase),
            "cause": None if saved.cause is None else Outcome(saved.cause),
            "tries": max(1, saved.tries),
            "confirm": saved.confirm or saved.out_for is None,
        }
    if saved.phase == Phase.OPEN.value:
        values |= _schedule(saved, policy, now, passed, rng)
    if saved.phase == Phase.RECOVERING.value:
        values |= _recovery(saved, policy, now)
    return replace(begin(policy, now), **values)


def _lasted(out_for: int, passed: float, policy: Policy) -> float:
    """Return how long it has failed by now. Where the clock went back nobody knows, so it was long."""
    lasted = _seconds(out_for) + max(0.0, passed)
    return lasted if passed >= 0 else max(lasted, policy.long)


def _schedule(
    saved: _Saved, policy: Policy, now: Moment, passed: float, rng: random.Random
) -> dict[str, Any]:
    """Return when the next probe is due. One that was under way has failed: a crash is no way to hurry."""
    tries = max(1, saved.tries) + saved.probing
    wait = policy.pause(tries, rng) if saved.probing else min(_seconds(saved.next_in), policy.backoff_cap)
    wait -= max(0.0, passed)
    return {
        "tries": tries,
        "next_try": now.steady + (wait if wait > 0 else rng.uniform(0.0, policy.settle)),
    }


def _recovery(saved: _Saved, policy: Policy, now: Moment) -> dict[str, Any]:
    """Return how far a recovery had come. Time in which nobody was looking does not count."""
    ago = None if saved.list_ago is None else now.steady - min(_seconds(saved.list_ago), policy.list_gap)
    return {
        "recovering_since": now.steady - min(_seconds(saved.recovered_for), policy.recover_for),
        "lists": min(max(0, saved.lists), policy.lists),
        "last_list": ago,
    }


def _unknown(now: Moment) -> _Saved:
    """Return what is assumed when nothing can be read."""
    return _Saved(
        version=VERSION,
        saved_at=_down(now.wall),
        phase=Phase.OPEN.value,
        cause=None,
        tries=1,
        probing=False,
        next_in=0,
        out_for=None,
        confirm=True,
        recovered_for=0,
        lists=0,
        list_ago=None,
        limited_for=0,
        tokens=1,
    )


def _read(value: object) -> _Saved:
    """Return the fields of a record; raises BadRecord."""
    names = [field.name for field in fields(_Saved)]
    if not isinstance(value, dict) or value.keys() != set(names):
        raise BadRecord
    for name in names:
        if type(value[name]) not in _TYPES.get(name, (int,)):
            raise BadRecord
    saved = _Saved(**value)
    if saved.version != VERSION or saved.phase not in set(Phase) or saved.cause not in {None, *Outcome}:
        raise BadRecord
    if not all(abs(number) < _ABSURD for number in value.values() if isinstance(number, int)):
        raise BadRecord
    return saved


_ABSURD = 1 << 53
"""Numbers from here on are nobody's milliseconds."""


_NOISE = 1e-3
"""Milliseconds that are the rounding of large numbers."""


def _left(moment: float | None, now: float) -> float:
    return 0.0 if moment is None else max(0.0, moment - now)


def _since(moment: float | None, now: float, enough: float) -> int | None:
    """Return how long ago something was; more than is enough for anything does not matter."""
    return None if moment is None else _down(min(now - moment, enough))


def _up(seconds: float) -> int:
    return math.ceil(seconds * 1000 - _NOISE)


def _down(seconds: float) -> int:
    return math.floor(seconds * 1000 + _NOISE)


def _seconds(milliseconds: int) -> float:
    return max(0, milliseconds) / 1000
