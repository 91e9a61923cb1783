"""What a check finds: rungs of a ladder, one diagnosis, and what is worth noting. Nothing personal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

type Figure = str | int | float | bool
type Figures = Mapping[str, Figure]


class Rung(StrEnum):
    """How far up the ladder a camera let us."""

    ADDRESS = "address"
    """It lies inside the camera networks, and there is a way to it."""
    UDP = "udp"
    """Something answers there."""
    FRAMING = "framing"
    """It answers as a camera does, and grants a session."""
    HANDSHAKE = "handshake"
    """It has the key that we have."""
    LOGIN = "login"
    CHALLENGE = "challenge"
    """It lets us in and says what it is."""
    COMMANDS = "commands"
    MEDIA = "media"
    """Its pictures can be decoded, and its numbers can be relied upon."""


class Outcome(StrEnum):
    """What came of a rung."""

    PASSED = "passed"
    DOUBTFUL = "doubtful"
    """It holds, but not well."""
    FAILED = "failed"
    NOT_REACHED = "not_reached"


class Diagnosis(StrEnum):
    """What it comes to. Causes that look alike from here share a word; the texts name them all."""

    WELL = "well"
    OUTSIDE = "outside"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    NOBODY_THERE = "nobody_there"
    """Nobody on the local network has that address."""
    OTHER_DEVICE = "other_device"
    """Nothing answers, and the address belongs to other hardware."""
    NO_ANSWER = "no_answer"
    ASLEEP = "asleep"
    """As no answer, of a model that sleeps."""
    PORT_CLOSED = "port_closed"
    NO_DTLS = "no_dtls"
    WRONG_KEY = "wrong_key"
    UPDATING = "updating"
    CHECKING = "checking"
    OFF = "off"
    REFUSED = "refused"
    BUSY = "busy"
    HUNG_UP = "hung_up"
    PROTOCOL_FAULT = "protocol_fault"
    NO_MEDIA = "no_media"
    NO_KEY_FRAME = "no_key_frame"
    WEAK_NETWORK = "weak_network"
    """It plays, but much gets lost on the way."""
    SLOW = "slow"
    """It plays, but takes its time to answer."""
    MUTE_COMMANDS = "mute_commands"
    """It plays, but answers no command."""
    NO_SOUND = "no_sound"
    """It announces sound and sends none."""


PLAYING = frozenset(
    {
        Diagnosis.WELL,
        Diagnosis.WEAK_NETWORK,
        Diagnosis.SLOW,
        Diagnosis.MUTE_COMMANDS,
        Diagnosis.NO_SOUND,
    }
)
"""With these the camera plays, whatever else ails it."""


class Note(StrEnum):
    """What is worth knowing although it stops nothing."""

    REORDERED = "reordered"
    """Pictures overtake each other on the way."""
    GAPS = "gaps"
    """Frame numbers leave gaps although nothing was lost."""
    RARE_KEYS = "rare_keys"
    """Far apart key frames: pictures come late, and motion is seen late."""
    CLOCK = "clock"
    """Its clock is wrong."""
    UNKNOWN_MODEL = "unknown_model"
    OTHER_MODEL = "other_model"
    """It calls itself otherwise than was entered."""
    HELD = "held"
    """It was playing here meanwhile; some let only few in at a time."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung, and what was found there."""

    rung: Rung
    outcome: Outcome
    seconds: float = 0.0
    figures: Figures = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saying:
    """What the camera says of itself, as far as it concerns nobody."""

    model: str = ""
    firmware: str = ""
    framing: str = ""
    """`0402` or `cc51`, in the LAN engine's words."""
    protocol: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    diagnosis: Diagnosis
    notes: tuple[Note, ...]
    said: Saying
    entered_model: str
    """The model that was known before; empty for none."""
    steps: tuple[Step, ...]

    def step(self, rung: Rung) -> Step:
        """Return what was found on a rung."""
        return next(step for step in self.steps if step.rung is rung)


class Trial(StrEnum):
    """What is tried."""

    GOES_ON = "goes_on"
    LETS_IN = "lets_in"
    COMES_BACK = "comes_back"


class Ending(StrEnum):
    """What came of it."""

    YES = "yes"
    NO = "no"
    NOT_TRIED = "not_tried"


@dataclass(slots=True)
class Offline:
    """What the trials came to."""

    outcomes: dict[Trial, Ending] = field(default_factory=lambda: dict.fromkeys(Trial, Ending.NOT_TRIED))


class Cue(StrEnum):
    """What the person is asked to do; they answer when it is done."""

    CUT = "cut"
    """Cut the camera off from the internet, in the router."""
    POWER = "power"
    """Unplug the camera, and plug it in again."""
