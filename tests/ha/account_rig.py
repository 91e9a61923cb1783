"""What the tests of an account's entry need: such an entry, made as its flow makes it, without the flow."""

from collections.abc import Iterable
from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wyze_local.engine.model import Account, Camera, Credentials, Secret, new_camera_key
from custom_components.wyze_local.engine.stream import parse_wyze_link
from custom_components.wyze_local.engine.vault import CameraRecord
from custom_components.wyze_local.entry_vault import EntryVault
from custom_components.wyze_local.shared import async_get_shared
from dev.ports import free_port
from dev.simulator import Camera as SimulatedCamera

from .rigging import DOMAIN, LOOPBACK


async def account_entry(
    hass: HomeAssistant,
    cameras: Iterable[SimulatedCamera],
    *,
    way: str = "one_time",
    account: Account | None = None,
    title: str = "Wyze cameras",
) -> MockConfigEntry:
    """Make an account's entry with its vault, as a sign-in that found these cameras leaves them."""
    shared = await async_get_shared(hass)
    vault_id = new_camera_key()
    vault = EntryVault(hass, vault_id)
    await vault.async_create()
    kept: dict[str, Any] = {}
    for one in cameras:
        credentials = parse_wyze_link(one.link)
        key, name = new_camera_key(), one.spec.name.title()
        await vault.async_put(CameraRecord(Camera(key, name, credentials, proven=True), _token(key)))
        kept[key] = {"name": name, "mac_hash": fingerprint(hass, credentials), "model": credentials.model}
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=title,
        unique_id=f"{way}_{vault_id}",
        data={"vault_id": vault_id, "account": way, "cameras": kept, "ignored": []},
        options={"networks": [LOOPBACK]},
    )
    entry.add_to_hass(hass)
    # One door of this machine for each test that runs beside this one.
    await shared.async_change(binary=None, webrtc_port=free_port())
    return entry


def fingerprint(hass: HomeAssistant, credentials: Credentials) -> str:
    """Return the keyed hash by which this installation recognises a camera."""
    shared = hass.data[DOMAIN]
    return str(shared.installation.fingerprint(credentials))


def key_of(entry: MockConfigEntry, name: str) -> str:
    """Return the key of an account's camera."""
    return next(key for key, kept in entry.data["cameras"].items() if kept["name"] == name)


def _token(key: str) -> Secret:
    return Secret(key[::-1])
