"""A sign-in for a known account: its session is sealed first, and nothing that comes later undoes it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.wyze_local.keys import async_get_keys
from dev.simulator import Simulator
from dev.simulator.cloud import Device, FakeCloud

from .account_flow_rig import CLOCK, PASSWORD, Person, cloud, lan_device, lan_spec, options, person
from .rigging import DOMAIN, Home, wait_for
from .test_account_again import reauth, reconfigure

__all__ = ["cloud", "person"]


def asking(hass: HomeAssistant) -> list[Any]:
    """Return the pages that ask to sign in again."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [flow for flow in flows if flow["context"]["source"] == "reauth"]


async def renew(entry: ConfigEntry, cloud: FakeCloud) -> None:
    """Let the account's own session renew its tokens, as it does once a day."""
    # The session before may still be asking: it ends first.
    CLOCK.skip(60)
    await entry.runtime_data.account.async_refresh()
    before = len(cloud.calls("refresh"))
    cloud.invalidate(refresh_too=False)
    async with asyncio.timeout(20):
        while len(cloud.calls("refresh")) == before:
            # A list that was just asked for may be answered by the old tokens, and the next one has to wait.
            CLOCK.skip(60)
            await entry.runtime_data.account.async_refresh()
            await asyncio.sleep(0.02)
    await wait_for(lambda: is_newest(entry, cloud))


def is_newest(entry: ConfigEntry, cloud: FakeCloud) -> bool:
    """Tell whether the tokens in the vault are the last ones that the vendor gave."""
    return bool(entry.runtime_data.vault.account.tokens.access.reveal() == cloud.tokens.given[-1].access)


async def test_the_session_is_sealed_before_anything_is_asked_by_it(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """Cameras without keys wait for a list; who leaves while it fails is signed in all the same."""
    entry = await person.finish(await person.sign_in())
    vault = entry.runtime_data.vault
    await vault.async_drop(*entry.data["cameras"])
    cloud.invalidate()
    cloud.fault("broken", "devices")
    page = await person.submit(await reauth(hass, entry), password=PASSWORD)
    assert (page["step_id"], page["errors"]) == ("again", {"base": "cloud_server"})
    assert is_newest(entry, cloud)

    await cloud.resume()
    await renew(entry, cloud)
    result = await person.submit(page)
    assert result["reason"] == "reauth_successful"
    assert is_newest(entry, cloud), "what was renewed while the window was open is not replaced"
    assert vault.records.keys() == entry.data["cameras"].keys()
    assert len(cloud.calls("login")) == 2


async def test_a_choice_that_could_not_be_sealed_undoes_no_renewal(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """The page stays; what the session has renewed by the next try is not replaced."""
    entry = await person.finish(await person.sign_in(), "Porch")
    page = await person.sign_in(await person.choose(await reconfigure(hass, entry), "account"))
    choice = {"cameras": list(options(page).values())}
    key, lock = Path(hass.config.cache_path(DOMAIN, "key")), async_get_keys(hass).lock

    async def widen_the_mode() -> None:
        """Let others read the key file from the moment on that the session is sealed."""
        while not is_newest(entry, cloud):
            async with lock:
                if is_newest(entry, cloud):
                    break
            await asyncio.sleep(0)
        key.chmod(0o644)

    async with asyncio.timeout(20):
        widened = hass.async_create_task(widen_the_mode())
        page = await person.submit(page, **choice)
        await widened
    assert page["errors"] == {"base": "vault_key_mode_too_wide"}
    key.chmod(0o600)
    await renew(entry, cloud)
    result = await person.submit(page, **choice)
    assert result["reason"] == "reconfigure_successful"
    assert is_newest(entry, cloud)


async def test_another_account_is_not_the_last_word(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """Whoever signed in to another one by mistake is asked again, once for each time."""
    entry = await person.finish(await person.sign_in())
    account = entry.runtime_data.account
    await wait_for(lambda: account.data.state == "signed_in")
    cloud.invalidate()
    async with asyncio.timeout(20):
        while account.data.state != "signed_out":
            CLOCK.skip(700)
            await account.async_refresh()
    await hass.async_block_till_done()
    mine, person.user.user_id = person.user.user_id, "f" * 32
    seen = set()
    for _ in range(3):
        (flow,) = asking(hass)
        seen.add(flow["flow_id"])
        page = await hass.config_entries.flow.async_configure(flow["flow_id"])
        result = await person.submit(dict(page), password=PASSWORD)
        assert result["reason"] == "another_account"
    (flow,) = asking(hass)
    assert len(seen | {flow["flow_id"]}) == 4
    person.user.user_id = mine
    page = await hass.config_entries.flow.async_configure(flow["flow_id"])
    result = await person.submit(dict(page), password=PASSWORD)
    assert result["reason"] == "reauth_successful"
    assert not asking(hass)


@pytest.mark.parametrize("simulator", [[lan_spec("porch", 3)]], indirect=True)
async def test_a_network_that_a_move_adds_stays(
    hass: HomeAssistant, home: Home, person: Person, simulator: Simulator
) -> None:
    """The networks that the page adds come on top of what the entry has by then."""
    camera = simulator.cameras["porch"]
    await home.set_up()
    await home.add(camera.link)
    await wait_for(lambda: home.state("camera.porch") == "idle", 20)
    porch = Device.of_camera(camera)
    # The vendor knows an old address; the camera is where it is.
    porch.ip = "198.51.100.9"
    person.user.devices[:] = [lan_device("Garden", 2), porch]
    entry = await person.finish(await person.sign_in(), "Garden")
    hass.config_entries.async_update_entry(entry, options={"networks": ["192.0.2.0/24"]})
    page = await person.sign_in(await person.choose(await reconfigure(hass, entry), "account"))
    await person.submit(page, cameras=list(options(page).values()), add_network=True)
    assert set(entry.options["networks"]) == {"192.0.2.0/24", "127.0.0.0/8", "198.51.100.0/24"}
    await wait_for(lambda: home.state("camera.porch") == "idle", 20)


async def test_signing_in_anew_to_a_known_account_says_when_the_session_could_not_be_kept(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """The page says why and waits; nobody has to sign in once more when the disk is mended."""
    entry = await person.finish(await person.sign_in())
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    page = await person.open()
    key.chmod(0o644)
    page = await person.sign_in(page)
    assert (page["step_id"], page["errors"]) == ("again", {"base": "vault_key_mode_too_wide"})
    assert "mode to 600" in await person.text(page)
    assert not is_newest(entry, cloud)
    logins = len(cloud.calls("login"))
    key.chmod(0o600)
    result = await person.submit(page)
    assert result["reason"] == "already_configured"
    assert is_newest(entry, cloud)
    assert len(cloud.calls("login")) == logins
    assert len(person.entries) == 1
