"""What the vendor's cloud tells of trusted cameras, asked for seldom, and only while all is well.

An account is asked once some seconds after something moved before one of its cameras, so many times an hour
at most; and, for whoever wants the presses of a doorbell, over and over. One answer tells of all cameras.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.util.hass_dict import HassKey

from .account_status import AccountState
from .cameras import CameraItem, camera_items
from .const import CONF_CLOUD_HINTS, CONF_PRESSES, DOMAIN, LOGGER
from .engine.cloud import CloudEvent, EventKind, EventTag
from .engine.events import AHEAD, LATE, HeardHints, Hint, Kind, is_now
from .engine.uplink import Uplink
from .engine.vault import JSON, VaultError
from .vendor_clock import async_events_by_our_clock

if TYPE_CHECKING:
    from .account import AccountCoordinator
    from .coordinator import CamerasCoordinator

AFTER_MOTION = 20.0
"""Seconds from a motion to the question: the vendor does not know of it sooner."""
MOST_AN_HOUR = 20
"""Questions for motion in any hour."""
HOUR = 3600.0
POLL = 75.0
"""Seconds between two questions for presses."""
POLLS_A_DAY = round(24 * HOUR / POLL)

MEMORY = "hints"
"""Their place in the vault's memory."""

_KINDS: Mapping[EventKind, Kind] = {
    EventKind.MOTION: Kind.MOTION,
    EventKind.SOUND: Kind.SOUND,
    EventKind.SMOKE: Kind.SOUND,
    EventKind.CARBON_MONOXIDE: Kind.SOUND,
    EventKind.DOORBELL: Kind.RING,
    EventKind.FACE: Kind.PERSON,
}
_TAGS: Mapping[EventTag, Kind] = {
    EventTag.PERSON: Kind.PERSON,
    EventTag.FACE: Kind.PERSON,
    EventTag.VEHICLE: Kind.VEHICLE,
    EventTag.PET: Kind.PET,
    EventTag.PACKAGE: Kind.PACKAGE,
    EventTag.CRYING: Kind.SOUND,
    EventTag.BARKING: Kind.SOUND,
    EventTag.MEOWING: Kind.SOUND,
}

type TakeHint = Callable[[CameraItem, Hint, frozenset[Kind]], None]


def wants_hints(entry: ConfigEntry) -> bool:
    """Tell whether the vendor may be asked what it saw when something moved."""
    return entry.data.get(CONF_CLOUD_HINTS) is not False


def wants_presses(item: CameraItem) -> bool:
    """Tell whether the vendor is asked over and over for the presses of a doorbell."""
    return item.data.get(CONF_PRESSES) is True


@dataclass
class _Pace:
    """When an account was asked, by the steady clock."""

    asked: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_AN_HOUR))
    """For motion."""
    last: float = float("-inf")
    """At all."""


_PACES: HassKey[dict[str, _Pace]] = HassKey(f"{DOMAIN}_hints")
"""By entry: a reload does not begin the hour anew."""


def _pace_of(account: AccountCoordinator) -> _Pace:
    return account.hass.data.setdefault(_PACES, {}).setdefault(account.config_entry.entry_id, _Pace())


