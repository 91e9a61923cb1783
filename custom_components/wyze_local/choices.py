"""What a person chose for a camera, as an entity of it; kept with the camera, from where all follows."""

from homeassistant.core import callback

from .cameras import CameraItem, async_change_camera, camera_item
from .entity import WyzeLocalEntity
from .settings import CameraSettings


class ChoiceEntity(WyzeLocalEntity):
    """Shows and takes one setting of a camera; available whether or not the camera is."""

    @property
    def available(self) -> bool:
        """Return whether the camera is still there."""
        return self.item is not None

    @property
    def item(self) -> CameraItem | None:
        """Where the setting is kept."""
        return camera_item(self.coordinator.config_entry, self.camera_key)

    @property
    def settings(self) -> CameraSettings:
        """What is chosen at this moment."""
        return CameraSettings.parse(item.data if (item := self.item) else {})

    @callback
    def async_choose(self, **values: str | bool) -> None:
        """Keep a choice; the entry follows it without a reload."""
        async_change_camera(self.hass, self.coordinator.config_entry, self.camera_key, **values)
        self.async_write_ha_state()
