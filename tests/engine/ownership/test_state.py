"""What is remembered, as values: what is taken out of it, and what is left."""

from engine.ownership import OtherEntry, State, TestKeys, Word
from tests.engine.ownership.rig import Machine, answer, click, h, home, proof


def test_without_cameras_everything_else_stays() -> None:
    machine = home("a", "b")
    machine.tell(OtherEntry(h("c"), uid=h("uid c")))
    before = machine.state
    after = before.without({h("b"), h("stranger")})
    assert after.cameras == {h("a"): before.cameras[h("a")]}
    assert (after.account, after.elsewhere, after.owner, after.now) == (
        before.account,
        before.elsewhere,
        before.owner,
        before.now,
    )
    assert h("b") in before.cameras, "a state is never changed in place"


def test_without_none_it_is_the_same() -> None:
    state = home("a").state
    assert state.without(set()) == state
    assert State().without({h("a")}) == State()


def test_a_camera_that_was_taken_out_has_to_prove_itself_like_any_other() -> None:
    machine = home("a", "b")
    machine = _at(machine, machine.state.without({h("b")}))
    assert machine.state.standing(h("b")) is None
    machine.tell(proof("b"))
    assert machine.state.standing(h("b")) is None, "nobody asked for it"
    machine.polls(answer("a", "b"))
    assert machine.has(TestKeys)
    assert h("b") not in machine.state.ours


def test_a_persons_no_that_was_taken_out_is_forgotten() -> None:
    machine = home("a")
    machine.tell(click("b", Word.NOT_MINE))
    machine = _at(machine, machine.state.without({h("b")}))
    assert machine.state.cameras.keys() == {h("a")}


def _at(machine: Machine, state: State) -> Machine:
    """Return a machine that goes on with another state at the same time."""
    other = Machine(state)
    other.now = machine.now
    return other