class CloudHints:
    """Asks for one account that stays signed in."""

    def __init__(self, account: AccountCoordinator, cameras: CamerasCoordinator, take: TakeHint) -> None:
        """Prepare; `take` gets each hint that is of now, of a trusted camera, and says something new."""
        self._account = account
        self._entry = account.config_entry
        self._vault = cameras.vault
        self._shared = cameras.shared
        self._installation = cameras.shared.installation
        self._clock = cameras.shared.environment.clock
        self._take = take
        self._heard: HeardHints | None = None
        """What was told already; None until the vault was read for it."""
        self._pace = _pace_of(account)
        self._asking = asyncio.Lock()
        self._motion = float("-inf")
        """When something moved last."""
        self._waiting: asyncio.Task[None] | None = None
        self._polling: asyncio.Task[None] | None = None

    @callback
    def async_follow(self) -> None:
        """Follow whether anybody wants presses."""
        wanted = self._wants_any_presses
        if wanted and self._polling is None:
            self._polling = self._spawn(self._async_poll(), "presses")
        elif not wanted and self._polling is not None:
            self._polling.cancel()
            self._polling = None

    @callback
    def async_moved(self) -> None:
        """Ask in a while what it was that moved, if that is wanted and was not asked too often."""
        if not wants_hints(self._entry):
            return
        self._motion = self._clock.monotonic()
        if self._waiting is None or self._waiting.done():
            self._waiting = self._spawn(self._async_wait(), "hints")

    def _spawn(self, work: Coroutine[None, None, None], what: str) -> asyncio.Task[None]:
        return self._entry.async_create_background_task(
            self._account.hass, work, name=f"{DOMAIN} {what}", eager_start=False
        )

    @property
    def asking(self) -> bool:
        """Whether the vendor is being asked."""
        return self._asking.locked()

    # When it is asked

    @property
    def may_ask(self) -> bool:
        """Whether the vendor may be asked: only while the line is well and its answers are believed."""
        line, status = self._account.line, self._account.data
        return line.state is Uplink.ONLINE and status.state is AccountState.SIGNED_IN

    def hears(self, kinds: Collection[Kind]) -> bool:
        """Tell whether any of these may be heard of: somebody wants it, and the vendor may be asked."""
        return self.may_ask and any(
            self._wants_any_presses if kind is Kind.RING else wants_hints(self._entry) for kind in kinds
        )

    @property
    def _wants_any_presses(self) -> bool:
        return any(wants_presses(item) for item in camera_items(self._entry))

    async def _async_wait(self) -> None:
        """Ask some time after each motion, once for all that moved until then."""
        covered = float("-inf")
        while covered < self._motion:
            covered = self._motion
            await self._clock.sleep(max(covered + AFTER_MOTION - self._clock.monotonic(), 0.0))
            if wants_hints(self._entry) and self.may_ask and self._pay():
                await self._async_look()

    def _pay(self) -> bool:
        """Tell whether the hour still has a question for motion, and take it."""
        now, asked = self._clock.monotonic(), self._pace.asked
        if len(asked) == MOST_AN_HOUR and now - asked[0] < HOUR:
            return False
        asked.append(now)
        return True

    async def _async_poll(self) -> None:
        """Ask over and over; a question for motion is one, too."""
        while True:
            wait = self._pace.last + POLL - self._clock.monotonic()
            if wait <= 0 and self.may_ask:
                await self._async_look()
            else:
                await self._clock.sleep(wait if wait > 0 else POLL)

    # What comes of it

    async def _async_look(self) -> None:
        """Ask what happened just now, and hand on what of it is new; nothing twice, whatever happens."""
        async with self._asking:
            await self._async_ask()

    async def _async_ask(self) -> None:
        self._pace.last, now = self._clock.monotonic(), self._clock.time()
        events = await async_events_by_our_clock(self._account, self._shared, now - LATE, now + AHEAD)
        if self._heard is None:
            self._heard = HeardHints.restored(_kept(self._vault.memory.get(MEMORY)))
        found = []
        for event in events:
            if (item := self._whose(event)) is not None:
                hint = Hint(self._installation.event_of(event.event_id), event.at, kinds_of(event))
                if fresh := self._heard.new(hint):
                    found.append((event, item, hint, fresh))
        if not found:
            return
        await self._async_remember(self._heard)
        for event, item, hint, fresh in found:
            # Whose it is may have come into doubt meanwhile.
            if self._whose(event) is not None:
                self._take(item, hint, fresh)

    def _whose(self, event: CloudEvent) -> CameraItem | None:
        """Return the camera of an event that may be told of: it is trusted, and the event is of now."""
        if not is_now(event.at, self._clock.time()) or not self._account.may_show(event):
            return None
        fingerprint = self._account.trust.fingerprint_of(event)
        return next((item for item in camera_items(self._entry) if item.mac_hash == fingerprint), None)

    async def _async_remember(self, heard: HeardHints) -> None:
        """Seal what is about to be told, so that no restart tells it again."""
        try:
            rows: list[JSON] = [list[JSON](row) for row in heard.record()]
            await self._vault.async_put_memory(MEMORY, {"heard": rows})
        except VaultError as err:
            LOGGER.debug("What the cloud told of events could not be sealed (%s)", err.reason)


def kinds_of(event: CloudEvent) -> frozenset[Kind]:
    """Return what the vendor says happened, in our words."""
    kind = _KINDS.get(event.kind)
    return frozenset({_TAGS[tag] for tag in event.tags} | ({kind} if kind else set()))


def _kept(memory: object) -> object:
    return memory.get("heard") if isinstance(memory, dict) else None
