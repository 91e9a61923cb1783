"""Somebody watches a camera of an account while things happen to the vendor: what must stay as it is."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, override

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.wyze_local.engine.child.process import PING_TIMEOUT
from custom_components.wyze_local.engine.model import SystemClock
from custom_components.wyze_local.engine.uplink import Policy
from custom_components.wyze_local.environment import DATA_ENVIRONMENT
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Certificate, Device, FakeCloud, User

from .account_rig import SENSOR, House, OwnTime, account_entry, key_of, let_guests_leave, live_at, signed_in
from .line_rig import UPLINK
from .ownership_rig import canaries_of, look_for, stranger
from .rigging import Home, view, wait_for

NAMES = ("porch", "garden", "attic")
CAMERAS = [CameraSpec(name) for name in NAMES]
"""What the tests here have in their house."""
NEIGHBOUR = "eve@example.net"
OURS = "custom_components.wyze_local"


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong with the vendor, and how the line to it stands once that is known."""

    row: int
    """Of the table in README.md."""
    kind: str
    """A fault of the fake cloud, or "refuses", or "certificate" for one that is not good."""
    options: Mapping[str, Any] = field(default_factory=dict)
    stands: str | None = "offline"
    """None: it depends on what was answered before."""
    why: str | None = None

    def __str__(self) -> str:
        """Return a name for it that tells it from all others."""
        told = "-".join(str(value) for value in self.options.values() if value != NEIGHBOUR)
        return f"{self.row}-{self.kind}{f'-{told}' if told else ''}"[:48]

    async def begin(self, house: House) -> None:
        """Let it be so from now on."""
        match self.kind:
            case "refuses":
                await house.cloud.refuse()
            case "certificate":
                await house.cloud.show(Certificate(self.options["shown"]))
            case _:
                house.cloud.fault(self.kind, **self.options)


OTHER = {"other": NEIGHBOUR}

QUICK = (
    Trouble(1, "refuses", why="net"),
    Trouble(1, "reset", why="net"),
    Trouble(2, "broken", {"status": 503}, why="server"),
    Trouble(2, "code", {"code": 1000}, why="server"),
    Trouble(4, "huge", why="malformed"),
    Trouble(4, "huge", {"told": True}, why="malformed"),
    Trouble(4, "gzip_bomb", {"bytes": 8 << 20}, why="malformed"),
    Trouble(4, "deep", why="malformed"),
    Trouble(5, "bad_json", why="malformed"),
    Trouble(5, "login_page", why="malformed"),
    Trouble(5, "portal", why="malformed"),
    Trouble(5, "raw", {"body": "[]"}, why="malformed"),
    Trouble(5, "raw", {"body": '{"code":"1","data":7}'}, why="trust"),
    Trouble(5, "null_data", why="trust"),
    Trouble(5, "cut", why="malformed"),
    Trouble(5, "other_codes", stands="online"),
    Trouble(5, "as_text", stands=None),
    Trouble(6, "wrong_account", OTHER, why="trust"),
    Trouble(7, "mixed", OTHER, stands=None),
    Trouble(7, "mixed_ids", OTHER, stands=None),
    Trouble(7, "no_devices", stands=None),
    Trouble(7, "no_params", stands=None),
    Trouble(7, "from_cache", stands=None),
    Trouble(7, "stale", stands=None),
    Trouble(11, "certificate", {"shown": "foreign"}, why="net"),
    Trouble(11, "certificate", {"shown": "other_name"}, why="net"),
    Trouble(12, "rate_limit", {"retry_after": 3600}, "limited", "rate"),
    Trouble(12, "rate_limit", {"retry_after": "soon", "reset_by": "one day"}, "limited", "rate"),
    Trouble(12, "system_limit", stands="limited", why="rate"),
    Trouble(12, "too_often", stands="limited", why="rate"),
)
"""Troubles that are known at once."""

LASTING = (
    Trouble(3, "hang", why="net"),
    Trouble(4, "drip", why="net"),
)
"""Troubles that each call meets for the whole 15 seconds that it may take."""


