"""How the line to the vendor stands, for people: one status, an event on the bus, a line in the log."""

from dataclasses import dataclass
from datetime import UTC, datetime

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN, LOGGER
from .engine.uplink import Outcome, Phase, State, Uplink
from .entry import WyzeLocalConfigEntry

EVENT_UPLINK = f"{DOMAIN}_uplink"
"""Fired when the line stands differently."""

_GRAVITY = {Uplink.LIMITED: 1, Uplink.RECOVERING: 2, Uplink.OFFLINE: 2}
"""How much worse than online a word is; what was told once is not told again before the line is well."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call."""

    outcome: Outcome
    retry_after: float | None = None
    """With RATE: the seconds that the vendor told."""


@dataclass(frozen=True, slots=True)
class LineStatus:
    """How the line stands."""

    state: Uplink
    since: datetime
    why: Outcome | None = None
    """What keeps it from being online."""
    next_try: datetime | None = None
    """When the vendor may be asked again, while it is left alone."""

    @classmethod
    def of(cls, machine: State, since: datetime) -> LineStatus:
        """Return the status of a machine, as of its last event."""
        why = machine.cause
        if machine.uplink is Uplink.LIMITED:
            why = Outcome.RATE
        return cls(machine.uplink, since, why, _next_try(machine))


def _next_try(machine: State) -> datetime | None:
    due = machine.due if machine.phase is Phase.OPEN else machine.limited_until
    if due is None:
        return None
    return moment_at(round(machine.seen.wall + due - machine.seen.steady))


def since_when(machine: State) -> datetime:
    """Return since when a machine that was restored stands as it does, as far as it remembers."""
    now = machine.seen
    if machine.phase is Phase.OPEN and machine.out_since is not None:
        return moment_at(machine.out_since.wall)
    if machine.recovering_since is not None:
        return moment_at(now.wall + machine.recovering_since - now.steady)
    return moment_at(now.wall)


def moment_at(wall: float) -> datetime:
    """Return the moment of a wall clock that may be wrong by any number of years."""
    try:
        return datetime.fromtimestamp(wall, UTC)
    except OverflowError, ValueError, OSError:
        return datetime.fromtimestamp(0, UTC)


class LineLog:
    """Says once that the line is down, and once that it is well again."""

    def __init__(self) -> None:
        """Begin with a line that is well."""
        self._told = 0

    @callback
    def resume(self, status: LineStatus) -> None:
        """Go on with what an earlier run has told."""
        self._told = _GRAVITY.get(status.state, 0)
        if self._told:
            LOGGER.info("The line to the vendor is still %s (%s)", status.state, status.why)

    @callback
    def note(self, status: LineStatus) -> None:
        """Tell of a change, if it is worth that."""
        gravity = _GRAVITY.get(status.state, 0)
        if gravity > self._told:
            self._told = gravity
            LOGGER.warning(
                "The line to the vendor is %s (%s); pictures do not depend on it", status.state, status.why
            )
        elif not gravity and self._told > _GRAVITY[Uplink.LIMITED]:
            self._end()

    @callback
    def answered(self, status: LineStatus) -> None:
        """Take that the vendor has answered well: only then is a limit over, whose time may begin anew."""
        if self._told and status.state is Uplink.ONLINE:
            self._end()

    def _end(self) -> None:
        self._told = 0
        LOGGER.info("The line to the vendor is online again")


@callback
def async_fire_uplink(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, was: Uplink, status: LineStatus
) -> None:
    """Tell automations of a change."""
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, entry.entry_id), entry.entry_id)
    data = {
        "config_entry_id": entry.entry_id,
        "device_id": device.id if device else None,
        "from": was.value,
        "to": status.state.value,
        "why": status.why.value if status.why else None,
    }
    hass.bus.async_fire(EVENT_UPLINK, data)
