"""Repair flows: a vault that cannot be opened."""

import probatio

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant

from .cameras import camera_names
from .engine.vault import VaultError
from .entry import WyzeLocalConfigEntry
from .entry_vault import EntryVault


class VaultRepairFlow(RepairsFlow):
    """Tries the vault once more; only when it still cannot be opened, offers to start over."""

    def __init__(self, entry: WyzeLocalConfigEntry) -> None:
        """Remember whose vault it is."""
        self._entry = entry

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Look whether the cause is gone."""
        vault = EntryVault(self.hass, self._entry.data["vault_id"])
        try:
            await vault.async_load()
        except VaultError as err:
            self._reason = err.reason
            return await self.async_step_start_over()
        return await self._async_reload()

    async def async_step_start_over(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Put the unreadable file aside and begin with an empty vault, when the person wants it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                await EntryVault(self.hass, self._entry.data["vault_id"]).async_start_over()
            except VaultError as err:
                errors["base"] = f"vault_{err.reason}"
            else:
                return await self._async_reload()
        return self.async_show_form(
            step_id="start_over",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders={
                "cameras": ", ".join(sorted(camera_names(self._entry).values())) or "–",
                "reason": self._reason.replace("_", " "),
            },
        )

    async def _async_reload(self) -> RepairsFlowResult:
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that repairs an issue."""
    assert data is not None
    entry = hass.config_entries.async_get_entry(str(data["entry_id"]))
    assert entry is not None
    return VaultRepairFlow(entry)
