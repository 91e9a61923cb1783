"""Pages about a local camera that ask for no keys: where it comes from, and where it goes."""

from typing import Any

import probatio

from homeassistant.config_entries import SubentryFlowResult

from .const import CONF_CAMERA_KEY
from .motion_pages import MotionPages
from .sale_form import CONFIRM_FIELDS, async_sell


class CameraPages(MotionPages):
    """What to know about a camera that was somebody else's, and to do about one that will be."""

    async def async_step_used(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Say how a previous owner is cut off."""
        if self.source == "reconfigure":
            return self.async_show_menu(step_id="used", menu_options=["link", "change"])
        return self.async_show_menu(step_id="used", menu_options=["link", "fields"])

    async def async_step_sell(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Forget the camera, once the person has ticked that they mean it."""
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            camera_key = subentry.data[CONF_CAMERA_KEY]
            errors = await async_sell(self.hass, self._get_entry(), camera_key, user_input)
            if not errors:
                return self.async_abort(reason="sold")
        return self.async_show_form(
            step_id="sell",
            data_schema=probatio.Schema(CONFIRM_FIELDS),
            errors=errors,
            description_placeholders={"name": subentry.title},
        )
