"""The camera networks while a camera is added: nothing outside them is dialled, nor added unasked."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from dev.simulator import Simulator

from .rigging import Home, fields, suggested, wait_for


async def test_outside_the_camera_networks(home: Home, simulator: Simulator) -> None:
    """An address outside is not dialled; the box adds its network and the camera with it."""
    await home.set_up("192.0.2.0/24")
    camera = simulator.cameras["porch"]
    flow = await home.camera_flow()
    values = {"name": "Porch", "link": camera.link}
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "address_outside"}
    assert camera.counters.dials == 0
    result = await home.submit(flow, values | {"add_network": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "127.0.0.0/24" in home.entry.options["networks"]


@pytest.mark.parametrize(
    "address", ["224.0.0.1", "239.255.255.250", "240.1.2.3", "255.255.255.255", "0.1.2.3"]
)
@pytest.mark.parametrize("way", ["link", "fields"])
async def test_an_address_where_no_camera_can_be(
    home: Home, simulator: Simulator, address: str, way: str
) -> None:
    """It is named, its network is not offered, what was typed stays, and a good address mends it."""
    await home.set_up()
    link = simulator.cameras["porch"].link
    if way == "link":
        bad = {"name": "Porch", "link": link.replace(str(urlsplit(link).hostname), address)}
        good = {"name": "Porch", "link": link}
    else:
        bad, good = fields(link, ip_address=address), fields(link)
    flow = await home.camera_flow(way)
    result = await home.submit(flow, bad)
    assert result["errors"] == {"base": "address_not_for_cameras"}
    assert "add_network" not in suggested(result)
    assert suggested(result).items() >= bad.items()
    result = await home.submit(flow, good)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_there_is_no_room_for_another_network(home: Home, simulator: Simulator) -> None:
    """The thirty-third network is not offered; the message says why."""
    await home.set_up(*(f"10.0.{number}.0/24" for number in range(32)))
    result = await home.submit(
        await home.camera_flow(), {"name": "Porch", "link": simulator.cameras["porch"].link}
    )
    assert result["errors"] == {"base": "networks_full"}
    assert "add_network" not in suggested(result)


async def test_a_network_is_added_with_its_camera_or_not_at_all(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """Neither a dial nor a save that fails leaves a wider list behind; the tick stays for the next try."""
    entry = await home.set_up("192.0.2.0/24")
    camera = simulator.cameras["porch"]
    flow = await home.camera_flow()
    values = {"name": "Porch", "link": camera.link, "add_network": True}
    await home.submit(flow, {"name": "Porch", "link": camera.link})
    camera.sleep()
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "dial_no_answer"}
    assert suggested(result)["add_network"] is True
    assert entry.options["networks"] == ["192.0.2.0/24"]
    camera.resume()
    key = Path(hass.config.cache_path("wyze_local", "key"))
    key.chmod(0o644)
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "vault_key_mode_too_wide"}
    assert entry.options["networks"] == ["192.0.2.0/24"]
    key.chmod(0o600)
    result = await home.submit(flow, values)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["networks"] == ["192.0.2.0/24", "127.0.0.0/24"]
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_a_tick_is_for_the_network_beside_it(home: Home, simulator: Simulator) -> None:
    """Whoever types another address after the tick is asked again, for that one's network."""
    entry = await home.set_up("192.0.2.0/24")
    camera = simulator.cameras["porch"]
    flow = await home.camera_flow("fields")
    await home.submit(flow, fields(camera.link, ip_address="198.51.100.7"))
    result = await home.submit(flow, fields(camera.link, add_network=True))
    assert result["errors"] == {"base": "address_outside"}
    assert result["description_placeholders"]["network"] == "127.0.0.0/24"
    assert suggested(result)["add_network"] is False
    assert camera.counters.dials == 0
    result = await home.submit(flow, fields(camera.link, add_network=True))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["networks"] == ["192.0.2.0/24", "127.0.0.0/24"]
