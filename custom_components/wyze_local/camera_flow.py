"""Adding and changing a local camera: a pasted link or single fields, dialled before anything is saved."""

import secrets
from dataclasses import replace
from typing import Any

import probatio

from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import BooleanSelector

from .camera_fields import CHANGE_FIELDS, CHANGE_STREAM_FIELDS, FIELDS, LINK_FIELDS, STREAM_FIELDS, Fields
from .camera_form import CHANGES, dial_error, entry_data, form_field, known_values, read_way
from .camera_pages import CameraPages
from .cameras import all_cameras
from .const import (
    CONF_ADD_NETWORK,
    CONF_CAMERA_KEY,
    CONF_KIND,
    CONF_MAC_HASH,
    CONF_MODEL,
    CONF_NETWORKS,
    CONF_SAVE_UNPROVEN,
    CONF_WATCH,
    KIND_STREAM,
)
from .engine.model import (
    Camera,
    CameraNetworks,
    EngineError,
    InvalidField,
    Secret,
    StreamAddress,
    Way,
    new_camera_key,
    parse_name,
)
from .engine.vault import CameraRecord, VaultError
from .entry import WyzeLocalConfigEntry
from .issues import async_report_keys_missing
from .shared import async_get_shared
from .status import MAY_SLEEP
from .streams import async_try
from .watch_default import places_left, watch_data

# A camera that gives no answer may just be asleep: after this many tries it may be saved all the same.
TRIES_BEFORE_UNPROVEN = 2


