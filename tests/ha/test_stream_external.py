"""Streams of any make beside a go2rtc of somebody else: it learns no URL without the owner's word."""

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from tests.support.external import External
from tests.support.foreign import Door

from .foreign_rig import door, foreign, typed
from .rigging import Home, wait_for
from .test_external import external, set_up

__all__ = ["door", "external", "foreign"]


async def test_without_the_tick_it_is_told_nothing(
    hass: HomeAssistant, home: Home, external: External, door: Door
) -> None:
    await set_up(hass, home, external)
    result = await home.submit(await home.camera_flow("stream"), typed(door.url))
    assert result["errors"] == {"base": "stream_keys_not_allowed"}
    assert not home.entry.subentries
    assert not door.visitors
    assert str(door.port) not in str(await external.ask("api/streams"))


async def test_the_tick_can_be_taken_back(
    hass: HomeAssistant, home: Home, external: External, door: Door
) -> None:
    """Then the camera says so, and the other go2rtc is told nothing more."""
    await set_up(hass, home, external, keys_allowed=True)
    result = await home.submit(await home.camera_flow("stream"), typed(door.url))
    assert result["type"] is FlowResultType.CREATE_ENTRY, result.get("errors")
    await wait_for(lambda: home.state("camera.yard") == "idle", 20)
    entry = home.entry
    hass.config_entries.async_update_entry(entry, options={**entry.options, "keys_allowed": False})
    await hass.async_block_till_done()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_for(lambda: home.state("sensor.yard_connection") == "keys_not_allowed", 20)
    assert home.state("camera.yard") == "unavailable"
    assert str(door.port) not in str(await external.ask("api/streams")), "nor does it remember"
