"""Cameras and what a router's integration knows of them, as one device: where the person wants that."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr

from dev.simulator import Camera

from .rigging import DOMAIN, Home, open_options, wait_for


async def choose(hass: HomeAssistant, home: Home, *, link: bool | None = None) -> None:
    """Open the options, and choose."""
    manager = hass.config_entries.options
    page = await open_options(hass, home.entry)
    values: dict[str, Any] = home.networks_input()
    if link is not None:
        values["link_devices"] = link
    result = await manager.async_configure(page["flow_id"], values)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


def links(hass: HomeAssistant, home: Home) -> list[tuple[str, str]]:
    """Return what links the camera's device with others."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), home.entry.entry_id)
    (device,) = [one for one in devices if any(domain == DOMAIN for domain, _ in one.identifiers)]
    return sorted(device.connections)


async def test_cameras_are_linked_where_the_person_wants_that(
    hass: HomeAssistant, home: Home, porch: Camera
) -> None:
    """Off at first; on and off at once, also over a reload, and no picture is interrupted for it."""
    assert links(hass, home) == []
    coordinator = home.entry.runtime_data.coordinator
    await choose(hass, home, link=True)
    mac = dr.format_mac(porch.spec.mac)
    await wait_for(lambda: links(hass, home) == [("mac", mac)])
    assert home.entry.runtime_data.coordinator is coordinator
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    assert links(hass, home) == [("mac", mac)]
    await choose(hass, home)
    await wait_for(lambda: links(hass, home) == [])
    assert "link_devices" not in home.entry.options
