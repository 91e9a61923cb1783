"""What an account's list may change: nothing by its word alone, and nothing that would cost a picture."""

from typing import Any

import pytest

from homeassistant.components.camera import async_get_image
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from dev.simulator import CameraSpec, Simulator, WrongKey
from dev.simulator.cloud import Device, FakeCloud

from .account_rig import SENSOR, House, account_entry, cloud, house, key_of, make_house, own_host
from .rigging import Home, view, wait_for

__all__ = ["cloud", "house"]

DAY = 24 * 3600
BATTERY = "WVOD1"
"""A model that sleeps."""
PORT = 32761
"""Where the vendor's list has all cameras listen: it tells no port."""


def waiting(house: House) -> Any:
    """Return how many new cameras the account's sensor says are waited for."""
    state = house.hass.states.get(SENSOR)
    assert state is not None
    return state.attributes["waiting"]


def kept(house: House, name: str) -> Any:
    """Return the sealed way to a camera."""
    record = house.entry.runtime_data.vault.records[key_of(house.entry, name)]
    return record.camera.credentials


async def test_it_follows_a_camera_that_moved(house: House) -> None:
    """A new address takes the old one's place once the camera has answered there; who watches stays."""
    coordinator = house.entry.runtime_data.coordinator
    url = coordinator.server.restream_url(key_of(house.entry, "Porch")).reveal()
    viewer = await view(url)
    try:
        await wait_for(lambda: house.home.state("camera.porch") == "streaming", 15)
        house.camera.move(own_host(), house.camera.credentials.port)
        await house.ask()
        moved = house.camera.credentials.address
        await wait_for(lambda: kept(house, "Porch").address.reveal() == moved, 20)
        await wait_for(lambda: house.home.state("camera.porch") == "streaming", 20)
        assert viewer.returncode is None
    finally:
        viewer.kill()
        await viewer.wait()


async def test_an_address_where_no_camera_is_changes_nothing(house: House) -> None:
    """The vendor may be wrong about where a camera is; the picture stays where it comes from."""
    before = kept(house, "Porch")
    house.user.devices[0].ip = own_host()
    await settled(house)
    assert kept(house, "Porch") == before
    assert house.entry.runtime_data.account.data.counts.unproven_changes == 1
    assert house.home.state("camera.porch") == "idle"
    house.user.devices[0].ip = "198.51.100.9"
    await settled(house)
    assert kept(house, "Porch") == before, "what lies outside the camera networks is not even asked"


async def test_other_keys_have_to_prove_themselves(house: House, simulator: Simulator) -> None:
    """Keys that the camera does not have replace nothing; those that it has do."""
    before = kept(house, "Porch")
    device = house.user.devices[0]
    device.enr = "AnotherKey123456"
    await settled(house)
    assert kept(house, "Porch") == before
    assert house.home.state("camera.porch") == "idle"
    # Set up anew, it is another camera on the network, and the old one is no more.
    house.camera.sleep()
    for _ in range(3):
        await settled(house)
    assert kept(house, "Porch") == before, "that the old one is gone proves nothing"
    again = CameraSpec(
        "again", host=own_host(), port=before.port, mac=house.camera.spec.mac, enr="FreshKey12345678"
    )
    async with Simulator([again]) as reset:
        house.user.devices[0] = Device.of_camera(reset.cameras["again"], "Porch")
        await settled(house)
        assert kept(house, "Porch") == before, "a flatmate's camera would answer just so"
        assert house.entry.runtime_data.account.waiting.count == 1
        await house.entry.runtime_data.account.async_try_waiting()
        await wait_for(lambda: kept(house, "Porch").enr.reveal() == "FreshKey12345678", 20)
        await wait_for(lambda: house.home.state("camera.porch") == "idle", 20)
        assert kept(house, "Porch").uid.reveal() == reset.cameras["again"].spec.uid
        assert house.entry.runtime_data.account.waiting.count == 0


async def test_a_camera_that_was_set_up_anew_stays_what_it_is(house: House) -> None:
    """Where it was, it takes the new keys and refuses the old ones: nothing else changes."""
    await wait_for(lambda: house.home.state("media_player.porch_speaker") == "idle", 20)
    key, entities = key_of(house.entry, "Porch"), set(house.hass.states.async_entity_ids())
    house.camera.change_key(WrongKey.SILENCE)
    house.user.devices[0].enr = house.camera.enr
    await settled(house)
    await wait_for(lambda: kept(house, "Porch").enr.reveal() == house.camera.enr, 20)
    await wait_for(lambda: house.home.state("camera.porch") == "idle", 20)
    assert key_of(house.entry, "Porch") == key
    assert set(house.hass.states.async_entity_ids()) == entities


