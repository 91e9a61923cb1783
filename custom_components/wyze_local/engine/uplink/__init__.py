"""The line to the vendor: whether it is asked, how often, how far its word counts. Pure, and knows no room.

One state for each account and group of hosts. The coordinator feeds `step` with what happens and does what
comes out; it asks by `Wants` before every call, and ticks at `wake`. It probes with the cheapest call whose
answer names the account, and reports `TRUST` whenever an answer is about somebody else.
"""

from .machine import step
from .policy import Policy
from .record import Record, record, restore
from .state import State, begin, may, wake
from .words import (
    Announce,
    Answered,
    Call,
    CalledOff,
    CheckNow,
    Effect,
    Event,
    Go,
    Hold,
    Limited,
    Moment,
    Outcome,
    Phase,
    Probe,
    Probed,
    Refuse,
    Save,
    Tick,
    Uplink,
    Verdict,
    Wants,
    Why,
)

__all__ = [
    "Announce",
    "Answered",
    "Call",
    "CalledOff",
    "CheckNow",
    "Effect",
    "Event",
    "Go",
    "Hold",
    "Limited",
    "Moment",
    "Outcome",
    "Phase",
    "Policy",
    "Probe",
    "Probed",
    "Record",
    "Refuse",
    "Save",
    "State",
    "Tick",
    "Uplink",
    "Verdict",
    "Wants",
    "Why",
    "begin",
    "may",
    "record",
    "restore",
    "step",
    "wake",
]
