"""The words of this room: standings, invariants and what they weigh."""

from dataclasses import dataclass
from enum import StrEnum


class CameraStanding(StrEnum):
    """How far a camera is trusted."""

    PROVISIONAL = "provisional"
    """Listed or tried: it is given no picture and no stream."""
    TRUSTED = "trusted"
    SUSPECT = "suspect"
    """It refuses the pinned key. No other one is used, and the cloud's events of it are dropped."""
    QUARANTINED = "quarantined"
    """The person said that it is not theirs, or not any more."""


class AccountStanding(StrEnum):
    """How far an account's answers are trusted."""

    NORMAL = "normal"
    WATCH = "watch"
    """Something was odd; until several answers in a row are clean. It only shows: all rules stay the same."""
    FROZEN = "frozen"
    """Nothing of the account is taken until enough clean answers, or the person's word."""


class Cause(StrEnum):
    """What can make a camera trusted. There is no word here for an answer of the cloud."""

    PROOF = "proof"
    CLICK = "click"


class DropReason(StrEnum):
    """Why an event is dropped."""

    ACCOUNT = "account"
    NOT_TRUSTED = "not_trusted"
    ELSEWHERE = "elsewhere"
    MODEL = "model"
    TIME = "time"
    BEFORE_ADMISSION = "before_admission"
    ASLEEP = "asleep"


class Invariant(StrEnum):
    """What must hold of evidence."""

    A1 = "A1"
    A2 = "A2"
    A3 = "A3"
    D1 = "D1"
    D2 = "D2"
    D3 = "D3"
    D4 = "D4"
    D5 = "D5"
    D6 = "D6"
    L1 = "L1"
    L2 = "L2"
    E1 = "E1"
    E3 = "E3"
    T1 = "T1"


class Weight(StrEnum):
    """What a broken invariant does."""

    FREEZE = "freeze"
    """The account is frozen at once."""
    DISCARD = "discard"
    """The answer, or the event, is dropped whole."""
    HOLD = "hold"
    """What it says of some cameras is not taken before a proof or a click."""
    KEEP = "keep"
    """Nothing changes."""
    SUSPECT = "suspect"
    """One camera becomes suspect."""
    NOTE = "note"
    """It is told, and nothing else."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an invariant says, and what its break weighs."""

    sentence: str
    weight: Weight


MEANINGS: dict[Invariant, Meaning] = {
    Invariant.A1: Meaning("The answer is for the user id that the vault holds.", Weight.FREEZE),
    Invariant.A2: Meaning("The answer was made for this question, now.", Weight.DISCARD),
    Invariant.A3: Meaning(
        "The answer is whole and comes from no cache; two in a row freeze.", Weight.DISCARD
    ),
    Invariant.D1: Meaning("With strangers in it, an answer holds at least half of ours.", Weight.FREEZE),
    Invariant.D2: Meaning("Every camera of ours is in the answer.", Weight.KEEP),
    Invariant.D3: Meaning("A camera of ours has the keys and the model that are pinned.", Weight.HOLD),
    Invariant.D4: Meaning("A P2P id belongs to one camera, and a camera to one entry.", Weight.HOLD),
    Invariant.D5: Meaning("The answer holds no camera that is not ours yet.", Weight.HOLD),
    Invariant.D6: Meaning("At most two cameras are new, and none while the line recovers.", Weight.HOLD),
    Invariant.L1: Meaning(
        "A camera that is to be ours proves itself with the key that is asked for.", Weight.HOLD
    ),
    Invariant.L2: Meaning("A camera of ours does not refuse the pinned key again and again.", Weight.SUSPECT),
    Invariant.E1: Meaning(
        "An event is of a trusted camera, of its model, recent, and after its admission.", Weight.DISCARD
    ),
    Invariant.E3: Meaning("The camera was awake when the cloud saw something.", Weight.DISCARD),
    Invariant.T1: Meaning("A session does not end while the account is well.", Weight.NOTE),
}
"""Every invariant of this room. The checks stand in `rules.py`, `events.py` and `trust.py`."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers. Times in seconds; a demonstration makes them shorter."""

    overlap: float = 0.5
    """The part of ours that an answer with strangers must hold at least."""
    most_new: int = 2
    """New cameras of one answer that may be tried without asking."""
    most_waiting: int = 8
    """Cameras that the cloud told of and that may wait for their proof at once."""
    most_cameras: int = 500
    """Cameras remembered at all."""
    frozen: int = 3600
    """How long a frozen account stays frozen at least, counted from the last bad answer."""
    clean_answers: int = 3
    clean_gap: int = 600
    """Clean answers count when they are at least so far apart."""
    doubtful: int = 2
    """Answers in a row that are not whole, or from a cache, which freeze."""
    refusals: int = 3
    refusals_over: int = 600
    """A camera is suspect after so many refusals that are spread over so long."""
    missing_answers: int = 3
    missing_over: int = 24 * 3600
    event_age: int = 600
    event_ahead: int = 60
    """How far the vendor's clock may be ahead of ours."""
    healthy: int = 600
    """An account that answered well so short a time ago was logged out by the vendor."""


POLICY = Policy()
