"""What can be wrong with a camera and its network."""

from dataclasses import dataclass, fields
from enum import StrEnum


class WrongKey(StrEnum):
    """How a camera whose key has changed shows it."""

    ALERT = "alert"
    """The handshake fails with an alert."""
    SILENCE = "silence"
    """No answer even to the first datagram, as if it were not there."""


class Says(StrEnum):
    """What a camera says instead of letting anybody in."""

    UPDATING = "updating"
    CHECKING = "checking"
    """It is still asking the vendor whether its own key is right."""
    OFF = "off"

    @property
    def status(self) -> int:
        """The kind of challenge that says it."""
        return {Says.UPDATING: 2, Says.CHECKING: 4, Says.OFF: 5}[self]


class Stubborn(StrEnum):
    """How a camera does not do what it is told."""

    IGNORES = "ignores"
    """It says yes and changes nothing."""
    REFUSES = "refuses"
    """It says no."""
    SILENT = "silent"
    """It answers no command at all; its pictures go on."""


@dataclass(slots=True)
class Faults:
    """The state of a camera's troubles; all off at first. Set through the camera's methods."""

    frozen: bool = False
    """No picture and no sound, everything else alive."""
    muted: bool = False
    """Nothing comes in, nothing goes out; sessions are not told."""
    asleep: bool = False
    """A battery camera asleep: its sessions ended, nothing is answered."""
    away: bool = False
    """Rebooting."""
    loss: float = 0.0
    """Share of the camera's datagrams that get lost, 0 to 1."""
    reorder: float = 0.0
    """Share of the camera's datagrams that come late, 0 to 1."""
    reorder_delay: float = 0.012
    """How late, in seconds."""
    slow: float = 0.0
    """Seconds before commands are answered."""
    wrong_key: WrongKey | None = None
    says: Says | None = None
    no_dtls: bool = False
    """Found and opened as ever, but no handshake is answered, as by firmware without DTLS."""
    stubborn: Stubborn | None = None
    dawdle: float = 0.0
    """Seconds from the answer to an order until it is carried out, as a motor or a lamp takes them."""
    silent_audio: bool = False
    """Sound is announced and never sent."""

    @property
    def deaf(self) -> bool:
        """Whether datagrams are neither heard nor sent."""
        return self.muted or self.asleep or self.away

    def clear(self) -> None:
        """Take everything away."""
        for entry in fields(self):
            setattr(self, entry.name, entry.default)


def a_share(value: float) -> float:
    """Return a share; raises ValueError when it is none."""
    if not 0 <= value <= 1:
        raise ValueError("a share lies between 0 and 1")
    return value