class CameraSubentryFlow(CameraPages):
    """Adds one camera to an entry, or changes it."""

    def __init__(self) -> None:
        """Begin without failures and without a network that the form offers to add."""
        self._failures = 0
        self._offered: str | None = None
        self._kind = ""
        self._wants_watch = False
        self._placeholders: dict[str, str] = {"network": "–", "name": "–"}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Offer the ways to give a camera."""
        if not self._loaded:
            return self.async_abort(reason="entry_not_loaded")
        return self.async_show_menu(step_id="user", menu_options=["link", "fields", "stream", "used"])

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Offer a new link, or to change only what changed."""
        if not self._loaded:
            return self.async_abort(reason="entry_not_loaded")
        if CONF_KIND in self._get_reconfigure_subentry().data:
            return self.async_show_menu(
                step_id="reconfigure", menu_options=["motion", "stream", "change_stream", "sell"]
            )
        return self.async_show_menu(
            step_id="reconfigure", menu_options=["motion", "link", "change", "used", "sell"]
        )

    async def async_step_link(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take a wyze:// link, as go2rtc shows it."""
        return await self._async_camera_step("link", LINK_FIELDS, user_input)

    async def async_step_fields(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take address and keys one by one."""
        return await self._async_camera_step("fields", FIELDS, user_input)

    async def async_step_change(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take what is different now; what stays empty stays as it is sealed."""
        return await self._async_camera_step("change", CHANGE_FIELDS, user_input)

    async def async_step_stream(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take the URL of a stream of any make."""
        return await self._async_camera_step("stream", STREAM_FIELDS, user_input)

    async def async_step_change_stream(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take what is different now about a stream."""
        return await self._async_camera_step("change_stream", CHANGE_STREAM_FIELDS, user_input)

    async def _async_camera_step(
        self, step_id: str, fields: Fields, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Show a form until a camera could be saved; what was typed stays."""
        errors: dict[str, str] = {}
        values = user_input or self._known_values(step_id)
        if user_input is not None:
            result = await self._async_try(step_id, user_input, errors)
            if result is not None:
                return result
            if errors.get("base") == "address_outside":
                values = {**user_input, CONF_ADD_NETWORK: False}
        schema = dict(fields)
        if self._subentry() is None:
            schema[probatio.Optional(CONF_WATCH)] = BooleanSelector()
        if self._offered is not None:
            schema[probatio.Optional(CONF_ADD_NETWORK, default=False)] = BooleanSelector()
        if self._failures >= TRIES_BEFORE_UNPROVEN:
            schema[probatio.Optional(CONF_SAVE_UNPROVEN, default=False)] = BooleanSelector()
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(schema), values),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    def _known_values(self, step_id: str) -> dict[str, Any]:
        if (subentry := self._subentry()) is None:
            return {CONF_WATCH: places_left(self.hass) > 0}
        record = self._record() if self._loaded else None
        known = record.camera.credentials if record else None
        return known_values(step_id, subentry.title, subentry.data[CONF_MODEL], known)

    def _subentry(self) -> ConfigSubentry | None:
        return self._get_reconfigure_subentry() if self.source == "reconfigure" else None

    def _record(self) -> CameraRecord | None:
        """Return what the vault holds of the camera that is being changed."""
        records = self._get_entry().runtime_data.vault.records
        return records.get(subentry.data[CONF_CAMERA_KEY]) if (subentry := self._subentry()) else None

    async def _async_try(
        self, step_id: str, user_input: dict[str, Any], errors: dict[str, str]
    ) -> SubentryFlowResult | None:
        """Check, dial and save what was typed; fills `errors` and returns None when that fails."""
        if not self._loaded:
            errors["base"] = "entry_not_loaded"
            return None
        entry: WyzeLocalConfigEntry = self._get_entry()
        try:
            if step_id in CHANGES:
                await entry.runtime_data.vault.async_open()
            return await self._async_check_and_save(step_id, user_input, errors)
        except InvalidField as err:
            errors[form_field(step_id, err)] = f"{err.field}_{err.reason}"
        except VaultError as err:
            errors["base"] = f"vault_{err.reason}"
        return None

    async def _async_check_and_save(
        self, step_id: str, user_input: dict[str, Any], errors: dict[str, str]
    ) -> SubentryFlowResult | None:
        """Do the work of `_async_try`; raises InvalidField and VaultError besides."""
        name = parse_name(user_input[CONF_NAME])
        known = record.camera if step_id in CHANGES and (record := self._record()) else None
        credentials = read_way(step_id, user_input, known.credentials if known else None)
        if known is not None and (subentry := self._subentry()) and credentials == known.credentials:
            # Only the name: that is Home Assistant's, and no picture ends for it.
            return self.async_update_and_abort(self._get_entry(), subentry, title=name)
        shared = await async_get_shared(self.hass)
        fingerprint = shared.installation.fingerprint(credentials)
        if (problem := self._duplicate(fingerprint)) is not None:
            errors["base"] = problem
            return None
        add_network = bool(user_input.get(CONF_ADD_NETWORK))
        networks = self._networks_around(credentials, add_network, errors)
        if networks is None:
            return None
        proven = await self._async_dial(credentials, networks, errors)
        if not proven and not (user_input.get(CONF_SAVE_UNPROVEN) and self._failures > TRIES_BEFORE_UNPROVEN):
            return None
        if not self._loaded:
            errors["base"] = "entry_not_loaded"
            return None
        camera = Camera(new_camera_key(), name, credentials, proven=proven)
        self._wants_watch = bool(user_input.get(CONF_WATCH))
        return await self._async_save(camera, fingerprint, add_network, errors)

    def _duplicate(self, fingerprint: str) -> str | None:
        """Return an error when this camera is there already, or the one that is being changed is another."""
        mine = self._subentry()
        # A stream may become any other: nothing about it stays when its URL changes.
        if mine is not None and CONF_KIND not in mine.data and mine.data[CONF_MAC_HASH] != fingerprint:
            return "another_camera"
        for item in all_cameras(self.hass):
            if item.mac_hash == fingerprint and (mine is None or item.subentry_id != mine.subentry_id):
                self._placeholders["name"] = item.name
                return "already_added"
        return None

    def _networks_around(self, credentials: Way, add: bool, errors: dict[str, str]) -> CameraNetworks | None:
        """Return the camera networks, wider by the address's /24 when that was offered and wanted.

        Nothing is stored yet. Fills `errors` and returns None when the address lies outside.
        """
        networks = CameraNetworks.parse(self._get_entry().options[CONF_NETWORKS])
        address = credentials.address.reveal()
        offered, self._offered = self._offered, None
        if address in networks:
            return networks
        try:
            around, wider = networks.widened(address)
        except InvalidField as err:
            errors["base"] = "networks_full" if err.reason == "too_many" else "address_not_for_cameras"
            return None
        self._offered = self._placeholders["network"] = around
        # A tick is for the network that it was shown with, and for no other.
        if add and around == offered:
            return wider
        errors["base"] = "address_outside"
        return None

    async def _async_dial(self, credentials: Way, networks: CameraNetworks, errors: dict[str, str]) -> bool:
        """Connect to the camera as it will be connected to; fills `errors` with what went wrong."""
        data = self._get_entry().runtime_data
        look = self._subentry() is None
        self._kind = KIND_STREAM if isinstance(credentials, StreamAddress) else ""
        try:
            # A known camera may have its only session with us already.
            self._kind = await async_try(data.coordinator, credentials, networks, look=look)
        except EngineError as err:
            connection = data.coordinator.surroundings.judge(err.reason, credentials, proven=False)
            errors["base"] = dial_error(connection, credentials)
            self._failures = self._failures + 1 if connection in MAY_SLEEP else 0
        return not errors

    async def _async_save(
        self, camera: Camera, fingerprint: str, add_network: bool, errors: dict[str, str]
    ) -> SubentryFlowResult | None:
        """Seal the keys first, then let Home Assistant know of camera and network. Raises VaultError."""
        entry: WyzeLocalConfigEntry = self._get_entry()
        data = entry.runtime_data
        async with data.lock:
            # Somebody may have saved the camera or the options in another window during the dial.
            if self._duplicate(fingerprint) is not None:
                return self.async_abort(reason="already_configured")
            networks = self._networks_around(camera.credentials, add_network, errors)
            if networks is None:
                return None
            await data.vault.async_open()
            subentry, known = self._subentry(), self._record()
            if subentry is not None:
                camera = replace(camera, key=subentry.data[CONF_CAMERA_KEY])
            token = known.token if known else Secret(secrets.token_hex(16))
            await data.vault.async_put(CameraRecord(camera=camera, token=token))
            self.hass.config_entries.async_update_entry(
                entry, options={**entry.options, CONF_NETWORKS: networks.texts()}
            )
            stored = entry_data(camera, fingerprint, self._kind, subentry)
            if subentry is None:
                catalog = data.coordinator.catalog
                stored |= watch_data(catalog, camera.credentials.model, wanted=self._wants_watch)
                return self.async_create_entry(title=camera.name, data=stored, unique_id=fingerprint)
            await data.coordinator.async_change(camera.key)
            async_report_keys_missing(self.hass, entry)
            return self.async_update_and_abort(
                entry, subentry, title=camera.name, data=stored, unique_id=fingerprint
            )
