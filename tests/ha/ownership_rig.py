"""A home with an account, a neighbour with one of their own, and every place where something is told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir

from custom_components.wyze_local.diagnostics import async_get_config_entry_diagnostics
from custom_components.wyze_local.engine.ownership import Proof
from custom_components.wyze_local.engine.uplink import Policy
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device, FakeCloud, User

from .account_rig import PATIENT, House, key_of, let_guests_leave, make_house, own_host
from .canaries import files_below, listen, mac_shapes, search_processes, shapes
from .rigging import Home, wait_for

PORT = 32761
"""Where the vendor's list has all cameras listen: it tells no port."""
TRUST = "sensor.a_e_trust_in_the_answers"


@dataclass
class Trusting:
    """Such a home, seen from whose answers are believed."""

    house: House
    neighbour: User
    states: list[str]
    """All states that there were."""
    events: list[dict[str, Any]]
    """What automations were told."""

    @property
    def account(self) -> Any:
        """The account's coordinator."""
        return self.house.entry.runtime_data.account

    @property
    def standing(self) -> str:
        """How far the account's answers are trusted."""
        assert self.house.home.state(TRUST) == self.account.ownership.standing.value
        return str(self.account.ownership.standing.value)

    def camera(self, name: str) -> str:
        """How far a camera is trusted, as its sensor says."""
        state = self.house.hass.states.get(f"sensor.{name.lower()}_connection")
        assert state is not None
        return str(state.attributes["standing"])

    @property
    def hashes(self) -> set[str]:
        """The keyed hashes of the entry's cameras."""
        return {one["mac_hash"] for one in self.house.entry.data["cameras"].values()}

    def break_vault(self) -> Path:
        """Let nothing be sealed any more, until the file that is returned has its mode again."""
        key = Path(self.house.hass.config.cache_path("wyze_local", "key"))
        key.chmod(0o644)
        return key

    @property
    def names(self) -> set[str]:
        """What the entry's cameras are called."""
        return {one["name"] for one in self.house.entry.data["cameras"].values()}

    def kept(self, name: str = "Porch") -> Any:
        """Return the sealed way to a camera."""
        records = self.house.entry.runtime_data.vault.records
        return records[key_of(self.house.entry, name)].camera.credentials

    async def list(self, times: int = 1, *, after: float = 0.0) -> None:
        """Have the vendor asked for a list, each time after some time has passed, and wait for all of it."""
        for _ in range(times):
            if after:
                await self.later(after)
            await self.house.ask()
            await self.rest()

    async def later(self, seconds: float) -> None:
        """Let time pass, and wait until what was due is done."""
        self.house.clock.advance(seconds)
        line = self.account.line
        for _ in range(20):
            await self.house.hass.async_block_till_done()
        await wait_for(lambda: all(one is None or one.done() for one in (line._probing, line._listing)), 40)

    async def rest(self) -> None:
        """Wait until everything that a list set off is over."""
        work = self.account.cameras.work
        if work is not None:
            await wait_for(work.done, 40)
        await self.house.hass.async_block_till_done()

    def suspect(self) -> None:
        """Have the one camera refuse the keys that it was admitted with, again and again."""
        ownership, (fingerprint,) = self.account.ownership, self.hashes
        for _ in range(4):
            self.house.clock.advance(5 * 60.0)
            ownership.tell(Proof(fingerprint, ownership.pinned(fingerprint).pin.keys, worked=False))

    def issue(self, kind: str) -> Any:
        """Return a repair, if there is one."""
        return ir.async_get(self.house.hass).async_get_issue(
            "wyze_local", f"{kind}_{self.house.entry.entry_id}"
        )


def stranger(name: str) -> Device:
    """Return a camera that no network here has, as its owner's account lists it."""
    return Device.of_spec(CameraSpec(name), own_host(), f"Their {name}")


@asynccontextmanager
async def trusting(
    hass: HomeAssistant,
    home: Home,
    simulator: Simulator,
    log: pytest.LogCaptureFixture,
    *,
    uplink: Policy = PATIENT,
) -> AsyncIterator[Trusting]:
    """Run a vendor with two accounts, and a home that has one of them; all that is told is noted."""
    let_guests_leave(hass)
    states, events = listen(hass, log), list[dict[str, Any]]()
    hass.bus.async_listen("wyze_local_trust", lambda event: events.append(dict(event.data)))
    async with FakeCloud() as cloud:
        house = await make_house(hass, home, simulator, cloud, uplink=uplink)
        theirs = [stranger(name) for name in ("nursery", "bedroom", "kitchen")]
        neighbour = cloud.add_user("bob@example.net", "tr0ub4dor", devices=theirs)
        await house.start()
        yield Trusting(house, neighbour, states, events)


def canaries_of(user: User) -> dict[str, set[str]]:
    """Return the forms of all that is a person's, by what it is."""
    found = {what: shapes(value) for what, value in user.secrets().items()}
    found["id"] = shapes(user.user_id)
    for device in user.devices:
        found[f"name of {device.nickname}"] = shapes(device.nickname)
        found[f"mac of {device.nickname}"] = mac_shapes(device.mac)
        found[f"uid of {device.nickname}"] = shapes(device.p2p_id)
        found[f"enr of {device.nickname}"] = shapes(device.enr)
        found[f"address of {device.nickname}"] = {device.address}
        found[f"picture of {device.nickname}"] = {f"/pictures/{device.mac}.jpg"}
    return found


async def look_for(
    hass: HomeAssistant, canaries: dict[str, set[str]], places: dict[str, str], entries: list[Any]
) -> None:
    """Fail when anything of somebody is anywhere: live, on the disk, in what is told, or in a child."""
    assert await places_with(hass, canaries, places, entries) == []


async def places_with(
    hass: HomeAssistant, canaries: dict[str, set[str]], places: dict[str, str], entries: list[Any]
) -> list[str]:
    """Say what of somebody is where: live, on the disk, in what is told; fails when a child has it."""
    places = {**places, **await hass.async_add_executor_job(files_below, Path(hass.config.config_dir))}
    places["live"] = "\n".join(
        [
            *(str(state.as_dict()) for state in hass.states.async_all()),
            *(str(device) for device in dr.async_get(hass).devices),
            *(str(one) for one in er.async_get(hass).entities.values()),
            *(str(issue) for issue in ir.async_get(hass).issues.values()),
            *(json.dumps(entry.as_dict(), default=str) for entry in entries),
        ]
    )
    for number, entry in enumerate(entries):
        report = await async_get_config_entry_diagnostics(hass, entry)
        places[f"diagnostics {number}"] = json.dumps(report, default=str)
        memory = entry.runtime_data.vault.memory
        places[f"memory {number}"] = json.dumps(memory)
    search_processes({form for forms in canaries.values() for form in forms if form})
    return [
        f"the {what} is in {place}"
        for place, text in places.items()
        for what, forms in canaries.items()
        if any(form and form in text for form in forms)
    ]
