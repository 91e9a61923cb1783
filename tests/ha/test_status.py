"""What follows one verdict on a camera: since when it holds, and when the camera last gave cause for it."""

from datetime import UTC, datetime, timedelta

from custom_components.wyze_local.status import CameraStatus, Connection

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
