"""Somebody watches a camera of an account while things happen to the vendor: what must stay as it is."""

import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.wyze_local.engine.uplink import Policy
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device, FakeCloud, User

from .account_rig import SENSOR, House, OwnPace, account_entry, key_of, let_guests_leave, live_at, signed_in
from .eyes import MOST_STILL, Eyes, Seen, eyes_on
from .line_rig import MANY, UPLINK
from .ownership_rig import canaries_of, places_with, stranger
from .rigging import Home, wait_for
from .troubles import NEIGHBOUR, Trouble

NAMES = ("porch", "garden", "attic")
CAMERAS = [CameraSpec(name) for name in NAMES]
"""What the tests here have in their house."""
OURS = "custom_components.wyze_local"
_FORM = logging.Formatter()


@dataclass
class Heard:
    """What happens to cameras, what is shown, and what is logged."""

    away: list[str] = field(default_factory=list)
    """Cameras whose entity was unavailable, or gone."""
    told: list[str] = field(default_factory=list)
    """Every state that there was."""
    records: list[logging.LogRecord] = field(default_factory=list)

    @callback
    def note(self, event: Event) -> None:
        """Take a change of state."""
        state, entity_id = event.data["new_state"], event.data["entity_id"]
        self.told.append(str(event.data))
        if entity_id.startswith("camera.") and (state is None or state.state == "unavailable"):
            self.away.append(entity_id)


@dataclass
class Vigil:
    """A house of three cameras, one of them watched, and everything that must not happen to them."""

    house: House
    neighbour: User
    eyes: Eyes
    session: Any
    """The connection to the camera over which that comes."""
    first_picture: float
    """How many seconds after the start of the entry somebody saw a picture."""
    heard: Heard
    guests: AsyncExitStack
    """What stays until the end of the vigil."""
    before: Any = None
    entries: list[Any] = field(default_factory=list)
    """All entries, this house's first."""

    @property
    def line(self) -> Any:
        """The line to the vendor."""
        return self.house.entry.runtime_data.account.line

    @property
    def stands(self) -> str | None:
        """How the line stands, as its sensor says."""
        return self.house.home.state(UPLINK)

    @property
    def why(self) -> Any:
        """Why the line stands so."""
        state = self.house.hass.states.get(UPLINK)
        return None if state is None else state.attributes["why"]

    @property
    def errors(self) -> list[str]:
        """What was logged as an error, by whomever."""
        return [one.getMessage() for one in self.heard.records if one.levelno >= logging.ERROR]

    def warnings(self, about: str) -> list[str]:
        """Return our own warnings about something."""
        ours = [one for one in self.heard.records if one.name.startswith(OURS)]
        found = [one.getMessage() for one in ours if one.levelno >= logging.WARNING]
        return [message for message in found if about in message]

    def kept(self) -> Any:
        """Return all that is kept of the cameras: entry, sealed keys, registries."""
        house, entities = self.house, er.async_get(self.house.hass)
        records = house.entry.runtime_data.vault.records
        ways = {key: (one.camera.name, one.camera.credentials) for key, one in records.items()}
        known = [
            (one.entity_id, one.unique_id, one.original_name, one.name, one.disabled_by)
            for one in er.async_entries_for_config_entry(entities, house.entry.entry_id)
        ]
        devices = dr.async_entries_for_config_entry(dr.async_get(house.hass), house.entry.entry_id)
        named = [(one.id, one.name, one.model, sorted(one.identifiers)) for one in devices]
        return json.dumps(dict(house.entry.data), sort_keys=True), ways, sorted(known, key=str), sorted(named)

    def check(self) -> None:
        """Fail when anything happened to a camera, or to who watches it."""
        assert self.heard.away == []
        assert self.kept() == self.before
        assert not self.eyes.closed, "who watches sees the end"
        assert self.eyes.longest_gap < MOST_STILL, "who watches sees a picture that stands still"
        assert self.session in self.house.camera.sessions, "the camera was dialled anew"
        assert self.house.home.state("camera.porch") == "streaming"

    async def call(self, patience: float = 30.0) -> float:
        """Let time pass until the vendor is due to be asked, and is, or is not; returns the seconds."""
        clock, line = self.house.clock, self.line
        due = [one for one in (line._due, line._next_list) if one is not None]
        wait = max(min(due, default=clock.monotonic() + 900.0) - clock.monotonic(), 0.0) + 1.0
        timer = line._due
        clock.advance(wait)
        await wait_for(lambda: timer is None or line._due != timer)
        work = (line._listing, line._probing)
        await wait_for(lambda: all(one is None or one.done() for one in work), patience)
        proofs = getattr(self.house.entry.runtime_data.account.cameras, "work", None)
        if proofs is not None:
            await wait_for(proofs.done, 30)
        await self.house.hass.async_block_till_done()
        await self.pictures()
        return wait

    async def pictures(self, number: int = 1) -> None:
        """Wait for so many more pictures, if there are any to come."""
        before = len(self.eyes.times)
        await wait_for(
            lambda: self.eyes.closed or len(self.eyes.times) >= before + number, MOST_STILL + number
        )

    @property
    def is_well(self) -> bool:
        """Whether the vendor is asked, answers, and is believed."""
        trust = self.house.entry.runtime_data.account.ownership.standing
        return (self.stands, trust, self.house.state) == ("online", "normal", "signed_in")

    async def until_well(self, seconds: float) -> float:
        """Let time pass until all is well; returns how much, fails after so many seconds."""
        passed = 0.0
        while not self.is_well:
            passed += await self.call()
            self.check()
            assert passed < seconds, f"still {self.stands}, {self.house.state} after {passed:.0f} s"
        return passed

    async def neighbours(self) -> list[str]:
        """Say what of the neighbour's is live, on the disk, in a log, in the diagnostics, or in a child."""
        log = "\n".join(_FORM.format(one) for one in self.heard.records)
        places = {"log": log, "states": "\n".join(self.heard.told)}
        return await places_with(self.house.hass, canaries_of(self.neighbour), places, self.entries)

    @asynccontextmanager
    async def see(self, row: int, what: str, record: Callable[[str, object], None]) -> AsyncIterator[None]:
        """Look at everything while something happens; what was seen is told, and judged."""
        self.eyes.begin()
        yield
        gap, foreign = self.eyes.longest_gap, await self.neighbours()
        seen = Seen(row, what, len(self.eyes.times), gap, len(self.heard.away), len(foreign))
        seen.tell(record)
        print(seen)
        self.check()
        assert foreign == []
        assert self.errors == []


