"""What the benches need to know and do inside Home Assistant, whose process loads this first."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import probatio

from homeassistant.components import websocket_api
from homeassistant.components.camera.helper import get_camera_from_entity_id
from homeassistant.core import HomeAssistant

from dev.home import launcher

type Answer = Callable[[HomeAssistant, Any, dict[str, Any]], Awaitable[dict[str, Any] | None]]
"""Gets a camera entity of ours and the message."""


def prepare(hass: HomeAssistant) -> None:
    """Prepare as for the demo, and take some more commands."""
    launcher.prepare(hass)
    for name, answer in ANSWERS.items():
        _register(hass, name, answer)


def _register(hass: HomeAssistant, name: str, answer: Answer) -> None:
    @websocket_api.websocket_command(
        {
            probatio.Required("type"): f"bench/{name}",
            probatio.Required("entity_id"): str,
            probatio.Optional("engine"): str,
        }
    )
    @websocket_api.require_admin
    @websocket_api.async_response
    async def command(
        hass: HomeAssistant, connection: websocket_api.ActiveConnection, message: dict[str, Any]
    ) -> None:
        camera = get_camera_from_entity_id(hass, message["entity_id"])
        connection.send_result(message["id"], await answer(hass, camera, message))

    websocket_api.async_register_command(hass, command)


async def _restream(_hass: HomeAssistant, camera: Any, _message: dict[str, Any]) -> dict[str, Any]:
    """Tell the address from which other programs on this machine read a camera, by the stream server."""
    return {"url": camera.coordinator.server.restream_url(camera.camera_key).reveal()}


async def _rest(_hass: HomeAssistant, camera: Any, _message: dict[str, Any]) -> None:
    """Do at once what Home Assistant does half a minute after the last HLS viewer: let go of the stream."""
    if camera.stream is not None:
        for provider in tuple(camera.stream.outputs().values()):
            await camera.stream.remove_provider(provider)


async def _hang_up(_hass: HomeAssistant, camera: Any, _message: dict[str, Any]) -> None:
    """Do at once what the relay does within half a minute after the last reader: hang up.

    It knows as much of the camera afterwards as it would then.
    """
    coordinator, key = camera.coordinator, camera.camera_key
    watched = coordinator.watched(key)
    if watched.settings.relayed:
        relaying = coordinator.shared.relaying
        await relaying.async_remove(key)
        await relaying.async_add(key, watched.record.camera.credentials, watched.settings)


async def _still(_hass: HomeAssistant, camera: Any, _message: dict[str, Any]) -> dict[str, Any]:
    """Fetch a new still, past the one that is kept; tells how long that took."""
    began = time.monotonic()
    still = await camera.coordinator.stills(camera.camera_key).take()
    return {"ms": (time.monotonic() - began) * 1000, "bytes": len(still.jpeg) if still else 0}


async def _engine(hass: HomeAssistant, camera: Any, message: dict[str, Any]) -> None:
    """Let the relay or go2rtc's own source hold the camera, as a person can choose."""
    entry = camera.coordinator.config_entry
    for subentry in entry.subentries.values():
        if subentry.data["camera_key"] == camera.camera_key:
            data = {**subentry.data, "engine": message["engine"]}
            hass.config_entries.async_update_subentry(entry, subentry, data=data)


ANSWERS: dict[str, Answer] = {
    "restream": _restream,
    "rest": _rest,
    "hang_up": _hang_up,
    "still": _still,
    "engine": _engine,
}
"""Command, as `bench/…`, and what it does."""
