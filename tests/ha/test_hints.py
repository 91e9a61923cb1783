"""Where Home Assistant and this machine believe a camera to be."""

import sys
from types import ModuleType

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.model import Credentials
from custom_components.wyze_local.hints import async_hints, async_taken
from custom_components.wyze_local.status import Connection
from dev.simulator import CameraSpec, Simulator

from .rigging import Home, wait_for

PORT = 32761


@pytest.fixture
def dhcp(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set Home Assistant's DHCP discovery up as far as it remembers leases.

    What it listens to the network with is not installed here.
    """
    for name, parts in {
        "aiodhcpwatcher": (),
        "aiodiscover": ("DiscoverHosts",),
        "aiodiscover.discovery": ("HOSTNAME", "IP_ADDRESS", "MAC_ADDRESS"),
        "cached_ipaddress": ("cached_ip_addresses",),
    }.items():
        module = ModuleType(name)
        for part in parts:
            setattr(module, part, part)
        monkeypatch.setitem(sys.modules, name, module)
    from homeassistant.components.dhcp.models import DATA_DHCP, DHCPData, DhcpMatchers

    data = DHCPData(integration_matchers=DhcpMatchers(set(), {}, {}))
    data.address_data["d03f27000009"] = {"ip": "192.168.1.9", "hostname": "lamp"}
    data.address_data["020000000007"] = {"ip": "192.168.1.7", "hostname": "camera"}
    data.address_data["aabbccddeeff"] = {"ip": "192.168.1.8", "hostname": "phone"}
    hass.data[DATA_DHCP] = data
    hass.config.components.add("dhcp")


def camera() -> Credentials:
    """Return a camera whose hardware address is none of the vendor's blocks."""
    return Credentials.parse(address="192.168.1.5", uid="A" * 20, enr="k" * 16, mac="02:00:00:00:00:07")


@pytest.mark.usefixtures("dhcp")
async def test_its_own_lease_is_tried_before_other_devices_of_the_vendor(hass: HomeAssistant) -> None:
    found = [one for one in await async_hints(hass, camera()) if one.startswith("192.168.1.")]
    assert found == ["192.168.1.7", "192.168.1.9"]


async def test_without_dhcp_discovery_there_is_no_lease(hass: HomeAssistant) -> None:
    assert "192.168.1.7" not in await async_hints(hass, camera())


def at(number: int, model: str = "WYZE_CAKP2JFUS", port: int = PORT) -> CameraSpec:
    """Return a camera with an address of its own."""
    return CameraSpec(f"cam{number}", host=f"127.77.3.{number}", port=port, model=model)


@pytest.mark.parametrize(
    "simulator", [[at(1), at(2), at(3), at(4, "WVOD1"), at(5, port=32762)]], indirect=True
)
async def test_where_others_are_well_nobody_is_looked_for(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """Not where one was that is gone, nor where one sleeps: somebody else may have its address."""
    await home.set_up()
    for one in simulator.cameras.values():
        await home.add(one.link, one.spec.name)
    entry = home.entry
    coordinator = entry.runtime_data.coordinator
    wanted, gone = list(coordinator.data)[:2]
    await wait_for(lambda: home.state("camera.cam2") == home.state("camera.cam3") == "idle")
    coordinator.async_set(gone, Connection.NO_ANSWER)
    coordinator.publish()
    way = coordinator.watched(wanted).record.camera.credentials
    assert async_taken(hass, wanted, way) == ["127.77.3.3"]
    await hass.config_entries.async_unload(entry.entry_id)
    assert async_taken(hass, wanted, way) == []
