"""The repair that reminds a person of what only they can do for a camera that was forgotten here."""

from typing import Any

import probatio

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .entry import WyzeLocalConfigEntry


class SoldFlow(RepairsFlow):
    """What only the person can do for a camera that was forgotten here, until they say that it is done."""

    def __init__(self, entry: WyzeLocalConfigEntry) -> None:
        """Begin; the entry has nothing to do with it any more."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Go to the only page."""
        return await self.async_step_left()

    async def async_step_left(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Show what is left to do."""
        if user_input is not None:
            return self.async_create_entry(data={})
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return self.async_show_form(
            step_id="left",
            data_schema=probatio.Schema({}),
            description_placeholders=issue.translation_placeholders if issue else None,
        )
