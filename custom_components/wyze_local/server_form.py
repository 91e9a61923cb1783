"""What is typed about stream servers, checked and put to work; and the errors that the forms show."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant

from .const import (
    CONF_BINARY,
    CONF_KEYS_ALLOWED,
    CONF_NETWORKS,
    CONF_RELAY_HOST,
    CONF_RELAY_PORT,
    CONF_SERVER,
    CONF_WEBRTC_PORT,
    SECTION_SERVER,
    SERVER_EXTERNAL,
)
from .engine.model import CameraNetworks, Door, InvalidField, Secret
from .engine.stream import MINIMUM, LanDoor, RemoteAccess, StreamServerError, parse_own_host
from .engine.vault import ServerLogin
from .server_errors import server_error_key
from .server_fields import wants_external
from .shared import async_get_shared

DOOR_USER_BYTES = 4
DOOR_PASSWORD_BYTES = 16
EXAMPLE = "http://127.0.0.1:1984"
NOTHING = {"version": "–", "path": "–", "port": "–", "minimum": str(MINIMUM), "example": EXAMPLE}
"""What the forms' texts hold before anything has been found out."""


async def async_apply(
    hass: HomeAssistant,
    user_input: Mapping[str, Any],
    placeholders: dict[str, str],
    doors: Mapping[str, LanDoor | None] | None = None,
) -> tuple[CameraNetworks, dict[str, str]]:
    """Check networks and stream server settings and put the latter to work; returns form errors.

    Nothing is started for somebody else's stream server, which has a page of its own.
    """
    networks = CameraNetworks()
    try:
        networks = CameraNetworks.parse(user_input[CONF_NETWORKS])
        if not networks.networks:
            return networks, {CONF_NETWORKS: "networks_missing"}
    except InvalidField as err:
        return networks, {CONF_NETWORKS: f"networks_{err.reason}"}
    if wants_external(user_input[SECTION_SERVER]):
        return networks, {}
    return networks, await async_apply_server(hass, user_input[SECTION_SERVER], placeholders, doors)


async def async_apply_server(
    hass: HomeAssistant,
    values: Mapping[str, Any],
    placeholders: dict[str, str],
    doors: Mapping[str, LanDoor | None] | None = None,
) -> dict[str, str]:
    """Start the stream server with other settings; returns form errors."""
    shared = await async_get_shared(hass)
    try:
        await shared.async_change(
            binary=(values.get(CONF_BINARY) or "").strip() or None,
            webrtc_port=int(values[CONF_WEBRTC_PORT]),
            doors=doors,
        )
    except StreamServerError as err:
        placeholders.update(err.details)
        return {"base": server_error_key(err)}
    return {}


async def async_check_external(
    hass: HomeAssistant, values: Mapping[str, Any], known: ServerLogin | None, placeholders: dict[str, str]
) -> tuple[ServerLogin | None, dict[str, str]]:
    """Ask an external stream server everything that has to be right; returns its login and form errors."""
    try:
        login = _login(values, known)
        shared = await async_get_shared(hass)
        await shared.externals.async_check(login, wyze=values[CONF_KEYS_ALLOWED])
    except InvalidField as err:
        return None, {err.field: f"external_{err.reason}"}
    except StreamServerError as err:
        placeholders.update(err.details)
        return None, {"base": server_error_key(err)}
    return login, {}


def _login(values: Mapping[str, Any], known: ServerLogin | None) -> ServerLogin:
    """Return the login that was typed; raises InvalidField.

    A password that was left out is the one that is sealed, but only for where it was meant for.
    """
    user, password = values.get(CONF_USERNAME) or "", values.get(CONF_PASSWORD) or ""
    access = RemoteAccess.parse(values[CONF_URL], user, password)
    door = _door(values, known.door if known else None)
    if known is not None and not password and (access.url, access.user) == (known.url, known.user):
        return replace(known, door=door)
    seed = known.seed if known else Secret(secrets.token_hex(16))
    return ServerLogin(access.url, access.user, access.password, seed, door)


def _door(values: Mapping[str, Any], known: Door | None) -> Door | None:
    """Return how the server reads the relay from another machine, if it runs on one; raises InvalidField.

    User and password are made once; with another address or port they stay.
    """
    if not (typed := (values.get(CONF_RELAY_HOST) or "").strip()):
        return None
    host, port = parse_own_host(typed, CONF_RELAY_HOST), int(values[CONF_RELAY_PORT])
    if known is not None:
        return replace(known, host=host, port=port)
    user = f"relay_{secrets.token_hex(DOOR_USER_BYTES)}"
    return Door(host, port, Secret(user), Secret(secrets.token_hex(DOOR_PASSWORD_BYTES)))


def external_options(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry's options hold of somebody else's stream server: nothing that opens it."""
    return {CONF_SERVER: SERVER_EXTERNAL, CONF_KEYS_ALLOWED: values[CONF_KEYS_ALLOWED]}
