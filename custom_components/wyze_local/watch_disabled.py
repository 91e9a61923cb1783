"""Cameras whose device a person disabled in Home Assistant: nobody watches what is not to be there.

Home Assistant takes the entities of such a device away at once, and loads the entry anew for them once it is
enabled again; with that it is watched again, too.
"""

from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN

if TYPE_CHECKING:
    from .watching import Watching


@callback
def is_disabled(hass: HomeAssistant, camera_key: str) -> bool:
    """Tell whether the device of a camera is disabled."""
    devices = dr.async_get(hass).async_get_devices(identifiers={(DOMAIN, camera_key)})
    return bool(devices) and all(device.disabled for device in devices)


@callback
def async_follow_disabled(hass: HomeAssistant, watching: Watching) -> CALLBACK_TYPE:
    """Leave cameras that are disabled alone, until the returned call."""

    @callback
    def changed(event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        if event.data["action"] == "update" and "disabled_by" in event.data["changes"]:
            for camera_key in watching.cameras:
                if is_disabled(hass, camera_key):
                    watching.async_leave(camera_key)

    return hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, changed)
