"""The words for how a vendor account stands, and what the client's reasons mean for it and for the line."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from .engine.cloud import CloudError, CloudReason
from .engine.uplink import Outcome
from .line_status import Answer


class AccountState(StrEnum):
    """How an account stands. The value is the state of its sensor; video depends on none of them."""

    CHECKING = "checking"
    SIGNED_IN = "signed_in"
    """The vendor has answered."""
    LAN_ONLY = "lan_only"
    """The person wants the vendor to be left alone."""
    LIMITED = "limited"
    """The vendor answers, and wants to be asked less, or not from here."""
    OFFLINE = "offline"
    """The vendor cannot be reached."""
    NOT_TRUSTED = "not_trusted"
    """Something answers that could not prove to be the vendor, or talks otherwise."""
    CLOCK_WRONG = "clock_wrong"
    FAULT = "fault"
    """The vendor has a fault, or says what nobody understands."""
    REFUSED = "refused"
    """The vendor does not take the session any more; it is being renewed."""
    SIGNED_OUT = "signed_out"
    """The session cannot be renewed: only the person can sign in anew."""
    UNFAMILIAR = "unfamiliar"
    """The vendor answered with cameras none of which is known here; nothing of it was taken over."""
    NOT_SAVED = "not_saved"
    """A renewed session could not be sealed, and is not used before it is."""
    SEALED = "sealed"
    """The vault that holds the session cannot be opened."""


STATES: dict[CloudReason, AccountState] = {
    CloudReason.RATE_LIMITED: AccountState.LIMITED,
    CloudReason.FORBIDDEN: AccountState.LIMITED,
    CloudReason.NAME_LOOKUP: AccountState.OFFLINE,
    CloudReason.UNREACHABLE: AccountState.OFFLINE,
    CloudReason.TIMEOUT: AccountState.OFFLINE,
    CloudReason.CERTIFICATE: AccountState.NOT_TRUSTED,
    CloudReason.NOT_JSON: AccountState.NOT_TRUSTED,
    CloudReason.CLOCK_WRONG: AccountState.CLOCK_WRONG,
    CloudReason.TOKEN_REFUSED: AccountState.REFUSED,
    CloudReason.SIGNED_OUT: AccountState.SIGNED_OUT,
    CloudReason.NOT_SAVED: AccountState.NOT_SAVED,
}
"""What a reason of the client means for the person; whatever is not here is a fault."""

OUTCOMES: dict[CloudReason, Outcome] = {
    CloudReason.NAME_LOOKUP: Outcome.NET,
    CloudReason.UNREACHABLE: Outcome.NET,
    CloudReason.TIMEOUT: Outcome.NET,
    CloudReason.CERTIFICATE: Outcome.NET,
    CloudReason.SERVER: Outcome.SERVER,
    CloudReason.NOT_JSON: Outcome.MALFORMED,
    CloudReason.MALFORMED: Outcome.MALFORMED,
    CloudReason.TOO_LARGE: Outcome.MALFORMED,
    CloudReason.RATE_LIMITED: Outcome.RATE,
    # Most often an address that is blocked: it is left alone as after too many calls.
    CloudReason.FORBIDDEN: Outcome.RATE,
    CloudReason.TOKEN_REFUSED: Outcome.AUTH,
    CloudReason.SIGNED_OUT: Outcome.AUTH,
    CloudReason.NOT_SAVED: Outcome.AUTH,
    # This machine's clock is nothing that the vendor could mend, and no pause of ours makes it right.
    CloudReason.CLOCK_WRONG: Outcome.CLIENT,
    CloudReason.BAD_REQUEST: Outcome.CLIENT,
    # The vendor has answered, about a camera.
    CloudReason.OFFLINE_DEVICE: Outcome.OK,
    CloudReason.IGNORED: Outcome.OK,
}
"""What a reason says about the line; whatever is not here is of a log-in, and says nothing."""

DOWN: dict[Outcome, AccountState] = {
    Outcome.SERVER: AccountState.FAULT,
    Outcome.MALFORMED: AccountState.FAULT,
    Outcome.TRUST: AccountState.UNFAMILIAR,
}
"""What an account that is not asked is said to be, by what took the line down; else: not reachable."""

ASKED = frozenset({AccountState.CHECKING, AccountState.SIGNED_IN, AccountState.LIMITED, AccountState.REFUSED})
"""What is not true any more once the line is down."""

OF_THE_LINE = frozenset(
    {AccountState.LIMITED, AccountState.OFFLINE, AccountState.NOT_TRUSTED, AccountState.FAULT}
)
"""What the line tells of by itself when it lasts."""

WELL = frozenset({AccountState.CHECKING, AccountState.SIGNED_IN, AccountState.LAN_ONLY})
"""Where there is nothing to tell anybody."""


def answer_of(err: CloudError, now: float) -> Answer:
    """Return what a failure says about the line, at a moment in seconds since 1970."""
    outcome = OUTCOMES.get(err.word, Outcome.AUTH)
    away = None if err.retry_at is None or outcome is not Outcome.RATE else err.retry_at - now
    return Answer(outcome, away)


@dataclass(frozen=True, slots=True)
class ListCounts:
    """What the last list held, as numbers."""

    cameras: int = 0
    others: int = 0
    """Devices that are no cameras."""
    unreadable: int = 0
    """Devices of which too little could be understood."""
    needs_cloud: int = 0
    """Cameras that nobody has here, and whose pictures come from the vendor only."""
    elsewhere: int = 0
    """Cameras that another entry has."""
    waiting: int = 0
    """New cameras that have not proved themselves on the local network."""
    unproven_changes: int = 0
    """Known cameras for which the account tells another address or key, which have not proved themselves."""
    missing: int = 0
    """Known cameras that have been missing in the account for a day."""


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """How an account stands."""

    state: AccountState
    since: datetime
    listed_at: datetime | None = None
    """When a list was last taken over."""
    counts: ListCounts = ListCounts()

    def becomes(self, state: AccountState, now: datetime) -> Self:
        """Return the status that follows."""
        return self if state is self.state else replace(self, state=state, since=now)

    def listed(self, counts: ListCounts, now: datetime) -> Self:
        """Return the status after a list."""
        return replace(self.becomes(AccountState.SIGNED_IN, now), listed_at=now, counts=counts)
