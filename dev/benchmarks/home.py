"""What the bench needs to know and do inside Home Assistant, whose process loads this first."""

from typing import Any

import probatio

from homeassistant.components import websocket_api
from homeassistant.components.camera.helper import get_camera_from_entity_id
from homeassistant.core import HomeAssistant

from dev.home import launcher


def prepare(hass: HomeAssistant) -> None:
    """Prepare as for the demo, and take two more commands."""
    launcher.prepare(hass)
    websocket_api.async_register_command(hass, restream)
    websocket_api.async_register_command(hass, rest)


@websocket_api.websocket_command(
    {probatio.Required("type"): "bench/restream", probatio.Required("entity_id"): str}
)
@websocket_api.require_admin
@websocket_api.async_response
async def restream(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, message: dict[str, Any]
) -> None:
    """Answer with the address that other programs on this machine read a camera from."""
    camera = get_camera_from_entity_id(hass, message["entity_id"])
    connection.send_result(message["id"], {"url": await camera.stream_source()})


@websocket_api.websocket_command(
    {probatio.Required("type"): "bench/rest", probatio.Required("entity_id"): str}
)
@websocket_api.require_admin
@websocket_api.async_response
async def rest(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, message: dict[str, Any]
) -> None:
    """Do at once what Home Assistant does half a minute after the last HLS viewer: let go of the stream."""
    stream = get_camera_from_entity_id(hass, message["entity_id"]).stream
    if stream is not None:
        for provider in tuple(stream.outputs().values()):
            await stream.remove_provider(provider)
    connection.send_result(message["id"])
