"""Who may see the clips of a camera: whoever may see the camera, at the moment of looking."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.components.http import KEY_HASS_USER
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import current_request

from .const import DOMAIN


@callback
def async_camera_entity(hass: HomeAssistant, camera_key: str) -> str | None:
    """Return the entity id of a camera; None for one that was removed."""
    # In the words of entity.py and camera.py.
    return er.async_get(hass).async_get_entity_id(CAMERA_DOMAIN, DOMAIN, f"{camera_key}_camera")


@callback
def async_may(hass: HomeAssistant, user: User, camera_key: str, policy: str = POLICY_READ) -> bool:
    """Tell whether a user may see, or control, a camera; one that was removed only who may all of them."""
    if not user.is_active:
        return False
    if (entity_id := async_camera_entity(hass, camera_key)) is None:
        return user.permissions.access_all_entities(policy)
    return user.permissions.check_entity(entity_id, policy)


@callback
def async_may_browse(hass: HomeAssistant, camera_key: str) -> bool:
    """Tell whether whoever asks right now, over the web socket or a request, may see a camera's clips.

    Home Assistant tells it to no media source, but finds whose signature to use in this way, too. Without
    either it asks by itself, and may. A request that nobody logged in for, such as a webhook, is nobody's.
    """
    if (connection := websocket_api.current_connection.get()) is not None:
        return async_may(hass, connection.user, camera_key)
    if (request := current_request.get()) is not None:
        user: User | None = request.get(KEY_HASS_USER)
        return user is not None and async_may(hass, user, camera_key)
    return True


async def async_require_control(hass: HomeAssistant, context: Context, camera_key: str) -> None:
    """Raise Unauthorized unless the caller of an action may control a camera."""
    if context.user_id is None:
        return
    if (user := await hass.auth.async_get_user(context.user_id)) is None:
        raise UnknownUser(context=context)
    if not async_may(hass, user, camera_key, POLICY_CONTROL):
        raise Unauthorized(
            context=context,
            entity_id=async_camera_entity(hass, camera_key),
            permission=POLICY_CONTROL,
        )
