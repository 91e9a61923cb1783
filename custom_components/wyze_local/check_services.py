"""The action that checks a camera. For whoever may control it."""

from typing import Any

import probatio

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.helpers import service

from .camera import WyzeLocalCamera
from .camera_check import LISTEN, async_check, async_response, async_show
from .const import DOMAIN

CHECK_CAMERA = "check_camera"
ATTR_SECONDS = "seconds"
MAX_SECONDS = 60


@callback
def async_set_up_check_services(hass: HomeAssistant) -> None:
    """Register the action; it is there whether an entry is loaded or not."""
    service.async_register_platform_entity_service(
        hass,
        DOMAIN,
        CHECK_CAMERA,
        entity_domain=CAMERA_DOMAIN,
        schema={
            probatio.Optional(ATTR_SECONDS, default=LISTEN): probatio.All(
                probatio.Coerce(float), probatio.Range(min=1, max=MAX_SECONDS)
            )
        },
        func=_async_check,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_check(camera: WyzeLocalCamera, call: ServiceCall) -> dict[str, Any] | None:
    """Check a camera; whoever wants no answer gets a notification."""
    report = await async_check(camera.coordinator, camera.camera_key, call.data[ATTR_SECONDS])
    if call.return_response:
        return await async_response(camera.hass, report)
    await async_show(camera.coordinator, camera.camera_key, report)
    return None