@dataclass
class Vigil:
    """A house of three cameras, one of them watched, and everything that must not happen to them."""

    house: House
    neighbour: User
    viewer: asyncio.subprocess.Process
    session: Any
    """The connection to the camera over which that comes."""
    away: list[str] = field(default_factory=list)
    """Cameras whose entity was unavailable, or gone."""
    told: list[str] = field(default_factory=list)
    """Every state that there was."""
    records: list[logging.LogRecord] = field(default_factory=list)
    before: Any = None

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
        return [one.getMessage() for one in self.records if one.levelno >= logging.ERROR]

    def warnings(self, about: str) -> list[str]:
        """Return our own warnings about something."""
        found = [one for one in self.records if one.name.startswith(OURS) and one.levelno >= logging.WARNING]
        return [message for one in found if about in (message := one.getMessage())]

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
        assert self.away == []
        assert self.kept() == self.before
        assert self.viewer.returncode is None, "who watches sees the end"
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
        return wait

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

    async def look_for_neighbours(self, log: str) -> None:
        """Fail when anything of the neighbour's is live, on the disk, in a log or in the diagnostics."""
        places = {"log": log, "states": "\n".join(self.told)}
        await look_for(self.house.hass, canaries_of(self.neighbour), places, [self.house.entry])


@contextmanager
def _listening(made: Vigil) -> Iterator[None]:
    """Note what happens to cameras, what is shown, and what is logged."""
    hass = made.house.hass

    @callback
    def note(event: Event) -> None:
        state, entity_id = event.data["new_state"], event.data["entity_id"]
        made.told.append(str(event.data))
        if entity_id.startswith("camera.") and (state is None or state.state == "unavailable"):
            made.away.append(entity_id)

    heard = hass.bus.async_listen("state_changed", note)
    handler = logging.Handler()
    handler.emit = made.records.append  # type: ignore[method-assign, assignment]
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        heard()


class OwnPace(OwnTime):
    """Time that the test lets pass; but what a process of this machine may take for an answer stays."""

    @override
    async def sleep(self, seconds: float) -> None:
        """Sleep; nothing makes a few seconds shorter."""
        if seconds > PING_TIMEOUT:
            await super().sleep(seconds)
        else:
            await SystemClock.sleep(self, seconds)


@asynccontextmanager
async def vigil(hass: HomeAssistant, home: Home, simulator: Simulator) -> AsyncIterator[Vigil]:
    """Run a vendor with two accounts and a house that has one of them, and watch a camera."""
    let_guests_leave(hass)
    cameras = list(simulator.cameras.values())
    async with FakeCloud() as cloud:
        user = cloud.add_user(devices=[Device.of_camera(one) for one in cameras])
        theirs = [stranger(room) for room in ("nursery", "bedroom")]
        neighbour = cloud.add_user(NEIGHBOUR, "tr0ub4dor", devices=theirs)
        live_at(hass, cloud, uplink=Policy())
        clock = OwnPace(cloud)
        hass.data[DATA_ENVIRONMENT] = replace(hass.data[DATA_ENVIRONMENT], clock=clock)
        entry = await account_entry(hass, cameras, account=signed_in(cloud, user), title="a…@e…")
        house = House(hass, home, cloud, user, cameras[0], clock, entry)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for(lambda: home.state(SENSOR) not in (None, "checking"), 30)
        await wait_for(lambda: all(home.state(f"camera.{one.spec.name}") == "idle" for one in cameras), 40)
        key = key_of(entry, "Porch")
        viewer = await view(entry.runtime_data.coordinator.server.restream_url(key).reveal())
        try:
            await wait_for(lambda: home.state("camera.porch") == "streaming", 30)
            await wait_for(lambda: len(house.camera.sessions) == 1, 30)
            made = Vigil(house, neighbour, viewer, house.camera.sessions[0])
            made.before = made.kept()
            with _listening(made):
                yield made
        finally:
            if viewer.returncode is None:
                viewer.kill()
            await viewer.wait()
