"""Which invariants an answer breaks: a table of checks over one answer beside what is remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from .evidence import AccountAnswer, Listed, Quality, Word
from .state import Apart, Ours, State, Waiting
from .verdicts import Counts
from .words import Invariant, Policy


class Reading:
    """An answer beside the state, in sets. It lives as long as the answer is judged, and no longer."""

    def __init__(self, state: State, answer: AccountAnswer, policy: Policy) -> None:
        """Read an answer."""
        self.state = state
        self.answer = answer
        self.policy = policy
        self.listed: dict[str, Listed] = {}
        self.twice: set[str] = set()
        """Cameras that are in the answer in two ways."""
        for listed in answer.cameras or ():
            if self.listed.setdefault(listed.camera, listed) != listed:
                self.twice.add(listed.camera)

    @cached_property
    def ours(self) -> dict[str, Ours]:
        """Cameras that were admitted, listed or not."""
        return self.state.ours

    @cached_property
    def here(self) -> set[str]:
        """Cameras of ours that are listed."""
        return self.ours.keys() & self.listed.keys()

    @cached_property
    def lasting(self) -> set[str]:
        """Cameras of ours that this answer is to hold: those of the last clean one; all, if it held none."""
        return {key for key, ours in self.ours.items() if not ours.absence.count} or {*self.ours}

    @cached_property
    def left_out(self) -> set[str]:
        """Cameras of the person that are none here, listed or not."""
        cameras = self.state.cameras.items()
        return {key for key, known in cameras if isinstance(known, Apart) and known.why is Word.LEFT_OUT}

    @cached_property
    def says_nothing(self) -> bool:
        """Whether the list holds nothing of the person's, although something should be there."""
        most = self.policy.missing_answers
        expected = self.left_out or {key for key, ours in self.ours.items() if ours.absence.count < most}
        return bool(expected) and not (self.ours.keys() | self.left_out) & self.listed.keys()

    @cached_property
    def new(self) -> set[str]:
        """Cameras of which nothing is known."""
        return self.listed.keys() - self.state.cameras.keys() - self.state.elsewhere.keys()

    @cached_property
    def strangers(self) -> set[str]:
        """Cameras that may be somebody else's: new ones, and those that nothing but the cloud speaks for."""
        return self.new | {key for key in self.listed if self._is_strange(key)}

    def _is_strange(self, key: str) -> bool:
        match self.state.cameras.get(key):
            case Waiting(asked=asked):
                return not asked and key not in self.state.elsewhere
            case Apart(why=why):
                return why is Word.NOT_MINE
        return False

    @cached_property
    def changed(self) -> set[str]:
        """Cameras of ours that are listed with other keys or another model than the pinned ones."""
        return {key for key in self.here if is_changed(self.ours[key], self.listed[key])}

    @cached_property
    def doubled(self) -> set[str]:
        """Cameras whose news cannot be right: twice in it, in two entries, or with the P2P id of another."""
        users: dict[str, set[str]] = {}
        for key, uid in self._uids():
            users.setdefault(uid, set()).add(key)
        shared = {key for keys in users.values() if len(keys) > 1 for key in keys}
        waiting = {key for key in self.listed if isinstance(self.state.cameras.get(key), Waiting)}
        news = self.new | self.changed | waiting
        return (self.twice & self.listed.keys()) | (news & (shared | self.state.elsewhere.keys()))

    def _uids(self) -> list[tuple[str, str]]:
        pairs = [(key, listed.uid) for key, listed in self.listed.items()]
        pairs += [(key, ours.pin.uid) for key, ours in self.ours.items()]
        pairs += self.state.elsewhere.items()
        return [(key, uid) for key, uid in pairs if uid]

    @cached_property
    def counts(self) -> Counts:
        """The answer in numbers."""
        return Counts(
            listed=len(self.listed),
            ours=len(self.here),
            new=len(self.new),
            changed=len(self.changed),
            missing=len(self.ours) - len(self.here),
            elsewhere=len(self.listed.keys() & self.state.elsewhere.keys()),
        )


def is_changed(ours: Ours, listed: Listed) -> bool:
    """Tell whether a camera is listed otherwise than it is pinned. What was not told is no change."""
    pin = ours.pin
    return bool(
        (listed.keys and listed.keys != pin.keys)
        or (listed.uid and pin.uid and listed.uid != pin.uid)
        or is_other_model(ours, listed.model)
    )


def is_other_model(ours: Ours, model: str) -> bool:
    """Tell whether a model is another than the pinned one; false where either is not known."""
    return bool(model and ours.pin.model and model != ours.pin.model)


def _wrong_owner(reading: Reading) -> bool:
    told, ours = reading.answer.owner, reading.state.owner
    return bool(told and ours and told != ours)


def _stale(reading: Reading) -> bool:
    return reading.answer.quality is Quality.STALE


def _doubtful(reading: Reading) -> bool:
    return reading.answer.quality in (Quality.CACHED, Quality.BROKEN)


def _somebody_elses(reading: Reading) -> bool:
    """A mere subset of what is the person's never breaks this: there must be strangers.

    What was left out speaks for the account as well, and does not speak against it when it is gone.
    """
    ours, everything = reading.lasting, reading.lasting | reading.left_out
    if not everything or not reading.strangers:
        return False
    return all(
        len(known & reading.listed.keys()) < reading.policy.overlap * len(known)
        for known in (ours, everything)
        if known
    )


def _too_many_new(reading: Reading) -> bool:
    if reading.state.account.only_confirms:
        return bool(reading.new)
    waiting = sum(isinstance(known, Waiting) and not known.asked for known in reading.state.cameras.values())
    room = min(
        reading.policy.most_new,
        reading.policy.most_waiting - waiting,
        reading.policy.most_cameras - len(reading.state.cameras),
    )
    return len(reading.new) > room


CHECKS: Mapping[Invariant, Callable[[Reading], bool]] = {
    Invariant.A1: _wrong_owner,
    Invariant.A2: _stale,
    Invariant.A3: _doubtful,
    Invariant.D1: _somebody_elses,
    Invariant.D2: lambda reading: reading.answer.cameras is not None and reading.counts.missing > 0,
    Invariant.D3: lambda reading: bool(reading.changed),
    Invariant.D4: lambda reading: bool(reading.doubled),
    Invariant.D5: lambda reading: bool(reading.new),
    Invariant.D6: _too_many_new,
}
"""Says of each invariant of an answer whether it is broken."""

UNCLEAN = frozenset(CHECKS) - {Invariant.D2, Invariant.D5}
"""A camera that is away, or one or two that are new, are everyday."""


@dataclass(frozen=True, slots=True)
class Breaks:
    """The invariants that an answer breaks."""

    all: tuple[Invariant, ...]

    @property
    def clean(self) -> bool:
        """Whether the answer is such that it confirms an account."""
        return not UNCLEAN.intersection(self.all)


def breaks(reading: Reading) -> Breaks:
    """Judge an answer by all of the table."""
    return Breaks(tuple(invariant for invariant, broken in CHECKS.items() if broken(reading)))
