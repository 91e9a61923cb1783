"""How an account is frozen, watched and released, and what happens meanwhile."""

from dataclasses import replace

import pytest

from engine.ownership import (
    POLICY,
    AccountAnswer,
    AccountStanding,
    CheckOwner,
    Counts,
    Freeze,
    Invariant,
    LoggedOut,
    Quality,
    Release,
    SignInAgain,
    State,
    Unfreeze,
    Uplink,
    step,
)
from tests.engine.ownership.rig import (
    DAY,
    HOUR,
    MINUTE,
    OWNER,
    POLL,
    START,
    STRANGER,
    Machine,
    answer,
    h,
    home,
    listed,
)

NORMAL, WATCH, FROZEN = AccountStanding.NORMAL, AccountStanding.WATCH, AccountStanding.FROZEN
WELL = answer("a", "b")


def frozen() -> Machine:
    """Return an account that was just frozen by an answer of strangers."""
    machine = home("a", "b")
    machine.polls(answer("x", "y", "z"))
    assert machine.get(Freeze) == Freeze(Invariant.D1, Counts(listed=3, new=3, missing=2))
    return machine


def thawed_after(machine: Machine, *answers: AccountAnswer, polls: int = 12) -> int:
    """Return after how many polls the account thaws, told the same answers again and again."""
    for number in range(polls):
        machine.polls(*answers)
        if machine.has(Unfreeze):
            return number + 1
    return 0


def test_a_wrong_user_freezes_at_once_even_from_a_cache() -> None:
    for quality in Quality:
        machine = home("a", "b")
        machine.polls(answer("a", "b", owner=STRANGER, quality=quality))
        assert machine.get(Freeze).reason is Invariant.A1


def test_an_account_without_a_user_id_cannot_be_told_by_it() -> None:
    machine = Machine(replace(home("a", "b").state, owner=""))
    machine.now = START + HOUR
    machine.polls(answer("a", "b", owner=STRANGER))
    assert machine.judged.clean


def test_a_stale_answer_is_dropped_whole() -> None:
    machine = home("a", "b")
    before = machine.state
    machine.polls(answer("x", quality=Quality.STALE), answer("a", listed("b", "new"), quality=Quality.STALE))
    assert len(machine.said) == 2
    assert machine.state.cameras == before.cameras
    assert machine.state.account.standing is WATCH


def test_two_doubtful_answers_in_a_row_freeze() -> None:
    machine = home("a", "b")
    machine.polls(answer("x", quality=Quality.CACHED))
    assert not machine.has(Freeze)
    machine.polls(WELL, answer("x", quality=Quality.BROKEN))
    assert not machine.has(Freeze)
    machine.polls(answer("a", "b", quality=Quality.CACHED))
    assert machine.get(Freeze).reason is Invariant.A3


def test_watch_ends_after_three_clean_answers() -> None:
    machine = home("a", "b")
    machine.polls(answer("a", "b", quality=Quality.STALE))
    for standing in (WATCH, WATCH, NORMAL):
        machine.polls(WELL)
        assert machine.state.account.standing is standing


def test_a_frozen_account_takes_nothing() -> None:
    machine = frozen()
    before = machine.state.cameras
    for told in (answer("a", "b", "n"), answer("a", listed("b", "new")), answer("a"), answer()):
        machine.polls(told)
        assert machine.state.cameras == before


def test_a_frozen_account_thaws_after_an_hour_of_clean_answers() -> None:
    machine = frozen()
    started = machine.now
    assert thawed_after(machine, WELL) == 4
    assert machine.now - started == HOUR
    assert machine.state.account.standing is NORMAL


def test_an_hour_alone_thaws_nothing() -> None:
    machine = frozen()
    machine.tell(WELL, after=DAY)
    assert machine.state.account.standing is FROZEN


def test_clean_answers_one_after_the_other_thaw_nothing() -> None:
    machine = frozen()
    machine.tell(WELL, after=HOUR)
    for _ in range(9):
        machine.tell(WELL, after=MINUTE)
        assert machine.state.account.standing is FROZEN
    machine.tell(WELL, after=2 * MINUTE)
    assert machine.state.account.standing is FROZEN
    machine.tell(WELL, after=10 * MINUTE)
    assert machine.state.account.standing is NORMAL