@contextmanager
def _listening(hass: HomeAssistant) -> Iterator[Heard]:
    """Listen to everything."""
    heard = Heard()
    forget = hass.bus.async_listen("state_changed", heard.note)
    handler = logging.Handler()
    handler.emit = heard.records.append  # type: ignore[method-assign, assignment]
    logging.getLogger().addHandler(handler)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(handler)
        forget()


@asynccontextmanager
async def vigil(
    hass: HomeAssistant, home: Home, simulator: Simulator, *, meanwhile: Trouble | None = None
) -> AsyncIterator[Vigil]:
    """Run a vendor with two accounts and a house that has one of them, and watch a camera.

    Something may be wrong with the vendor before the house's entry begins.
    """
    let_guests_leave(hass)
    cameras = list(simulator.cameras.values())
    for camera in cameras:
        camera.limit_sessions(MANY)
    async with FakeCloud() as cloud:
        user = cloud.add_user(devices=[Device.of_camera(one) for one in cameras])
        theirs = [stranger(room) for room in ("nursery", "bedroom")]
        neighbour = cloud.add_user(NEIGHBOUR, "tr0ub4dor", devices=theirs)
        clock = live_at(hass, cloud, uplink=Policy(), time=OwnPace)
        entry = await account_entry(hass, cameras, account=signed_in(cloud, user), title="a…@e…")
        house = House(hass, home, cloud, user, cameras[0], clock, entry)
        if meanwhile is not None:
            await meanwhile.begin(house)
        with _listening(hass) as heard:
            started = time.monotonic()
            assert await hass.config_entries.async_setup(entry.entry_id)
            if meanwhile is None:
                await wait_for(lambda: home.state(SENSOR) not in (None, "checking"), 30)
            async with AsyncExitStack() as guests, _watching(house) as eyes:
                first = eyes.times[0] - started
                made = Vigil(house, neighbour, eyes, house.camera.sessions[0], first, heard, guests)
                made.entries.append(entry)
                made.before = made.kept()
                heard.away.clear()
                yield made


@asynccontextmanager
async def _watching(house: House) -> AsyncIterator[Eyes]:
    """Watch a camera as soon as it can be, and until all of them can."""
    server = house.entry.runtime_data.coordinator.server
    await wait_for(lambda: house.home.state("camera.porch") == "idle", 40)
    async with eyes_on(server.restream_url(key_of(house.entry, "Porch")).reveal()) as eyes:
        await wait_for(lambda: house.home.state("camera.porch") == "streaming", 30)
        await wait_for(lambda: eyes.times and len(house.camera.sessions) == 1, 30)
        others = [f"camera.{name}" for name in NAMES if name != "porch"]
        await wait_for(lambda: all(house.home.state(one) == "idle" for one in others), 40)
        # What a camera has it is asked for by itself; its entities come then.
        controls, keys = house.entry.runtime_data.controls, house.entry.data["cameras"]
        await wait_for(lambda: all(controls.of(one).features for one in keys), 40)
        await house.hass.async_block_till_done()
        yield eyes
