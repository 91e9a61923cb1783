"""A camera that was bought used: what the flows say of it, and that its new keys come in after a reset."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.translation import async_get_translations

from dev.simulator import CameraSpec, Simulator, WrongKey
from dev.simulator.cloud import FakeCloud

from .account_flow_rig import Person, cloud as cloud, person as person, values_of  # noqa: PLC0414
from .account_rig import House, key_of, let_guests_leave, make_house, own_host
from .rigging import DOMAIN, Home, wait_for

STEPS = ("factory settings", "anew in the vendor's app", "firmware", "SD card", "is not known")
RESET = CameraSpec("porch", host=own_host(), port=32761)


async def text(hass: HomeAssistant, category: str, *path: str) -> str:
    """Return what a page says."""
    texts = await async_get_translations(hass, "en", category, {DOMAIN})
    return texts[".".join((f"component.{DOMAIN}", category, *path, "step", "used", "description"))]


def after_a_reset(camera: Any) -> CameraSpec:
    """Return the same camera as it is after it was reset and added anew: another key, the same hardware."""
    return replace(camera.spec, enr="FreshKey12345678")


async def test_an_account_asks_once_and_goes_on(hass: HomeAssistant, person: Person) -> None:
    """Whoever ticks it reads the steps, and then has the cameras that were chosen; nobody else sees them."""
    page = await person.sign_in()
    page = await person.submit(page, cameras=values_of(page, ["Porch"]), used=True)
    assert page["step_id"] == "used"
    said = await text(hass, "config")
    assert all(step in said for step in STEPS)
    page = await person.submit(page)
    assert page["step_id"] == "passphrase"
    page = await person.submit(page)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    (entry,) = person.entries
    assert [kept["name"] for kept in entry.data["cameras"].values()] == ["Porch"]
    context: Any = {"source": "reconfigure", "entry_id": entry.entry_id}
    page = dict(await hass.config_entries.flow.async_init(DOMAIN, context=context))
    page = await person.sign_in(await person.choose(page, "account"))
    page = await person.submit(page, cameras=values_of(page, ["Porch", "Garden"]), used=True)
    assert len(entry.data["cameras"]) == 1, "nothing is taken in before the page was read"
    page = await person.submit(page)
    assert page["reason"] == "reconfigure_successful"
    assert len(entry.data["cameras"]) == 2


async def test_a_local_camera_has_it_one_page_away(hass: HomeAssistant, home: Home) -> None:
    """In the menu, and from there on to the form."""
    await home.set_up()
    page = await home.camera_flow("used")
    assert page["menu_options"] == ["link", "fields"]
    said = await text(hass, "config_subentries", "camera")
    assert all(step in said for step in STEPS)
    manager = hass.config_entries.subentries
    page = dict(await manager.async_configure(page["flow_id"], {"next_step_id": "link"}))
    assert page["step_id"] == "link"


@pytest.mark.parametrize("simulator", [[RESET]], indirect=True)
async def test_after_a_reset_a_new_link_is_enough(home: Home, porch: Any) -> None:
    """Ids and entities stay; the old key is not tried any more."""
    (subentry,) = home.entry.subentries.values()
    porch.stop()
    async with Simulator([after_a_reset(porch)]) as reset:
        link = reset.cameras["porch"].link
        page = await home.camera_flow("used", subentry_id=subentry.subentry_id)
        assert page["menu_options"] == ["link", "change"]
        manager = home.hass.config_entries.subentries
        page = dict(await manager.async_configure(page["flow_id"], {"next_step_id": "link"}))
        page = await home.submit(page, {"name": "Porch", "link": link})
        assert page["reason"] == "reconfigure_successful"
        await wait_for(lambda: home.state("camera.porch") == "idle", 20)
        record = home.entry.runtime_data.vault.records[subentry.data["camera_key"]]
        assert record.camera.credentials.enr.reveal() == "FreshKey12345678"
        assert record.camera.proven


@pytest.fixture
async def house(hass: HomeAssistant, home: Home, simulator: Simulator) -> AsyncIterator[House]:
    """Run a person's account that has the porch camera."""
    let_guests_leave(hass)
    async with FakeCloud() as running:
        house = await make_house(hass, home, simulator, running)
        await house.start()
        yield house


@pytest.mark.parametrize("simulator", [[RESET]], indirect=True)
async def test_after_a_reset_an_account_brings_the_new_key(house: House) -> None:
    """By itself, without anybody's word: the camera has proved it, and does not answer to the old one."""
    house.camera.change_key(WrongKey.SILENCE)
    house.user.devices[0].enr = fresh = house.camera.enr
    await house.ask()
    key = key_of(house.entry, "Porch")
    await wait_for(lambda: records_enr(house, key) == fresh, 30)
    await wait_for(lambda: house.home.state("camera.porch") == "idle", 30)
    assert list(house.entry.runtime_data.vault.records) == [key], "it is the same camera here"


def records_enr(house: House, key: str) -> str:
    """Return the key of a camera as it is sealed now."""
    return str(house.entry.runtime_data.vault.records[key].camera.credentials.enr.reveal())
