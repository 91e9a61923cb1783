"""The pages about a local camera's motion and clips."""

from typing import Any, override

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.core import callback

from .cameras import camera_item
from .const import CONF_CAMERA_KEY
from .motion_fields import MOTION_FIELDS
from .motion_form import MotionForm, ask_motion, show_zones


class MotionPages(ConfigSubentryFlow):
    """Motion and clips of the camera that is being changed."""

    _motion: MotionForm | None = None

    @property
    def _loaded(self) -> bool:
        return self._get_entry().state is ConfigEntryState.LOADED

    async def async_step_motion(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask how the camera is to be watched and what is kept; new zones are drawn before they are kept."""
        if not self._loaded:
            return self.async_abort(reason="entry_not_loaded")
        form = self._motion or self._async_motion_form()
        if form is None:
            return self.async_abort(reason="entry_not_loaded")
        if (page := ask_motion(self, form, MOTION_FIELDS, user_input)) is not None:
            return page
        return await (self.async_step_zones() if form.has_other_zones else self.async_step_save_motion())

    async def async_step_zones(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the zones that were typed over the picture."""
        assert self._motion is not None
        return show_zones(self, self._motion)

    async def async_step_save_motion(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Keep what was seen."""
        assert self._motion is not None
        self._motion.async_save()
        return self.async_abort(reason="motion_saved")

    @callback
    def _async_motion_form(self) -> MotionForm | None:
        entry = self._get_entry()
        item = camera_item(entry, self._get_reconfigure_subentry().data[CONF_CAMERA_KEY])
        self._motion = MotionForm(self.hass, entry, item) if item else None
        return self._motion

    @callback
    @override
    def async_remove(self) -> None:
        """Show no picture any more."""
        if self._motion is not None:
            self._motion.async_close()
