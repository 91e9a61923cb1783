"""An account's cameras: plain devices of its entry that live as the local ones do."""

from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.wyze_local.cameras import async_change_camera
from custom_components.wyze_local.config_flow import WyzeLocalConfigFlow
from dev.simulator import CameraSpec, Simulator

from .account_rig import account_entry, key_of
from .rigging import Home, view, wait_for

TWO = [CameraSpec("porch"), CameraSpec("garden")]


@pytest.mark.parametrize("simulator", [TWO], indirect=True)
async def test_they_come_up_with_what_one_looks_for_first(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """Both are ready, each is a device of the entry itself, and no camera can be typed in there."""
    entry = await account_entry(hass, simulator.cameras.values())
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: home.state("camera.porch") == home.state("camera.garden") == "idle")
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert {device.name for device in devices if device.config_subentry_id is None} >= {"Porch", "Garden"}
    await wait_for(lambda: home.state("media_player.porch_speaker") == "idle")
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    enabled = {one.entity_id for one in entities if one.disabled_by is None}
    assert {entity_id for entity_id in enabled if "porch" in entity_id} == {
        "camera.porch",
        "media_player.porch_speaker",
        "select.porch_night_vision",
        "sensor.porch_connection",
        "siren.porch_siren",
    }
    assert WyzeLocalConfigFlow.async_get_supported_subentry_types(entry) == {}


async def test_a_choice_is_kept_in_the_entry(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """What is chosen is asked of the camera at once, costs no reload, and survives a restart of the entry."""
    camera = simulator.cameras["porch"]
    entry = await account_entry(hass, [camera])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    er.async_get(hass).async_update_entity("select.porch_picture_quality", disabled_by=None)
    assert await hass.config_entries.async_reload(entry.entry_id)
    viewer = await view(restream(entry))
    try:
        await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
        values = {ATTR_ENTITY_ID: "select.porch_picture_quality", "option": "sd"}
        await hass.services.async_call("select", "select_option", values, blocking=True)
        await wait_for(lambda: camera.settings.resolution == 1)
        assert viewer.returncode is None
    finally:
        viewer.kill()
        await viewer.wait()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["cameras"][key_of(entry, "Porch")]["resolution"] == "sd"
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert home.state("select.porch_picture_quality") == "sd"
    await wait_for(lambda: home.state("camera.porch") == "idle")


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize("simulator", [TWO], indirect=True)
async def test_they_come_and_go_and_are_renamed_without_a_reload(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """The one that goes takes its device, entities and keys along; the other notices nothing."""
    entry = await account_entry(hass, simulator.cameras.values())
    gone = key_of(entry, "Garden")
    both = dict(entry.data["cameras"])
    keep(hass, entry, {key: data for key, data in both.items() if key != gone})
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert gone not in entry.runtime_data.vault.records, "its keys were dropped at the start"
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert home.state("camera.garden") is None
    dials = simulator.cameras["porch"].counters.dials
    keep(hass, entry, both)
    await wait_for(lambda: home.state("sensor.garden_connection") == "keys_missing")
    async_change_camera(hass, entry, gone, name="Yard")
    await hass.async_block_till_done()
    (device,) = [
        one
        for one in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        if one.name == "Yard"
    ]
    assert home.state("camera.garden") == "unavailable", "what it is called is no part of its ids"
    keep(hass, entry, {key: data for key, data in both.items() if key != gone})
    await wait_for(lambda: home.state("camera.garden") is None)
    assert dr.async_get(hass).async_get(device.id) is None
    assert home.state("camera.porch") == "idle"
    assert simulator.cameras["porch"].counters.dials == dials
    assert entry.state is ConfigEntryState.LOADED


async def test_what_is_an_accounts_is_refused_as_local(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """A camera that an account's entry has cannot be added as a local one besides."""
    await home.set_up()
    entry = await account_entry(hass, simulator.cameras.values())
    assert await hass.config_entries.async_setup(entry.entry_id)
    flow = await home.camera_flow()
    result = await home.submit(flow, {"name": "Again", "link": simulator.cameras["porch"].link})
    assert result["errors"] == {"base": "already_added"}
    assert result["description_placeholders"]["name"] == "Porch"


def keep(hass: HomeAssistant, entry: Any, cameras: dict[str, Any]) -> None:
    """Let the entry have these cameras."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, "cameras": cameras})


def restream(entry: Any) -> str:
    """Return where the entry's one camera can be watched."""
    (camera_key,) = entry.data["cameras"]
    url: str = entry.runtime_data.coordinator.server.restream_url(camera_key).reveal()
    return url
