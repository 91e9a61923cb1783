"""What parent and relay say to each other, besides what every child and its parent do."""

import json
from dataclasses import dataclass

from ..child import COMMON_FROM_CHILD, COMMON_FROM_PARENT, Program, ProtocolError, by_name, pack, unpack
from ..model import Credentials, Secret
from .errors import RelayError
from .formats import Formats
from .guests import Guest
from .states import CameraFacts, CameraState, CameraStats


@dataclass(frozen=True, slots=True)
class SetNetworks:
    """Parent: where cameras may be."""

    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetCamera:
    """Parent: a camera, new or changed."""

    key: str
    token: Secret
    credentials: Credentials
    always_on: bool
    audio: bool
    resolution: str
    """`hd`, `sd`, or empty for the camera's own."""
    formats: Formats
    """What was known of its streams."""
    wanted: bool
    """Whether somebody watched it when the relay before this one ended."""
    guest: str
    """The user of the other machine that may read it; empty for nobody."""


@dataclass(frozen=True, slots=True)
class SetGuests:
    """Parent: which other machines may come. An Answer or a Failure (`port_taken`) comes back."""

    id: int
    guests: tuple[Guest, ...]


@dataclass(frozen=True, slots=True)
class Serve:
    """Parent: that is all for the beginning; let readers in. Sooner, they would hear of no such camera."""


@dataclass(frozen=True, slots=True)
class RemoveCamera:
    """Parent: forget a camera."""

    key: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Parent: somebody is about to look."""

    key: str


@dataclass(frozen=True, slots=True)
class Command:
    """Parent: send this to a camera; an Answer or a Failure comes back."""

    id: int
    key: str
    code: int
    payload: bytes
    within: float


@dataclass(frozen=True, slots=True)
class Call:
    """Parent: send this to a camera that somebody else holds; the Answer is a Called as JSON."""

    id: int
    key: str
    credentials: Credentials
    networks: tuple[str, ...]
    code: int
    payload: bytes
    within: float


@dataclass(frozen=True, slots=True)
class Leave:
    """Parent: nothing more will be said to such a camera soon; an Answer comes when it is left."""

    id: int
    key: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Parent: go2rtc is about to dial a camera itself; an Answer comes back when it may."""

    id: int
    key: str
    """Empty for any camera: nobody knows which."""


@dataclass(frozen=True, slots=True)
class Prove:
    """Parent: let a camera prove itself; an Answer or a Failure comes back."""

    id: int
    credentials: Credentials
    networks: tuple[str, ...]
    look: bool
    """Also log in and wait for a picture."""
    greet: bool
    """Log in and answer with the firmware, instead."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Parent: say through a camera's speaker what is fed; an Answer or a Failure comes at the end."""

    id: int
    key: str
    speech: int
    """What Feed calls it by."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Parent: more of a sound that is to be said; an Answer comes when there is room for more."""

    id: int
    speech: int
    data: bytes
    """A part of a file of any kind of sound; an empty one is the end."""


@dataclass(frozen=True, slots=True)
class Find:
    """Parent: look for a camera that is not where it was; an Answer with its address, or a Failure."""

    id: int
    credentials: Credentials
    networks: tuple[str, ...]
    attached: tuple[str, ...]
    """This machine's own networks."""
    hints: tuple[str, ...]
    """Addresses at which it may be."""
    taken: tuple[str, ...]
    """Addresses at which somebody else is."""


@dataclass(frozen=True, slots=True)
class Check:
    """Parent: check a camera from its address to its pictures; the Answer is the report as JSON."""

    id: int
    key: str
    credentials: Credentials
    networks: tuple[str, ...]
    seconds: float
    """Of media to listen to."""


@dataclass(frozen=True, slots=True)
class State:
    """Relay: how a camera stands now."""

    key: str
    state: CameraState


@dataclass(frozen=True, slots=True)
class Learned:
    """Relay: what is known of a camera's streams by now."""

    key: str
    formats: Formats


@dataclass(frozen=True, slots=True)
class Facts:
    """Relay: what a camera said of itself."""

    key: str
    facts: CameraFacts


@dataclass(frozen=True, slots=True)
class Figures:
    """Relay: what a session has brought."""

    key: str
    stats: CameraStats


FROM_PARENT = COMMON_FROM_PARENT | by_name(
    SetNetworks,
    SetCamera,
    SetGuests,
    Serve,
    RemoveCamera,
    Wish,
    Command,
    Call,
    Leave,
    Turn,
    Prove,
    Find,
    Speak,
    Feed,
    Check,
)
FROM_RELAY = COMMON_FROM_CHILD | by_name(State, Learned, Facts, Figures)

RELAY = Program("relay", FROM_RELAY, RelayError)


def formats_to_text(formats: Formats) -> str:
    """Return what is known of a camera's streams as a text that can be kept: no secret."""
    return json.dumps(pack(formats), separators=(",", ":"))


def formats_from_text(text: str) -> Formats:
    """Return what was kept; nothing if it cannot be right."""
    try:
        kept = json.loads(text)
        if isinstance(kept, dict):
            # Older texts do not tell how a camera was heard whose sound is off.
            kept.setdefault("spoken", None)
        formats: Formats = unpack(kept, Formats)
    except ValueError, RecursionError, ProtocolError:
        return Formats()
    return formats if formats.sane else Formats()
