"""One step of the line: an event comes, the next state and what is to be done come out. Nothing else does."""

import random
from dataclasses import replace

from .state import Flight, State, lost_at, may, refilled
from .words import (
    WEIGHTS,
    Announce,
    Answered,
    Call,
    CalledOff,
    CheckNow,
    Effect,
    Event,
    Go,
    Limited,
    Moment,
    Outcome,
    Phase,
    Probe,
    Probed,
    Refuse,
    Save,
    Tick,
    Wants,
    Why,
)

type Step = tuple[State, tuple[Effect, ...]]


def step(state: State, event: Event, now: Moment, rng: random.Random) -> Step:
    """Return the next state, and what is to be done in this order. Never raises for any event at any time.

    `now.steady` must never run backwards between two steps; of `now.wall` nothing is expected.
    """
    before, state = state, _elapsed(state, now, rng)
    effects: tuple[Effect, ...] = ()
    match event:
        case Tick():
            state, effects = _tick(state)
        case CheckNow():
            state, effects = _check(state)
        case Wants():
            state, effects = _wants(state, event)
        case Answered():
            state = _answered(state, event, rng)
        case Probed():
            state = _probed(state, event, rng)
        case Limited():
            state = _limited(state, event.retry_after, rng)
        case CalledOff():
            state = _called_off(state)
    if state.recovered:
        state = _closed(state)
    return state, (*effects, *_told(before, state))


def _told(before: State, state: State) -> tuple[Effect, ...]:
    """Return what has to be known outside about the difference between two states."""
    effects: list[Effect] = []
    if _durable(before) != _durable(state):
        effects.append(Save())
    if before.uplink is not state.uplink:
        effects.append(Announce(before.uplink, state.uplink, state.cause or before.cause))
    return tuple(effects)


def _durable(state: State) -> tuple[object, ...]:
    """Return what a restart must not forget; a mere suspicion it may."""
    schedule = (state.next_try, state.probe) if state.phase is Phase.OPEN else ()
    return (
        *(state.phase, state.cause, state.tries, state.confirm, state.recovering_since, state.lists),
        *(state.last_list, state.limited_until, state.out_since, *schedule),
    )


def _elapsed(state: State, now: Moment, rng: random.Random) -> State:
    """Let time pass: the budget fills, limits end, a lost probe has failed, and a clock may have jumped."""
    drift = (now.wall - state.seen.wall) - (now.steady - state.seen.steady)
    state = replace(state, tokens=refilled(state, now), seen=now)
    if state.limited_until is not None and state.limited_until <= now.steady:
        state = replace(state, limited_until=None)
    lost = lost_at(state)
    if state.probe is not None and lost is not None and lost <= now.steady:
        state = _probed(state, Probed(state.probe.number, Outcome.NET), rng)
    if abs(drift) > state.policy.jump and state.phase is Phase.OPEN and state.next_try is not None:
        soon = now.steady + rng.uniform(0.0, state.policy.settle)
        if state.last_probe is not None:
            soon = max(soon, state.last_probe + state.policy.check_gap)
        state = replace(state, next_try=min(state.next_try, soon))
    return state


def _tick(state: State) -> Step:
    if state.due is None or state.due > state.seen.steady:
        return state, ()
    return _launched(state, asked=False)


def _launched(state: State, *, asked: bool) -> Step:
    """Send a probe."""
    now, number = state.seen.steady, state.probes + 1
    flight = Flight(number, now, asked)
    state = replace(state, probe=flight, probes=number, last_probe=now, tokens=state.tokens - 1)
    return state, (Probe(number, state.policy.probe_timeout),)


def _check(state: State) -> Step:
    """Send the probe that a person asks for, unless there is a reason against it."""
    now = state.seen.steady
    lost = lost_at(state)
    if lost is not None:
        return state, (Refuse(Why.CHECKING, lost - now),)
    if state.limited_until is not None:
        return state, (Refuse(Why.LIMITED, state.limited_until - now),)
    if state.last_probe is not None and (wait := state.last_probe + state.policy.check_gap - now) > 0:
        return state, (Refuse(Why.SOON, wait),)
    if state.broke:
        return state, (Refuse(Why.BUDGET, state.broke),)
    return _launched(state, asked=True)


def _wants(state: State, event: Wants) -> Step:
    verdict = may(state, state.seen, event.call)
    if event.held and (not isinstance(verdict, Refuse) or verdict.why is Why.BUDGET):
        return state, (Go(),)
    if not isinstance(verdict, Refuse):
        state = replace(state, tokens=state.tokens - 1)
    return state, (verdict,)


def _answered(state: State, event: Answered, rng: random.Random) -> State:
    """Take note of a call's end. While the breaker is open, late answers say nothing about the line."""
    if event.outcome is Outcome.TRUST:
        return _distrusted(state, rng)
    if event.outcome is Outcome.RATE:
        return _limited(state, event.retry_after, rng)
    if state.phase is Phase.OPEN:
        return state
    if state.phase is Phase.RECOVERING and event.call is Call.LIST:
        state = _listed(state, event.outcome)
    return _weighed(state, event.outcome, rng, noticed=event.call is Call.ACTION)


