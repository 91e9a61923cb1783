"""An account that stays signed in, beside a vendor's cloud with every trouble: pictures depend on none."""

import asyncio
import logging
import time
from dataclasses import replace
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.wyze_local.engine.cloud.transport import TOTAL_TIMEOUT
from dev.simulator import Simulator
from dev.simulator.cloud import Certificate, FakeCloud

from .account_rig import SENSOR, House, account_entry, cloud, key_of, live_at, make_house, signed_in
from .rigging import DOMAIN, Home, saw, view, wait_for

__all__ = ["cloud"]


@pytest.fixture
async def house(hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud) -> House:
    """Make the entry of a person whose account has the porch camera; it is not loaded yet."""
    return await make_house(hass, home, simulator, cloud)


async def test_one_list_for_all_and_then_now_and_then(house: House) -> None:
    """The first list comes by itself, the next after a quarter of an hour ± 20 %."""
    await house.start()
    assert house.state == "signed_in"
    assert [call.endpoint for call in house.cloud.calls()] == ["devices"]
    house.clock.advance(700)
    await house.hass.async_block_till_done()
    assert len(house.cloud.calls()) == 1
    house.clock.advance(390)
    await wait_for(lambda: len(house.cloud.calls()) == 2)


async def test_set_up_does_not_wait_for_the_cloud(house: House) -> None:
    """While the vendor hangs, the entry is loaded as fast as ever and its camera is ready."""
    house.cloud.fault("hang")
    started = time.monotonic()
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    took = time.monotonic() - started
    print(f"set up in {took:.2f} s while the cloud hangs")
    await wait_for(lambda: house.home.state("camera.porch") == "idle")
    assert took < 0.8 * TOTAL_TIMEOUT, "after which the vendor is given up"
    assert house.state == "checking"
    await wait_for(lambda: house.cloud.calls("devices"))
    await house.cloud.resume()
    await wait_for(lambda: house.state == "signed_in")


