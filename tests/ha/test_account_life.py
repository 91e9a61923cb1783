"""An account's session beside what people do meanwhile: one at a time, and none is lost."""

import asyncio
from typing import Any

import pytest

from homeassistant.config_entries import ConfigFlowContext
from homeassistant.core import HomeAssistant

from dev.simulator import Simulator
from dev.simulator.cloud import FakeCloud

from .account_rig import House, cloud, make_house, signed_in
from .rigging import DOMAIN, Home, wait_for

__all__ = ["cloud"]


@pytest.fixture
async def house(hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud) -> House:
    """Run a person's account that has the porch camera; what is refused is tried again soon."""
    house = await make_house(hass, home, simulator, cloud, pause=0.2)
    await house.start()
    return house


def asking(house: House) -> list[Any]:
    """Return the pages that ask to sign in again."""
    flows = house.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [flow for flow in flows if flow["context"]["source"] == "reauth"]


async def until_signed_out(house: House) -> None:
    """Ask until nothing more is tried."""
    async with asyncio.timeout(20):
        while house.state != "signed_out":
            await house.ask()


@pytest.mark.parametrize(("pause", "tries"), [(0.01, 3), (600.0, 1)])
async def test_restarts_amid_a_mass_log_out_do_not_add_up(
    hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud, pause: float, tries: int
) -> None:
    """Three tries to renew the session in all, or one in ten minutes, no log-in, one request to sign in."""
    house = await make_house(hass, home, simulator, cloud, pause=pause)
    await house.start()
    cloud.invalidate()
    for _ in range(6):
        assert await hass.config_entries.async_reload(house.entry.entry_id)
        await wait_for(lambda: house.state in ("refused", "signed_out"), 20)
        await house.ask()
        assert len(cloud.calls("refresh")) <= tries
        await wait_for(lambda: home.state("camera.porch") == "idle")
    assert len(cloud.calls("refresh")) == tries
    assert not cloud.calls("login")
    assert house.state == ("signed_out" if tries == 3 else "refused")
    assert len(asking(house)) == (1 if tries == 3 else 0)

    # What was counted for the old session says nothing of a new one.
    cloud.clock.advance(5)
    house.clock.ahead = 5
    await house.entry.runtime_data.vault.async_put_account(signed_in(cloud, house.user))
    house.entry.runtime_data.account.async_account_changed()
    await wait_for(lambda: house.state == "signed_in")
    cloud.invalidate(refresh_too=False)
    await house.ask()
    assert house.state == "signed_in"
    assert len(cloud.calls("refresh")) == tries + 1


async def test_no_session_begins_while_the_entry_ends(house: House) -> None:
    """A list that falls due while a renewal is waited for asks nothing; the renewed tokens are the last."""
    data, cloud = house.entry.runtime_data, house.cloud
    cloud.invalidate(refresh_too=False)
    cloud.fault("slow", "refresh", seconds=3)
    asked = house.hass.async_create_task(data.account.async_refresh())
    await wait_for(lambda: cloud.calls("refresh"))
    unload = house.hass.async_create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await wait_for(lambda: house.state == "unavailable")
    await data.account.async_refresh()
    assert await unload
    await asked
    assert len(cloud.calls("refresh")) == 1
    assert data.vault.account.tokens.access.reveal() == cloud.tokens.given[-1].access
    lists = len(cloud.calls("devices"))
    await data.account.async_refresh()
    assert len(cloud.calls("devices")) == lists


async def test_a_window_left_open_does_not_hide_that_somebody_has_to_sign_in(house: House) -> None:
    """Home Assistant asks nothing beside Reconfigure; the notice comes when that window is gone, once."""
    manager = house.hass.config_entries.flow
    context = ConfigFlowContext(source="reconfigure", entry_id=house.entry.entry_id)
    left = await manager.async_init(DOMAIN, context=context)
    house.cloud.invalidate()
    await until_signed_out(house)
    assert not asking(house)
    manager.async_abort(left["flow_id"])
    for _ in range(3):
        await house.ask()
        assert len(asking(house)) == 1


async def test_a_late_no_to_the_old_session_is_no_word_on_the_new_one(house: House) -> None:
    """Who has just signed in anew is not asked to do so once more."""
    cloud = house.cloud
    cloud.invalidate()
    async with asyncio.timeout(20):
        while len(cloud.calls("refresh")) < 2:
            await house.ask()
    cloud.fault("hang", "refresh")
    asked = house.hass.async_create_task(house.ask())
    await wait_for(lambda: len(cloud.calls("refresh")) == 3)
    await house.entry.runtime_data.vault.async_put_account(signed_in(cloud, house.user))
    await cloud.resume()
    await asked
    await wait_for(lambda: house.state == "signed_in")
    assert not asking(house)
    assert len(cloud.calls("refresh")) == 3
