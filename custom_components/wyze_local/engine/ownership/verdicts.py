"""What this room answers: values that the coordinator obeys. Of strangers they hold counts only."""

from dataclasses import dataclass

from .evidence import Word
from .words import DropReason, Invariant


@dataclass(frozen=True, slots=True)
class Counts:
    """An answer in numbers."""

    listed: int = 0
    ours: int = 0
    new: int = 0
    """Cameras that nobody here has, and that nobody said anything of."""
    changed: int = 0
    missing: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """Every answer is judged. Only a clean one confirms that the vendor's cloud is well again."""

    clean: bool
    broken: tuple[Invariant, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Admit:
    """The camera is trusted from now on: with these keys, or with none if they are empty."""

    camera: str
    keys: str


@dataclass(frozen=True, slots=True)
class TestKeys:
    """Try these keys on the camera networks; where a camera has other keys already, try those there too."""

    __test__ = False

    camera: str
    keys: str


@dataclass(frozen=True, slots=True)
class Replace:
    """These keys take the place of the ones that were pinned."""

    camera: str
    keys: str


@dataclass(frozen=True, slots=True)
class Hold:
    """What was told of a camera of ours, or of one that is being tried, is not taken."""

    reason: Invariant
    camera: str


@dataclass(frozen=True, slots=True)
class Keep:
    """A camera of ours is not in the list and stays."""

    camera: str
    missing: bool
    """Whether it has been away for so long that a person may be told."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """The camera was set up anew, or is not what it was."""

    camera: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The person does not have the camera: no stream; keys and all that was kept of a sold one are erased."""

    camera: str
    why: Word
    """NOT_MINE or SOLD."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """Nothing of the account is taken any more; tokens, cameras and local streams stay."""

    reason: Invariant
    counts: Counts


@dataclass(frozen=True, slots=True)
class Unfreeze:
    """The account's answers count again."""


@dataclass(frozen=True, slots=True)
class CheckOwner:
    """Ask the vendor whose account it is: without that a frozen one stays frozen."""


@dataclass(frozen=True, slots=True)
class AskPerson:
    """A person must say what is theirs."""

    reason: Invariant
    counts: Counts


@dataclass(frozen=True, slots=True)
class PassEvent:
    """The event may be shown."""

    camera: str


@dataclass(frozen=True, slots=True)
class DropEvent:
    """The event is dropped and counted."""

    reason: DropReason


@dataclass(frozen=True, slots=True)
class SignInAgain:
    """The person has to sign in; once per account, and local pictures go on."""

    by_vendor: bool
    """Whether the account was well a moment ago: the vendor logs people out."""


type Verdict = (
    Judged
    | Admit
    | TestKeys
    | Replace
    | Hold
    | Keep
    | Suspect
    | Quarantine
    | Freeze
    | Unfreeze
    | CheckOwner
    | AskPerson
    | PassEvent
    | DropEvent
    | SignInAgain
)