@pytest.mark.usefixtures("unasked")
async def test_a_new_camera_joins_when_it_proves_itself(house: House) -> None:
    """The list's word is not enough; the camera that answers with its key is there without a reload."""
    liar = CameraSpec("liar")
    house.user.devices.append(Device.of_spec(liar, own_host(), "Liar"))
    async with Simulator([CameraSpec("attic", host=own_host(), port=PORT)]) as more:
        house.user.devices.append(Device.of_camera(more.cameras["attic"], "Attic"))
        dials = house.camera.counters.dials
        await house.ask()
        assert waiting(house) == 2
        await wait_for(lambda: house.home.state("camera.attic") == "idle", 20)
        await wait_for(lambda: waiting(house) == 1, 20)
        await settled(house)
        assert house.home.state("camera.liar") is None
        assert {one["name"] for one in house.entry.data["cameras"].values()} == {"Porch", "Attic"}
        assert house.entry.runtime_data.account.data.counts.waiting == 1
        assert house.camera.counters.dials == dials, "the other camera noticed nothing"
        record = house.entry.runtime_data.vault.records[key_of(house.entry, "Attic")]
        assert record.camera.proven


async def test_a_camera_that_was_off_joins_later(house: House) -> None:
    """One that does not answer is tried again at later lists, less and less often."""
    async with Simulator([CameraSpec("attic", host=own_host(), port=PORT)]) as more:
        attic = more.cameras["attic"]
        attic.sleep()
        house.user.devices.append(Device.of_camera(attic, "Attic"))
        await settled(house)
        assert house.home.state("camera.attic") is None
        assert house.entry.runtime_data.account.waiting.count == 1, "a person may know whose it is"
        attic.sleep(False)
        for _ in range(3):
            await settled(house)
        await wait_for(lambda: house.home.state("camera.attic") == "idle", 20)
        await wait_for(lambda: house.entry.runtime_data.account.waiting.count == 0)


