"""Repair flows: which one mends what, and the one for a vault that cannot be opened."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import probatio

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig, TextSelectorType

from .account_repairs import NotYoursFlow, WaitingFlow
from .cameras import camera_names
from .const import CONF_PASSPHRASE, DOMAIN, ISSUE_NOT_YOURS, ISSUE_SOLD, ISSUE_VAULT, ISSUE_WAITING
from .engine.model import Secret
from .engine.vault import VaultError, VaultReason
from .entry import WyzeLocalConfigEntry
from .entry_vault import EntryVault
from .issues import MENDED_OUTSIDE
from .plain import plain_list
from .sale_repair import SoldFlow

KEY_LOST = frozenset(
    {VaultReason.KEY_MISSING, VaultReason.KEY_WRONG, VaultReason.KEY_DAMAGED, VaultReason.KEY_NOT_A_FILE}
)
"""Without what was lost here a passphrase opens the vault."""

PASSPHRASE_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_PASSPHRASE): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
        )
    }
)


class VaultRepairFlow(RepairsFlow):
    """Tries the vault once more; only when it stays shut, asks for the passphrase or starts over."""

    def __init__(self, entry: WyzeLocalConfigEntry) -> None:
        """Remember whose vault it is."""
        self._entry = entry

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Look whether the cause is gone."""
        vault = EntryVault(self.hass, self._entry.data["vault_id"])
        try:
            await vault.async_load()
        except VaultError as err:
            self._reason = err.reason
        else:
            return await self._async_reload()
        if self._reason in KEY_LOST and vault.has_passphrase:
            return await self.async_step_key_lost()
        if self._reason in MENDED_OUTSIDE:
            return await self.async_step_by_hand()
        return await self.async_step_start_over()

    async def async_step_key_lost(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let the person choose between the passphrase and a new beginning."""
        return self.async_show_menu(
            step_id="key_lost",
            menu_options=["passphrase", "start_over"],
            description_placeholders=self._placeholders(),
        )

    async def async_step_passphrase(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Open the vault by its passphrase; it is sealed under this installation's key then."""
        errors: dict[str, str] = {}
        if user_input is not None:
            vault = EntryVault(self.hass, self._entry.data["vault_id"])
            try:
                await vault.async_recover(Secret(user_input[CONF_PASSPHRASE]))
            except VaultError as err:
                errors["base"] = f"vault_{err.reason}"
            else:
                return await self._async_reload()
        return self.async_show_form(
            step_id="passphrase",
            data_schema=PASSPHRASE_SCHEMA,
            errors=errors,
            description_placeholders=self._placeholders(),
        )

    async def async_step_by_hand(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Wait for a mode or an owner that only the person can mend."""
        if user_input is not None:
            return await self.async_step_init()
        return self.async_show_form(
            step_id="by_hand",
            data_schema=probatio.Schema({}),
            description_placeholders=self._placeholders(),
        )

    async def async_step_start_over(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Put the unreadable file aside and begin with an empty vault, when the person wants it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            vault = EntryVault(self.hass, self._entry.data["vault_id"])
            with contextlib.suppress(VaultError):
                # The key file may have come back while the page was open.
                await vault.async_load()
            try:
                if not vault.is_open:
                    await vault.async_start_over()
            except VaultError as err:
                errors["base"] = f"vault_{err.reason}"
            else:
                return await self._async_reload()
        return self.async_show_form(
            step_id="start_over",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders=self._placeholders(),
        )

    def _placeholders(self) -> Mapping[str, str]:
        return {
            "cameras": plain_list(camera_names(self._entry).values()),
            "reason": self._reason.replace("_", " "),
        }

    async def _async_reload(self) -> RepairsFlowResult:
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return self.async_create_entry(data={})


FLOWS: dict[str, Callable[[WyzeLocalConfigEntry], RepairsFlow]] = {
    ISSUE_VAULT: VaultRepairFlow,
    f"{ISSUE_VAULT}_by_hand": VaultRepairFlow,
    ISSUE_NOT_YOURS: NotYoursFlow,
    ISSUE_WAITING: WaitingFlow,
    ISSUE_SOLD: SoldFlow,
}
"""Which flow mends what."""


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that repairs an issue."""
    assert data is not None
    entry = hass.config_entries.async_get_entry(str(data["entry_id"]))
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert entry is not None
    assert issue is not None
    assert issue.translation_key is not None
    return FLOWS[issue.translation_key](entry)
