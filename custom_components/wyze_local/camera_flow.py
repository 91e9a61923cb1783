"""Adding and changing a local camera: a pasted link or single fields, dialled before anything is saved."""

import ipaddress
import secrets
from dataclasses import replace
from typing import Any

import probatio

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_IP_ADDRESS, CONF_NAME, CONF_PORT
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .const import (
    CONF_ADD_NETWORK,
    CONF_CAMERA_KEY,
    CONF_ENR,
    CONF_LINK,
    CONF_MAC,
    CONF_MAC_HASH,
    CONF_MODEL,
    CONF_NETWORKS,
    CONF_SAVE_UNPROVEN,
    CONF_UID,
    DOMAIN,
    SUBENTRY_CAMERA,
)
from .engine.model import (
    DEFAULT_PORT,
    Camera,
    CameraNetworks,
    Credentials,
    EngineError,
    InvalidField,
    Secret,
    new_camera_key,
    parse_name,
)
from .engine.stream import parse_wyze_link
from .engine.vault import CameraRecord, VaultError
from .entry import WyzeLocalConfigEntry
from .issues import async_report_keys_missing
from .shared import async_get_shared
from .status import FAILURES, Connection

# A camera that gives no answer may just be asleep: after this many tries it may be saved all the same.
TRIES_BEFORE_UNPROVEN = 2
MAY_BE_ASLEEP = frozenset({Connection.NO_ANSWER, Connection.UNREACHABLE})

_PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))

LINK_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Required(CONF_LINK): _PASSWORD,
}
FIELDS: dict[probatio.Marker, Any] = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Required(CONF_IP_ADDRESS): TextSelector(),
    probatio.Required(CONF_UID): _PASSWORD,
    probatio.Required(CONF_ENR): _PASSWORD,
    probatio.Required(CONF_MAC): TextSelector(),
    probatio.Optional(CONF_MODEL): TextSelector(),
    probatio.Optional(CONF_PORT, default=DEFAULT_PORT): NumberSelector(
        NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)
    ),
}

# The engine's field names where the form's differ.
FORM_FIELDS = {"address": CONF_IP_ADDRESS}


