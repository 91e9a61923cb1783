"""The forms about stream servers: our own, and one that somebody else runs."""

from collections.abc import Mapping
from typing import Any

import probatio

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .const import (
    CONF_BINARY,
    CONF_KEYS_ALLOWED,
    CONF_NETWORKS,
    CONF_RELAY_HOST,
    CONF_RELAY_PORT,
    CONF_SERVER,
    CONF_WEBRTC_PORT,
    DEFAULT_RELAY_PORT,
    SECTION_SERVER,
    SERVER_EXTERNAL,
    SERVER_MANAGED,
)
from .engine.vault import ServerLogin
from .installation import Installation

PORT = NumberSelector(NumberSelectorConfig(min=1024, max=65535, mode=NumberSelectorMode.BOX))

SERVER_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Optional(CONF_SERVER, default=SERVER_MANAGED): SelectSelector(
        SelectSelectorConfig(options=[SERVER_MANAGED, SERVER_EXTERNAL], translation_key=CONF_SERVER)
    ),
    probatio.Optional(CONF_BINARY): TextSelector(),
    probatio.Required(CONF_WEBRTC_PORT): PORT,
}
NETWORK_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Required(CONF_NETWORKS): TextSelector(TextSelectorConfig(multiple=True)),
    probatio.Required(SECTION_SERVER): section(probatio.Schema(SERVER_FIELDS), {"collapsed": True}),
}
EXTERNAL_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Required(CONF_URL): TextSelector(),
    probatio.Optional(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="off")),
    probatio.Optional(CONF_PASSWORD): TextSelector(
        TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
    ),
    probatio.Optional(CONF_RELAY_HOST): TextSelector(),
    probatio.Required(CONF_RELAY_PORT, default=DEFAULT_RELAY_PORT): PORT,
    probatio.Required(CONF_KEYS_ALLOWED, default=False): BooleanSelector(),
}


def server_values(installation: Installation, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stream server's settings as form values."""
    values: dict[str, Any] = {
        CONF_SERVER: options.get(CONF_SERVER, SERVER_MANAGED),
        CONF_WEBRTC_PORT: installation.webrtc_port,
    }
    if installation.binary:
        values[CONF_BINARY] = installation.binary
    return values


def external_values(login: ServerLogin | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a known external server as form values; its password stays where it is sealed."""
    if login is None:
        return {}
    door: dict[str, Any] = {}
    if login.door is not None:
        door = {CONF_RELAY_HOST: login.door.host.reveal(), CONF_RELAY_PORT: login.door.port}
    return {
        **door,
        CONF_URL: login.url.reveal(),
        CONF_USERNAME: login.user.reveal(),
        CONF_KEYS_ALLOWED: bool(options.get(CONF_KEYS_ALLOWED)),
    }


def wants_external(values: Mapping[str, Any]) -> bool:
    """Tell whether the stream server's section asks for somebody else's."""
    return bool(values.get(CONF_SERVER) == SERVER_EXTERNAL)
