"""The state on disk: what is written is read back, and nothing else is."""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from engine.model import InvalidField
from engine.ownership import (
    AccountAnswer,
    Click,
    EventSeen,
    Listed,
    OtherEntry,
    Proof,
    RecordError,
    State,
    Uplink,
    Word,
    state_from_json,
    state_to_json,
    step,
)
from tests.engine.ownership.rig import OWNER, START, Machine, answer, click, h, home, listed, proof
from tests.engine.ownership.world import World, wild_step
from tests.support.fuzzing import Fuzz


def full() -> Machine:
    """Return a state in which there is something of everything."""
    machine = home("a", "b", "c")
    machine.tell(click("sold", Word.SOLD), click("out", Word.LEFT_OUT), click("tried", Word.TRY))
    machine.tell(OtherEntry(h("m"), uid=h("uid m")), proof("c", worked=False))
    machine.polls(answer("a", listed("b", "new"), "n"), answer(listed("b", "new"), "n", "c"))
    return machine


def test_what_is_written_is_read_back() -> None:
    state = full().state
    text = json.dumps(state_to_json(state))
    assert state_from_json(json.loads(text)) == state
    assert state_from_json(state_to_json(State())) == State()


def test_every_state_of_histories_is_read_back(fuzz: Fuzz) -> None:
    for number in range(20):
        chance = Random(f"{fuzz.seed} record {number}")
        world = World(chance, chance.randint(1, 5))
        for _ in range(60):
            wild_step(world)
            assert state_from_json(json.loads(json.dumps(state_to_json(world.state)))) == world.state


def test_an_account_stays_frozen_over_a_restart() -> None:
    machine = home("a")
    machine.polls(answer("x"))
    again = Machine(state_from_json(state_to_json(machine.state)))
    again.now = machine.now
    evidence = answer("a")
    assert step(machine.state, evidence, machine.now) == step(again.state, evidence, again.now)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the way to every value."""
    yield path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from places(part, (*path, key))


def spoilt(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy with another value in one place."""
    if not path:
        return new
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return value


ODD: tuple[Any, ...] = (
    "",
    "x" * 32,
    h("x").upper(),
    "AABBCCDDEEFF",
    1.0,
    float("nan"),
    -1,
    2**60,
    [],
    {},
    None,
    True,
    1,
    "normal",
)


def test_whatever_else_is_there_is_refused_or_read_back_as_it_is() -> None:
    good = state_to_json(full().state)
    refused = 0
    for path in places(good):
        for odd in ODD:
            bad = spoilt(good, path, odd)
            try:
                state = state_from_json(bad)
            except RecordError:
                refused += 1
            else:
                assert json.dumps(state_to_json(state)) == json.dumps(bad)
    assert refused > 1000


def objects() -> list[tuple[Any, ...]]:
    """Return the ways to all objects with fields of a fixed name."""
    good = state_to_json(full().state)
    maps = {("cameras",), ("elsewhere",)}
    return [path for path in places(good) if path not in maps and isinstance(at(good, path), dict)]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize("path", objects(), ids=lambda path: ".".join(path)[-40:] or "all")
def test_unknown_or_missing_fields_are_refused(path: tuple[Any, ...]) -> None:
    good = state_to_json(full().state)
    fields = at(good, path)
    with pytest.raises(RecordError):
        state_from_json(spoilt(good, path, {**fields, "name": "Front door"}))
    for key in fields:
        with pytest.raises(RecordError):
            state_from_json(spoilt(good, path, {one: value for one, value in fields.items() if one != key}))


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (0, "ownership_damaged"),
        (2, "ownership_too_new"),
        (True, "ownership_damaged"),
        ("1", "ownership_damaged"),
    ],
)
def test_another_version_is_refused(version: Any, reason: str) -> None:
    with pytest.raises(RecordError) as caught:
        state_from_json({**state_to_json(State()), "version": version})
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "value", ["Front door", "2CAA8E010203", h("x").upper(), h("x") + "0", "", "\n" + h("x")]
)
def test_what_is_no_hash_does_not_enter(value: str) -> None:
    makers = (
        lambda: Listed(value),
        lambda: Proof(value, h("k"), worked=True),
        lambda: Proof(h("a"), value, worked=True),
        lambda: Click(value, Word.MINE),
        lambda: EventSeen(value, START),
        lambda: OtherEntry(value),
    )
    for make in makers:
        with pytest.raises(InvalidField) as caught:
            make()
        assert value not in str(caught.value) or not value


@pytest.mark.parametrize("value", ["Front door", "2CAA8E010203"])
def test_not_even_where_a_hash_may_be_left_out(value: str) -> None:
    makers = (
        lambda: Listed(h("a"), value),
        lambda: Listed(h("a"), uid=value),
        lambda: Click(h("a"), Word.MINE, value),
        lambda: OtherEntry(h("a"), uid=value),
        lambda: AccountAnswer(value),
    )
    for make in makers:
        with pytest.raises(InvalidField):
            make()


@pytest.mark.parametrize("model", ["Front door", "wyze", "X" * 33, "A\n"])
def test_a_model_is_a_model_id(model: str) -> None:
    with pytest.raises(InvalidField):
        Listed(h("a"), model=model)


def test_memory_does_not_grow_with_what_the_cloud_tells() -> None:
    machine = home("a", "b")
    for number in range(200):
        strangers = [f"x{number} {other}" for other in range(number * 7 % 300)]
        machine.polls(answer("a", "b", *strangers), answer(*strangers), answer("a", "b", *strangers[:2]))
        if number % 10 == 0:
            machine.tell(Uplink(recovering=number % 20 == 0))
    assert machine.state.owner == OWNER
    assert len(json.dumps(state_to_json(machine.state))) < 5000
