"""What the tests of an account's entry need: such an entry, made as its flow makes it, without the flow."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, override

import pytest

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wyze_local.engine.child.process import PING_TIMEOUT
from custom_components.wyze_local.engine.cloud import Hosts, RefreshPolicy
from custom_components.wyze_local.engine.model import (
    Account,
    Camera,
    Credentials,
    DeveloperKey,
    Secret,
    SystemClock,
    Tokens,
    new_camera_key,
    parse_wyze_link,
)
from custom_components.wyze_local.engine.uplink import Policy
from custom_components.wyze_local.engine.vault import CameraRecord
from custom_components.wyze_local.entry_vault import EntryVault
from custom_components.wyze_local.environment import DATA_ENVIRONMENT, Environment
from custom_components.wyze_local.shared import async_get_shared
from dev.ports import free_port
from dev.simulator import Camera as SimulatedCamera, Simulator
from dev.simulator.cloud import Device, FakeCloud, User

from .rigging import DOMAIN, LOOPBACK, Home, wait_for

SENSOR = "sensor.a_e_account"
PATIENT = Policy(burst=10_000)
"""As always, but for the number of calls: a test asks more in a minute than a home does in a day."""


class OwnTime(SystemClock):
    """The machine's clock, but a test may set the wall clock ahead, or let time pass."""

    def __init__(self, cloud: FakeCloud) -> None:
        """Begin with the true time; it passes for the vendor, too."""
        self._cloud = cloud
        self.ahead = 0.0
        """By how many seconds the wall clock is ahead of the steady one."""
        self._passed = 0.0
        self._sleepers: dict[asyncio.Event, float] = {}

    def monotonic(self) -> float:
        """Return the steady time in which the test lives."""
        return super().monotonic() + self._passed

    def time(self) -> float:
        """Return the time that the test wants it to be."""
        return super().time() + self._passed + self.ahead

    async def sleep(self, seconds: float) -> None:
        """Sleep until that much of the test's time has passed, by itself or by `advance`.

        A process of this machine that is just being asked whether it lives has its time to answer all the
        same: who let that pass would have it killed, and every proof that is sought meanwhile fail.
        """
        if seconds == PING_TIMEOUT:
            await super().sleep(seconds)
            return
        due, woken = self.monotonic() + seconds, asyncio.Event()
        self._sleepers[woken] = due
        try:
            while (left := due - self.monotonic()) > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await woken.wait()
        finally:
            del self._sleepers[woken]

    def advance(self, seconds: float) -> None:
        """Let time pass, and wake who has slept long enough."""
        self._passed += seconds
        self._cloud.clock.advance(seconds)
        now = self.monotonic()
        for woken, due in self._sleepers.items():
            if due <= now:
                woken.set()


class OwnPace(OwnTime):
    """Time that the test lets pass; but no wait of a few seconds becomes shorter by that."""

    @override
    async def sleep(self, seconds: float) -> None:
        """Sleep; nothing makes a few seconds shorter."""
        if seconds > PING_TIMEOUT:
            await super().sleep(seconds)
        else:
            await SystemClock.sleep(self, seconds)


