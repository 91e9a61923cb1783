"""Through every flow of an account nothing secret is anywhere but in the vault: no file, log, state, page."""

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir

from custom_components.wyze_local.diagnostics import async_get_config_entry_diagnostics
from dev.simulator import Simulator
from dev.simulator.cloud import Device, Factor, FakeCloud, make_key

from .account_flow_rig import PASSWORD, Person, cloud, lan_spec, options, person
from .canaries import files_below, mac_shapes, search_processes, shapes
from .rigging import DOMAIN, Home, open_options, wait_for
from .test_account_again import reauth, reconfigure

__all__ = ["cloud", "person"]

PASSPHRASE = "tram otter violet basin"


def md5_forms(password: str) -> set[str]:
    """Return what a password becomes on its way, each form as good as the password itself."""
    forms = set()
    for _ in range(3):
        password = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
        forms.add(password)
    return forms


class Watch:
    """Looks for everything secret in every place but the vault."""

    def __init__(
        self, hass: HomeAssistant, person: Person, log: pytest.LogCaptureFixture, storage: dict[str, Any]
    ) -> None:
        """Begin to listen."""
        self.hass, self.person, self.log, self.storage = hass, person, log, storage
        self.states: list[str] = []
        hass.bus.async_listen(EVENT_STATE_CHANGED, lambda event: self.states.append(str(event.data)))

    def canaries(self) -> dict[str, set[str]]:
        """Return the forms of everything secret, by what it is."""
        found = {what: shapes(value) for what, value in self.person.cloud.secrets().items()}
        found["password"] = shapes(PASSWORD) | md5_forms(PASSWORD)
        found["passphrase"] = shapes(PASSPHRASE)
        for user in self.person.cloud.world.users.values():
            for device in user.devices:
                found[f"mac of {device.nickname}"] = mac_shapes(device.mac)
                found[f"address of {device.nickname}"] = {device.address}
            for number, message in enumerate(user.phone):
                found[f"text {number}"] = {message.code}
        return found

    async def look(self, *typed: str) -> None:
        """Fail when anything is somewhere; `typed` stands in pages that the person filled in themselves."""
        canaries = self.canaries()
        places = {"log": self.log.text, "states": "\n".join(self.states)}
        folder = Path(self.hass.config.config_dir)
        places |= await self.hass.async_add_executor_job(files_below, folder)
        places["live"] = "\n".join(
            [
                *(str(state.as_dict()) for state in self.hass.states.async_all()),
                *(str(device) for device in dr.async_get(self.hass).devices),
                *(str(one) for one in er.async_get(self.hass).entities.values()),
                *(str(issue) for issue in ir.async_get(self.hass).issues.values()),
                *(json.dumps(entry.as_dict(), default=str) for entry in self.person.entries),
                json.dumps(self.storage, default=str),
            ]
        )
        for entry in self.person.entries:
            report = await async_get_config_entry_diagnostics(self.hass, entry)
            places[f"diagnostics of {entry.entry_id}"] = json.dumps(report, default=str)
        pages = "\n".join(readable(page) for page in self.person.seen)
        for value in typed:
            pages = pages.replace(value, "")
        places["pages"] = pages
        for place, text in places.items():
            for what, forms in canaries.items():
                assert not any(form in text for form in forms), f"the {what} is in {place}"
        search_processes({form for forms in canaries.values() for form in forms})


def readable(page: dict[str, Any]) -> str:
    """Return all of a page that goes to the browser."""
    schema = page.get("data_schema")
    fields = [
        f"{marker} {getattr(marker, 'description', '')} {getattr(marker, 'default', '')} {vars(field)}"
        for marker, field in (schema.schema.items() if schema else ())
    ]
    return "\n".join([*fields, str({key: value for key, value in page.items() if key != "data_schema"})])


