"""What this room is told. Keyed hashes, fingerprints, model ids and times: no name, address or key enters."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from ..model import InvalidField

_HASH = re.compile(r"[0-9a-f]{32}")
_MODEL = re.compile(r"[A-Z0-9_-]{0,32}")


def hashed(name: str, value: str, *, optional: bool = False) -> None:
    """Raise InvalidField unless a value has the form of a keyed hash: 32 hexadecimal digits in lower case."""
    if not (_HASH.fullmatch(value) or (optional and not value)):
        raise InvalidField(name, "not_a_hash")


def model_id(value: str) -> None:
    """Raise InvalidField unless a value may be a vendor's model id; empty is one that was not told."""
    if not _MODEL.fullmatch(value):
        raise InvalidField("model", "not_a_model")


class Quality(StrEnum):
    """How an answer that claims success came. What is no answer of the vendor at all is not told here."""

    FRESH = "fresh"
    STALE = "stale"
    """It was made at another time, or for another question."""
    CACHED = "cached"
    """Its headers say that it lay in a cache, although the question carried a token."""
    BROKEN = "broken"
    """It says that all is well, and lacks what it must hold."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A camera in an answer: its keyed hash, and fingerprints of what reaches it."""

    camera: str
    keys: str = ""
    """Keyed hash of P2P id and key together; empty when either was not told."""
    uid: str = ""
    """Keyed hash of the P2P id; empty when it was not told."""
    model: str = ""

    def __post_init__(self) -> None:
        """Refuse whatever is not hashed."""
        hashed("camera", self.camera)
        hashed("keys", self.keys, optional=True)
        hashed("uid", self.uid, optional=True)
        model_id(self.model)


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    """An answer of the vendor: to a log-in, a refresh, a question for the profile or for all devices."""

    owner: str = ""
    """Keyed hash of the user id in it; empty when it holds none."""
    quality: Quality = Quality.FRESH
    cameras: tuple[Listed, ...] | None = None
    """None: an answer that lists no devices."""

    def __post_init__(self) -> None:
        """Refuse whatever is not hashed."""
        hashed("owner", self.owner, optional=True)


@dataclass(frozen=True, slots=True)
class Proof:
    """A handshake with a camera on the camera networks, with certain keys.

    Not worked: something answered there as a camera, and did not know the key. Silence is no evidence and
    is not told. The old keys of a camera are tried where the new ones worked.
    """

    camera: str
    keys: str
    worked: bool

    def __post_init__(self) -> None:
        """Refuse whatever is not hashed."""
        hashed("camera", self.camera)
        hashed("keys", self.keys)


class Word(StrEnum):
    """What a person says of a camera."""

    MINE = "mine"
    """It is theirs, or shared with them, whether it proves itself or not."""
    TRY = "try"
    """It may be theirs: it is, if it proves itself."""
    LEFT_OUT = "left_out"
    """It is theirs, and is not to be a camera here."""
    NOT_MINE = "not_mine"
    SOLD = "sold"
    """It was theirs."""


@dataclass(frozen=True, slots=True)
class Click:
    """A person's word on one camera, and the keys and model that they were asked about."""

    camera: str
    word: Word
    keys: str = ""
    uid: str = ""
    model: str = ""

    def __post_init__(self) -> None:
        """Refuse whatever is not hashed."""
        hashed("camera", self.camera)
        hashed("keys", self.keys, optional=True)
        hashed("uid", self.uid, optional=True)
        model_id(self.model)


@dataclass(frozen=True, slots=True)
class Release:
    """A person says that the account's answers are right again."""


@dataclass(frozen=True, slots=True)
class EventSeen:
    """The cloud says that something happened before a camera."""

    camera: str
    at: float
    """Seconds since 1970, by the vendor's clock."""
    model: str = ""
    asleep: bool = False
    """Whether the camera was off or asleep then, as the local network knows."""

    def __post_init__(self) -> None:
        """Refuse whatever is not hashed."""
        hashed("camera", self.camera)
        model_id(self.model)


@dataclass(frozen=True, slots=True)
class Uplink:
    """How the line to the vendor stands: whether it recovers from a long outage."""

    recovering: bool


@dataclass(frozen=True, slots=True)
class OtherEntry:
    """Another entry here holds a camera, or does not hold it any more. No answer of a cloud says so."""

    camera: str
    uid: str = field(default="", kw_only=True)
    held: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse whatever is not hashed."""
        hashed("camera", self.camera)
        hashed("uid", self.uid, optional=True)


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """The vendor takes neither the access token nor the one that renews it."""


type Evidence = AccountAnswer | Proof | Click | Release | EventSeen | Uplink | OtherEntry | LoggedOut
type Local = Proof | Click
"""What can make a camera trusted."""
