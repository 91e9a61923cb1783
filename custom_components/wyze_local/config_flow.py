"""Set-up in the UI: the stream server, how cameras are to be found, the networks that they may be in.

Then a vendor account follows, whose pages are in `sign_in_flow` and `account_flow`; or an entry for cameras
without one, which are its subentries.
"""

import secrets
from collections.abc import Mapping
from typing import Any, override

import probatio

from homeassistant.config_entries import (
    SOURCE_DHCP,
    SOURCE_IGNORE,
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
)
from homeassistant.core import callback

from .account_fields import PASSPHRASE_FIELDS
from .account_flow import AccountSteps
from .account_form import check_twice, read_passphrase
from .camera_flow import CameraSubentryFlow
from .cameras import is_account
from .const import (
    CONF_NETWORKS,
    CONF_SERVER,
    CONF_VAULT_ID,
    DOMAIN,
    SECTION_SERVER,
    SERVER_EXTERNAL,
    SUBENTRY_CAMERA,
)
from .discovery_flow import DiscoverySteps
from .engine.model import CameraNetworks, Secret
from .engine.stream import StreamServerError
from .engine.vault import NO_LOGINS, Logins, VaultError, check_passphrase
from .entry import WyzeLocalConfigEntry
from .entry_vault import EntryVault
from .moving_here import async_move_here
from .options_flow import WyzeLocalOptionsFlow
from .server_errors import server_error_key
from .server_fields import EXTERNAL_FIELDS, NETWORK_FIELDS, SERVER_FIELDS, server_values, wants_external
from .server_form import async_apply, async_apply_server, async_check_external, external_options
from .shared import async_get_shared
from .surroundings import async_chosen_networks

LOCAL_UNIQUE_ID = "local"
NETWORKS_SCHEMA = probatio.Schema(NETWORK_FIELDS)
SERVER_SCHEMA = probatio.Schema(SERVER_FIELDS)
EXTERNAL_SCHEMA = probatio.Schema(EXTERNAL_FIELDS)


