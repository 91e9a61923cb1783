"""What alone makes a camera trusted: its own proof, or a person's click. Nothing here sees a cloud's answer.

A camera of ours is an `Ours`, which needs a `Pin`; only this file makes pins, and only of a `Local`. The
types leave an answer of the cloud no way to one.
"""

from dataclasses import replace

from .evidence import Click, Local, Proof, Word
from .state import Apart, Candidate, Known, Ours, Pin, Refusals, State, Waiting
from .verdicts import Admit, AskPerson, Counts, Hold, Quarantine, Replace, Suspect, TestKeys, Verdict
from .words import Cause, Invariant, Policy


def pin(cause: Local, keys: str, uid: str, model: str, since: int) -> Pin:
    """Pin keys because of a proof or a click."""
    by = Cause.PROOF if isinstance(cause, Proof) else Cause.CLICK
    return Pin(keys, uid, model, since, by)


def by_proof(state: State, proof: Proof, policy: Policy) -> tuple[State, list[Verdict]]:
    """Take a handshake that worked, or was refused."""
    known = state.cameras.get(proof.camera)
    match known:
        case Waiting():
            return _waiting_proved(state, known, proof)
        case Ours() if known.candidate is not None and proof.keys == known.candidate.keys:
            return _candidate_proved(state, known, known.candidate, proof)
        case Ours() if proof.keys == known.pin.keys:
            return _pinned_proved(state, known, proof, policy)
    # Nobody asked for it, or whoever asked has been found wrong meanwhile.
    return state, []


def _waiting_proved(state: State, waiting: Waiting, proof: Proof) -> tuple[State, list[Verdict]]:
    if not proof.worked or proof.keys != waiting.keys or proof.camera in state.elsewhere:
        return state, [Hold(Invariant.L1, proof.camera)]
    pinned = pin(proof, proof.keys, waiting.uid, waiting.model, state.now)
    return state.put(proof.camera, Ours(pinned)), [Admit(proof.camera, proof.keys)]


def _candidate_proved(
    state: State, ours: Ours, candidate: Candidate, proof: Proof
) -> tuple[State, list[Verdict]]:
    candidate = replace(candidate, works=proof.worked)
    return _settle_candidate(state, replace(ours, candidate=candidate), candidate, proof)


def _settle_candidate(
    state: State, ours: Ours, candidate: Candidate, proof: Proof
) -> tuple[State, list[Verdict]]:
    """Replace the keys if the new ones work and the old ones are refused."""
    if not candidate.works or not (candidate.old_refused or not ours.pin.keys):
        return state.put(proof.camera, ours), [Hold(Invariant.D3, proof.camera)]
    pinned = pin(proof, candidate.keys, candidate.uid, ours.pin.model, ours.pin.since)
    now = replace(ours, pin=pinned, candidate=None, refusals=Refusals())
    return state.put(proof.camera, now), [Replace(proof.camera, candidate.keys)]


def _pinned_proved(state: State, ours: Ours, proof: Proof, policy: Policy) -> tuple[State, list[Verdict]]:
    said: list[Verdict] = []
    if proof.worked:
        if ours.refusals.suspect:
            said.append(Admit(proof.camera, proof.keys))
        ours = replace(ours, refusals=Refusals())
    else:
        refusals = _refused(ours.refusals, state.now, policy)
        if refusals.suspect and not ours.refusals.suspect:
            said.append(Suspect(proof.camera))
        ours = replace(ours, refusals=refusals)
    if ours.candidate is None:
        return state.put(proof.camera, ours), said
    # Both may work at once: then there are two devices, and ours is the one that we know.
    works = ours.candidate.works and not proof.worked
    candidate = replace(ours.candidate, works=works, old_refused=not proof.worked)
    state, more = _settle_candidate(state, replace(ours, candidate=candidate), candidate, proof)
    return state, said + more


def _refused(refusals: Refusals, now: int, policy: Policy) -> Refusals:
    """Count another refusal in a row; suspect are many that are spread over some time."""
    count, first = refusals.count + 1, refusals.first if refusals.count else now
    suspect = count >= policy.refusals and now - first >= policy.refusals_over
    return Refusals(count, first, refusals.suspect or suspect)


def by_click(state: State, click: Click, policy: Policy) -> tuple[State, list[Verdict]]:
    """Take a person's word."""
    known = state.cameras.get(click.camera)
    if known is None and len(state.cameras) >= policy.most_cameras:
        return state, [AskPerson(Invariant.D6, Counts(new=1))]
    taken = click.word in (Word.MINE, Word.TRY)
    if taken and click.camera in state.elsewhere:
        # It is moved there, not taken twice.
        return state, [Hold(Invariant.D4, click.camera)]
    match click.word:
        case Word.MINE:
            return _mine(state, known, click)
        case Word.TRY:
            return _try(state, known, click)
    said: list[Verdict] = [] if click.word is Word.LEFT_OUT else [Quarantine(click.camera, click.word)]
    return state.put(click.camera, Apart(click.word)), said


def _mine(state: State, known: Known | None, click: Click) -> tuple[State, list[Verdict]]:
    if isinstance(known, Ours):
        return _still_mine(state, known, click)
    if isinstance(known, Waiting):
        click = replace(
            click,
            keys=click.keys or known.keys,
            uid=click.uid or known.uid,
            model=click.model or known.model,
        )
    pinned = pin(click, click.keys, click.uid, click.model, state.now)
    return state.put(click.camera, Ours(pinned)), [Admit(click.camera, click.keys)]


def _still_mine(state: State, ours: Ours, click: Click) -> tuple[State, list[Verdict]]:
    """Take the word that a camera of ours is ours, with these keys, if the person was asked about keys."""
    click = replace(click, keys=click.keys or ours.pin.keys)
    uid, model = click.uid or ours.pin.uid, click.model or ours.pin.model
    pinned = pin(click, click.keys, uid, model, ours.pin.since)
    said: list[Verdict] = [Admit(click.camera, click.keys)]
    if click.keys != ours.pin.keys:
        said = [Replace(click.camera, click.keys)]
    now = replace(ours, pin=pinned, candidate=None, refusals=Refusals())
    return state.put(click.camera, now), said


def _try(state: State, known: Known | None, click: Click) -> tuple[State, list[Verdict]]:
    """Let a camera prove itself because a person says that it may be theirs."""
    if not click.keys:
        return state, [Hold(Invariant.L1, click.camera)]
    if isinstance(known, Ours):
        if click.keys == known.pin.keys:
            return state, [TestKeys(click.camera, click.keys)]
        candidate = Candidate(click.keys, click.uid, asked=True)
        state = state.put(click.camera, replace(known, candidate=candidate))
    else:
        state = state.put(click.camera, Waiting(click.keys, click.uid, click.model, asked=True))
    return state, [TestKeys(click.camera, click.keys)]
