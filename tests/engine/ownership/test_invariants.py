"""Each invariant of an answer by a table: what breaks it, what does not, and what follows."""

import pytest

from engine.ownership import (
    MEANINGS,
    AccountAnswer,
    AccountStanding,
    AskPerson,
    CameraStanding,
    Freeze,
    Hold,
    Invariant,
    Keep,
    OtherEntry,
    Quality,
    TestKeys,
    Uplink,
    Weight,
    Word,
)
from engine.ownership.rules import CHECKS, UNCLEAN
from tests.engine.ownership.rig import DAY, OWNER, STRANGER, answer, broken, click, h, home, listed

FOUR = ("a", "b", "c", "d")

TABLE: list[tuple[AccountAnswer, set[Invariant]]] = [
    (answer(*FOUR), set()),
    (answer(*FOUR, owner=""), set()),
    (AccountAnswer(OWNER), set()),
    (AccountAnswer(STRANGER), {Invariant.A1}),
    (answer(*FOUR, owner=STRANGER), {Invariant.A1}),
    (answer(*FOUR, quality=Quality.STALE), {Invariant.A2}),
    (answer(*FOUR, quality=Quality.CACHED), {Invariant.A3}),
    (answer(*FOUR, quality=Quality.BROKEN), {Invariant.A3}),
    (AccountAnswer(OWNER, Quality.BROKEN), {Invariant.A3}),
    (answer("x"), {Invariant.D1, Invariant.D2, Invariant.D5}),
    (answer("x", "y", "z", "v"), {Invariant.D1, Invariant.D2, Invariant.D5, Invariant.D6}),
    (answer("a", "x"), {Invariant.D1, Invariant.D2, Invariant.D5}),
    (answer("a", "b", "x"), {Invariant.D2, Invariant.D5}),
    (answer("a", "b", "c"), {Invariant.D2}),
    (answer("a"), {Invariant.D2}),
    (answer(), {Invariant.D2}),
    (answer("a", "b", "c", listed("d", "other")), {Invariant.D3}),
    (answer("a", "b", "c", listed("d", "")), set()),
    (answer("a", "b", "c", listed("d", model="WYZE_CAKP3JFUS")), {Invariant.D3}),
    (answer("a", "b", "c", listed("d", model="")), set()),
    (answer("a", "b", "c", listed("d", uid="other")), {Invariant.D3}),
    (answer(*FOUR, listed("x", uid="uid a")), {Invariant.D4, Invariant.D5}),
    (answer(*FOUR, listed("x", uid="one"), listed("y", uid="one")), {Invariant.D4, Invariant.D5}),
    (answer(*FOUR, listed("a", "other")), {Invariant.D4}),
    (answer("a", "b", "c", listed("d", "other", uid="uid a")), {Invariant.D3, Invariant.D4}),
    (answer(*FOUR, "x"), {Invariant.D5}),
    (answer(*FOUR, "x", "y"), {Invariant.D5}),
    (answer(*FOUR, "x", "y", "z"), {Invariant.D5, Invariant.D6}),
]


@pytest.mark.parametrize(("told", "expected"), TABLE)
def test_an_answer_breaks_what_the_table_says(told: AccountAnswer, expected: set[Invariant]) -> None:
    machine = home(*FOUR)
    machine.polls(told)
    assert set(machine.judged.broken) == expected
    freezes = {one for one in expected if MEANINGS[one].weight is Weight.FREEZE}
    assert machine.has(Freeze) is bool(freezes)
    assert (machine.state.account.standing is AccountStanding.FROZEN) is bool(freezes)
    assert {key: known.standing for key, known in machine.state.ours.items()} == {
        h(camera): CameraStanding.TRUSTED for camera in FOUR
    }


def test_the_table_meets_every_check_and_every_weight_has_its_invariant() -> None:
    met = {one for _, expected in TABLE for one in expected}
    assert met == set(CHECKS)
    assert set(MEANINGS) == set(Invariant)
    assert {meaning.weight for meaning in MEANINGS.values()} == set(Weight)
    assert {Invariant.D2, Invariant.D5} == set(CHECKS) - UNCLEAN


def test_a_mere_subset_never_freezes() -> None:
    machine = home(*(f"c{number}" for number in range(50)))
    for size in (49, 25, 24, 3, 1, 0, 1):
        machine.polls(answer(*(f"c{number}" for number in range(size))))
        assert not machine.has(Freeze)
        assert machine.state.account.standing is AccountStanding.NORMAL


def test_an_answer_of_strangers_freezes_whatever_was_left_out_before() -> None:
    machine = home("a")
    machine.tell(click("doorbell", Word.LEFT_OUT))
    machine.polls(answer("a"), answer("x"))
    assert machine.get(Freeze).reason is Invariant.D1


def test_what_was_left_out_speaks_for_the_account() -> None:
    machine = home("a")
    machine.tell(click("doorbell", Word.LEFT_OUT), click("battery", Word.LEFT_OUT))
    machine.polls(answer("doorbell", "battery", "new"))
    assert Invariant.D1 not in broken(machine.said)


def test_cameras_that_left_the_account_one_by_one_make_nobody_a_stranger() -> None:
    machine = home("a", "b", "c")
    machine.polls(answer("a", "b"), answer("a"), answer("a", "new"))
    assert not machine.has(Freeze)
    assert machine.state.standing(h("new")) is CameraStanding.PROVISIONAL


