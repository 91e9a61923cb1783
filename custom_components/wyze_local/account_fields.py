"""The fields of the account flow's forms."""

from typing import Any

import probatio

from homeassistant.const import CONF_API_KEY, CONF_CODE, CONF_EMAIL, CONF_PASSWORD
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .const import (
    CONF_ADD_NETWORK,
    CONF_CAMERAS,
    CONF_KEEP,
    CONF_KEY_ID,
    CONF_LAN_ONLY,
    CONF_PASSPHRASE,
    CONF_PASSPHRASE_AGAIN,
    CONF_SEND_AGAIN,
    CONF_USED,
    CONF_WATCH,
)

_PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password"))
_KEY = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
_NEW = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="new-password"))
_CODE = TextSelector(TextSelectorConfig(autocomplete="one-time-code"))

type Fields = dict[probatio.Marker, Any]

EMAIL_FIELDS: Fields = {
    probatio.Required(CONF_EMAIL): TextSelector(
        TextSelectorConfig(type=TextSelectorType.EMAIL, autocomplete="username")
    ),
}
PASSWORD_FIELDS: Fields = {probatio.Required(CONF_PASSWORD): _PASSWORD}
TYPED_PASSWORD_FIELDS: Fields = {probatio.Optional(CONF_PASSWORD): _PASSWORD}
"""The password, when the one that was typed before is still there."""
KEY_FIELDS: Fields = {
    probatio.Required(CONF_KEY_ID): TextSelector(TextSelectorConfig(autocomplete="off")),
    probatio.Required(CONF_API_KEY): _KEY,
}
KEEP_FIELDS: Fields = {
    probatio.Required(CONF_KEEP, default=True): BooleanSelector(),
    probatio.Required(CONF_LAN_ONLY, default=False): BooleanSelector(),
}
CODE_FIELDS: Fields = {probatio.Required(CONF_CODE): _CODE}
MESSAGE_FIELDS: Fields = {
    probatio.Optional(CONF_CODE): _CODE,
    probatio.Required(CONF_SEND_AGAIN, default=False): BooleanSelector(),
}
PASSPHRASE_FIELDS: Fields = {
    probatio.Optional(CONF_PASSPHRASE): _NEW,
    probatio.Optional(CONF_PASSPHRASE_AGAIN): _NEW,
}


def camera_schema(
    options: list[SelectOptionDict], watchable: list[SelectOptionDict], *, outside: bool
) -> probatio.Schema:
    """Return the form in which cameras are chosen; without fields for what there is not."""
    fields: Fields = {}
    if options:
        fields[probatio.Optional(CONF_CAMERAS)] = SelectSelector(
            SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST)
        )
        if watchable:
            fields[probatio.Optional(CONF_WATCH)] = SelectSelector(
                SelectSelectorConfig(options=watchable, multiple=True, mode=SelectSelectorMode.LIST)
            )
        fields[probatio.Required(CONF_USED, default=False)] = BooleanSelector()
    if outside:
        fields[probatio.Optional(CONF_ADD_NETWORK, default=False)] = BooleanSelector()
    return probatio.Schema(fields)
