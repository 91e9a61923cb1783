"""LAN only at the pages of an account: chosen with a sign-in, and in the way of what would ask the vendor."""

import asyncio
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from dev.simulator.cloud import Factor, FakeCloud

from .account_flow_rig import PASSWORD, Person, cloud, person
from .rigging import open_options, wait_for
from .test_account_again import reauth, reconfigure

__all__ = ["cloud", "person"]

TITLE = "m…@e…"


async def turn(hass: HomeAssistant, entry: ConfigEntry, *, on: bool) -> None:
    """Turn the switch."""
    await entry.runtime_data.account.async_set_lan_only(on)
    await hass.async_block_till_done()


async def left_alone(person: Person) -> ConfigEntry:
    """Return a person's entry that leaves the vendor alone."""
    entry = await person.finish(await person.sign_in())
    await turn(person.hass, entry, on=True)
    return entry


def state(hass: HomeAssistant) -> str | None:
    """Return how the account stands."""
    found = hass.states.get("sensor.m_e_account")
    return found.state if found else None


async def test_chosen_with_the_sign_in(hass: HomeAssistant, person: Person, cloud: FakeCloud) -> None:
    """The sign-in asks, and whoever finishes it; the entry that comes of it never does."""
    page = await person.open()
    (field,) = [marker for marker in page["data_schema"].schema if marker == "lan_only"]
    assert field.default() is False
    page = await person.sign_in(page, lan_only=True)
    before = len(cloud.calls())
    entry = await person.finish(page)
    await hass.async_block_till_done()
    assert state(hass) == "lan_only"
    assert entry.data["lan_only"] is True
    await entry.runtime_data.account.async_refresh()
    assert len(cloud.calls()) == before
    await turn(hass, entry, on=False)
    await wait_for(lambda: state(hass) == "signed_in")


async def test_it_makes_no_difference_to_a_one_time_sign_in(person: Person) -> None:
    entry = await person.finish(await person.sign_in(keep=False, lan_only=True))
    assert "lan_only" not in entry.data


async def test_signing_in_to_a_known_account(hass: HomeAssistant, person: Person, cloud: FakeCloud) -> None:
    """Whoever does so with LAN only wants it for that account."""
    entry = await person.finish(await person.sign_in())
    await wait_for(lambda: state(hass) == "signed_in")
    result = await person.sign_in(lan_only=True)
    before = cloud.handshakes
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    await hass.async_block_till_done()
    assert state(hass) == "lan_only"
    await entry.runtime_data.account.async_refresh()
    assert cloud.handshakes == before
    assert entry.runtime_data.vault.account.tokens.access.reveal() == cloud.tokens.given[-1].access


@pytest.mark.parametrize("way", ["reauth", "reconfigure"])
async def test_what_would_ask_the_vendor_says_so(
    hass: HomeAssistant, person: Person, cloud: FakeCloud, way: str
) -> None:
    """Nothing is asked; whoever leaves it on goes away, whoever switches it off goes on where they were."""
    entry = await left_alone(person)
    before = cloud.handshakes

    async def opened() -> dict[str, Any]:
        if way == "reauth":
            return await reauth(hass, entry)
        return await person.choose(await reconfigure(hass, entry), "key")

    page = await opened()
    assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "lan_only")
    assert page["description_placeholders"]["account"] == TITLE
    result = await person.choose(page, "lan_only_stays")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "lan_only")
    assert cloud.handshakes == before
    page = await person.choose(await opened(), "lan_only_off")
    assert page["step_id"] == ("reauth_confirm" if way == "reauth" else "key")
    assert not entry.data["lan_only"]
    if way == "reconfigure":
        key = person.user.key
        result = await person.submit(page, password=PASSWORD, key_id=key.key_id, api_key=key.api_key)
    else:
        result = await person.submit(page, password=PASSWORD)
    assert result["reason"] == f"{'reauth' if way == 'reauth' else 'reconfigure'}_successful"


async def test_a_camera_can_be_prepared_for_sale(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """That asks nobody, so LAN only is not in the way of it."""
    entry = await left_alone(person)
    before = cloud.handshakes
    page = await person.choose(await reconfigure(hass, entry), "sell")
    assert (page["type"], page["step_id"]) == (FlowResultType.FORM, "sell")
    assert entry.data["lan_only"]
    assert cloud.handshakes == before


@pytest.mark.parametrize("person", [(Factor.TOTP,)], indirect=True)
async def test_switched_on_in_the_middle(hass: HomeAssistant, person: Person, cloud: FakeCloud) -> None:
    """A page that is open by then asks no more either, and what was typed is not lost on the vendor."""
    page = await person.sign_in()
    entry = await person.finish(await person.submit(page, code=cloud.code(person.user)))
    person.user.last_step = -1
    page = await person.choose(await reconfigure(hass, entry), "key")
    key = person.user.key
    page = await person.submit(page, password=PASSWORD, key_id=key.key_id, api_key=key.api_key)
    assert page["step_id"] == "totp"
    await turn(hass, entry, on=True)
    before = cloud.handshakes
    page = await person.submit(page, code=cloud.code(person.user))
    assert page["step_id"] == "lan_only"
    assert cloud.handshakes == before
    page = await person.choose(page, "lan_only_off")
    assert page["step_id"] == "totp"
    result = await person.submit(page, code=cloud.code(person.user))
    assert result["reason"] == "reconfigure_successful"


async def test_switched_on_while_a_window_asks(hass: HomeAssistant, person: Person, cloud: FakeCloud) -> None:
    """What is under way is given up at once, and whoever switches it off goes on from the same page."""
    entry = await person.finish(await person.sign_in())
    page = await person.choose(await reconfigure(hass, entry), "key")
    key = person.user.key
    typed = {"password": PASSWORD, "key_id": key.key_id, "api_key": key.api_key}
    hanging = cloud.fault("hang", "login")
    before = len(cloud.calls("login"))
    asking = hass.async_create_task(person.submit(page, **typed))
    await wait_for(lambda: len(cloud.calls("login")) > before)
    async with asyncio.timeout(5):
        await turn(hass, entry, on=True)
        page = await asking
    assert page["step_id"] == "lan_only"
    cloud.faults.clear(hanging)
    page = await person.choose(page, "lan_only_off")
    assert page["step_id"] == "key"
    result = await person.submit(page, **typed)
    assert result["reason"] == "reconfigure_successful"


async def test_options_go_on(hass: HomeAssistant, person: Person) -> None:
    """What needs no vendor asks nobody about LAN only."""
    entry = await left_alone(person)
    page = await open_options(hass, entry)
    assert (page["type"], page["step_id"]) == (FlowResultType.FORM, "settings")