class CameraSubentryFlow(ConfigSubentryFlow):
    """Adds one camera to an entry, or changes it."""

    def __init__(self) -> None:
        """Begin without failures."""
        self._failures = 0
        self._placeholders: dict[str, str] = {"network": "–", "name": "–"}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Offer the two ways to give a camera."""
        return self._async_menu("user")

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Offer the same ways for a camera whose address or keys changed."""
        return self._async_menu("reconfigure")

    @callback
    def _async_menu(self, step_id: str) -> SubentryFlowResult:
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        return self.async_show_menu(step_id=step_id, menu_options=["link", "fields"])

    async def async_step_link(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take a wyze:// link, as go2rtc shows it."""
        return await self._async_camera_step("link", LINK_FIELDS, user_input)

    async def async_step_fields(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take address and keys one by one."""
        return await self._async_camera_step("fields", FIELDS, user_input)

    async def _async_camera_step(
        self, step_id: str, fields: dict[probatio.Marker, Any], user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Show a form until a camera could be saved; what was typed stays."""
        errors: dict[str, str] = {}
        if user_input is not None:
            result = await self._async_try(step_id, user_input, errors)
            if result is not None:
                return result
        schema = dict(fields)
        if errors.get("base") == "address_outside":
            schema[probatio.Optional(CONF_ADD_NETWORK, default=False)] = BooleanSelector()
        if self._failures >= TRIES_BEFORE_UNPROVEN:
            schema[probatio.Optional(CONF_SAVE_UNPROVEN, default=False)] = BooleanSelector()
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(schema), user_input or self._known_values()
            ),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    def _known_values(self) -> dict[str, Any]:
        """Return what a form may start with: the name, and never a key."""
        if (subentry := self._subentry()) is None:
            return {}
        return {CONF_NAME: subentry.title, CONF_MODEL: subentry.data[CONF_MODEL]}

    def _subentry(self) -> ConfigSubentry | None:
        return self._get_reconfigure_subentry() if self.source == "reconfigure" else None

    async def _async_try(
        self, step_id: str, user_input: dict[str, Any], errors: dict[str, str]
    ) -> SubentryFlowResult | None:
        """Check, dial and save what was typed; fills `errors` and returns None when that fails."""
        try:
            name = parse_name(user_input[CONF_NAME])
            credentials = _credentials(step_id, user_input)
        except InvalidField as err:
            field = FORM_FIELDS.get(err.field, err.field)
            # What is wrong inside a link belongs to the link's own field.
            errors[field if field in user_input else CONF_LINK] = f"{err.field}_{err.reason}"
            return None
        shared = await async_get_shared(self.hass)
        mac_hash = shared.installation.mac_hash(credentials.mac)
        if (problem := self._duplicate(mac_hash)) is not None:
            errors["base"] = problem
            return None
        if not self._async_inside(credentials, bool(user_input.get(CONF_ADD_NETWORK))):
            errors["base"] = "address_outside"
            return None
        proven = await self._async_dial(credentials, errors)
        if not proven and not (user_input.get(CONF_SAVE_UNPROVEN) and self._failures > TRIES_BEFORE_UNPROVEN):
            return None
        try:
            return await self._async_save(name, credentials, mac_hash, proven=proven)
        except VaultError as err:
            errors["base"] = f"vault_{err.reason}"
            return None

    def _duplicate(self, mac_hash: str) -> str | None:
        """Return an error when another camera has this hardware address, or this one has another."""
        mine = self._subentry()
        if mine is not None and mine.data[CONF_MAC_HASH] != mac_hash:
            return "another_camera"
        for entry in self.hass.config_entries.async_entries(DOMAIN):
            for subentry in entry.get_subentries_of_type(SUBENTRY_CAMERA):
                if subentry.data[CONF_MAC_HASH] == mac_hash and subentry is not mine:
                    self._placeholders["name"] = subentry.title
                    return "already_added"
        return None

    @callback
    def _async_inside(self, credentials: Credentials, add: bool) -> bool:
        """Tell whether the address lies in the camera networks; adds its /24 when the user asked for it."""
        entry = self._get_entry()
        networks = CameraNetworks.parse(entry.options[CONF_NETWORKS])
        address = credentials.address.reveal()
        if address in networks:
            return True
        around = str(ipaddress.IPv4Network(f"{address}/24", strict=False))
        self._placeholders["network"] = around
        if not add:
            return False
        wider = CameraNetworks.parse([*networks.texts(), around])
        self.hass.config_entries.async_update_entry(
            entry, options={**entry.options, CONF_NETWORKS: wider.texts()}
        )
        return True

    async def _async_dial(self, credentials: Credentials, errors: dict[str, str]) -> bool:
        """Connect to the camera with its own key; fills `errors` with what went wrong."""
        entry: WyzeLocalConfigEntry = self._get_entry()
        try:
            coordinator = entry.runtime_data.coordinator
            await coordinator.shared.relaying.async_prove(credentials, coordinator.networks)
        except EngineError as err:
            connection = FAILURES.get(err.reason, Connection.FAULT)
            errors["base"] = f"dial_{connection.value}"
            self._failures = self._failures + 1 if connection in MAY_BE_ASLEEP else 0
            return False
        return True

    async def _async_save(
        self, name: str, credentials: Credentials, mac_hash: str, *, proven: bool
    ) -> SubentryFlowResult:
        """Seal the keys first, then let Home Assistant know of the camera. Raises VaultError."""
        entry: WyzeLocalConfigEntry = self._get_entry()
        data = entry.runtime_data
        subentry = self._subentry()
        known = data.vault.records.get(subentry.data[CONF_CAMERA_KEY]) if subentry else None
        camera_key = subentry.data[CONF_CAMERA_KEY] if subentry else new_camera_key()
        camera = Camera(camera_key, name, credentials, proven=proven)
        token = known.token if known else Secret(secrets.token_hex(16))
        await data.vault.async_put(
            replace(known, camera=camera) if known else CameraRecord(camera=camera, token=token)
        )
        stored = {
            CONF_CAMERA_KEY: camera_key,
            CONF_MAC_HASH: mac_hash,
            CONF_MODEL: credentials.model,
        }
        if subentry is None:
            return self.async_create_entry(title=name, data=stored, unique_id=mac_hash)
        await data.coordinator.async_change(camera_key)
        async_report_keys_missing(self.hass, entry)
        return self.async_update_and_abort(entry, subentry, title=name, data=stored)


def _credentials(step_id: str, user_input: dict[str, Any]) -> Credentials:
    """Return what a form holds; raises InvalidField."""
    if step_id == "link":
        return parse_wyze_link(user_input[CONF_LINK])
    return Credentials.parse(
        address=user_input[CONF_IP_ADDRESS],
        uid=user_input[CONF_UID],
        enr=user_input[CONF_ENR],
        mac=user_input[CONF_MAC],
        model=user_input.get(CONF_MODEL) or "",
        port=int(user_input[CONF_PORT]),
    )
