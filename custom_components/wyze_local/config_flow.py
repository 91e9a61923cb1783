"""Set-up in the UI: the stream server and the camera networks first, cameras as subentries afterwards."""

import secrets
from collections.abc import Mapping
from typing import Any, override

import probatio

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from .camera_flow import CameraSubentryFlow
from .const import CONF_BINARY, CONF_NETWORKS, CONF_VAULT_ID, CONF_WEBRTC_PORT, DOMAIN, SUBENTRY_CAMERA
from .engine.model import CameraNetworks, InvalidField
from .engine.stream import StreamServerError
from .engine.vault import VaultError
from .entry import EntryVault, WyzeLocalConfigEntry
from .installation import Installation
from .server_errors import server_error_key
from .shared import async_get_shared
from .surroundings import async_attached_networks

LOCAL_UNIQUE_ID = "local"
SECTION_SERVER = "stream_server"


def server_schema() -> dict[probatio.Marker, Any]:
    """Return the fields of the stream server's settings."""
    return {
        probatio.Optional(CONF_BINARY): TextSelector(),
        probatio.Required(CONF_WEBRTC_PORT): NumberSelector(
            NumberSelectorConfig(min=1024, max=65535, mode=NumberSelectorMode.BOX)
        ),
    }


NETWORKS_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_NETWORKS): TextSelector(TextSelectorConfig(multiple=True)),
        probatio.Required(SECTION_SERVER): section(probatio.Schema(server_schema()), {"collapsed": True}),
    }
)
SERVER_SCHEMA = probatio.Schema(server_schema())


def server_values(installation: Installation) -> dict[str, Any]:
    """Return the stream server's settings as form values."""
    values: dict[str, Any] = {CONF_WEBRTC_PORT: installation.webrtc_port}
    if installation.binary:
        values[CONF_BINARY] = installation.binary
    return values


async def async_apply(
    hass: HomeAssistant, user_input: Mapping[str, Any], placeholders: dict[str, str]
) -> tuple[CameraNetworks, dict[str, str]]:
    """Check networks and stream server settings and put the latter to work; returns form errors."""
    networks = CameraNetworks()
    try:
        networks = CameraNetworks.parse(user_input[CONF_NETWORKS])
        if not networks.networks:
            return networks, {CONF_NETWORKS: "networks_missing"}
    except InvalidField as err:
        return networks, {CONF_NETWORKS: f"networks_{err.reason}"}
    return networks, await async_apply_server(hass, user_input[SECTION_SERVER], placeholders)


async def async_apply_server(
    hass: HomeAssistant, values: Mapping[str, Any], placeholders: dict[str, str]
) -> dict[str, str]:
    """Start the stream server with other settings; returns form errors."""
    shared = await async_get_shared(hass)
    try:
        await shared.async_change(
            binary=(values.get(CONF_BINARY) or "").strip() or None, webrtc_port=int(values[CONF_WEBRTC_PORT])
        )
    except StreamServerError as err:
        placeholders.update(err.details)
        return {"base": server_error_key(err)}
    return {}


class WyzeLocalConfigFlow(ConfigFlow, domain=DOMAIN):
    """Creates the entry that holds local cameras."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Begin without placeholders; errors fill them."""
        self._placeholders: dict[str, str] = {"version": "–", "path": "–", "port": "–", "minimum": "–"}

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
        """Return the kinds of subentries: cameras."""
        return {SUBENTRY_CAMERA: CameraSubentryFlow}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Check the stream server before anything else."""
        await self.async_set_unique_id(LOCAL_UNIQUE_ID)
        self._abort_if_unique_id_configured()
        shared = await async_get_shared(self.hass)
        try:
            binary = await shared.async_find_binary(shared.installation.binary)
        except StreamServerError as err:
            self._placeholders.update(err.details)
            return await self.async_step_server(error=server_error_key(err))
        self._placeholders["version"] = str(binary.version)
        return await self.async_step_networks()

    async def async_step_server(
        self, user_input: dict[str, Any] | None = None, *, error: str | None = None
    ) -> ConfigFlowResult:
        """Say what is wrong with go2rtc and take another path."""
        shared = await async_get_shared(self.hass)
        errors = {"base": error} if error else {}
        values = user_input or server_values(shared.installation)
        if user_input is not None:
            errors = await async_apply_server(self.hass, user_input, self._placeholders)
            if not errors:
                binary = await shared.async_find_binary(shared.installation.binary)
                self._placeholders["version"] = str(binary.version)
                return await self.async_step_networks()
        return self.async_show_form(
            step_id="server",
            data_schema=self.add_suggested_values_to_schema(SERVER_SCHEMA, values),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def async_step_networks(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where cameras may be, then create the vault and the entry."""
        shared = await async_get_shared(self.hass)
        errors: dict[str, str] = {}
        values: Mapping[str, Any] | None = user_input
        if user_input is not None:
            networks, errors = await async_apply(self.hass, user_input, self._placeholders)
            if not errors:
                vault_id = secrets.token_hex(16)
                try:
                    await EntryVault(self.hass, vault_id).async_create()
                except VaultError as err:
                    errors = {"base": f"vault_{err.reason}"}
                else:
                    return self.async_create_entry(
                        title="Local cameras",
                        data={CONF_VAULT_ID: vault_id},
                        options={CONF_NETWORKS: networks.texts()},
                    )
        if values is None:
            values = {
                CONF_NETWORKS: await async_attached_networks(self.hass),
                SECTION_SERVER: server_values(shared.installation),
            }
        return self.async_show_form(
            step_id="networks",
            data_schema=self.add_suggested_values_to_schema(NETWORKS_SCHEMA, values),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go straight on to the first camera."""
        flow = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_CAMERA), context={"source": SOURCE_USER}
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"])
        return result


class WyzeLocalOptionsFlow(OptionsFlow):
    """Changes the camera networks of an entry and the installation's stream server."""

    def __init__(self) -> None:
        """Begin without placeholders; errors fill them."""
        self._placeholders: dict[str, str] = {"version": "–", "path": "–", "port": "–", "minimum": "–"}

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show and take the options; a loaded entry follows them without a reload."""
        shared = await async_get_shared(self.hass)
        errors: dict[str, str] = {}
        values: Mapping[str, Any] | None = user_input
        if user_input is not None:
            networks, errors = await async_apply(self.hass, user_input, self._placeholders)
            if not errors:
                return self._async_finish({CONF_NETWORKS: networks.texts()})
        if values is None:
            values = {
                CONF_NETWORKS: self.config_entry.options[CONF_NETWORKS],
                SECTION_SERVER: server_values(shared.installation),
            }
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(NETWORKS_SCHEMA, values),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    @callback
    def _async_finish(self, options: dict[str, Any]) -> ConfigFlowResult:
        """Store the options; an entry whose set-up failed may well owe its next try to them."""
        entry = self.config_entry
        if entry.state in (ConfigEntryState.SETUP_RETRY, ConfigEntryState.SETUP_ERROR):
            # Before the reload begins, which reads them.
            self.hass.config_entries.async_update_entry(entry, options=options)
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data=options)
