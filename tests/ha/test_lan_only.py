"""LAN only: from the moment it is on nothing is asked of the vendor, whatever happens, until it is off."""

import asyncio
from datetime import timedelta
from typing import Any

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from .account_rig import House, cloud, house
from .line_rig import HOUR, UPLINK, Days
from .rigging import DOMAIN, wait_for

__all__ = ["cloud", "house"]

SWITCH = "switch.a_e_lan_only"
STOPPED = "sensor.a_e_stopped_without_the_cloud"
DAY = 24 * 3600.0
A_YEAR = 365 * DAY


async def switch(house: House, to: str, *, blocking: bool = True) -> None:
    """Turn the switch, as a person does."""
    service = {ATTR_ENTITY_ID: SWITCH}
    await house.hass.services.async_call("switch", f"turn_{to}", service, blocking=blocking)


def asking(house: House) -> list[Any]:
    """Return the pages that ask to sign in again."""
    flows = house.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [flow for flow in flows if flow["context"]["source"] == "reauth"]


def knocks(house: House) -> int:
    """Count what reached the vendor: handshakes, the first thing that any call makes."""
    return house.cloud.handshakes


async def days_pass(house: House, days: int) -> None:
    """Let days go by, with everything that is planned in them."""
    house.clock.advance(days * DAY)
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(days=days), fire_all=True)
    await house.hass.async_block_till_done()


async def test_nothing_is_asked_while_it_is_on(house: House) -> None:
    """Not by the clock, not by request, not by a session that somebody puts into the vault; then at once."""
    assert house.home.state(SWITCH) == "off"
    assert house.home.state(STOPPED) == "nothing"
    await switch(house, "on")
    assert (house.state, house.home.state(SWITCH)) == ("lan_only", "on")
    assert house.home.state(STOPPED) == "news"
    before = knocks(house)
    await days_pass(house, 3)
    account = house.entry.runtime_data.account
    await account.async_refresh()
    await account.async_request_refresh()
    account.async_account_changed()
    await days_pass(house, 3)
    assert house.state == "lan_only"
    assert house.home.state("camera.porch") == "idle"
    assert knocks(house) == before
    await switch(house, "off")
    await wait_for(lambda: house.state == "signed_in")
    assert knocks(house) > before
    assert house.home.state(STOPPED) == "nothing"


async def test_a_call_under_way_is_given_up(house: House) -> None:
    """At once: the switch waits for nobody's answer, and what comes late changes nothing."""
    hanging = house.cloud.fault("hang", "devices")
    asked = house.hass.async_create_task(house.ask())
    lists = len(house.cloud.calls("devices"))
    await wait_for(lambda: len(house.cloud.calls("devices")) > lists)
    async with asyncio.timeout(5):
        await switch(house, "on")
        await asked
    assert house.state == "lan_only"
    house.cloud.faults.clear(hanging)
    before = knocks(house)
    await days_pass(house, 1)
    assert house.state == "lan_only"
    assert knocks(house) == before


async def test_a_renewal_under_way_is_sealed_and_is_the_last_call(house: House) -> None:
    cloud = house.cloud
    cloud.invalidate(refresh_too=False)
    hanging = cloud.fault("hang", "refresh")
    asked = house.hass.async_create_task(house.ask())
    await wait_for(lambda: cloud.calls("refresh"))
    lists = len(cloud.calls("devices"))
    turned = house.hass.async_create_task(switch(house, "on"))
    await wait_for(lambda: house.state == "lan_only")
    assert house.home.state(SWITCH) == "on"
    cloud.faults.clear(hanging)
    async with asyncio.timeout(20):
        await turned
        await asked
    vault = house.entry.runtime_data.vault
    assert vault.account.tokens.access.reveal() == cloud.tokens.given[-1].access
    before = knocks(house)
    await days_pass(house, 1)
    assert knocks(house) == before
    assert len(cloud.calls("devices")) == lists
    house.clock.ahead = -DAY
    cloud.clock.advance(-DAY)
    await switch(house, "off")
    await wait_for(lambda: house.state == "signed_in")
    assert len(cloud.calls("refresh")) == 1


