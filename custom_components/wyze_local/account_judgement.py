"""What a list comes to: how the account stands after it, and what it says of the line to the vendor."""

from dataclasses import dataclass

from .account_status import AccountState
from .engine.ownership import Freeze, Invariant, Judged, State, Verdict
from .engine.uplink import Outcome

_EVERYDAY = frozenset({Invariant.D2, Invariant.D5})
_PATIENCE = 4
"""So many lists in a row that name cameras twice are no mix-up of a vendor who comes back: so things are.

What they say of such cameras is held all the same. Only the line, which serves all others, does not wait.
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an answer comes to."""

    state: AccountState
    """How the account stands after it."""
    outcome: Outcome
    """What it says of the line to the vendor."""


class Lists:
    """Judges one list after the other, of one account."""

    def __init__(self) -> None:
        """Begin."""
        self._doubled = 0
        """How many of the newest lists, in a row, named cameras twice."""

    def judge(self, said: tuple[Verdict, ...], state: State) -> Judgement:
        """Return what a list comes to of which that was said, and after which things stand so."""
        judged = judged_of(said)
        account = state.account
        if any(isinstance(one, Freeze) for one in said):
            return Judgement(AccountState.UNFAMILIAR, Outcome.TRUST)
        if Invariant.A2 in judged.broken:
            return Judgement(AccountState.CLOCK_WRONG, Outcome.MALFORMED)
        if Invariant.A3 in judged.broken:
            return Judgement(AccountState.NOT_TRUSTED, Outcome.MALFORMED)
        self._doubled = self._doubled + 1 if Invariant.D4 in judged.broken else 0
        # Of what is held of some cameras a person may have to decide: the line is well all the same.
        nothing = not judged.clean and _EVERYDAY.issuperset(judged.broken)
        confirms = not nothing and not 0 < self._doubled < _PATIENCE
        outcome = Outcome.OK if confirms or not account.only_confirms else Outcome.SLOW
        unfamiliar = account.frozen_by is not None or nothing
        return Judgement(AccountState.UNFAMILIAR if unfamiliar else AccountState.SIGNED_IN, outcome)


def judged_of(said: tuple[Verdict, ...]) -> Judged:
    """Return the verdict on an answer as a whole."""
    return next(one for one in said if isinstance(one, Judged))
