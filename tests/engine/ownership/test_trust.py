"""What makes a camera trusted, and what takes that away: proofs and clicks, never an answer of the cloud."""

import ast
from pathlib import Path
from typing import get_args

import pytest

import engine.ownership
from engine.ownership import (
    Admit,
    CameraStanding,
    Click,
    EventSeen,
    Evidence,
    Hold,
    Invariant,
    LoggedOut,
    OtherEntry,
    Proof,
    Quarantine,
    Release,
    Replace,
    Suspect,
    TestKeys,
    Uplink,
    Word,
)
from engine.ownership.evidence import Local
from engine.ownership.words import Cause
from tests.engine.ownership.rig import DAY, MINUTE, START, Machine, answer, click, h, home, listed, proof

TRUSTED, SUSPECT = CameraStanding.TRUSTED, CameraStanding.SUSPECT
PROVISIONAL, QUARANTINED = CameraStanding.PROVISIONAL, CameraStanding.QUARANTINED


def test_a_new_camera_is_admitted_by_its_proof() -> None:
    machine = home("a")
    machine.polls(answer("a", "n"))
    machine.tell(proof("n"))
    assert machine.said == (Admit(h("n"), listed("n").keys),)
    assert machine.state.standing(h("n")) is TRUSTED
    assert machine.state.ours[h("n")].pin.by is Cause.PROOF


@pytest.mark.parametrize("shown", [proof("n", worked=False), proof("n", "others")])
def test_a_proof_that_failed_or_is_of_other_keys_admits_nothing(shown: Proof) -> None:
    machine = home("a")
    machine.polls(answer("a", "n"))
    machine.tell(shown)
    assert machine.said == (Hold(Invariant.L1, h("n")),)
    assert machine.state.standing(h("n")) is PROVISIONAL


def test_a_proof_that_nobody_asked_for_admits_nothing() -> None:
    machine = home("a")
    assert machine.tell(proof("n")) == ()
    machine.polls(answer("a", "x", "y", "z"))
    assert machine.tell(proof("x")) == ()
    assert machine.state.cameras.keys() == {h("a")}


def test_a_proof_that_a_wrong_account_asked_for_comes_too_late() -> None:
    machine = home("a")
    machine.polls(answer(listed("a", "other"), "n"), answer("x"))
    before = machine.state
    assert machine.tell(proof("n"), proof("a", "other"), proof("a", worked=False)) == ()
    assert machine.state.standing(h("n")) is None
    assert machine.state.ours[h("a")].pin == before.ours[h("a")].pin


def test_a_proof_counts_for_nothing_while_another_entry_holds_the_camera() -> None:
    machine = home("a")
    machine.tell(click("n", Word.TRY), OtherEntry(h("n")))
    machine.tell(proof("n"))
    assert machine.state.standing(h("n")) is None
    for word in (Word.MINE, Word.TRY):
        assert machine.tell(click("n", word)) == (Hold(Invariant.D4, h("n")),)


def test_a_click_admits_a_shared_camera_even_without_keys() -> None:
    machine = home("a")
    machine.tell(click("s", Word.MINE, ""))
    assert machine.said == (Admit(h("s"), ""),)
    assert machine.state.ours[h("s")].pin.by is Cause.CLICK
    machine.polls(answer("a", "s"))
    assert machine.get(TestKeys).camera == h("s"), "its keys are told later: they want a proof of their own"
    assert machine.tell(proof("s")) == (Replace(h("s"), listed("s").keys),)


def test_a_click_on_a_waiting_camera_takes_the_keys_that_wait() -> None:
    machine = home("a")
    machine.polls(answer("a", "n"))
    machine.tell(Click(h("n"), Word.MINE))
    assert machine.said == (Admit(h("n"), listed("n").keys),)


def test_a_camera_that_a_person_wants_tried_needs_keys_and_its_proof() -> None:
    machine = home("a")
    assert machine.tell(click("n", Word.TRY, "")) == (Hold(Invariant.L1, h("n")),)
    assert machine.tell(click("n", Word.TRY)) == (TestKeys(h("n"), listed("n").keys),)
    assert machine.state.standing(h("n")) is PROVISIONAL
    machine.polls(answer("a"), answer("a"))
    assert machine.state.standing(h("n")) is PROVISIONAL, "a person spoke of it, not only the cloud"
    machine.polls(answer("a", listed("n", "of the cloud")))
    machine.tell(proof("n", "of the cloud"))
    assert machine.state.standing(h("n")) is PROVISIONAL
    assert machine.tell(proof("n")) == (Admit(h("n"), listed("n").keys),)


