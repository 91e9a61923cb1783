"""What is typed about the key file and the recovery passphrase, checked and put to work."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import probatio

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector, TextSelector, TextSelectorConfig, TextSelectorType

from .account_form import check_twice
from .const import CONF_HAS_PASSPHRASE, CONF_KEY_PATH, CONF_PASSPHRASE, CONF_PASSPHRASE_AGAIN
from .engine.model import Secret
from .engine.vault import VaultError
from .entry_vault import EntryVault
from .in_backup import key_in_backup
from .keys import async_get_keys

HIDDEN = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))

KEY_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Required(CONF_HAS_PASSPHRASE, default=False): BooleanSelector(),
    probatio.Optional(CONF_PASSPHRASE): HIDDEN,
    probatio.Optional(CONF_PASSPHRASE_AGAIN): HIDDEN,
    probatio.Optional(CONF_KEY_PATH): TextSelector(),
}


async def async_key_values(hass: HomeAssistant, vault: EntryVault) -> dict[str, Any]:
    """Return as form values where the key file lies, and whether there is a passphrase."""
    # One that cannot be opened still says whether it has one.
    with suppress(VaultError):
        await vault.async_open()
    key = async_get_keys(hass).places.current
    values: dict[str, Any] = {CONF_HAS_PASSPHRASE: vault.has_passphrase}
    if key.chosen:
        values[CONF_KEY_PATH] = str(key.path)
    return values


async def async_apply_keys(
    hass: HomeAssistant, vault: EntryVault, values: Mapping[str, Any]
) -> dict[str, str]:
    """Move the key file and set, change or remove the passphrase; returns form errors."""
    if check_twice(values):
        # A section shows no error of a field.
        return {"base": "passphrase_differs"}
    path, errors = await _async_path(hass, values.get(CONF_KEY_PATH))
    if errors:
        return errors
    try:
        await async_get_keys(hass).async_move(path)
        typed = values.get(CONF_PASSPHRASE)
        with suppress(VaultError):
            # The key may just have come with its new place.
            await vault.async_open()
        if typed or values[CONF_HAS_PASSPHRASE] is not vault.has_passphrase:
            wanted = Secret(typed or "") if typed or values[CONF_HAS_PASSPHRASE] else None
            await vault.async_set_passphrase(wanted)
    except VaultError as err:
        return {"base": f"vault_{err.reason}"}
    return {}


async def _async_path(hass: HomeAssistant, typed: str | None) -> tuple[str | None, dict[str, str]]:
    """Return the path that was meant, None for the place that nobody chooses; and form errors."""
    path = (typed or "").strip()
    if not path:
        return None, {}
    if not path.startswith("/") or "\0" in path or path.endswith("/"):
        return None, {"base": "key_path_not_absolute"}
    # A folder that is a link into the configuration is in its backup, and a file that is one is refused.
    found = await hass.async_add_executor_job(_resolved, Path(path))
    if found == async_get_keys(hass).own.path:
        return None, {}
    if key_in_backup(hass, found) == "yes":
        return None, {"base": "key_path_in_backup"}
    return str(found), {}


def _resolved(path: Path) -> Path:
    return path.parent.resolve() / path.name