class WyzeLocalConfigFlow(DiscoverySteps, AccountSteps, domain=DOMAIN):
    """Creates an entry: an account's, or the one that holds local cameras."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Begin with our own stream server and without networks."""
        super().__init__()
        self._server: dict[str, Any] = {}
        self._networks = CameraNetworks()
        self._local = False
        self._vault_id = ""

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: WyzeLocalConfigEntry) -> OptionsFlow:
        """Return the options flow."""
        return WyzeLocalOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the kinds of subentries: cameras, but for an account, which has its own."""
        return {} if is_account(config_entry) else {SUBENTRY_CAMERA: CameraSubentryFlow}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Check the stream server before anything else."""
        shared = await async_get_shared(self.hass)
        try:
            binary = await shared.async_find_binary(shared.installation.binary)
        except StreamServerError as err:
            self._placeholders.update(err.details)
            return await self.async_step_server(error=server_error_key(err))
        self._placeholders["version"] = str(binary.version)
        return await self.async_step_way()

    async def async_step_server(
        self, user_input: dict[str, Any] | None = None, *, error: str | None = None
    ) -> ConfigFlowResult:
        """Say what is wrong with go2rtc and take another path."""
        shared = await async_get_shared(self.hass)
        errors = {"base": error} if error else {}
        values = user_input or server_values(shared.installation, {})
        if user_input is not None and wants_external(user_input):
            self._server = {CONF_SERVER: SERVER_EXTERNAL}
            return await self.async_step_way()
        if user_input is not None:
            errors = await async_apply_server(self.hass, user_input, self._placeholders)
            if not errors:
                binary = await shared.async_find_binary(shared.installation.binary)
                self._placeholders["version"] = str(binary.version)
                return await self.async_step_way()
        return self.async_show_form(
            step_id="server",
            data_schema=self.add_suggested_values_to_schema(SERVER_SCHEMA, values),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def async_step_way(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer both ways to cameras; the entry for those without an account exists once."""
        if self._local_entry() is None:
            return self.async_show_menu(step_id="way", menu_options=["vendor", "local"])
        if self.source == SOURCE_DHCP:
            return self.async_show_menu(step_id="way", menu_options=["vendor", "camera"])
        return await self.async_step_vendor()

    def _local_entry(self) -> ConfigEntry | None:
        return self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, LOCAL_UNIQUE_ID)

    async def async_step_camera(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on in the entry for cameras without an account, which is there already."""
        result = self.async_abort(reason="local_configured")
        if (entry := self._local_entry()) is not None:
            await self._async_go_on(result, entry)
        return result

    async def async_step_vendor(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on to sign in."""
        return await self.async_step_networks()

    async def async_step_local(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on without an account."""
        self._local = True
        if await self.async_set_unique_id(LOCAL_UNIQUE_ID) is not None:
            return self.async_abort(reason="local_configured")
        return await self.async_step_networks()

    async def async_step_networks(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where cameras may be, then create the vault and the entry."""
        shared = await async_get_shared(self.hass)
        errors: dict[str, str] = {}
        values: Mapping[str, Any] | None = user_input
        if user_input is not None:
            self._networks, errors = await async_apply(self.hass, user_input, self._placeholders)
            if not errors and wants_external(user_input[SECTION_SERVER]):
                return await self.async_step_external()
            if not errors:
                self._logins = NO_LOGINS
                self._options = {CONF_NETWORKS: self._networks.texts()}
                return await self._async_served()
        if values is None:
            values = {
                CONF_NETWORKS: await async_chosen_networks(self.hass),
                SECTION_SERVER: {**server_values(shared.installation, {}), **self._server},
            }
        return self.async_show_form(
            step_id="networks",
            data_schema=self.add_suggested_values_to_schema(NETWORKS_SCHEMA, values),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def async_step_external(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Take somebody else's go2rtc, once it has been asked everything that has to be right."""
        errors: dict[str, str] = {}
        if user_input is not None:
            login, errors = await async_check_external(self.hass, user_input, None, self._placeholders)
            if not errors:
                self._logins = Logins(server=login)
                self._options = {CONF_NETWORKS: self._networks.texts(), **external_options(user_input)}
                return await self._async_served()
        return self.async_show_form(
            step_id="external",
            data_schema=self.add_suggested_values_to_schema(EXTERNAL_SCHEMA, user_input or {}),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def _async_served(self) -> ConfigFlowResult:
        """Go on where it is known who serves the streams, and where cameras may be."""
        return await (self.async_step_local_passphrase() if self._local else self.async_step_account())

    async def async_step_local_passphrase(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer a second way to the keys, for the day when the key file is gone; make vault and entry."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = check_twice(user_input)
            if not errors:
                errors = await self._async_create_vault(read_passphrase(user_input))
            if not errors:
                return self.async_create_entry(
                    title="Local cameras", data={CONF_VAULT_ID: self._vault_id}, options=self._options
                )
        return self.async_show_form(
            step_id="local_passphrase", data_schema=probatio.Schema(PASSPHRASE_FIELDS), errors=errors
        )

    async def _async_create_vault(self, passphrase: Secret | None) -> dict[str, str]:
        """Make the vault; returns form errors, and then nothing is on disk."""
        vault_id = secrets.token_hex(16)
        vault = EntryVault(self.hass, vault_id)
        try:
            if passphrase is not None:
                check_passphrase(passphrase)
            await vault.async_create(self._logins)
            if passphrase is not None:
                await vault.async_set_passphrase(passphrase)
        except VaultError as err:
            if vault.is_open:
                await vault.async_remove()
            return {"base": f"vault_{err.reason}"}
        self._vault_id = vault_id
        return {}

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go straight on to the first camera, or bring those of the account here that are elsewhere."""
        if self.source == SOURCE_IGNORE:
            return result
        if self._new is not None:
            await async_move_here(self.hass, result["result"], self._new.moving)
            return result
        await self._async_go_on(result, result["result"])
        return result

    async def _async_go_on(self, result: ConfigFlowResult, entry: ConfigEntry) -> None:
        """Let the form for a camera follow."""
        flow = await self.hass.config_entries.subentries.async_init(
            (entry.entry_id, SUBENTRY_CAMERA), context={"source": SOURCE_USER}
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"])
