"""What was found on the own network, and an account that tells another address: the newest proof wins."""

import asyncio
from typing import Any

import pytest

from homeassistant.components.camera import async_get_image
from homeassistant.config_entries import SOURCE_DHCP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo

from custom_components.wyze_local.engine.ownership import CameraStanding
from dev.simulator import CameraSpec, Simulator

from .account_rig import House, cloud, house, key_of, own_host
from .rigging import DOMAIN, view, wait_for

__all__ = ["cloud", "house"]

BATTERY = "WVOD1"
"""A model that sleeps."""
PORT = 32761


def record(house: House) -> Any:
    """Return what is sealed of the camera."""
    return house.entry.runtime_data.vault.records[key_of(house.entry, "Porch")]


async def follow_lease(house: House) -> str:
    """Let the camera move, and Home Assistant hear of its lease; the account hears of nothing."""
    house.user.devices[0].ip = house.camera.credentials.address
    house.camera.move(own_host(), house.camera.credentials.port)
    address = str(house.camera.credentials.address)
    info = DhcpServiceInfo(ip=address, hostname="", macaddress=house.camera.spec.mac.lower())
    await house.hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_DHCP}, data=info)
    await wait_for(lambda: record(house).camera.credentials.address.reveal() == address, 20)
    return address


async def lists(house: House, count: int) -> None:
    """Let the account tell its list so often, and what comes of it come to an end."""
    for _ in range(count):
        await house.ask()
        work = house.entry.runtime_data.account.cameras.work
        if work is not None:
            await asyncio.wait({work}, timeout=30)


@pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", model=BATTERY, host=own_host(), port=PORT)]], indirect=True
)
async def test_a_list_does_not_lead_a_sleeping_camera_back_to_where_it_was(
    hass: HomeAssistant, house: House
) -> None:
    """Its word is believed of a camera that sleeps, but not against a proof; not after a restart either."""
    address = await follow_lease(house)
    assert await hass.config_entries.async_reload(house.entry.entry_id)
    house.camera.sleep()
    with pytest.raises(HomeAssistantError):
        await async_get_image(hass, "camera.porch")
    await wait_for(lambda: house.home.state("sensor.porch_connection") in ("asleep", "not_here"), 20)
    await lists(house, 2)
    assert record(house).camera.credentials.address.reveal() == address
    assert record(house).camera.proven
    # News is believed as ever: it may have moved once more.
    house.camera.move(own_host(), PORT)
    house.user.devices[0].ip = house.camera.credentials.address
    await lists(house, 2)
    assert record(house).camera.credentials.address.reveal() == house.camera.credentials.address


async def test_who_has_its_old_address_speaks_for_nobody(house: House) -> None:
    """A list that leads there time and again makes no suspect of a camera that is elsewhere."""
    old, port, uid = house.camera.credentials.address, house.camera.credentials.port, house.camera.spec.uid
    address = await follow_lease(house)
    coordinator = house.entry.runtime_data.coordinator
    # Somebody watches: no check in between shows that all is well.
    viewer = await view(coordinator.server.restream_url(key_of(house.entry, "Porch")).reveal())
    try:
        await wait_for(lambda: house.home.state("camera.porch") == "streaming", 15)
        other = CameraSpec("other", host=old, port=port, uid=uid, checks_mac=False)
        async with Simulator([other]) as others:
            for count in (1, 1, 2):
                await lists(house, count)
                house.clock.advance(400)
            assert others.cameras["other"].counters.failed_handshakes == 3
        ownership = house.entry.runtime_data.account.ownership
        standing = ownership.camera_standing(key_of(house.entry, "Porch"))
        assert standing is CameraStanding.TRUSTED
        assert record(house).camera.credentials.address.reveal() == address
    finally:
        viewer.kill()
        await viewer.wait()
