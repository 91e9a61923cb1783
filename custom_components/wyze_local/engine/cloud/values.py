"""What goes into the vendor's cloud and what is kept of its answers: typed, frozen, nothing else."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ..model import Credentials, DeveloperKey, InvalidField, Secret, Tokens


@dataclass(frozen=True, slots=True)
class LogIn:
    """What a person types to sign in, and under which name this account asks. Never stored."""

    email: Secret
    password: Secret
    key: DeveloperKey
    phone_id: Secret


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A log-in that was taken."""

    user_id: Secret
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Heard:
    """By which way an answer came, as far as its headers tell."""

    behind: float | None = None
    """By how many seconds its date lies before this machine's time; below zero: after it. None: no date."""
    age: float = 0.0
    """Seconds for which it lay in a cache, as that says."""
    from_cache: bool = False
    """Whether a cache says that the answer is one of its own."""
    away: float | None = None
    """For how many seconds nothing more is asked, where hardly any calls are left; None while some are."""


UNHEARD = Heard()
"""Of an answer that came by no way."""


class FactorWay(StrEnum):
    """A second factor. Only the first two can be answered."""

    TOTP = "totp"
    SMS = "sms"
    EMAIL = "email"
    PASSKEY = "passkey"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A log-in that wants a code as well. At least one of its ways can be answered."""

    ways: frozenset[FactorWay]
    user_id: Secret
    totp_id: Secret
    sms_id: Secret
    sms_sent: bool = False
    """Whether a text message was asked for; only then can one be answered."""


@dataclass(frozen=True, slots=True)
class UserInfo:
    """Whose account it is, as the vendor says. Empty where it says nothing."""

    user_id: Secret
    email: Secret
    heard: Heard = field(default=UNHEARD, compare=False)


class Named(Protocol):
    """What an order has to name a camera by: it may be known from elsewhere than the list."""

    @property
    def mac(self) -> Secret:
        """The vendor's id of the device; for cameras with the local protocol its hardware address."""
        ...

    @property
    def model(self) -> str:
        """The vendor's model id."""
        ...


class Locality(StrEnum):
    """Whether a camera's picture can be had without the vendor's cloud."""

    LOCAL = "local"
    NEEDS_CLOUD = "needs_cloud"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """What a camera's locality was told by."""

    KEYS = "keys"
    """Address, id and key are there, and it does DTLS."""
    NO_DTLS = "no_dtls"
    """Its firmware encrypts in an older way that nothing here speaks."""
    OTHER_PROTOCOL = "other_protocol"
    """It has no address and no id of the local protocol: its pictures come from the cloud only."""
    NO_ADDRESS = "no_address"
    """The vendor knows no address: it may never have been on, or stands behind a base station."""
    NOT_TOLD = "not_told"
    """The vendor left out what would tell."""
    MODEL = "model"
    """Its model is known to send pictures to the cloud only, whatever the vendor says of this one."""
    MIXED_UP = "mixed_up"
    """The vendor tells keys for it that are another camera's: whoever would use them saw that one."""


@dataclass(frozen=True, slots=True)
class CloudCamera:
    """A camera as the vendor lists it. Nothing of this proves that it is the user's.

    Keys that do not have the form of one are empty. None: the vendor did not say.
    """

    mac: Secret
    """The vendor's id of the device; for cameras with the local protocol its hardware address."""
    uid: Secret
    enr: Secret
    address: Secret
    nickname: str = field(repr=False)
    """Personal: shown to the user, never logged. One line, possibly empty."""
    model: str
    firmware: str
    hardware: str
    online: bool | None
    power: bool | None
    dtls: bool | None
    battery: int | None
    """Per cent."""
    notifications: bool | None
    recording: bool | None
    """Whether the vendor records events of it."""
    accessory: str
    """The model id of what is plugged into it (a floodlight, a lamp socket), or empty."""
    parent: Secret
    """The id of the base station it stands behind, or empty."""
    parent_dtls: bool | None
    role: int | None
    """The vendor's word for owner or guest. What the numbers mean is not documented: a hint only."""

    def locality(self, model_is_local: bool | None = None) -> tuple[Locality, Why]:
        """Say whether its picture can be had on the LAN, and what says so.

        `model_is_local` is what is known of its model, if anything.
        """
        if model_is_local is False:
            return Locality.NEEDS_CLOUD, Why.MODEL
        if not self.uid and not self.address:
            return Locality.NEEDS_CLOUD, Why.OTHER_PROTOCOL
        if self.dtls is False:
            return Locality.NEEDS_CLOUD, Why.NO_DTLS
        if not self.address:
            return Locality.UNKNOWN, Why.NO_ADDRESS
        if not self.uid or not self.enr or self.dtls is None:
            return Locality.UNKNOWN, Why.NOT_TOLD
        return Locality.LOCAL, Why.KEYS

    def credentials(self) -> Credentials | None:
        """Return what reaches it on the LAN, or None when something of it is missing or odd."""
        try:
            return Credentials.parse(
                address=self.address.reveal(),
                uid=self.uid.reveal(),
                enr=self.enr.reveal(),
                mac=self.mac.reveal(),
                model=self.model,
            )
        except InvalidField:
            return None


@dataclass(frozen=True, slots=True)
class CameraList:
    """One answer to the question for all devices."""

    cameras: tuple[CloudCamera, ...]
    others: int
    """Devices that are no cameras."""
    unreadable: int
    """Devices that came without an id, or twice."""
    heard: Heard = field(default=UNHEARD, compare=False)


class EventKind(StrEnum):
    """What the vendor saw or heard."""

    MOTION = "motion"
    SOUND = "sound"
    SMOKE = "smoke"
    CARBON_MONOXIDE = "carbon_monoxide"
    DOORBELL = "doorbell"
    FACE = "face"
    OTHER = "other"


class EventTag(StrEnum):
    """What the vendor believes to have recognised."""

    PERSON = "person"
    VEHICLE = "vehicle"
    PET = "pet"
    PACKAGE = "package"
    FACE = "face"
    CRYING = "crying"
    BARKING = "barking"
    MEOWING = "meowing"


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """Something that happened before a camera, as the vendor tells it."""

    event_id: str
    mac: Secret
    kind: EventKind
    tags: frozenset[EventTag]
    at: float
    """Seconds since 1970, by the vendor's clock."""
    picture: Secret = field(default=Secret(""), compare=False)
    """Where the vendor says that its picture lies, or empty. Whoever has it sees the picture; memory only."""
    model: str = ""
    """The camera's model as the event tells it; empty when it does not."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, for diagnostics: no address, no content."""

    name: str
    status: str
    """`ok`, `cancelled`, or a value of `CloudReason`."""
    duration_ms: int
    at: float
    """When it began, in seconds since 1970."""
