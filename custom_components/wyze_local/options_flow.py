"""The options of an entry: camera networks, stream server, and whether other machines may read streams."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import probatio

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import BooleanSelector

from .cameras import is_external, is_signed_in
from .clip_pages import ClipPages
from .clips_form import CLIP_FIELDS, async_apply_clips, async_check_clips, clip_values
from .cloud_pictures import PICTURE_FIELDS, wants_pictures
from .const import (
    CONF_CLOUD_PICTURES,
    CONF_KEYS_ALLOWED,
    CONF_LAN,
    CONF_LAN_PORT,
    CONF_LINK_DEVICES,
    CONF_NETWORKS,
    CONF_SERVER,
    CONF_VAULT_ID,
    DEFAULT_LAN_PORT,
    SECTION_CLIPS,
    SECTION_KEYS,
    SECTION_LAN,
    SECTION_SERVER,
)
from .engine.model import CameraNetworks, Secret
from .engine.stream import LanDoor
from .engine.vault import LanLogin, Logins, VaultError
from .entry import lan_door
from .entry_vault import EntryVault
from .installation import ClipKeeping
from .key_form import KEY_FIELDS, async_apply_keys, async_key_values
from .server_fields import (
    EXTERNAL_FIELDS,
    NETWORK_FIELDS,
    PORT,
    external_values,
    server_values,
    wants_external,
)
from .server_form import NOTHING, async_apply, async_check_external, external_options
from .shared import async_get_shared

LAN_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Required(CONF_LAN, default=False): BooleanSelector(),
    probatio.Required(CONF_LAN_PORT, default=DEFAULT_LAN_PORT): PORT,
}
OPTION_FIELDS: dict[probatio.Marker, Any] = {
    **NETWORK_FIELDS,
    probatio.Optional(CONF_LINK_DEVICES, default=False): BooleanSelector(),
    probatio.Optional(SECTION_CLIPS): section(probatio.Schema(CLIP_FIELDS), {"collapsed": True}),
    probatio.Optional(SECTION_LAN): section(probatio.Schema(LAN_FIELDS), {"collapsed": True}),
    probatio.Optional(SECTION_KEYS): section(probatio.Schema(KEY_FIELDS), {"collapsed": True}),
}
OPTIONS_SCHEMA = probatio.Schema(OPTION_FIELDS)
ACCOUNT_SCHEMA = probatio.Schema({**OPTION_FIELDS, **PICTURE_FIELDS})
"""The same for an account that stays signed in."""
EXTERNAL_SCHEMA = probatio.Schema(EXTERNAL_FIELDS)
ASKED_ABOUT = frozenset(
    {
        CONF_NETWORKS,
        CONF_LAN_PORT,
        CONF_SERVER,
        CONF_KEYS_ALLOWED,
        CONF_CLOUD_PICTURES,
        CONF_LINK_DEVICES,
    }
)
"""The options that these pages decide on: one that is not said is off. Any other is none of theirs."""
LAN_USER = "viewer"
LAN_PASSWORD_BYTES = 16


def lan_values(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return as form values whether other machines may read streams."""
    port = options.get(CONF_LAN_PORT)
    return {CONF_LAN: port is not None, CONF_LAN_PORT: port or DEFAULT_LAN_PORT}


