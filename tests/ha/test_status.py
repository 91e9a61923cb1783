"""From reasons to verdicts, and what follows one: since when it holds, and when the camera gave cause."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.wyze_local.engine.lan import Reason
from custom_components.wyze_local.status import CameraStatus, Circumstances, Connection, Journal, diagnose

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def after(
    before: CameraStatus | None, connection: Connection, seconds: float, *, checked: bool = True
) -> CameraStatus:
    moment = NOON + timedelta(seconds=seconds)
    return CameraStatus.after(before, connection, moment, checked=checked, battery=False)


def test_a_verdict_that_stays_still_says_when_the_camera_was_last_heard_of() -> None:
    """Since when it holds does not change; when it was checked does, at most once a minute."""
    first = after(None, Connection.READY, 0)
    assert (first.since, first.checked_at) == (NOON, NOON)
    assert after(first, Connection.READY, 59) is first
    hour_later = after(first, Connection.READY, 3600)
    assert hour_later.since == NOON
    assert hour_later.checked_at == NOON + timedelta(hours=1)
    assert after(hour_later, Connection.READY, 7200, checked=False) is hour_later


def test_a_new_verdict_without_the_camera_keeps_when_it_was_heard_of() -> None:
    """A stream server that stops says nothing about when the camera was last seen."""
    down = after(after(None, Connection.READY, 0), Connection.SERVER_DOWN, 600, checked=False)
    assert down.since == NOON + timedelta(seconds=600)
    assert down.checked_at == NOON


@pytest.mark.parametrize(
    ("reason", "known", "verdict"),
    [
        ("no_answer", {}, "no_answer"),
        ("unreachable", {}, "no_answer"),
        ("no_answer", {"battery": True}, "asleep"),
        ("unreachable", {"battery": True}, "asleep"),
        ("no_answer", {"far": True}, "unreachable"),
        ("unreachable", {"far": True, "battery": True}, "unreachable"),
        ("no_answer", {"far": True, "way_known": True}, "no_answer"),
        ("no_answer", {"far": True, "way_known": True, "battery": True}, "asleep"),
        ("blocked", {}, "blocked"),
        ("port_closed", {"battery": True}, "not_here"),
        ("wrong_key", {"cloud_only": True, "proven": False}, "wrong_key"),
        ("no_answer", {"cloud_only": True, "proven": False}, "no_local_video"),
        ("no_answer", {"cloud_only": True}, "no_answer"),
        ("no_dtls", {"cloud_only": True}, "no_local_video"),
        ("no_key_frame", {"cloud_only": True}, "no_local_video"),
        ("no_dtls", {}, "no_dtls"),
        ("refused", {}, "busy"),
        ("off", {"battery": True}, "switched_off"),
        ("updating", {}, "updating"),
        ("checking", {}, "starting"),
        ("no_media", {}, "no_media"),
        ("relay_fault", {}, "server_down"),
        ("protocol_fault", {}, "fault"),
    ],
)
def test_the_ladder(reason: str, known: dict[str, bool], verdict: str) -> None:
    """What a reason means depends on what else is known of the camera."""
    assert diagnose(reason, Circumstances(**known)) == verdict


def test_every_reason_of_the_engines_has_its_word() -> None:
    """Only what makes no sense at all is called not understood."""
    # What only speaking has says nothing of how a camera stands, and has words of its own.
    reasons = {reason.value for reason in Reason} - {Reason.CLOSED, Reason.SOUND_UNKNOWN}
    assert {reason for reason in reasons if diagnose(reason, Circumstances()) == "fault"} == {
        "protocol_fault"
    }


def test_down_and_up_are_logged_once_each(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the verdicts in between, and nothing of the camera but how it stands."""
    caplog.set_level("INFO")
    journal = Journal()
    path = "checking ready live weak_signal stalled no_answer busy checking wrong_key checking live ready"
    status: CameraStatus | None = None
    for second, word in enumerate(path.split()):
        status = after(status, Connection(word), second)
        journal.note("porch", status)
        journal.note("porch", status)
    assert caplog.messages == ["A camera is not available (stalled)", "A camera is available again"]


def test_a_camera_that_is_away_from_the_start_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Each camera by itself; one that was removed and comes anew as well."""
    caplog.set_level("INFO")
    journal = Journal()
    away = after(after(None, Connection.CHECKING, 0), Connection.NO_ANSWER, 5)
    for camera in ("porch", "garden", "porch"):
        journal.note(camera, away)
    journal.forget("porch")
    journal.note("porch", away)
    assert caplog.messages == ["A camera is not available (no_answer)"] * 3
