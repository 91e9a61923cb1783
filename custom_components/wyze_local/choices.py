"""What a person chose for a camera, as an entity of it; kept in its subentry, from where all follows."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback

from .cameras import camera_subentries
from .const import CONF_CAMERA_KEY
from .entity import WyzeLocalEntity
from .settings import CameraSettings


class ChoiceEntity(WyzeLocalEntity):
    """Shows and takes one setting of a camera; available whether or not the camera is."""

    @property
    def available(self) -> bool:
        """Return whether the camera is still there."""
        return self.subentry is not None

    @property
    def subentry(self) -> ConfigSubentry | None:
        """Where the setting is kept."""
        for subentry in camera_subentries(self.coordinator.config_entry):
            if subentry.data[CONF_CAMERA_KEY] == self.camera_key:
                return subentry
        return None

    @property
    def settings(self) -> CameraSettings:
        """What is chosen at this moment."""
        return CameraSettings.parse(subentry.data if (subentry := self.subentry) else {})

    @callback
    def async_choose(self, **values: str | bool) -> None:
        """Keep a choice; the entry follows it without a reload."""
        if (subentry := self.subentry) is not None:
            entry = self.coordinator.config_entry
            data = {**subentry.data, **values}
            self.hass.config_entries.async_update_subentry(entry, subentry, data=data)
            self.async_write_ha_state()