def _listed(state: State, outcome: Outcome) -> State:
    """Count clean lists in a row; a slow one neither counts nor breaks the row."""
    now = state.seen.steady
    if WEIGHTS.get(outcome, 0.0) >= 1:
        return replace(state, lists=0, last_list=None)
    if outcome is not Outcome.OK:
        return state
    if state.last_list is not None and now < state.last_list + state.policy.list_gap:
        return state
    return replace(state, lists=min(state.lists + 1, state.policy.lists), last_list=now)


def _weighed(state: State, outcome: Outcome, rng: random.Random, *, noticed: bool) -> State:
    """Weigh an outcome, and open the breaker when it is too much; `noticed` is what a person waits for."""
    weight = WEIGHTS.get(outcome)
    if weight is None:
        return replace(state, next_try=None) if noticed else state
    policy, now = state.policy, state.seen.steady
    window = (*state.window, (now, weight))[-policy.window :]
    if not weight:
        since = None if state.phase is Phase.CLOSED else state.out_since
        return replace(state, run=0.0, window=window, next_try=None, out_since=since)
    since = state.out_since or (state.seen if weight >= 1 else None)
    state = replace(state, run=state.run + weight, window=window, out_since=since)
    recent = [each for when, each in window if when >= now - policy.window_for]
    often = len(recent) >= policy.least and sum(recent) >= policy.share * len(recent)
    if state.run >= policy.trip or often:
        return _opened(state, outcome, rng)
    if noticed:
        return replace(state, next_try=now + policy.confirm * rng.uniform(0.5, 1.0))
    return state


def _probed(state: State, event: Probed, rng: random.Random) -> State:
    """Take note of a probe's end. One that was given up is only believed where it warns."""
    flight = state.probe if state.probe is not None and state.probe.number == event.number else None
    if flight is not None:
        state = replace(state, probe=None)
    if event.outcome is Outcome.TRUST:
        return _distrusted(state, rng, probed=flight is not None)
    if event.outcome is Outcome.RATE:
        state = _limited(state, event.retry_after, rng)
    if flight is None:
        return state
    if state.phase is not Phase.OPEN:
        return _weighed(state, event.outcome, rng, noticed=True)
    if event.outcome is Outcome.OK:
        return _good_probe(state)
    now = state.seen.steady
    state = replace(state, first_ok=None)
    if flight.asked and state.next_try is not None:
        return replace(state, next_try=max(state.next_try, now + state.policy.check_gap))
    return _paused(state, rng)


def _called_off(state: State) -> State:
    """Forget the probe under way; the next one comes no sooner than if a person asked for it."""
    if (flight := state.probe) is None:
        return state
    again = flight.started + state.policy.check_gap
    return replace(state, probe=None, next_try=None if state.next_try is None else max(state.next_try, again))


def _good_probe(state: State) -> State:
    """Count a good probe of an outage; the second one, later, ends it."""
    now, gap = state.seen.steady, state.policy.ok_gap
    if state.first_ok is None:
        return replace(state, first_ok=now, next_try=now + gap)
    if now < state.first_ok + gap:
        return state
    if not state.confirm and state.lasted < state.policy.long:
        return _closed(state)
    return replace(state, phase=Phase.RECOVERING, next_try=None, first_ok=None, recovering_since=now)


def _distrusted(state: State, rng: random.Random, *, probed: bool = False) -> State:
    """Open at once: what came was about somebody else."""
    if state.phase is Phase.OPEN and not probed:
        return replace(state, cause=Outcome.TRUST, confirm=True, first_ok=None)
    return _opened(replace(state, confirm=True), Outcome.TRUST, rng)


def _opened(state: State, cause: Outcome, rng: random.Random) -> State:
    """Open the breaker, and begin the next pause. A recovery that was under way starts over after it."""
    return _paused(
        replace(
            state,
            phase=Phase.OPEN,
            cause=state.cause if state.cause is Outcome.TRUST else cause,
            out_since=state.out_since or state.seen,
            run=0.0,
            window=(),
            first_ok=None,
            recovering_since=None,
            lists=0,
            last_list=None,
        ),
        rng,
    )


def _paused(state: State, rng: random.Random) -> State:
    tries = state.tries + 1
    return replace(state, tries=tries, next_try=state.seen.steady + state.policy.pause(tries, rng))


def _closed(state: State) -> State:
    """Be online again, with nothing left of the outage."""
    return replace(
        state,
        phase=Phase.CLOSED,
        cause=None,
        run=0.0,
        window=(),
        tries=0,
        next_try=None,
        first_ok=None,
        out_since=None,
        confirm=False,
        recovering_since=None,
        lists=0,
        last_list=None,
    )


def _limited(state: State, told: float | None, rng: random.Random) -> State:
    """Keep away for as long as the vendor says; what it said before is never shortened."""
    until = state.seen.steady + state.policy.away(told, rng)
    return replace(state, limited_until=max(until, state.limited_until or until))
