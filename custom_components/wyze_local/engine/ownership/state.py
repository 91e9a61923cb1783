"""What this room remembers of one entry: values, never changed in place. Of strangers: nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from .evidence import Word
from .words import AccountStanding, CameraStanding, Cause, Invariant


@dataclass(frozen=True, slots=True)
class Pin:
    """The keys that a camera of ours was admitted with. Made in `trust.py` only, from a proof or a click."""

    keys: str
    """Empty for one that has none on the local network."""
    uid: str
    model: str
    since: int
    """When it was admitted, in seconds since 1970."""
    by: Cause


@dataclass(frozen=True, slots=True)
class Candidate:
    """Other keys that a camera of ours is said to have."""

    keys: str
    uid: str
    asked: bool
    """Whether a person asked to try them."""
    works: bool = False
    old_refused: bool = False


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often in a row a camera refused the pinned keys. Cleared in `trust.py` only."""

    count: int = 0
    first: int = 0
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Absence:
    """In how many clean answers in a row a camera was not, and since when."""

    count: int = 0
    since: int = 0


@dataclass(frozen=True, slots=True)
class Ours:
    """A camera that was admitted."""

    pin: Pin
    candidate: Candidate | None = None
    refusals: Refusals = field(default_factory=Refusals)
    absence: Absence = field(default_factory=Absence)

    @property
    def standing(self) -> CameraStanding:
        """Return how far it is trusted."""
        return CameraStanding.SUSPECT if self.refusals.suspect else CameraStanding.TRUSTED


@dataclass(frozen=True, slots=True)
class Waiting:
    """A camera that is to prove itself."""

    keys: str
    uid: str
    model: str
    asked: bool
    """Whether a person asked for it; otherwise only the cloud told of it."""
    standing: CameraStanding = field(default=CameraStanding.PROVISIONAL, init=False)


@dataclass(frozen=True, slots=True)
class Apart:
    """A camera that is none here because a person said so."""

    why: Word
    """Any of LEFT_OUT, NOT_MINE and SOLD."""

    @property
    def standing(self) -> CameraStanding:
        """Return how far it is trusted."""
        left_out = self.why is Word.LEFT_OUT
        return CameraStanding.PROVISIONAL if left_out else CameraStanding.QUARANTINED


type Known = Ours | Waiting | Apart


@dataclass(frozen=True, slots=True)
class Account:
    """How the account's answers stand. Times in seconds since 1970."""

    frozen_by: Invariant | None = None
    bad_at: int = 0
    """When the last answer came that froze."""
    owner_seen: bool = False
    """Whether the right owner was told since then."""
    watched: bool = False
    clean: int = 0
    """Clean answers in a row, far enough apart."""
    clean_at: int = 0
    """When the last of them came."""
    doubtful: int = 0
    """Answers in a row that were not whole or from a cache."""
    recovering: bool = False
    """Whether the line to the vendor recovers."""
    well_at: int | None = None
    signed_out: bool = False

    @property
    def standing(self) -> AccountStanding:
        """Return how far its answers are trusted."""
        if self.frozen_by is not None:
            return AccountStanding.FROZEN
        return AccountStanding.WATCH if self.watched else AccountStanding.NORMAL

    @property
    def only_confirms(self) -> bool:
        """Whether its answers may confirm what is known, and add or change nothing."""
        return self.frozen_by is not None or self.recovering


@dataclass(frozen=True, slots=True)
class State:
    """All that is remembered of one entry."""

    owner: str = ""
    """Keyed hash of the account's user id; empty for an account that keeps none."""
    account: Account = field(default_factory=Account)
    cameras: Mapping[str, Known] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """The cameras that other entries here hold, and the hashes of their P2P ids, where known."""
    now: int = 0
    """When the last evidence came."""

    @property
    def ours(self) -> dict[str, Ours]:
        """Return the cameras that were admitted."""
        return {key: known for key, known in self.cameras.items() if isinstance(known, Ours)}

    def standing(self, camera: str) -> CameraStanding | None:
        """Return how far a camera is trusted; None for one that is not known."""
        known = self.cameras.get(camera)
        return known.standing if known else None

    def put(self, camera: str, known: Known) -> State:
        """Return the state with a camera as it is now."""
        return replace(self, cameras={**self.cameras, camera: known})

    def without(self, cameras: Collection[str]) -> State:
        """Return the state without cameras, as if it had never heard of them: that makes nothing trusted."""
        return replace(
            self, cameras={key: known for key, known in self.cameras.items() if key not in cameras}
        )

    def without_hearsay(self) -> State:
        """Return the state without what only the cloud told and nothing has proved yet."""
        kept: dict[str, Known] = {}
        for key, known in self.cameras.items():
            if isinstance(known, Waiting) and not known.asked:
                continue
            if isinstance(known, Ours) and known.candidate is not None and not known.candidate.asked:
                kept[key] = replace(known, candidate=None)
            else:
                kept[key] = known
        return replace(self, cameras=kept)


def settle(state: State, now: int) -> State:
    """Return the state at this moment; when the clock was put back, all that was measured is put back too."""
    back = state.now - now
    if back <= 0:
        return replace(state, now=now)
    account = replace(
        state.account,
        bad_at=state.account.bad_at - back,
        clean_at=state.account.clean_at - back,
        well_at=None if state.account.well_at is None else state.account.well_at - back,
    )
    cameras = {key: _back(known, back) for key, known in state.cameras.items()}
    return replace(state, account=account, cameras=cameras, now=now)


def _back(known: Known, back: int) -> Known:
    if not isinstance(known, Ours):
        return known
    return replace(
        known,
        pin=replace(known.pin, since=known.pin.since - back),
        refusals=replace(known.refusals, first=known.refusals.first - back),
        absence=replace(known.absence, since=known.absence.since - back),
    )
