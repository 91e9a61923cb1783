"""The pages that sign in to a vendor account: what is typed, and the second factor.

The password is never shown again and never kept beyond the window. After an error that is not about it, it
need not be typed again.
"""

from abc import ABC, abstractmethod
from typing import Any

import probatio

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_CODE

from .account_fields import (
    CODE_FIELDS,
    EMAIL_FIELDS,
    KEEP_FIELDS,
    KEY_FIELDS,
    MESSAGE_FIELDS,
    PASSWORD_FIELDS,
    TYPED_PASSWORD_FIELDS,
    Fields,
)
from .account_form import (
    check_account,
    cloud_error,
    read_email,
    read_key,
    read_password,
    shown_again,
    shown_code,
)
from .const import CONF_KEEP, CONF_LAN_ONLY, CONF_SEND_AGAIN
from .engine.cloud import KEYS_HELP, KEYS_PAGE, CloudError, CloudReason, FactorWay
from .engine.model import Account
from .lan_only_flow import LanOnlySteps, asks_vendor
from .server_form import NOTHING
from .shared import async_get_shared
from .sign_in import SignIn

KEY_TROUBLE = frozenset({CloudReason.BAD_KEY, CloudReason.KEY_EXPIRED, CloudReason.KEY_OF_ANOTHER})


class SignInSteps(LanOnlySteps, ABC):
    """The steps from the first form to a session with the vendor; what comes then is the heirs' business."""

    def __init__(self) -> None:
        """Begin without an account."""
        super().__init__()
        self._placeholders = {
            **NOTHING, "keys_page": KEYS_PAGE, "keys_help": KEYS_HELP, "email": "–", "time": "–"
        }  # fmt: skip
        self._known: Account | None = None
        self._sign_in: SignIn | None = None
        self._keep = True
        self._lan_only = False
        self._needs_key = False
        self._message_asked = False

    @abstractmethod
    async def _async_signed_in(self) -> ConfigFlowResult:
        """Go on with a session."""

    @asks_vendor
    async def async_step_account(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for everything that a sign-in takes."""
        fields = {**EMAIL_FIELDS, **self._password_fields(), **KEY_FIELDS}
        if self.source == "user":
            fields |= KEEP_FIELDS
            self._keep = (user_input or {}).get(CONF_KEEP, self._keep)
            self._lan_only = (user_input or {}).get(CONF_LAN_ONLY, self._lan_only)
        return await self._async_sign_in_step("account", fields, user_input)

    @asks_vendor
    async def async_step_fetch(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for everything once more: of a one-time sign-in nothing is left."""
        fields = {**EMAIL_FIELDS, **self._password_fields(), **KEY_FIELDS}
        return await self._async_sign_in_step("fetch", fields, user_input)

    @asks_vendor
    async def async_step_key(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for another developer key; the vendor judges it at a sign-in only."""
        return await self._async_sign_in_step("key", {**self._password_fields(), **KEY_FIELDS}, user_input)

    @asks_vendor
    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the password, and for the developer key when that is the trouble."""
        fields = self._password_fields() | (KEY_FIELDS if self._needs_key else {})
        return await self._async_sign_in_step("reauth_confirm", fields, user_input)

    def _password_fields(self) -> Fields:
        typed = self._sign_in.password if self._sign_in else None
        return TYPED_PASSWORD_FIELDS if typed else PASSWORD_FIELDS

    async def _async_sign_in_step(
        self, step_id: str, fields: Fields, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show a form until the vendor lets the person in or wants a second factor."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._async_log_in(user_input)
            if not errors:
                return await self._async_after_log_in()
            fields = self._fields_anew(fields)
        schema = self.add_suggested_values_to_schema(probatio.Schema(fields), shown_again(user_input or {}))
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors=errors,
            description_placeholders=self._placeholders,
        )

    def _fields_anew(self, fields: Fields) -> Fields:
        """Return a form's fields after an error: the password is there now, or a key is wanted as well."""
        password = {*PASSWORD_FIELDS, *TYPED_PASSWORD_FIELDS}
        anew: Fields = {}
        for marker, field in fields.items():
            anew |= self._password_fields() if marker in password else {marker: field}
        return anew | (KEY_FIELDS if self._needs_key else {})

    async def _async_log_in(self, values: dict[str, Any]) -> dict[str, str]:
        """Give the vendor what was typed; returns form errors."""
        sign_in = await self._async_begin()
        password = read_password(values, sign_in.password)
        if errors := check_account(values):
            return errors
        if password is None:
            return {"password": "password_missing"}
        try:
            await self.async_ask(
                sign_in.async_log_in(read_email(values, self._known), password, read_key(values, self._known))
            )
        except CloudError as err:
            self._needs_key = self._needs_key or err.word in KEY_TROUBLE
            return {"base": cloud_error(err, sign_in.now, self._placeholders, password)}
        return {}

    async def _async_begin(self) -> SignIn:
        if self._sign_in is None:
            shared = await async_get_shared(self.hass)
            self._sign_in = SignIn(shared.cloud_client(), self._known)
        return self._sign_in

    # The second factor.

    async def _async_after_log_in(self) -> ConfigFlowResult:
        if self._ways:
            return await self.async_step_factor()
        return await self._async_signed_in()

    @property
    def _ways(self) -> frozenset[FactorWay]:
        return self._sign_in.ways if self._sign_in else frozenset()

    @asks_vendor
    async def async_step_factor(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the person choose how to answer. A text message is sent when it is chosen, and not before."""
        if FactorWay.SMS not in self._ways:
            return await self.async_step_totp()
        if FactorWay.TOTP not in self._ways:
            return self.async_show_menu(step_id="factor", menu_options=["sms"])
        return self.async_show_menu(step_id="factor", menu_options=["totp", "sms"])

    @asks_vendor
    async def async_step_totp(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Take the code that an authenticator shows."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._async_answer(FactorWay.TOTP, user_input)
            if not errors:
                return await self._async_signed_in()
        return self.async_show_form(
            step_id="totp",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(CODE_FIELDS), shown_code(user_input, errors)
            ),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    @asks_vendor
    async def async_step_sms(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Have a text message sent and take its code. A page that is opened once more sends no other."""
        errors: dict[str, str] = {}
        again = bool((user_input or {}).get(CONF_SEND_AGAIN))
        if again or not self._message_asked:
            self._message_asked = True
            errors = await self._async_send_sms()
        elif user_input is not None:
            errors = await self._async_answer(FactorWay.SMS, user_input)
            if not errors:
                return await self._async_signed_in()
        unsent = self._sign_in is not None and not self._sign_in.sms_sent
        values = {**shown_code(user_input, errors), CONF_SEND_AGAIN: unsent}
        return self.async_show_form(
            step_id="sms",
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(MESSAGE_FIELDS), values),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def _async_send_sms(self) -> dict[str, str]:
        sign_in = await self._async_begin()
        try:
            await self.async_ask(sign_in.async_send_sms())
        except CloudError as err:
            return {"base": cloud_error(err, sign_in.now, self._placeholders)}
        return {}

    async def _async_answer(self, way: FactorWay, values: dict[str, Any]) -> dict[str, str]:
        """Give the vendor a code; returns form errors."""
        code = "".join((values.get(CONF_CODE) or "").split())
        if not code:
            return {CONF_CODE: "code_missing"}
        sign_in = await self._async_begin()
        try:
            await self.async_ask(sign_in.async_answer(way, code))
        except CloudError as err:
            return {"base": cloud_error(err, sign_in.now, self._placeholders)}
        return {}