@pytest.mark.parametrize(
    "odd",
    [
        answer("a", "b", quality=Quality.STALE),
        answer("a", "b", quality=Quality.CACHED),
        answer("a", listed("b", "new")),
        answer("a", "b", "x"),
    ],
)
def test_only_clean_answers_in_a_row_thaw(odd: AccountAnswer) -> None:
    assert thawed_after(frozen(), WELL, WELL, odd) == 0


@pytest.mark.parametrize("nothing", [answer(), AccountAnswer(OWNER)])
def test_answers_that_say_nothing_thaw_nothing(nothing: AccountAnswer) -> None:
    assert thawed_after(frozen(), nothing) == 0


def test_every_bad_answer_begins_the_hour_anew() -> None:
    machine = frozen()
    machine.polls(WELL, WELL, WELL)
    machine.polls(answer("x"))
    assert machine.has(Freeze)
    machine.polls(WELL, WELL, WELL)
    assert machine.state.account.standing is FROZEN
    machine.polls(WELL)
    assert machine.state.account.standing is NORMAL


def test_the_user_must_be_told_again_before_it_thaws() -> None:
    machine = frozen()
    quiet = answer("a", "b", owner="")
    assert thawed_after(machine, quiet) == 0
    assert machine.has(CheckOwner)
    machine.tell(AccountAnswer(STRANGER))
    assert machine.get(Freeze).reason is Invariant.A1
    assert thawed_after(machine, quiet) == 0
    machine.tell(AccountAnswer(OWNER))
    assert machine.has(Unfreeze)


def test_a_person_may_end_it() -> None:
    machine = frozen()
    assert machine.tell(Release()) == (Unfreeze(),)
    assert machine.state.account.standing is WATCH
    assert machine.tell(Release()) == ()
    machine.polls(answer("x"))
    assert machine.has(Freeze)


def test_it_stays_frozen_over_a_clock_that_is_put_back_and_no_longer_than_its_time() -> None:
    machine = frozen()
    machine.polls(WELL)
    machine.now -= DAY
    assert thawed_after(machine, WELL) == 4


def test_sixteenth_of_february_2024() -> None:
    """An outage, then other people's homes for ten minutes, then everything is well."""
    machine = home("a", "b", "c")
    ours = machine.state.ours
    machine.tell(Uplink(recovering=True), after=6 * HOUR)
    mixed = (
        answer("x", "y", "z"),
        answer("a", "b", "c", "x"),
        answer("a", listed("b", "of x", uid="uid x"), "c"),
        answer("a", "x", "y"),
        answer("a", "b", "c", owner=STRANGER),
    )
    for told in mixed:
        machine.tell(told, after=2 * MINUTE)
        assert machine.state.ours == ours
        assert not machine.judged.clean
    assert machine.state.account.standing is FROZEN
    clean_since = machine.now + POLL
    well = answer("a", "b", "c")
    assert thawed_after(machine, well)
    machine.tell(Uplink(recovering=False))
    assert machine.now - clean_since <= 75 * MINUTE
    assert machine.state.account.standing is NORMAL
    assert machine.state.ours == ours


def test_two_accounts_do_not_touch_each_other() -> None:
    one, two = frozen(), home("c")
    two.polls(answer("c"))
    assert (one.state.account.standing, two.state.account.standing) == (FROZEN, NORMAL)


@pytest.mark.parametrize(("after", "by_vendor"), [(POLICY.healthy - 1, True), (POLICY.healthy, False)])
def test_the_vendor_logs_out_once(after: int, by_vendor: bool) -> None:
    machine = home("a", "b")
    machine.tell(LoggedOut(), LoggedOut(), after=after)
    assert machine.get(SignInAgain).by_vendor is by_vendor
    assert len(machine.state.ours) == 2
    machine.polls(WELL)
    machine.tell(LoggedOut())
    assert machine.has(SignInAgain)


def test_an_account_that_was_never_well_was_not_logged_out_by_the_vendor() -> None:
    _, said = step(State(OWNER), LoggedOut(), START)
    assert said == (SignInAgain(by_vendor=False),)


def test_nothing_of_strangers_is_kept_of_a_wrong_account() -> None:
    machine = frozen()
    said = repr((machine.state, machine.said))
    assert not any(part in said for name in "xyz" for part in (h(name), listed(name).keys, listed(name).uid))