def changed() -> Machine:
    """Return a home in which the list tells other keys of a camera."""
    machine = home("a", "b")
    machine.polls(answer("a", listed("b", "new")))
    return machine


def test_new_keys_replace_old_ones_when_they_work_and_the_old_fail() -> None:
    machine = changed()
    assert machine.tell(proof("b", "new")) == (Hold(Invariant.D3, h("b")),)
    assert machine.tell(proof("b", worked=False)) == (Replace(h("b"), listed("b", "new").keys),)
    assert machine.state.ours[h("b")].pin.by is Cause.PROOF
    machine.polls(answer("a", listed("b", "new")))
    assert machine.judged.broken == ()


def test_the_order_of_the_two_proofs_does_not_matter() -> None:
    machine = changed()
    machine.tell(proof("b", worked=False), proof("b", "new"))
    assert machine.get(Replace).keys == listed("b", "new").keys


@pytest.mark.parametrize(
    "shown",
    [
        (proof("b", "new"),),
        (proof("b", worked=False),),
        (proof("b", "new", worked=False), proof("b", worked=False)),
        (proof("b", "new"), proof("b")),
        (proof("b"), proof("b", "new")),
        (proof("b", "new"), proof("b"), proof("b", worked=False)),
        (proof("b", "third"), proof("b", worked=False)),
    ],
)
def test_otherwise_the_old_keys_stay(shown: tuple[Proof, ...]) -> None:
    machine = changed()
    machine.tell(*shown)
    assert not machine.has(Replace)
    assert machine.state.ours[h("b")].pin.keys == listed("b").keys
    assert machine.state.standing(h("b")) is TRUSTED


def test_a_change_that_the_list_takes_back_is_forgotten() -> None:
    machine = changed()
    machine.tell(proof("b", "new"))
    machine.polls(answer("a", "b"))
    machine.tell(proof("b", worked=False), proof("b", "new"))
    assert not machine.has(Replace)


def test_results_for_one_change_count_for_no_other() -> None:
    machine = changed()
    machine.tell(proof("b", worked=False))
    machine.polls(answer("a", listed("b", "newer")))
    machine.tell(proof("b", "new"), proof("b", "newer"))
    assert not machine.has(Replace)


def test_a_person_may_have_new_keys_tried_or_taken_while_the_account_is_frozen() -> None:
    machine = home("a", "b")
    machine.polls(answer("x"))
    machine.tell(click("b", Word.TRY, "new"), proof("b", "new"), proof("b", worked=False))
    assert machine.get(Replace).keys == listed("b", "new").keys
    machine.tell(click("a", Word.MINE, "new"))
    assert machine.said == (Replace(h("a"), listed("a", "new").keys),)
    assert machine.tell(click("a", Word.TRY, "new")) == (TestKeys(h("a"), listed("a", "new").keys),)


def test_a_camera_that_refuses_its_key_for_long_is_suspect_until_it_takes_it() -> None:
    machine = home("a")
    machine.tell(proof("a", worked=False), proof("a", worked=False), after=MINUTE)
    assert machine.state.standing(h("a")) is TRUSTED
    machine.tell(proof("a", worked=False), after=9 * MINUTE)
    assert machine.said == (Suspect(h("a")),)
    assert machine.state.standing(h("a")) is SUSPECT
    assert machine.tell(proof("a", worked=False)) == ()
    machine.polls(answer("a"))
    assert machine.state.standing(h("a")) is SUSPECT, "the cloud's word does not mend it"
    assert machine.tell(proof("a")) == (Admit(h("a"), listed("a").keys),)
    assert machine.state.standing(h("a")) is TRUSTED


@pytest.mark.parametrize("gaps", [(0, 1, 2), (0, 9 * MINUTE), (0, DAY)])
def test_few_refusals_or_quick_ones_are_no_suspicion(gaps: tuple[int, ...]) -> None:
    machine = home("a")
    for gap in gaps:
        machine.tell(proof("a", worked=False), after=gap)
    assert machine.state.standing(h("a")) is TRUSTED


