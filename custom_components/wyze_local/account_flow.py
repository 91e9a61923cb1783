"""What comes after a sign-in: whose account it is, which of its cameras are to be here, what is kept of it.

Nothing is written before the last page. What is written is sealed first; an entry that runs goes on running.
"""

import contextlib
import secrets
from collections.abc import Mapping
from typing import Any, override

import probatio

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult

from .account_fields import PASSPHRASE_FIELDS, camera_schema
from .account_form import check_twice, masked, read_passphrase
from .account_offers import Labels, held_now, preselected, suggested_watched, widened
from .account_save import NewAccount, async_renew, async_save_chosen, opened
from .cameras import is_account, own_entries
from .const import CONF_ADD_NETWORK, CONF_CAMERAS, CONF_NETWORKS, CONF_USED, CONF_WATCH
from .engine.model import CameraNetworks, Secret
from .engine.vault import NO_LOGINS, VaultError
from .lan_only import async_turn_lan_only
from .lan_only_flow import asks_vendor
from .motion_flow import MotionSteps
from .shared import async_get_shared
from .watch_default import places_left

MOST_WINDOWS = 8
"""How many other windows may come to their end first while one seals: what never comes to rest is told."""


class AccountSteps(MotionSteps):
    """The steps from a session with the vendor to an entry, new or renewed."""

    def __init__(self) -> None:
        """Begin without anything found."""
        super().__init__()
        self._chosen: frozenset[str] = frozenset()
        self._watched: frozenset[str] | None = None
        self._widens = False
        self._logins = NO_LOGINS
        self._options: dict[str, Any] = {}
        self._new: NewAccount | None = None
        self._same: ConfigEntry | None = None
        """The entry that a new sign-in turned out to be of."""

    # Ways into a known account.

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask to sign in again, because the vendor ended the session. Video goes on meanwhile."""
        self._only_session = True
        if not await self._async_is_known():
            return await self.async_step_account()
        return await self.async_step_reauth_confirm()

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer what can be changed about an account."""
        entry = self._get_reconfigure_entry()
        if not is_account(entry):
            return self.async_abort(reason="no_account")
        if not self._keeps_session:
            return await self.async_step_reconfigure_once()
        if not await self._async_is_known():
            return await self.async_step_account()
        return self.async_show_menu(
            step_id="reconfigure", menu_options=["motion_of", "account", "key", "sell"]
        )

    async def async_step_reconfigure_once(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer what can be changed where nothing of the account was kept."""
        return self.async_show_menu(step_id="reconfigure_once", menu_options=["motion_of", "fetch", "sell"])

    async def _async_is_known(self) -> bool:
        """Tell whether the vault still holds the account, and show whose it is."""
        if (entry := self._entry) is None:
            return False
        vault = opened(self.hass, entry)
        with contextlib.suppress(VaultError):
            await vault.async_open()
        self._known = vault.account
        if self._known is not None:
            self._placeholders["email"] = masked(self._known.email)
        return self._known is not None

    @override
    @asks_vendor
    async def async_step_key(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change nothing but the developer key."""
        self._only_session = True
        return await super().async_step_key(user_input)

    # From a session on.

    @override
    async def _async_signed_in(self) -> ConfigFlowResult:
        """See whose account it is; from here on the password is gone."""
        assert self._sign_in is not None
        self._account, self._sign_in = self._sign_in.account(), None
        shared = await async_get_shared(self.hass)
        owner = shared.installation.owner(self._account.user_id)
        if (entry := self._entry) is None:
            if (same := await self.async_set_unique_id(owner)) is not None:
                return await self._async_known_already(same)
            if not self._keep:
                await self.async_set_unique_id(secrets.token_hex(16))
        elif self._keeps_session and entry.unique_id != owner:
            self._mistaken = entry
            return self.async_abort(reason="another_account", description_placeholders=self._placeholders)
        return await self.async_step_again()

    async def _async_known_already(self, entry: ConfigEntry) -> ConfigFlowResult:
        """Let the account's entry have the new session, unless none is to be kept."""
        self._same = entry
        return await self.async_step_again()

    async def _async_pass_on(self, entry: ConfigEntry) -> dict[str, str]:
        """Give an entry of the same account the session; returns form errors."""
        if not self._keep or self._account is None:
            return {}
        if self._lan_only:
            await async_turn_lan_only(self.hass, entry, on=True)
        try:
            await async_renew(self.hass, entry, self._account)
        except VaultError as err:
            return {"base": f"vault_{err.reason}"}
        self._async_end_requests(entry)
        return {}

    @asks_vendor
    async def async_step_again(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Do what follows a sign-in. When that fails, wait here: nobody has to sign in once more for it."""
        entry = self._entry
        errors: dict[str, str] = {}
        if self._same is not None:
            errors = await self._async_pass_on(self._same)
            if not errors:
                return self.async_abort(reason="already_configured")
        elif self._only_session and entry is not None:
            errors = await self._async_renew(entry)
            if not errors:
                return self.async_update_and_abort(entry)
        elif self._offers is None:
            errors = await self._async_fetch(self._account)
        if errors:
            return self.async_show_form(
                step_id="again",
                data_schema=probatio.Schema({}),
                errors=errors,
                description_placeholders=self._placeholders,
            )
        if self._is_another(entry):
            return self.async_abort(reason="no_overlap")
        return await self.async_step_cameras()

    def _is_another(self, entry: ConfigEntry | None) -> bool:
        """Tell whether an account shows none of the cameras that a one-time entry has of it."""
        if entry is None or self._keeps_session or not entry.data[CONF_CAMERAS]:
            return False
        return not any(offer.holder is entry for offer in self._offers or ())

    async def async_step_cameras(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the person say which cameras are theirs and are to be here."""
        errors: dict[str, str] = {}
        entry = self._entry
        self._offers = held_now(self._offers or (), own_entries(self.hass))
        if user_input is not None:
            self._chosen = frozenset(user_input.get(CONF_CAMERAS, ()))
            if CONF_WATCH in user_input:
                self._watched = frozenset(user_input[CONF_WATCH])
            self._widens = user_input.get(CONF_ADD_NETWORK, self._widens)
            if not self._chosen and not self._keeps_session:
                errors = {"base": "cameras_none"}
            elif user_input.get(CONF_USED):
                return await self.async_step_used()
            elif entry is None:
                return await self.async_step_passphrase()
            elif not (errors := await self._async_save(entry)):
                return self.async_update_and_abort(entry, options=self._options_now())
        labels = await Labels.async_load(self.hass)
        self._placeholders["others"] = labels.others(self._offers)
        outside, _ = widened(CameraNetworks.parse(self._options_before[CONF_NETWORKS]), self._offers)
        self._placeholders["network"] = ", ".join(outside) or "–"
        schema = camera_schema(
            labels.options(self._offers, entry), labels.watchable(self._offers, entry), outside=bool(outside)
        )
        return self.async_show_form(
            step_id="cameras",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or self._suggested(entry)),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    def _suggested(self, entry: ConfigEntry | None) -> dict[str, Any]:
        """Return what the choice of cameras shows as ticked at first."""
        offers = self._offers or ()
        chosen = preselected(offers, entry)
        watched = suggested_watched(offers, entry, chosen, places_left(self.hass))
        return {CONF_CAMERAS: chosen, CONF_WATCH: watched}

    async def async_step_used(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say how a previous owner is cut off, before a camera that was bought used is taken in."""
        if user_input is not None:
            return await self.async_step_cameras({CONF_CAMERAS: list(self._chosen), CONF_USED: False})
        return self.async_show_form(step_id="used", data_schema=probatio.Schema({}))

    @property
    def _options_before(self) -> Mapping[str, Any]:
        """The options as they are at this moment: a camera that moves here may have brought its network."""
        return self._entry.options if self._entry else self._options

    def _options_now(self) -> Mapping[str, Any]:
        """Return the options; the chosen cameras are reached where they are, if the person says so."""
        options = self._options_before
        if not self._widens:
            return options
        chosen = [offer for offer in self._offers or () if offer.fingerprint in self._chosen]
        _, networks = widened(CameraNetworks.parse(options[CONF_NETWORKS]), chosen)
        return {**options, CONF_NETWORKS: networks.texts()}

    async def _async_save(self, entry: ConfigEntry) -> dict[str, str]:
        """Let a known account have the cameras that were chosen; returns form errors."""
        try:
            await self._async_seal_session(entry)
            await async_save_chosen(self.hass, entry, self._offers or (), self._chosen, self._watched)
        except VaultError as err:
            return {"base": f"vault_{err.reason}"}
        return {}

    async def async_step_passphrase(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer a second way to the keys, for the day when the key file is gone and the vendor is away."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = check_twice(user_input)
            if not errors:
                errors = await self._async_seal_new(read_passphrase(user_input))
            if not errors and self._new is not None:
                return self.async_create_entry(
                    title=self._new.title, data=self._new.data, options=self._options_now()
                )
        return self.async_show_form(
            step_id="passphrase",
            data_schema=probatio.Schema(PASSPHRASE_FIELDS),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def _async_seal_new(self, passphrase: Secret | None) -> dict[str, str]:
        """Seal everything of a new account; returns form errors, and then nothing is on disk."""
        try:
            for _ in range(MOST_WINDOWS):
                entries = own_entries(self.hass)
                self._offers = held_now(self._offers or (), entries)
                self._new = NewAccount.of(
                    self._account, self._offers, self._chosen, self._watched, lan_only=self._lan_only
                )
                await self._new.async_seal(self.hass, self._logins, passphrase)
                # Sealing takes a while, in which another window may have come to its end.
                if not await self._new.async_let_go(self.hass):
                    return {}
        except VaultError as err:
            return {"base": f"vault_{err.reason}"}
        return {"base": "cameras_changed"}