async def test_it_holds_over_a_restart(house: House) -> None:
    """From the first moment on; and an old developer key is no matter while nobody can ask for another."""
    await switch(house, "on")
    house.clock.ahead = A_YEAR
    before = knocks(house)
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    assert house.state == "lan_only"
    await wait_for(lambda: house.home.state("camera.porch") == "idle")
    await days_pass(house, 1)
    assert (house.state, house.home.state(SWITCH)) == ("lan_only", "on")
    assert knocks(house) == before
    assert not key_issues(house)
    await switch(house, "off")
    await wait_for(lambda: knocks(house) > before)
    await wait_for(lambda: key_issues(house))
    await switch(house, "on")
    assert not key_issues(house)


def key_issues(house: House) -> list[str]:
    """Return the repairs that ask for another developer key."""
    issues = ir.async_get(house.hass).issues
    return [issue for domain, issue in issues if domain == DOMAIN and "key" in issue]


async def test_nobody_is_asked_to_sign_in_to_a_vendor_who_is_left_alone(house: House) -> None:
    """What was asked is withdrawn; afterwards it is asked again, if it is still so."""
    house.cloud.invalidate()
    async with asyncio.timeout(20):
        while house.state != "refused":
            await house.ask()
    house.entry.async_start_reauth(house.hass)
    await wait_for(lambda: asking(house))
    await switch(house, "on")
    assert not asking(house)
    await days_pass(house, 2)
    assert not asking(house)


async def test_on_and_off_and_on_in_a_hurry(house: House) -> None:
    """Whatever is under way by then: the last word counts, and no two sessions ask at once."""
    cloud = house.cloud
    cloud.invalidate(refresh_too=False)
    cloud.fault("slow", "refresh", seconds=1)
    asked = house.hass.async_create_task(house.ask())
    await wait_for(lambda: cloud.calls("refresh"))
    turns = [house.hass.async_create_task(switch(house, to)) for to in ("on", "off", "on", "off")]
    async with asyncio.timeout(30):
        await asyncio.gather(asked, *turns)
    await wait_for(lambda: house.state == "signed_in")
    assert house.home.state(SWITCH) == "off"
    assert len(cloud.calls("refresh")) == 1, "tokens that were renewed twice are lost"


async def test_off_again_while_a_renewal_is_being_sealed(house: House) -> None:
    """The next session waits for the tokens, and is not refused with those that have just ended."""
    cloud, states = house.cloud, []
    house.hass.bus.async_listen("state_changed", lambda event: states.append(event.data["new_state"].state))
    cloud.invalidate(refresh_too=False)
    cloud.fault("slow", "refresh", seconds=2)
    asked = house.hass.async_create_task(house.ask())
    await wait_for(lambda: cloud.calls("refresh"))
    turned = house.hass.async_create_task(switch(house, "on"))
    await wait_for(lambda: house.state == "lan_only")
    await switch(house, "off")
    async with asyncio.timeout(20):
        await asyncio.gather(asked, turned)
    await wait_for(lambda: house.state == "signed_in")
    assert "refused" not in states


async def test_a_probe_that_it_gives_up_was_no_failure(house: House) -> None:
    """Amid an outage that one more good answer ends: it ends with the first one after it is off again."""
    days = Days(house)
    await house.cloud.refuse()
    await days.until("offline", HOUR)
    await house.cloud.resume()
    await days.next_call()
    hanging = house.cloud.fault("hang", "user")
    asked = len(house.cloud.calls("user"))
    house.clock.advance(31)
    await wait_for(lambda: len(house.cloud.calls("user")) > asked)
    assert house.home.state(UPLINK) == "offline"
    await switch(house, "on")
    house.cloud.faults.clear(hanging)
    await days_pass(house, 1)
    await switch(house, "off")
    await wait_for(lambda: house.home.state(UPLINK) == "recovering")