@pytest.fixture
def watch(
    hass: HomeAssistant, person: Person, caplog: pytest.LogCaptureFixture, hass_storage: dict[str, Any]
) -> Watch:
    """Watch at DEBUG."""
    caplog.set_level(logging.DEBUG)
    for name in ("custom_components.wyze_local", "homeassistant", "aiohttp"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    return Watch(hass, person, caplog, hass_storage)


@pytest.mark.parametrize("person", [(Factor.TOTP, Factor.SMS)], indirect=True)
@pytest.mark.parametrize("simulator", [[lan_spec("porch", 3, enr="cAnArY+/=-_.~!*(")]], indirect=True)
async def test_an_account_that_stays_signed_in(
    hass: HomeAssistant, home: Home, person: Person, cloud: FakeCloud, simulator: Simulator, watch: Watch
) -> None:
    """Every failure, every factor, the mass log-out, another key, other cameras, a reload and the end."""
    user = person.user
    user.devices.append(Device.of_camera(simulator.cameras["porch"], "Hall"))
    typed = [user.email, user.key.key_id, user.key.api_key]
    page = await person.sign_in(password=PASSWORD[::-1])
    cloud.fault("broken", "login", times=1)
    page = await person.sign_in(page)
    assert page["errors"] == {"base": "cloud_server"}
    page = await person.choose(await person.sign_in(page, password=None), "sms")
    page = await person.submit(page, code=user.phone[-1].code, send_again=False)
    entry = await person.finish(page, passphrase=PASSPHRASE)
    await wait_for(lambda: home.state("camera.hall") == "idle", 20)
    await watch.look(*typed)

    cloud.invalidate()
    page = await person.submit(await reauth(hass, entry), password=PASSWORD)
    page = await person.choose(page, "totp")
    page = await person.submit(page, code=cloud.code(user))
    assert page["reason"] == "reauth_successful"
    user.keys.append(make_key())
    typed += [user.key.key_id, user.key.api_key]
    page = await person.choose(await reconfigure(hass, entry), "key")
    key = {"key_id": user.key.key_id, "api_key": user.key.api_key}
    page = await person.submit(page, password=PASSWORD, **key)
    user.factors = ()
    page = await person.sign_in(await person.choose(await reconfigure(hass, entry), "account"))
    if page["type"] == "menu":
        page = await person.choose(page, "totp")
        user.last_step = -1
        page = await person.submit(page, code=cloud.code(user))
    page = await person.submit(page, cameras=list(options(page).values())[:2])
    assert page["reason"] == "reconfigure_successful"
    await change_options(hass, entry, home)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await watch.look(*typed)

    vault = Path(hass.config.path(".storage", f"{DOMAIN}.vault.{entry.data['vault_id']}"))
    assert vault.exists()
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    await watch.look(*typed)
    assert not list(vault.parent.glob(f"{DOMAIN}.vault.*"))


async def test_an_account_that_is_asked_once(
    hass: HomeAssistant, home: Home, person: Person, cloud: FakeCloud, watch: Watch
) -> None:
    """Nothing of the account is on disk, not even sealed: the vault is as if there had never been one."""
    user = person.user
    typed = [user.email, user.key.key_id, user.key.api_key]
    entry = await person.finish(await person.sign_in(keep=False))
    await watch.look(*typed)
    page = await person.sign_in(await person.choose(await reconfigure(hass, entry), "fetch"))
    page = await person.submit(page, cameras=list(options(page).values()))
    assert page["reason"] == "reconfigure_successful"
    assert await hass.config_entries.async_reload(entry.entry_id)
    await watch.look(*typed)
    payload = await hass.async_add_executor_job(entry.runtime_data.vault._vault.load)
    sealed = json.dumps(payload.payload)
    kept = {what for what, forms in watch.canaries().items() if any(form in sealed for form in forms)}
    assert kept == {
        f"{what} of {device.nickname}{of}"
        for device in user.devices
        for what, of in (
            ("uid", f" of {user.email}"),
            ("enr", f" of {user.email}"),
            ("mac", f" of {user.email}"),
            ("mac", ""),
            ("address", ""),
        )
    }


async def test_nothing_stays_in_memory_of_a_flow_that_ended(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """The password is dropped as soon as the vendor let the person in."""
    page = await person.sign_in()
    flow: Any = hass.config_entries.flow._progress[page["flow_id"]]
    assert flow._sign_in is None
    assert all(not holds(value, PASSWORD) for value in vars(flow).values())
    hass.config_entries.flow.async_abort(page["flow_id"])
    page = await person.sign_in(keep=False)
    flow = hass.config_entries.flow._progress[page["flow_id"]]
    assert flow._account is None, "a one-time sign-in has forgotten its tokens by the first page after it"


def holds(value: Any, secret: str) -> bool:
    """Tell whether a value is, or holds, a secret."""
    if isinstance(value, dict):
        return any(holds(one, secret) for one in value.values())
    reveal: Callable[[], str] | None = getattr(value, "reveal", None)
    return (reveal() if reveal else value) == secret


async def change_options(hass: HomeAssistant, entry: Any, home: Home) -> None:
    """Go through the options without changing anything."""
    flow = await open_options(hass, entry)
    result = await hass.config_entries.options.async_configure(flow["flow_id"], home.networks_input())
    assert result["type"] == "create_entry", result
