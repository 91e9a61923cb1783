"""The fields of the camera flow's forms."""

from typing import Any

import probatio

from homeassistant.const import CONF_IP_ADDRESS, CONF_NAME, CONF_PASSWORD, CONF_PORT, CONF_URL
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .const import CONF_ENR, CONF_LINK, CONF_MAC, CONF_MODEL, CONF_UID, CONF_USER
from .engine.model import DEFAULT_PORT

_PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
_PORT = NumberSelector(NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX))

type Fields = dict[probatio.Marker, Any]

LINK_FIELDS: Fields = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Required(CONF_LINK): _PASSWORD,
}
FIELDS: Fields = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Required(CONF_IP_ADDRESS): TextSelector(),
    probatio.Required(CONF_UID): _PASSWORD,
    probatio.Required(CONF_ENR): _PASSWORD,
    probatio.Required(CONF_MAC): TextSelector(),
    probatio.Optional(CONF_MODEL): TextSelector(),
    probatio.Optional(CONF_PORT, default=DEFAULT_PORT): _PORT,
}
CHANGE_FIELDS: Fields = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Optional(CONF_IP_ADDRESS): TextSelector(),
    probatio.Optional(CONF_UID): _PASSWORD,
    probatio.Optional(CONF_ENR): _PASSWORD,
    probatio.Optional(CONF_MAC): TextSelector(),
    probatio.Optional(CONF_MODEL): TextSelector(),
    probatio.Optional(CONF_PORT): _PORT,
}
_USER_INFO: Fields = {
    probatio.Optional(CONF_USER): TextSelector(),
    probatio.Optional(CONF_PASSWORD): _PASSWORD,
}
STREAM_FIELDS: Fields = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Required(CONF_URL): _PASSWORD,
    **_USER_INFO,
}
CHANGE_STREAM_FIELDS: Fields = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Optional(CONF_URL): _PASSWORD,
    **_USER_INFO,
}
