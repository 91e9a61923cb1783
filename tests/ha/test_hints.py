"""Where Home Assistant and this machine believe a camera to be."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.model import Credentials
from custom_components.wyze_local.hints import async_hints, neighbours

TABLE = """\
IP address       HW type     Flags       HW address            Mask     Device
192.168.1.20     0x1         0x2         2c:aa:8e:12:34:56     *        eth0
192.168.1.21     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.1.22     0x1         0x6         02:00:00:00:00:01     *        eth0
nonsense
"""


def test_neighbours_are_those_whose_hardware_address_is_known(tmp_path: Path) -> None:
    table = tmp_path / "arp"
    table.write_text(TABLE)
    assert neighbours(table) == [("2CAA8E123456", "192.168.1.20"), ("020000000001", "192.168.1.22")]
    table.write_bytes(b"\xff\xfe")
    assert neighbours(table) == neighbours(tmp_path / "none") == []


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
