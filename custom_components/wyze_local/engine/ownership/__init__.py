"""Which camera is ours, and how far an account's answers are trusted. Pure: values in, values out.

The coordinator tells this room what it learns (`Evidence`), keeps the state, and obeys the verdicts. An
answer of the cloud confirms, holds or freezes; only a camera's proof or a person's click admits.
"""

from .evidence import (
    AccountAnswer,
    Click,
    EventSeen,
    Evidence,
    Listed,
    LoggedOut,
    OtherEntry,
    Proof,
    Quality,
    Release,
    Uplink,
    Word,
)
from .machine import step
from .record import RecordError, state_from_json, state_to_json
from .state import State
from .verdicts import (
    Admit,
    AskPerson,
    CheckOwner,
    Counts,
    DropEvent,
    Freeze,
    Hold,
    Judged,
    Keep,
    PassEvent,
    Quarantine,
    Replace,
    SignInAgain,
    Suspect,
    TestKeys,
    Unfreeze,
    Verdict,
)
from .words import MEANINGS, POLICY, AccountStanding, CameraStanding, DropReason, Invariant, Policy, Weight

__all__ = [
    "MEANINGS",
    "POLICY",
    "AccountAnswer",
    "AccountStanding",
    "Admit",
    "AskPerson",
    "CameraStanding",
    "CheckOwner",
    "Click",
    "Counts",
    "DropEvent",
    "DropReason",
    "EventSeen",
    "Evidence",
    "Freeze",
    "Hold",
    "Invariant",
    "Judged",
    "Keep",
    "Listed",
    "LoggedOut",
    "OtherEntry",
    "PassEvent",
    "Policy",
    "Proof",
    "Quality",
    "Quarantine",
    "RecordError",
    "Release",
    "Replace",
    "SignInAgain",
    "State",
    "Suspect",
    "TestKeys",
    "Unfreeze",
    "Uplink",
    "Verdict",
    "Weight",
    "Word",
    "state_from_json",
    "state_to_json",
    "step",
]
