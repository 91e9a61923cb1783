"""The pages about a local camera's motion and clips."""

from typing import Any, override

import probatio

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.core import callback

from .cameras import camera_item
from .const import CONF_CAMERA_KEY
from .motion_fields import MOTION_FIELDS
from .motion_form import MotionForm, check_zones


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
        if form.battery:
            return self.async_abort(reason="never_watched")
        errors: dict[str, str] = {}
        placeholders = form.async_placeholders()
        if user_input is not None:
            errors = check_zones(user_input, form.values, placeholders)
            if not errors:
                form.async_take(user_input)
                return await (
                    self.async_step_zones() if form.has_other_zones else self.async_step_save_motion()
                )
        return self.async_show_form(
            step_id="motion",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(MOTION_FIELDS), user_input or form.values
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def async_step_zones(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the zones that were typed over the picture."""
        assert self._motion is not None
        return self.async_show_menu(
            step_id="zones",
            menu_options=["save_motion", "motion"],
            description_placeholders=self._motion.async_placeholders(),
        )

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