@dataclass
class House:
    """A person with an account, one camera, and Home Assistant that knows of both."""

    hass: HomeAssistant
    home: Home
    cloud: FakeCloud
    user: User
    camera: Any
    clock: OwnTime
    entry: Any

    @property
    def state(self) -> str | None:
        """How the account stands."""
        return self.home.state(SENSOR)

    async def start(self) -> None:
        """Load the entry, and wait until the first list was asked for."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await wait_for(lambda: self.state not in (None, "checking"), 20)
        await wait_for(lambda: self.home.state("camera.porch") == "idle")

    async def ask(self) -> None:
        """Ask for a list now."""
        await self.entry.runtime_data.account.async_refresh()
        await self.hass.async_block_till_done()


async def make_house(
    hass: HomeAssistant,
    home: Home,
    simulator: Simulator,
    cloud: FakeCloud,
    *,
    pause: float = 600.0,
    uplink: Policy = PATIENT,
    time: type[OwnTime] = OwnTime,
) -> House:
    """Make the entry; `pause` is how long a refused renewal is left alone."""
    camera = simulator.cameras["porch"]
    user = cloud.add_user(devices=[Device.of_camera(camera, "Porch")])
    clock = live_at(hass, cloud, pause=pause, uplink=uplink, time=time)
    entry = await account_entry(hass, [camera], account=signed_in(cloud, user), title="a…@e…")
    return House(hass, home, cloud, user, camera, clock, entry)


async def account_entry(
    hass: HomeAssistant,
    cameras: Iterable[SimulatedCamera],
    *,
    account: Account | None = None,
    title: str = "Wyze cameras",
    first: bool = True,
) -> MockConfigEntry:
    """Make an account's entry with its vault, as a sign-in that found these cameras leaves them.

    Without an account it is one whose keys were fetched once. Who is not the first finds servers that run.
    """
    way = "signed_in" if account else "one_time"
    shared = await async_get_shared(hass)
    vault_id = new_camera_key()
    vault = EntryVault(hass, vault_id)
    await vault.async_create(account=account)
    kept: dict[str, Any] = {}
    for one in cameras:
        credentials = parse_wyze_link(one.link)
        key, name = new_camera_key(), one.spec.name.title()
        await vault.async_put(CameraRecord(Camera(key, name, credentials, proven=True), _token(key)))
        kept[key] = {"name": name, "mac_hash": fingerprint(hass, credentials), "model": credentials.model}
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=title,
        unique_id=shared.installation.owner(account.user_id) if account else f"{way}_{vault_id}",
        data={"vault_id": vault_id, "account": way, "cameras": kept, "ignored": []},
        options={"networks": [LOOPBACK]},
    )
    entry.add_to_hass(hass)
    if first:
        # One door of this machine for each test that runs beside this one.
        await shared.async_change(binary=None, webrtc_port=free_port())
    return entry


def fingerprint(hass: HomeAssistant, credentials: Credentials) -> str:
    """Return the keyed hash by which this installation recognises a camera."""
    shared = hass.data[DOMAIN]
    return str(shared.installation.fingerprint(credentials))


def key_of(entry: MockConfigEntry, name: str) -> str:
    """Return the key of an account's camera."""
    return next(key for key, kept in entry.data["cameras"].items() if kept["name"] == name)


def _token(key: str) -> Secret:
    return Secret(key[::-1])


def live_at(
    hass: HomeAssistant,
    cloud: FakeCloud,
    *,
    pause: float = 600.0,
    uplink: Policy = PATIENT,
    time: type[OwnTime] = OwnTime,
) -> OwnTime:
    """Let Home Assistant know no vendor but the fake cloud; returns its clock."""
    clock = time(cloud)
    hass.data[DATA_ENVIRONMENT] = Environment(
        clock=clock,
        hosts=Hosts(**cloud.hosts()),
        tls=cloud.tls_context,
        refresh=RefreshPolicy(pause=pause),
        uplink=uplink,
    )
    return clock


def signed_in(cloud: FakeCloud, user: User, *, key_since: int | None = None) -> Account:
    """Return what a sign-in of somebody leaves."""
    now = int(cloud.clock.now())
    grant = cloud.tokens.give(user.email, now)
    return Account(
        user_id=Secret(user.user_id),
        email=Secret(user.email),
        key=DeveloperKey(Secret(user.key.key_id), Secret(user.key.api_key)),
        key_since=now if key_since is None else key_since,
        phone_id=Secret("1" * 32),
        tokens=Tokens(Secret(grant.access), Secret(grant.refresh), now),
    )


def own_host() -> str:
    """Return an address of this machine that is nobody else's, so that a camera there has the usual port."""
    chance = random.SystemRandom()
    return f"127.{chance.randint(1, 250)}.{chance.randint(1, 250)}.{chance.randint(2, 250)}"


def let_guests_leave(hass: HomeAssistant) -> None:
    """Take a guest who hangs up at the fake cloud's door for what it is: none of Home Assistant's errors."""
    others = hass.loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        at_the_door = str(context.get("message")).startswith("Error on transport creation for incoming")
        if not at_the_door and others is not None:
            others(loop, context)

    hass.loop.set_exception_handler(handle)


@pytest.fixture
async def cloud(hass: HomeAssistant) -> AsyncIterator[FakeCloud]:
    """Run a vendor."""
    let_guests_leave(hass)
    async with FakeCloud() as running:
        yield running


@pytest.fixture
async def house(hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud) -> House:
    """Run a person's account that has the porch camera."""
    house = await make_house(hass, home, simulator, cloud)
    await house.start()
    return house
