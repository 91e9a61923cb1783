"""The page of an account's Reconfigure on which one of its cameras is prepared for sale. It asks nobody."""

from typing import Any

import probatio

from homeassistant.config_entries import ConfigFlowResult

from .cameras import camera_items
from .const import CONF_CAMERA
from .sale_form import CONFIRM_FIELDS, async_sell, choice
from .session_flow import SessionSteps


class SaleSteps(SessionSteps):
    """What can be done about a camera that is to be somebody else's."""

    async def async_step_sell(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which camera, and whether it is meant."""
        entry = self._get_reconfigure_entry()
        if not (items := camera_items(entry)):
            return self.async_abort(reason="no_cameras")
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await async_sell(self.hass, entry, user_input[CONF_CAMERA], user_input)
            if not errors:
                return self.async_abort(reason="sold")
        schema = {probatio.Required(CONF_CAMERA): choice(items), **CONFIRM_FIELDS}
        return self.async_show_form(
            step_id="sell",
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(schema), user_input or {}),
            errors=errors,
        )