def test_refusals_count_in_a_row_only() -> None:
    machine = home("a")
    for _ in range(5):
        machine.tell(proof("a", worked=False), proof("a", worked=False), proof("a"), after=10 * MINUTE)
    assert machine.state.standing(h("a")) is TRUSTED


@pytest.mark.parametrize("word", [Word.NOT_MINE, Word.SOLD])
def test_a_camera_that_the_person_does_not_have_comes_back_by_the_person_only(word: Word) -> None:
    machine = home("a", "b")
    assert machine.tell(click("b", word)) == (Quarantine(h("b"), word),)
    assert machine.state.standing(h("b")) is QUARANTINED
    assert listed("b").keys not in repr(machine.state), "its keys are forgotten"
    machine.polls(answer("a", "b"), answer("a", listed("b", "of the new owner")))
    assert not machine.has(TestKeys)
    assert machine.judged.clean
    machine.tell(proof("b"), proof("b", "of the new owner"), Uplink(recovering=True), Release())
    assert machine.state.standing(h("b")) is QUARANTINED
    machine.tell(click("b", Word.TRY, "bought back"), proof("b", "bought back"))
    assert machine.state.standing(h("b")) is TRUSTED


def test_a_sold_camera_that_is_all_the_account_lists_freezes_nothing() -> None:
    machine = home("a", "b")
    machine.tell(click("b", Word.SOLD))
    machine.polls(answer("b"))
    assert machine.judged.broken == (Invariant.D2,)


def test_a_camera_bought_used_is_ours_with_its_new_keys_only() -> None:
    machine = home("a")
    machine.polls(answer("a", listed("used", "before reset")))
    machine.polls(answer("a", listed("used", "after reset")))
    machine.tell(proof("used", "before reset"))
    assert machine.state.standing(h("used")) is PROVISIONAL
    machine.tell(proof("used", "after reset"))
    assert machine.state.standing(h("used")) is TRUSTED


def test_what_is_left_out_is_neither_shown_nor_asked_about_again() -> None:
    machine = home("a")
    machine.tell(*(click(name, Word.LEFT_OUT) for name in ("x", "y", "z")))
    machine.polls(answer("a", "x", "y", "z"))
    assert len(machine.said) == 1
    assert machine.judged.clean
    assert machine.state.standing(h("x")) is PROVISIONAL


def test_no_more_cameras_are_remembered_than_the_policy_says() -> None:
    machine = home("a")
    machine.tell(*(click(f"c{number}", Word.NOT_MINE) for number in range(600)))
    assert len(machine.state.cameras) == 500
    machine.tell(*(OtherEntry(h(f"m{number}")) for number in range(600)))
    assert len(machine.state.elsewhere) == 500


def test_only_proof_and_click_can_be_a_cause() -> None:
    assert get_args(Local.__value__) == (Proof, Click)
    assert {cause.value for cause in Cause} == {"proof", "click"}
    others = set(get_args(Evidence.__value__)) - set(get_args(Local.__value__))
    assert {EventSeen, LoggedOut, OtherEntry, Release, Uplink} < others


MAKERS = {"Pin", "Ours", "pin"}
"""What gives a standing of trust."""
ALLOWED = {"trust.py": MAKERS, "record.py": {"Pin", "Ours"}}


def test_only_the_room_of_trust_and_the_way_back_from_disk_make_pins() -> None:
    for path in sorted(Path(engine.ownership.__file__).parent.glob("*.py")):
        made = set()
        replaced = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                made |= {node.func.id} & MAKERS
                replaced |= {word.arg for word in node.keywords if node.func.id == "replace"}
        assert made <= ALLOWED.get(path.name, set()), path.name
        if path.name not in {"trust.py", "state.py"}:
            assert not replaced & {"pin", "refusals"}, path.name


def test_the_first_cameras_of_an_account_are_chosen_by_the_person() -> None:
    machine = Machine()
    machine.polls(answer("a", "b", "c"))
    assert machine.state.cameras == {}
    machine.tell(*(click(one, Word.TRY) for one in "abc"), *(proof(one) for one in "abc"))
    assert {machine.state.standing(h(one)) for one in "abc"} == {TRUSTED}
    assert machine.state.ours[h("a")].pin.since == START + 15 * MINUTE
