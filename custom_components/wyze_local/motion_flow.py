"""The pages of an account's Reconfigure about the motion and the clips of one of its cameras."""

from typing import Any, override

import probatio

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import callback

from .cameras import camera_item, camera_items
from .const import CONF_CAMERA
from .motion_fields import MOTION_FIELDS
from .motion_form import MotionForm, ask_motion, show_zones
from .sale_flow import SaleSteps
from .sale_form import choice


class MotionSteps(SaleSteps):
    """Motion and clips of an account's cameras. It asks nobody but the camera, for a still."""

    _motion: MotionForm | None = None

    async def async_step_motion_of(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which camera."""
        entry = self._get_reconfigure_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        if not (items := camera_items(entry)):
            return self.async_abort(reason="no_cameras")
        if user_input is not None and (item := camera_item(entry, user_input[CONF_CAMERA])):
            self._motion = MotionForm(self.hass, entry, item)
            return await self.async_step_motion()
        schema = probatio.Schema({probatio.Required(CONF_CAMERA): choice(items)})
        return self.async_show_form(step_id="motion_of", data_schema=schema)

    async def async_step_motion(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how the camera is to be watched and what is kept; new zones are drawn before they are kept."""
        if (
            form := self._motion
        ) is None or self._get_reconfigure_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        if (page := ask_motion(self, form, MOTION_FIELDS, user_input)) is not None:
            return page
        return await (self.async_step_zones() if form.has_other_zones else self.async_step_save_motion())

    async def async_step_zones(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the zones that were typed over the picture."""
        assert self._motion is not None
        return show_zones(self, self._motion)

    async def async_step_save_motion(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Keep what was seen."""
        assert self._motion is not None
        self._motion.async_save()
        return self.async_abort(reason="motion_saved")

    @callback
    @override
    def async_remove(self) -> None:
        """Show no picture any more."""
        super().async_remove()
        if self._motion is not None:
            self._motion.async_close()
