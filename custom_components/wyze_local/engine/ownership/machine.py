"""The one door of this room: state, evidence and time in; state and verdicts out."""

from dataclasses import replace

from .answers import by_answer, thawed
from .events import by_event
from .evidence import AccountAnswer, Click, EventSeen, Evidence, LoggedOut, OtherEntry, Proof, Release, Uplink
from .state import Known, Ours, State, Waiting, settle
from .trust import by_click, by_proof
from .verdicts import Hold, SignInAgain, Unfreeze, Verdict
from .words import POLICY, Invariant, Policy


def step(
    state: State, evidence: Evidence, now: float, policy: Policy = POLICY
) -> tuple[State, tuple[Verdict, ...]]:
    """Take a piece of evidence, which came now (seconds since 1970); return what follows."""
    state = settle(state, int(now))
    said: list[Verdict]
    match evidence:
        case AccountAnswer():
            state, said = by_answer(state, evidence, policy)
        case Proof():
            state, said = by_proof(state, evidence, policy)
        case Click():
            state, said = by_click(state, evidence, policy)
        case Release():
            state, said = _released(state)
        case EventSeen():
            said = by_event(state, evidence, policy)
        case Uplink():
            state, said = _recovers(state, evidence), []
        case OtherEntry():
            state, said = _held_elsewhere(state, evidence, policy)
        case LoggedOut():
            state, said = _logged_out(state, policy)
    return state, tuple(said)


def _released(state: State) -> tuple[State, list[Verdict]]:
    """End a freeze at a person's word; the account stays under watch until its answers are clean."""
    if state.account.frozen_by is None:
        return state, []
    account = replace(thawed(state.account), watched=True, doubtful=0)
    return replace(state, account=account), [Unfreeze()]


def _recovers(state: State, uplink: Uplink) -> State:
    """After a long outage nothing counts that was told before it and not proved."""
    if uplink.recovering and not state.account.recovering:
        state = state.without_hearsay()
    return replace(state, account=replace(state.account, recovering=uplink.recovering))


def _held_elsewhere(state: State, other: OtherEntry, policy: Policy) -> tuple[State, list[Verdict]]:
    """Note which cameras other entries hold; what was to change of such a one here is held."""
    elsewhere = {key: uid for key, uid in state.elsewhere.items() if key != other.camera}
    if not other.held:
        return replace(state, elsewhere=elsewhere), []
    if len(elsewhere) < policy.most_cameras:
        elsewhere[other.camera] = other.uid
    state = replace(state, elsewhere=elsewhere)
    cameras: dict[str, Known] = dict(state.cameras)
    match cameras.get(other.camera):
        case Waiting():
            del cameras[other.camera]
        case Ours(candidate=candidate) as ours if candidate is not None:
            cameras[other.camera] = replace(ours, candidate=None)
        case _:
            return state, []
    return replace(state, cameras=cameras), [Hold(Invariant.D4, other.camera)]


def _logged_out(state: State, policy: Policy) -> tuple[State, list[Verdict]]:
    """Ask once for a sign-in, whatever the number of cameras."""
    account = state.account
    if account.signed_out:
        return state, []
    by_vendor = account.well_at is not None and state.now - account.well_at < policy.healthy
    return replace(state, account=replace(account, signed_out=True)), [SignInAgain(by_vendor)]
