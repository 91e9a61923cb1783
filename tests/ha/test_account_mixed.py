"""A vendor who mixes up cameras, as in February 2024: nobody sees one camera under another one's name.

Every lie here proves itself: the camera whose keys are told really answers with them, whatever MAC it is
told to have. A MAC is no part of the handshake's key; only a hello holds something made of it.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device, FakeCloud

from .account_flow_rig import Person, lan_device, options
from .account_rig import House, account_entry, key_of, let_guests_leave, make_house, own_host
from .rigging import Home, wait_for

PORT = 32761
"""Where the vendor's list has all cameras listen: it tells no port."""
BOTH = [CameraSpec(name, host=own_host(), port=PORT, checks_mac=False) for name in ("porch", "attic")]

pytestmark = pytest.mark.parametrize("simulator", [BOTH], indirect=True)


@pytest.fixture
async def vendor(hass: HomeAssistant) -> AsyncIterator[FakeCloud]:
    """Run a vendor."""
    let_guests_leave(hass)
    async with FakeCloud() as running:
        yield running


@pytest.fixture
async def house(hass: HomeAssistant, home: Home, simulator: Simulator, vendor: FakeCloud) -> House:
    """Run a person's account that has the porch camera; nothing else is known of."""
    house = await make_house(hass, home, simulator, vendor)
    await house.start()
    return house


def ways(house: House) -> dict[str, Any]:
    """Return the sealed ways to all cameras."""
    records = house.entry.runtime_data.vault.records
    return {key: record.camera.credentials for key, record in records.items()}


def ghost(camera: Any, mac: str = "02AA00CC0001", name: str = "Ghost") -> Device:
    """Return a device that does not exist, told with a camera's own keys and address."""
    spec, address = camera.spec, camera.credentials.address
    return Device(mac, spec.enr, spec.uid, spec.model, name, ip=address)


async def settled(house: House) -> None:
    """Ask for a list, and wait until everything that it set off is over."""
    await house.ask()
    work = house.entry.runtime_data.account.cameras.work
    if work is not None:
        await wait_for(work.done, 40)
    await house.hass.async_block_till_done()


@pytest.mark.usefixtures("unasked")
async def test_keys_that_were_swapped_change_nothing(house: House, simulator: Simulator) -> None:
    """Each camera stays what it is, though both would answer under the other one's name."""
    porch, attic = (simulator.cameras[name] for name in ("porch", "attic"))
    house.user.devices.append(Device.of_camera(attic, "Attic"))
    await house.ask()
    await wait_for(lambda: house.home.state("camera.attic") == "idle", 20)
    before, dials = ways(house), attic.counters.dials
    house.user.devices[:] = [
        ghost(attic, porch.spec.mac, "Porch"),
        ghost(porch, attic.spec.mac, "Attic"),
    ]
    for _ in range(2):
        await settled(house)
    assert ways(house) == before
    assert house.entry.runtime_data.account.data.counts.unproven_changes == 2
    assert attic.counters.dials == dials, "what is known to be another camera's is not even tried"


async def test_one_cameras_keys_do_not_replace_anothers(house: House, simulator: Simulator) -> None:
    """Not those of a camera that another entry has, either."""
    attic = simulator.cameras["attic"]
    other = await account_entry(house.hass, [attic])
    assert await house.hass.config_entries.async_setup(other.entry_id)
    before = ways(house)
    house.user.devices[:] = [ghost(attic, house.camera.spec.mac, "Porch")]
    await settled(house)
    assert ways(house) == before


async def test_keys_of_a_camera_that_nobody_knows_replace_nothing(house: House, simulator: Simulator) -> None:
    """A flatmate's camera proves itself under any name. Ours still answers to its own key, and keeps it."""
    before = ways(house)
    house.user.devices[:] = [ghost(simulator.cameras["attic"], house.camera.spec.mac, "Porch")]
    await settled(house)
    assert ways(house) == before
    assert house.entry.runtime_data.account.data.counts.unproven_changes == 1


async def test_a_camera_does_not_appear_twice(house: House) -> None:
    """An invented device with a known camera's keys proves itself, and does not join."""
    house.user.devices.append(ghost(house.camera))
    await settled(house)
    assert {one["name"] for one in house.entry.data["cameras"].values()} == {"Porch"}
    assert house.home.state("camera.ghost") is None


async def test_a_key_belongs_to_one_camera_under_any_id(house: House) -> None:
    """A known camera's key with an invented id proves itself as well, and is known all the same."""
    device = ghost(house.camera)
    device.p2p_id = "ZZZZZZZZZZZZZZZZZZZZ"
    house.user.devices.append(device)
    for _ in range(2):
        await settled(house)
    assert {one["name"] for one in house.entry.data["cameras"].values()} == {"Porch"}


async def test_a_persons_word_has_no_camera_twice(house: House, simulator: Simulator) -> None:
    """That what answers here may join is no word on whose keys it answers with."""
    attic = simulator.cameras["attic"]
    other = await account_entry(house.hass, [attic])
    assert await house.hass.config_entries.async_setup(other.entry_id)
    house.user.devices.append(ghost(attic))
    await settled(house)
    await house.entry.runtime_data.account.async_try_waiting()
    assert set(ways(house)) == {key_of(house.entry, "Porch")}
    assert house.home.state("camera.ghost") is None


async def test_keys_that_are_told_twice_are_nobodys(house: House, simulator: Simulator) -> None:
    """Of two new cameras with the same keys none joins: nobody knows which of them answers."""
    attic = simulator.cameras["attic"]
    house.user.devices += [ghost(attic), Device.of_camera(attic, "Attic")]
    await settled(house)
    assert set(ways(house)) == {key_of(house.entry, "Porch")}
    assert attic.counters.dials == 0


async def test_the_page_offers_no_camera_with_anothers_keys(house: House, simulator: Simulator) -> None:
    """It is shown with the reason, and cannot be chosen."""
    bob = house.cloud.add_user("bob@example.net", "tr0ub4dor")
    bob.devices[:] = [ghost(house.camera), lan_device("Garden", 2), lan_device("Twin", 3)]
    bob.devices.append(replace(bob.devices[2], mac="02AA00BB0004", nickname="Other twin"))
    visitor = Person(house.hass, house.cloud, bob)
    page = await visitor.sign_in(email=bob.email, password="tr0ub4dor")
    assert {label.partition(" (")[0] for label in options(page)} == {"Garden"}
    others = page["description_placeholders"]["others"]
    for name in ("Ghost", "Twin", "Other twin"):
        assert f"- {name} " in others
    assert others.count("keys for it that are another camera's") == 3


async def test_a_name_is_no_link(house: House) -> None:
    """A name comes from the vendor, and repairs are shown with links and pictures in them."""
    house.user.devices[0].nickname = "[now](https://evil.example) www.evil.example a@evil.example"
    await settled(house)
    await house.entry.runtime_data.vault.async_start_over()
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    issue = ir.async_get(house.hass).async_get_issue(
        "wyze_local", f"camera_keys_missing_{house.entry.entry_id}"
    )
    assert issue is not None
    assert issue.translation_placeholders == {
        "cameras": r"\[now\]\(https\://evil.example\) www\.evil.example a\@evil.example"
    }