async def test_each_trouble_has_its_word(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A trouble that is over at the next list is shown, and fills no log; the camera stays ready."""
    await house.start()
    caplog.clear()
    caplog.set_level(logging.INFO, "custom_components.wyze_local")

    async def mend() -> None:
        """Have the trouble forgotten: two of four calls within half an hour would be an outage."""
        await house.cloud.resume()
        house.clock.advance(1900)
        await wait_for(lambda: house.state == "signed_in")

    await house.cloud.refuse()
    await house.ask()
    assert house.state == "offline"
    await mend()
    troubles: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("broken", {"status": 502}, "fault"),
        ("login_page", {}, "not_trusted"),
        ("bad_json", {}, "fault"),
    )
    for fault, options, word in troubles:
        house.cloud.fault(fault, **options)
        await house.ask()
        assert house.state == word, fault
        await mend()
    await house.cloud.show(Certificate.EXPIRED)
    await house.ask()
    assert house.state == "not_trusted"
    await house.cloud.resume()
    assert house.home.state("camera.porch") == "idle"
    await house.ask()
    assert house.state == "signed_in"
    assert not [record for record in caplog.records if record.name.startswith("custom_components")]


async def test_what_a_person_has_to_do_is_told_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """One line when something is wrong with the account, and one when it is well again."""
    await house.start()
    caplog.clear()
    caplog.set_level(logging.INFO, "custom_components.wyze_local")
    vault = house.entry.runtime_data.vault
    account = vault.account
    await vault.async_put_account(None)
    for _ in range(3):
        await house.ask()
    assert house.state == "signed_out"
    await vault.async_put_account(account)
    for _ in range(3):
        await house.ask()
    assert house.state == "signed_in"
    assert [record.getMessage().split(" (")[0] for record in caplog.records if "account" in record.msg] == [
        "An account is not as it should be",
        "An account is as it should be again",
    ]


async def test_limits_are_not_undercut(house: House) -> None:
    """When the vendor says to come back in two hours, it is not asked before."""
    await house.start()
    house.cloud.fault("rate_limit", retry_after=7200)
    await house.ask()
    assert house.state == "limited"
    asked = len(house.cloud.calls())
    await house.cloud.resume()
    for _ in range(71):
        house.clock.advance(100)
        await house.hass.async_block_till_done()
    assert len(house.cloud.calls()) == asked
    house.clock.advance(2000)
    await wait_for(lambda: house.state == "signed_in")


async def test_a_mass_log_out_costs_no_picture(
    hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud
) -> None:
    """Three tries to renew the session, no log-in, and who watches goes on; then a new session."""
    house = await make_house(hass, home, simulator, cloud, pause=0.01)
    await house.start()
    coordinator = house.entry.runtime_data.coordinator
    (key,) = house.entry.data["cameras"]
    viewer = await view(coordinator.server.restream_url(key).reveal(), frames=150)
    await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
    dials = house.camera.counters.dials
    cloud.invalidate()
    before = len(cloud.calls())
    async with asyncio.timeout(20):
        while house.state != "signed_out":
            await house.ask()
    asked = [call.endpoint for call in cloud.calls(since=before)]
    assert asked.count("refresh") == 3
    assert "login" not in asked
    flows = hass.config_entries.flow
    (asked_for,) = flows.async_progress()
    assert asked_for["context"]["source"] == "reauth"
    flows.async_abort(asked_for["flow_id"])
    before = len(cloud.calls())
    await house.ask()
    assert len(cloud.calls()) == before, "who is signed out asks nothing"
    assert not flows.async_progress(), "and is asked to sign in once"

    await house.entry.runtime_data.vault.async_put_account(signed_in(cloud, house.user))
    house.entry.runtime_data.account.async_account_changed()
    await wait_for(lambda: house.state == "signed_in")
    async with asyncio.timeout(30):
        assert await saw(viewer) == 150
    assert house.camera.counters.dials == dials


async def test_renewed_tokens_are_sealed_and_last(house: House) -> None:
    """Old tokens are exchanged once, and the next start goes on with the new ones."""
    await house.start()
    before = house.entry.runtime_data.vault.account.tokens
    house.cloud.invalidate(refresh_too=False)
    await house.ask()
    assert house.state == "signed_in"
    after = house.entry.runtime_data.vault.account.tokens
    assert after != before
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await wait_for(lambda: house.state == "signed_in")
    assert house.entry.runtime_data.vault.account.tokens == after
    assert len(house.cloud.calls("refresh")) == 1


async def test_an_old_key_asks_for_another(house: House) -> None:
    """A month before the vendor ends the developer key there is a repair; a new key withdraws it."""
    await house.start()
    issues = ir.async_get(house.hass)
    issue = f"account_key_old_{house.entry.entry_id}"
    assert issues.async_get_issue(DOMAIN, issue) is None
    vault = house.entry.runtime_data.vault
    now = int(house.clock.time())
    await vault.async_put_account(replace(vault.account, key_since=now - 335 * 24 * 3600))
    await house.ask()
    found = issues.async_get_issue(DOMAIN, issue)
    assert found is not None
    assert found.translation_placeholders == {"account": "a…@e…"}
    await vault.async_put_account(replace(vault.account, key_since=now))
    await house.ask()
    assert issues.async_get_issue(DOMAIN, issue) is None


async def test_a_one_time_account_asks_nothing(
    hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud
) -> None:
    """There is no session, no sensor, and no call."""
    live_at(hass, cloud)
    entry = await account_entry(hass, simulator.cameras.values())
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert entry.runtime_data.account is None
    assert SENSOR not in hass.states.async_entity_ids("sensor")
    assert not cloud.calls()


async def test_an_account_whose_vault_was_lost_asks_to_sign_in(house: House) -> None:
    """A new, empty vault knows no session: that is told, and its cameras wait for their keys."""
    await house.start()
    vault = house.entry.runtime_data.vault
    await vault.async_put_account(None)
    await house.ask()
    assert house.state == "signed_out"
    assert house.home.state("camera.porch") == "idle"
    assert house.entry.state is ConfigEntryState.LOADED


async def test_one_report_and_its_three_views(house: House, hass_client: ClientSessionGenerator) -> None:
    """Diagnostics of entry and devices and system health tell how it goes, and nothing of anybody."""
    hass, entry = house.hass, house.entry
    for component in ("diagnostics", "system_health"):
        await async_setup_component(hass, component, {})
    house.clock.ahead = 90
    await house.start()
    house.cloud.fault("broken", times=1)
    await house.ask()
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    views = [await get_diagnostics_for_config_entry(hass, hass_client, entry)]
    views += [await get_diagnostics_for_device(hass, hass_client, entry, device) for device in devices]
    account = views[0]["account"]
    assert (account["way"], account["state"], account["key_days"]) == ("signed_in", "fault", 0)
    assert [(call["name"], call["status"]) for call in account["calls"]] == [
        ("cameras", "ok"),
        ("cameras", "server"),
    ]
    assert 85 < account["clock_ahead_s"] < 95
    assert set(account["calls"][0]) == {"name", "status", "duration_ms", "at"}
    assert sorted(len(view["cameras"]) for view in views[1:]) == [0, 1]
    health = await get_system_health_info(hass, DOMAIN)
    assert health["accounts"] == "fault: 1"
    hidden = set(house.cloud.secrets().values()) | {
        *(house.camera.spec.uid, house.camera.spec.enr, house.camera.spec.mac, "Porch"),
        *(house.camera.credentials.address, house.user.email, "ann", "example", key_of(entry, "Porch")),
    }
    text = f"{views} {health}"
    assert not [one for one in hidden if one and one in text]