def test_a_camera_that_vanished_stays_and_is_missing_after_a_day() -> None:
    machine = home("a", "b")
    machine.polls(answer("a"))
    assert machine.get(Keep) == Keep(h("b"), missing=False)
    machine.polls(answer("a"), answer("a"), answer("a"))
    assert not any(verdict.missing for verdict in machine.said if isinstance(verdict, Keep))
    machine.tell(answer("a"), after=DAY)
    assert machine.get(Keep) == Keep(h("b"), missing=True)
    assert machine.state.standing(h("b")) is CameraStanding.TRUSTED
    machine.polls(answer("a", "b"), answer("a"))
    assert not any(verdict.missing for verdict in machine.said if isinstance(verdict, Keep))


def test_changed_keys_are_only_tested() -> None:
    machine = home("a", "b")
    machine.polls(answer("a", listed("b", "other")))
    assert machine.said[1:] == (Hold(Invariant.D3, h("b")), TestKeys(h("b"), listed("b", "other").keys))
    assert machine.state.ours[h("b")].pin.keys == listed("b").keys


def test_another_model_is_not_even_tested() -> None:
    machine = home("a", "b")
    machine.polls(answer("a", listed("b", "other", model="WYZE_CAKP3JFUS")))
    assert machine.said[1:] == (Hold(Invariant.D3, h("b")),)


def test_keys_with_the_p2p_id_of_another_camera_are_not_even_tested() -> None:
    machine = home("a", "b")
    machine.polls(answer("a", listed("b", "other", uid="uid a"), listed("x", uid="uid a")))
    assert not machine.has(TestKeys)
    assert machine.get(Hold) == Hold(Invariant.D4, h("b"))
    assert machine.state.standing(h("x")) is None


def test_a_camera_of_another_entry_is_neither_new_nor_taken() -> None:
    machine = home("a")
    machine.tell(OtherEntry(h("m"), uid=h("uid m")))
    machine.polls(answer("a", "m", listed("x", uid="uid m")))
    assert machine.judged.counts.elsewhere == 1
    assert machine.judged.counts.new == 1
    assert broken(machine.said) == {Invariant.D4, Invariant.D5}
    assert not machine.has(TestKeys)
    assert machine.state.standing(h("m")) is machine.state.standing(h("x")) is None
    machine.tell(OtherEntry(h("m"), held=False))
    machine.polls(answer("a", "m"))
    assert machine.get(TestKeys).camera == h("m")


def test_what_is_tried_here_is_dropped_when_another_entry_takes_it() -> None:
    machine = home("a")
    machine.polls(answer(listed("a", "other"), "n"))
    machine.tell(OtherEntry(h("n")), OtherEntry(h("a")))
    assert machine.said == (Hold(Invariant.D4, h("n")), Hold(Invariant.D4, h("a")))
    assert machine.state.standing(h("n")) is None
    assert machine.state.ours[h("a")].candidate is None
    machine.polls(answer(listed("a", "other")))
    assert machine.get(Hold) == Hold(Invariant.D4, h("a"))
    assert machine.state.standing(h("a")) is CameraStanding.TRUSTED


def test_one_or_two_new_cameras_are_provisional_and_tried() -> None:
    machine = home("a")
    machine.polls(answer("a", "x", "y"))
    tried = [verdict.camera for verdict in machine.said if isinstance(verdict, TestKeys)]
    assert sorted(tried) == sorted([h("x"), h("y")])
    assert machine.state.standing(h("x")) is CameraStanding.PROVISIONAL
    assert machine.judged.clean
    machine.polls(answer("a", "y"))
    assert machine.state.standing(h("x")) is None, "only the cloud spoke of it, and does no more"


def test_a_new_camera_without_keys_needs_a_person() -> None:
    machine = home("a")
    machine.polls(answer("a", listed("x", "")))
    assert machine.get(AskPerson).reason is Invariant.D5
    assert not machine.has(TestKeys)


def test_three_new_cameras_are_all_held_and_asked_about_in_numbers() -> None:
    machine = home("a", "b")
    machine.polls(answer("a", "b", "x", "y", "z"))
    assert machine.get(AskPerson).counts.new == 3
    assert not machine.has(TestKeys)
    assert machine.state.cameras.keys() == {h("a"), h("b")}
    assert not machine.judged.clean


def test_new_cameras_in_small_portions_are_held_in_the_end() -> None:
    machine = home("a", "b")
    strangers = [f"x{number}" for number in range(40)]
    for size in range(2, 41, 2):
        machine.polls(answer("a", "b", *strangers[:size]))
    assert machine.get(AskPerson).counts.new == 40 - 8
    assert len(machine.state.cameras) == 2 + 8


@pytest.mark.parametrize("told", [("a", "b", "x"), ("a", listed("b", "other"))])
def test_nothing_is_taken_while_the_line_recovers(told: tuple[str, ...]) -> None:
    machine = home("a", "b")
    machine.tell(Uplink(recovering=True))
    before = machine.state.cameras
    machine.polls(answer(*told))
    assert machine.has(AskPerson)
    assert not machine.has(TestKeys)
    assert machine.state.cameras == before
    assert not machine.judged.clean
    machine.tell(Uplink(recovering=False))
    machine.polls(answer(*told))
    assert machine.has(TestKeys)


def test_what_was_told_before_the_outage_and_not_proved_is_forgotten() -> None:
    machine = home("a", "b")
    machine.polls(answer("a", listed("b", "other"), "x"))
    machine.tell(Uplink(recovering=True))
    assert machine.state.standing(h("x")) is None
    assert machine.state.ours[h("b")].candidate is None


def test_of_a_flood_of_strangers_only_numbers_stay() -> None:
    machine = home("a")
    before = machine.state.cameras
    flood = [f"x{number}" for number in range(5000)]
    machine.polls(answer("a", *flood))
    assert machine.state.cameras == before
    assert machine.judged.counts.new == 5000
    assert len(repr((machine.state, machine.said))) < 2000
