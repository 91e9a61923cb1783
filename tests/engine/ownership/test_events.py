"""Which events of the cloud may be shown."""

import pytest

from engine.ownership import Click, DropEvent, DropReason, EventSeen, OtherEntry, PassEvent, Uplink, Word
from tests.engine.ownership.rig import MINUTE, MODEL, Machine, answer, click, h, home, proof


def seen(
    machine: Machine, camera: str = "a", *, ago: float = 5, model: str = MODEL, asleep: bool = False
) -> object:
    """Return what is made of an event."""
    machine.tell(EventSeen(h(camera), machine.now - ago, model, asleep))
    (verdict,) = machine.said
    return verdict.reason if isinstance(verdict, DropEvent) else verdict


@pytest.mark.parametrize("model", [MODEL, ""])
def test_an_event_of_a_trusted_camera_is_shown(model: str) -> None:
    assert seen(home("a"), model=model) == PassEvent(h("a"))


@pytest.mark.parametrize(
    ("ago", "reason"),
    [
        *((ago, None) for ago in (600, 0, -60)),
        *((ago, DropReason.TIME) for ago in (601, -61, float("nan"), float("inf"))),
    ],
)
def test_an_event_is_recent(ago: float, reason: DropReason | None) -> None:
    verdict = seen(home("a"), ago=ago)
    assert verdict == (reason or PassEvent(h("a")))


def test_an_event_from_before_the_camera_was_ours_is_somebody_elses() -> None:
    machine = home("a")
    machine.tell(click("b", Word.TRY), proof("b"))
    machine.now += MINUTE
    assert seen(machine, "b", ago=MINUTE + 1) is DropReason.BEFORE_ADMISSION
    assert seen(machine, "b", ago=MINUTE - 1) == PassEvent(h("b"))


def test_an_event_of_another_model_or_a_sleeping_camera_is_dropped() -> None:
    assert seen(home("a"), model="WYZE_CAKP3JFUS") is DropReason.MODEL
    assert seen(home("a"), asleep=True) is DropReason.ASLEEP


def test_only_trusted_cameras_have_events() -> None:
    machine = home("a", "b", "c")
    machine.polls(answer("a", "b", "c", "waiting"))
    machine.tell(Click(h("b"), Word.SOLD))
    machine.tell(*(proof("c", worked=False) for _ in range(3)), after=5 * MINUTE)
    for camera in ("waiting", "stranger", "b", "c"):
        assert seen(machine, camera) is DropReason.NOT_TRUSTED
    machine.tell(OtherEntry(h("a")))
    assert seen(machine) is DropReason.ELSEWHERE


def test_a_frozen_or_recovering_account_has_no_events() -> None:
    machine = home("a")
    machine.tell(Uplink(recovering=True))
    assert seen(machine) is DropReason.ACCOUNT
    machine.tell(Uplink(recovering=False))
    assert seen(machine) == PassEvent(h("a"))
    machine.polls(answer("x"))
    assert seen(machine) is DropReason.ACCOUNT


def test_events_leave_no_trace() -> None:
    machine = home("a")
    before = machine.state
    for number in range(100):
        seen(machine, f"x{number}")
    assert machine.state == before