class WyzeLocalOptionsFlow(ClipPages):
    """Changes the camera networks of an entry and its stream server, and leads to the clips."""

    def __init__(self) -> None:
        """Begin with nothing changed."""
        super().__init__()
        self._placeholders = {**NOTHING, "own_place": "–"}
        self._options: dict[str, Any] = {}
        self._vault: EntryVault | None = None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what it is about."""
        return self.async_show_menu(step_id="init", menu_options=["settings", "clips"])

    async def async_step_settings(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show and take the options; a loaded entry follows them without a reload where it can."""
        errors: dict[str, str] = {}
        values: Mapping[str, Any] | None = user_input
        self._placeholders["own_place"] = str(ClipKeeping().path(self.hass))
        if user_input is not None:
            clips = user_input.get(SECTION_CLIPS)
            errors = await async_check_clips(self.hass, clips) if clips else {}
            errors = errors or await self._async_apply_keys(user_input)
            logins, problem = await self._async_lan_login(user_input)
            errors = errors or problem
            networks = CameraNetworks()
            external = wants_external(user_input[SECTION_SERVER])
            if not errors and logins.lan is not None:
                # Before anybody is let in with it. One that nobody needs any more is erased when all else
                # was taken: until then other machines are let in as before, and find the same password.
                errors = await self._async_seal(logins)
            if not errors:
                doors = {self.config_entry.entry_id: self._door(logins)}
                networks, errors = await async_apply(self.hass, user_input, self._placeholders, doors)
            if not errors and clips:
                await async_apply_clips(self.hass, clips)
            if not errors:
                self._take(user_input, networks)
                if external:
                    return await self.async_step_external()
                errors = await self._async_seal(replace(logins, server=None))
            if not errors:
                return self._async_finish(anew=is_external(self.config_entry))
        if values is None:
            values = await self._async_values()
        schema = ACCOUNT_SCHEMA if is_signed_in(self.config_entry) else OPTIONS_SCHEMA
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    def _take(self, user_input: Mapping[str, Any], networks: CameraNetworks) -> None:
        """Take what can be had without a try."""
        self._options[CONF_NETWORKS] = networks.texts()
        self._options.pop(CONF_LINK_DEVICES, None)
        if user_input[CONF_LINK_DEVICES]:
            self._options[CONF_LINK_DEVICES] = True
        if is_signed_in(self.config_entry):
            self._options[CONF_CLOUD_PICTURES] = user_input[CONF_CLOUD_PICTURES]

    async def _async_values(self) -> dict[str, Any]:
        """Return as form values what is chosen so far."""
        shared = await async_get_shared(self.hass)
        known = self.config_entry.options
        return {
            CONF_NETWORKS: known[CONF_NETWORKS],
            CONF_LINK_DEVICES: known.get(CONF_LINK_DEVICES, False),
            CONF_CLOUD_PICTURES: wants_pictures(self.config_entry),
            SECTION_SERVER: server_values(shared.installation, known),
            SECTION_CLIPS: clip_values(shared.installation.clips),
            SECTION_LAN: lan_values(known),
            SECTION_KEYS: await async_key_values(self.hass, self._opened()),
        }

    async def async_step_external(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Take somebody else's go2rtc, once it has been asked everything that has to be right."""
        errors: dict[str, str] = {}
        logins, problem = await self._async_logins()
        values = user_input or external_values(logins.server, self.config_entry.options)
        if user_input is not None and not (errors := problem):
            login, errors = await async_check_external(
                self.hass, user_input, logins.server, self._placeholders
            )
            if not errors:
                errors = await self._async_seal(Logins(server=login))
            if not errors:
                self._options.update(external_options(user_input))
                return self._async_finish(anew=True)
        return self.async_show_form(
            step_id="external",
            data_schema=self.add_suggested_values_to_schema(EXTERNAL_SCHEMA, values),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def _async_apply_keys(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Take key file and passphrase, first of all: what follows may have to be sealed.

        Returns form errors.
        """
        if SECTION_KEYS not in user_input:
            return {}
        return await async_apply_keys(self.hass, self._opened(), user_input[SECTION_KEYS])

    async def _async_lan_login(self, user_input: Mapping[str, Any]) -> tuple[Logins, dict[str, str]]:
        """Take whether other machines may read streams; returns the logins for it, and form errors."""
        known = self.config_entry.options
        wanted = user_input.get(SECTION_LAN) or lan_values(known)
        self._options.pop(CONF_LAN_PORT, None)
        if wants_external(user_input[SECTION_SERVER]) or not wanted[CONF_LAN]:
            wanted = None
        if wanted is None and CONF_LAN_PORT not in known and not is_external(self.config_entry):
            # Nothing of it was or is sealed; then the vault may as well be shut.
            return Logins(), {}
        logins, errors = await self._async_logins()
        if errors or wanted is None:
            return replace(logins, lan=None), errors
        self._options[CONF_LAN_PORT] = int(wanted[CONF_LAN_PORT])
        new = LanLogin(Secret(LAN_USER), Secret(secrets.token_hex(LAN_PASSWORD_BYTES)))
        return replace(logins, lan=logins.lan or new), {}

    def _door(self, logins: Logins) -> LanDoor | None:
        return lan_door(self._options, logins)

    async def _async_logins(self) -> tuple[Logins, dict[str, str]]:
        """Return what is sealed, and form errors for a vault that cannot be opened."""
        try:
            vault = self._opened()
            await vault.async_open()
        except VaultError as err:
            return Logins(), {"base": f"vault_{err.reason}"}
        return vault.logins, {}

    async def _async_seal(self, logins: Logins) -> dict[str, str]:
        """Seal logins, if there are any or were; returns form errors."""
        known = self.config_entry.options
        if logins == Logins() and CONF_LAN_PORT not in known and not is_external(self.config_entry):
            return {}
        try:
            await self._opened().async_put_logins(logins)
        except VaultError as err:
            return {"base": f"vault_{err.reason}"}
        return {}

    def _opened(self) -> EntryVault:
        """Return the vault of a loaded entry, or one of our own for one that is not."""
        entry = self.config_entry
        if entry.state is ConfigEntryState.LOADED:
            vault: EntryVault = entry.runtime_data.vault
            return vault
        if self._vault is None:
            self._vault = EntryVault(self.hass, entry.data[CONF_VAULT_ID])
        return self._vault

    @callback
    def _async_finish(self, *, anew: bool) -> ConfigFlowResult:
        """Store the options; `anew` when the entry has another stream server now.

        It is loaded anew as well to have other entities. An entry whose set-up failed may well owe its next
        try to them.
        """
        entry = self.config_entry
        others = {name: value for name, value in entry.options.items() if name not in ASKED_ABOUT}
        data = {**others, **self._options}
        anew |= bool(data.get(CONF_CLOUD_PICTURES)) is not wants_pictures(entry)
        if anew or entry.state in (ConfigEntryState.SETUP_RETRY, ConfigEntryState.SETUP_ERROR):
            # Before the reload begins, which reads them.
            self.hass.config_entries.async_update_entry(entry, options=data)
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data=data)