async def test_a_list_of_strangers_is_not_believed(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A list without any known camera is somebody else's: nothing is added, noted missing or shown."""
    before = dict(house.entry.data)
    async with Simulator([CameraSpec("attic", host=own_host(), port=PORT)]) as more:
        house.user.devices = [Device.of_camera(more.cameras["attic"], "Attic")]
        await settled(house)
        assert house.state == "unfamiliar"
        house.user.devices = []
        await settled(house)
        assert house.state == "unfamiliar"
        assert dict(house.entry.data) == before
        assert more.cameras["attic"].counters.dials == 0
    assert sum("not as it should be" in record.getMessage() for record in caplog.records) == 1
    assert house.home.state("camera.porch") == "idle"


async def test_a_vanished_camera_stays(house: House, simulator: Simulator) -> None:
    """It is noted after a day and three lists, and shown all the time; once back it is like the others."""
    porch = house.user.devices.pop()
    async with Simulator([CameraSpec("attic", host=own_host(), port=PORT)]) as more:
        house.user.devices = [porch, Device.of_camera(more.cameras["attic"], "Attic")]
        await house.ask()
        await wait_for(lambda: house.home.state("camera.attic") == "idle", 20)
        house.user.devices.remove(porch)
        for _ in range(4):
            await settled(house)
        counts = house.entry.runtime_data.account.data.counts
        assert counts.missing == 0, "not within a day"
        house.clock.advance(DAY + 60)
        await settled(house)
        assert house.entry.runtime_data.account.data.counts.missing == 1
        assert house.home.state("camera.porch") == "idle"
        assert key_of(house.entry, "Porch") in house.entry.runtime_data.vault.records
        house.user.devices.append(porch)
        await settled(house)
        assert house.entry.runtime_data.account.data.counts.missing == 0


async def test_names_are_the_accounts_or_the_persons(house: House) -> None:
    """A camera that was renamed in the account is renamed here, unless the person named it here."""
    registry = dr.async_get(house.hass)
    house.user.devices[0].nickname = "Front door"
    await settled(house)
    key = key_of(house.entry, "Front door")
    device = registry.async_get_device_by_identifier(("wyze_local", key), house.entry.entry_id)
    assert device is not None
    assert device.name == "Front door"
    registry.async_update_device(device.id, name_by_user="Mine")
    house.user.devices[0].nickname = "Back door"
    await settled(house)
    device = registry.async_get_device_by_identifier(("wyze_local", key), house.entry.entry_id)
    assert device is not None
    assert (device.name, device.name_by_user) == ("Back door", "Mine")
    house.user.devices[0].nickname = "\n"
    await settled(house)
    assert key_of(house.entry, "Back door") == key, "a name that cannot be shown is none"


async def test_what_cannot_be_read_is_left_out(house: House) -> None:
    """Devices without what makes a camera are counted, and the others follow all the same."""
    broken = Device.of_spec(CameraSpec("broken"), own_host())
    broken.mac = "nonsense"
    cloudy = Device.elsewhere("Cloudy", "GW_GC1")
    house.user.devices += [broken, cloudy]
    house.user.devices[0].nickname = "Front door"
    await settled(house)
    counts = house.entry.runtime_data.account.data.counts
    assert (counts.cameras, counts.unreadable) == (1, 1)
    assert house.state == "signed_in"
    assert key_of(house.entry, "Front door")


async def test_a_camera_that_was_removed_stays_away(house: House, hass_ws_client: WebSocketGenerator) -> None:
    """What a person deletes goes with its keys, and no list brings it back."""
    await async_setup_component(house.hass, "config", {})
    async with Simulator([CameraSpec("attic", host=own_host(), port=PORT)]) as more:
        house.user.devices.append(Device.of_camera(more.cameras["attic"], "Attic"))
        await house.ask()
        await wait_for(lambda: house.home.state("camera.attic") == "idle", 20)
        key = key_of(house.entry, "Attic")
        registry = dr.async_get(house.hass)
        device = registry.async_get_device_by_identifier(("wyze_local", key), house.entry.entry_id)
        assert device is not None
        client = await hass_ws_client(house.hass)
        answer = await client.remove_device(device.id)
        assert answer["success"], answer
        await house.hass.async_block_till_done()
        assert house.home.state("camera.attic") is None
        assert key not in house.entry.runtime_data.vault.records
        dials = more.cameras["attic"].counters.dials
        for _ in range(2):
            await settled(house)
        assert house.home.state("camera.attic") is None
        assert more.cameras["attic"].counters.dials == dials
        assert len(house.entry.data["ignored"]) == 1


async def test_no_camera_is_held_twice(house: House) -> None:
    """A camera that another entry has stays there, whatever the list says."""
    async with Simulator([CameraSpec("attic", host=own_host(), port=PORT)]) as more:
        other = await account_entry(house.hass, [more.cameras["attic"]])
        assert await house.hass.config_entries.async_setup(other.entry_id)
        house.user.devices.append(Device.of_camera(more.cameras["attic"], "Attic"))
        await settled(house)
        assert set(house.entry.data["cameras"]) == {key_of(house.entry, "Porch")}
        assert house.entry.runtime_data.account.data.counts.elsewhere == 1


async def test_lost_keys_come_back_by_themselves(house: House) -> None:
    """The account tells the keys of a known camera again, and it is the same camera as before."""
    key = key_of(house.entry, "Porch")
    await house.entry.runtime_data.vault.async_drop(key)
    await house.entry.runtime_data.coordinator.async_change(key)
    await wait_for(lambda: house.home.state("sensor.porch_connection") == "keys_missing")
    house.camera.move(own_host(), PORT)
    await house.ask()
    await wait_for(lambda: house.home.state("camera.porch") == "idle", 20)
    assert kept(house, "Porch").enr.reveal() == house.camera.enr


async def settled(house: House) -> None:
    """Ask for a list, and wait until everything that it set off is over."""
    await house.ask()
    work = house.entry.runtime_data.account.cameras.work
    if work is not None:
        await wait_for(work.done, 40)
    await house.hass.async_block_till_done()


@pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", model=BATTERY, host=own_host(), port=PORT)]], indirect=True
)
async def test_a_camera_that_sleeps_is_followed_when_its_old_address_is_of_no_use(
    hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud
) -> None:
    """It cannot prove itself while it sleeps; its key stays the one that did, and it is not called proven."""
    house = await make_house(hass, home, simulator, cloud)
    await house.start()
    before = kept(house, "Porch")
    house.camera.sleep()
    house.camera.move(own_host(), PORT)
    await settled(house)
    assert kept(house, "Porch") == before, "while nothing is wrong with the old address, it stays"
    with pytest.raises(HomeAssistantError):
        await async_get_image(hass, "camera.porch")
    await wait_for(lambda: home.state("sensor.porch_connection") in ("asleep", "not_here"), 20)
    device = house.user.devices[0]
    device.enr = "AnotherKey123456"
    await settled(house)
    assert kept(house, "Porch") == before, "no key takes the place of the one that proved itself"
    device.enr = house.camera.spec.enr
    for _ in range(2):
        await settled(house)
    after = kept(house, "Porch")
    assert after.address.reveal() == house.camera.credentials.address
    assert (after.uid, after.enr) == (before.uid, before.enr)
    record = house.entry.runtime_data.vault.records[key_of(house.entry, "Porch")]
    assert not record.camera.proven
    house.camera.sleep(False)
    await async_get_image(hass, "camera.porch")
    await wait_for(lambda: home.state("sensor.porch_connection") == "on_demand", 20)
