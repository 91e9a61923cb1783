"""Short names for the evidence of tests, and a person's home in which it arises."""

import hashlib
from collections.abc import Sequence

from engine.ownership import (
    AccountAnswer,
    Admit,
    Click,
    Counts,
    Evidence,
    Invariant,
    Judged,
    Listed,
    Proof,
    Quality,
    State,
    Verdict,
    Word,
    step,
)

START = 1_790_000_000
MINUTE, HOUR, DAY = 60, 3600, 86400
POLL = 15 * MINUTE


def h(text: str) -> str:
    """Return what stands for the keyed hash of something."""
    return hashlib.blake2s(text.encode(), digest_size=16).hexdigest()


OWNER, STRANGER = h("owner"), h("stranger")
MODEL = "WYZE_CAKP2JFUS"


def listed(camera: str, keys: str = "keys", *, model: str = MODEL, uid: str | None = None) -> Listed:
    """Return a camera in an answer, by short names; its keys are of its own."""
    uid_hash = h(f"uid {camera}" if uid is None else uid)
    return Listed(h(camera), h(f"{keys} of {camera}") if keys else "", uid_hash, model)


def answer(*cameras: str | Listed, owner: str = OWNER, quality: Quality = Quality.FRESH) -> AccountAnswer:
    """Return an answer that lists cameras."""
    found = tuple(one if isinstance(one, Listed) else listed(one) for one in cameras)
    return AccountAnswer(owner, quality, found)


def proof(camera: str, keys: str = "keys", *, worked: bool = True) -> Proof:
    """Return a handshake."""
    return Proof(h(camera), h(f"{keys} of {camera}"), worked)


def click(camera: str, word: Word, keys: str = "keys") -> Click:
    """Return a person's word."""
    one = listed(camera, keys)
    return Click(one.camera, word, one.keys, one.uid, one.model)


class Machine:
    """Steps one state along, and keeps what was said last."""

    def __init__(self, state: State | None = None) -> None:
        """Begin."""
        self.state = State(OWNER) if state is None else state
        self.now = float(START)
        self.said: tuple[Verdict, ...] = ()

    def tell(self, *evidence: Evidence, after: float = 0) -> tuple[Verdict, ...]:
        """Tell evidence, each after some seconds; return all that was said."""
        said: list[Verdict] = []
        for one in evidence:
            self.now += after
            self.state, more = step(self.state, one, self.now)
            said += more
        self.said = tuple(said)
        return self.said

    def polls(self, *answers: AccountAnswer) -> tuple[Verdict, ...]:
        """Tell answers, each a poll later."""
        return self.tell(*answers, after=POLL)

    @property
    def judged(self) -> Judged:
        """Return the judgement of the last answer."""
        return next(verdict for verdict in reversed(self.said) if isinstance(verdict, Judged))

    def has(self, kind: type) -> bool:
        """Tell whether such a verdict was among the last."""
        return any(isinstance(verdict, kind) for verdict in self.said)

    def get[T](self, kind: type[T]) -> T:
        """Return the only verdict of a kind among the last."""
        (found,) = [verdict for verdict in self.said if isinstance(verdict, kind)]
        return found


def home(*cameras: str) -> Machine:
    """Return an account with cameras that proved themselves, and a first clean answer."""
    machine = Machine()
    for camera in cameras:
        machine.tell(click(camera, Word.TRY), proof(camera))
        assert machine.said[-1] == Admit(h(camera), listed(camera).keys)
    machine.polls(answer(*cameras))
    assert machine.judged == Judged(clean=True, broken=(), counts=Counts(len(cameras), len(cameras)))
    return machine


def broken(verdicts: Sequence[Verdict]) -> set[Invariant]:
    """Return the invariants that answers broke."""
    return {one for verdict in verdicts if isinstance(verdict, Judged) for one in verdict.broken}
