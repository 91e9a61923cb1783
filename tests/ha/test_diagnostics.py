"""Diagnostics and system health help without naming anybody."""

import socket

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.wyze_local.shared import DATA_SHARED
from dev.simulator import Simulator

from .rigging import DOMAIN, Home, wait_for


async def test_diagnostics(
    hass: HomeAssistant, home: Home, simulator: Simulator, hass_client: ClientSessionGenerator
) -> None:
    """A bug report holds verdicts and versions, and nothing that identifies a camera or a home."""
    await async_setup_component(hass, "diagnostics", {})
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link, "Secret Garden")
    await wait_for(lambda: home.state("camera.secret_garden") == "idle")
    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    (camera,) = report["cameras"]
    assert camera["connection"] == "ready"
    assert camera["proven"] is True
    assert (camera["engine"], camera["relayed"]) == ("auto", True)
    assert camera["firmware"]
    assert report["relay"] == {"phase": "ready", "reason": "", "restarts": 0}
    assert report["stream_server"]["version"].startswith("1.9.")
    assert report["vault"] == {
        "open": True,
        "passphrase": False,
        "key_place": "own",
        "key_in_backup": "no",
    }
    text = str(report)
    credentials = simulator.cameras["porch"].credentials
    for hidden in (credentials.uid, credentials.enr, credentials.mac, credentials.address, "Secret Garden"):
        assert hidden not in text
    assert next(iter(entry.runtime_data.vault.records)) not in text


async def test_system_health(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """The health page counts cameras."""
    await async_setup_component(hass, "system_health", {})
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    info = await get_system_health_info(hass, DOMAIN)
    assert info["cameras"] == info["cameras_available"] == 1
    assert info["relay"] == info["stream_server"] == "ready"


async def test_an_entry_that_could_not_be_set_up_tells_why(
    hass: HomeAssistant, home: Home, hass_client: ClientSessionGenerator
) -> None:
    """That is when somebody needs them most."""
    await async_setup_component(hass, "diagnostics", {})
    entry = await home.set_up()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.data[DATA_SHARED].async_end()
    with socket.create_server(("0.0.0.0", home.port)):
        assert not await hass.config_entries.async_setup(entry.entry_id)
    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert report["entry"] == {"state": "setup_retry", "reason": "server_port_taken"}
    assert report["relay"]["phase"] == "stopped"
    assert report["cameras"] == []
