"""Which events of the cloud may be shown: recent ones of trusted cameras, since those are ours."""

from .evidence import EventSeen
from .rules import is_other_model
from .state import Ours, State
from .verdicts import DropEvent, PassEvent, Verdict
from .words import CameraStanding, DropReason, Policy


def by_event(state: State, event: EventSeen, policy: Policy) -> list[Verdict]:
    """Judge an event. Nothing of it is kept."""
    reason = _reason(state, event, policy)
    return [PassEvent(event.camera)] if reason is None else [DropEvent(reason)]


def _reason(state: State, event: EventSeen, policy: Policy) -> DropReason | None:
    """Return why an event is dropped; None if it may be shown."""
    known = state.cameras.get(event.camera)
    if state.account.only_confirms:
        return DropReason.ACCOUNT
    if not isinstance(known, Ours) or known.standing is not CameraStanding.TRUSTED:
        return DropReason.NOT_TRUSTED
    if event.camera in state.elsewhere:
        return DropReason.ELSEWHERE
    if is_other_model(known, event.model):
        return DropReason.MODEL
    # Written so that a time which is no number passes nowhere.
    if not state.now - policy.event_age <= event.at <= state.now + policy.event_ahead:
        return DropReason.TIME
    if event.at < known.pin.since:
        return DropReason.BEFORE_ADMISSION
    return DropReason.ASLEEP if event.asleep else None
