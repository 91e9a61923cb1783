"""What follows from an answer of the account: it confirms, holds, or freezes. It makes nothing trusted."""

from dataclasses import replace

from .evidence import AccountAnswer, Listed
from .rules import Breaks, Reading, breaks, is_other_model
from .state import Absence, Account, Candidate, Known, Ours, State, Waiting
from .verdicts import AskPerson, CheckOwner, Counts, Freeze, Hold, Judged, Keep, TestKeys, Unfreeze, Verdict
from .words import MEANINGS, Invariant, Policy, Weight


def by_answer(state: State, answer: AccountAnswer, policy: Policy) -> tuple[State, list[Verdict]]:
    """Judge an answer and take of it what the rules allow."""
    reading = Reading(state, answer, policy)
    broken = breaks(reading)
    account = _counted(state.account, broken, policy)
    state = replace(state, account=account)
    clean = broken.clean and not reading.says_nothing
    said: list[Verdict] = [Judged(clean, broken.all, reading.counts)]
    if (reason := _freezes(account, broken, policy)) is not None:
        return freeze(state, reason), [*said, Freeze(reason, reading.counts)]
    if any(MEANINGS[invariant].weight is Weight.DISCARD for invariant in broken.all):
        return state, said
    account = replace(account, well_at=state.now, signed_out=False)
    if answer.owner and answer.owner == state.owner:
        account = replace(account, owner_seen=True)
    if answer.cameras is not None:
        account = _confirmed(account, reading, broken, policy)
        state, more = _take(replace(state, account=account), reading, broken)
        said += more
    state, more = _thaw(replace(state, account=account), policy)
    return state, said + more


def freeze(state: State, reason: Invariant) -> State:
    """Freeze an account: what it told and nothing proved is forgotten."""
    account = replace(
        state.account, frozen_by=reason, bad_at=state.now, owner_seen=False, clean=0, watched=True
    )
    return replace(state, account=account).without_hearsay()


def _counted(account: Account, broken: Breaks, policy: Policy) -> Account:
    """Count doubtful answers in a row; anything odd puts the account under watch and starts anew."""
    doubtful = min(account.doubtful + 1, policy.doubtful) if Invariant.A3 in broken.all else 0
    if broken.clean:
        return replace(account, doubtful=doubtful)
    return replace(account, doubtful=doubtful, watched=True, clean=0)


def _freezes(account: Account, broken: Breaks, policy: Policy) -> Invariant | None:
    """Return the invariant for which the account is frozen by this answer, if it is."""
    if account.doubtful >= policy.doubtful:
        return Invariant.A3
    discarded = {Invariant.A2, Invariant.A3}.intersection(broken.all)
    for invariant in broken.all:
        # Of a list that is discarded only the user id counts: whose answer it is, it says anyway.
        if MEANINGS[invariant].weight is Weight.FREEZE and (invariant is Invariant.A1 or not discarded):
            return invariant
    return None


def _confirmed(account: Account, reading: Reading, broken: Breaks, policy: Policy) -> Account:
    """Count a clean list."""
    if not broken.clean or reading.says_nothing:
        return account
    now = reading.state.now
    if account.clean and now - account.clean_at < policy.clean_gap:
        return account
    clean = min(account.clean + 1, policy.clean_answers)
    account = replace(account, clean=clean, clean_at=now)
    over = account.watched and account.frozen_by is None and clean >= policy.clean_answers
    return replace(account, watched=False) if over else account


def _thaw(state: State, policy: Policy) -> tuple[State, list[Verdict]]:
    """End the freeze after enough clean answers, long enough after the last bad one, for the right owner."""
    account = state.account
    if account.frozen_by is None or account.clean < policy.clean_answers:
        return state, []
    if state.now - account.bad_at < policy.frozen:
        return state, []
    if state.owner and not account.owner_seen:
        return state, [CheckOwner()]
    return replace(state, account=thawed(account)), [Unfreeze()]


def thawed(account: Account) -> Account:
    """Return the account as it is after a freeze."""
    return replace(account, frozen_by=None, watched=False, clean=0)


def _take(state: State, reading: Reading, broken: Breaks) -> tuple[State, list[Verdict]]:
    """Take a list that froze nothing."""
    if state.account.only_confirms:
        return state, _questions(reading, broken)
    cameras: dict[str, Known] = {}
    said: list[Verdict] = []
    for key, known in state.cameras.items():
        listed = reading.listed.get(key)
        kept: Known | None
        match known:
            case Ours():
                kept, more = _take_ours(reading, key, known, listed)
            case Waiting():
                kept, more = _take_waiting(reading, key, known, listed)
            case _:
                kept, more = known, []
        said += more
        if kept is not None:
            cameras[key] = kept
    state = replace(state, cameras=cameras)
    if Invariant.D6 in broken.all:
        return state, said + _questions(reading, broken)
    for key in sorted(reading.new - reading.doubled):
        listed = reading.listed[key]
        state = state.put(key, Waiting(listed.keys, listed.uid, listed.model, asked=False))
        said += _to_prove(key, listed.keys)
    return state, said


def _questions(reading: Reading, broken: Breaks) -> list[Verdict]:
    """Ask about what is not taken: in numbers, since it may be somebody else's."""
    counts = reading.counts
    found: list[Verdict] = []
    if Invariant.D6 in broken.all:
        found.append(AskPerson(Invariant.D6, counts))
    if Invariant.D3 in broken.all and reading.state.account.only_confirms:
        found.append(AskPerson(Invariant.D3, counts))
    return found


def _take_ours(reading: Reading, key: str, ours: Ours, listed: Listed | None) -> tuple[Ours, list[Verdict]]:
    """Note where a camera of ours is missing, and have other keys tried; the pinned ones stay."""
    now, policy = reading.state.now, reading.policy
    if listed is None:
        since = ours.absence.since if ours.absence.count else now
        count = min(ours.absence.count + 1, policy.missing_answers)
        missing = count >= policy.missing_answers and now - since >= policy.missing_over
        return replace(ours, absence=Absence(count, since)), [Keep(key, missing)]
    ours = replace(ours, absence=Absence())
    if key not in reading.changed:
        hearsay = ours.candidate is not None and not ours.candidate.asked
        return (replace(ours, candidate=None) if hearsay else ours), []
    if key in reading.doubled:
        return replace(ours, candidate=None), [Hold(Invariant.D4, key)]
    if listed.keys in ("", ours.pin.keys) or is_other_model(ours, listed.model):
        return ours, [Hold(Invariant.D3, key)]
    if ours.candidate is None or ours.candidate.keys != listed.keys:
        ours = replace(ours, candidate=Candidate(listed.keys, listed.uid, asked=False))
    return ours, [Hold(Invariant.D3, key), TestKeys(key, listed.keys)]


def _take_waiting(
    reading: Reading, key: str, waiting: Waiting, listed: Listed | None
) -> tuple[Waiting | None, list[Verdict]]:
    """Have a camera prove itself; one that only the cloud spoke of is forgotten when it does no more."""
    if listed is None or key in reading.doubled:
        return (waiting if waiting.asked else None), []
    if not waiting.asked:
        waiting = Waiting(listed.keys, listed.uid, listed.model, asked=False)
    return waiting, _to_prove(key, waiting.keys)


def _to_prove(key: str, keys: str) -> list[Verdict]:
    """Say how a new camera becomes ours: by a proof, or, where it has no keys for one, by a person."""
    held: Verdict = Hold(Invariant.D5, key)
    return [held, TestKeys(key, keys) if keys else AskPerson(Invariant.D5, Counts(new=1))]
