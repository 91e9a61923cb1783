"""Repair flows about what a vendor account answers: data that is not ours, and cameras that prove nothing.

The person's word goes to the account, which alone judges answers. Of what may be somebody else's these pages
show counts and models, never a name.
"""

from collections.abc import Awaitable, Mapping
from typing import Any

import probatio

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations

from .account import AccountCoordinator
from .const import DOMAIN
from .engine.vault import VaultError
from .entry import WyzeLocalConfigEntry
from .shared import async_get_shared

MINUTE = 60


class NotYoursFlow(RepairsFlow):
    """What to do about answers that are not this person's; to do nothing is right nearly always."""

    def __init__(self, entry: WyzeLocalConfigEntry) -> None:
        """Remember whose account it is."""
        self._entry = entry

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Say what happened, and offer the ways on."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["keep_ignoring", "check_now", "release", "admit"],
            description_placeholders=await self._placeholders(),
        )

    async def async_step_keep_ignoring(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Leave it to the answers to become right again; the repair stays as long as that takes."""
        return self.async_abort(reason="ignoring", description_placeholders=await self._placeholders())

    async def async_step_check_now(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask the vendor now instead of later."""
        await _async_tell(self.hass, _account(self._entry).async_check_now())
        if _is_over(self):
            return self.async_create_entry(data={})
        return self.async_abort(reason="not_over", description_placeholders=await self._placeholders())

    async def async_step_release(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Take the person's word that the answers are right again, once they have read what that means."""
        if user_input is None:
            return self.async_show_form(
                step_id="release",
                data_schema=probatio.Schema({}),
                description_placeholders=await self._placeholders(),
            )
        await _async_tell(self.hass, _account(self._entry).async_release())
        return self.async_create_entry(data={})

    async def async_step_admit(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let new cameras prove themselves, because the person says that some are theirs."""
        if not await _async_tell(self.hass, _account(self._entry).async_try_waiting()):
            return self.async_abort(reason="no_list")
        if _is_over(self):
            return self.async_create_entry(data={})
        return self.async_abort(reason="trying", description_placeholders=await self._placeholders())

    async def _placeholders(self) -> Mapping[str, str]:
        policy = (await async_get_shared(self.hass)).environment.ownership
        return {
            **_told(self),
            "minutes": str(max(policy.frozen // MINUTE, 1)),
            "answers": str(policy.clean_answers),
            "apart": str(max(policy.clean_gap // MINUTE, 1)),
        }


class WaitingFlow(RepairsFlow):
    """Whose the cameras are that an account tells of: a person knows, and often the cameras themselves."""

    def __init__(self, entry: WyzeLocalConfigEntry) -> None:
        """Remember whose account it is."""
        self._entry = entry

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["try_again", "not_mine", "by_name"],
            description_placeholders=_told(self),
        )

    async def async_step_try_again(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let them prove themselves now."""
        if not await _async_tell(self.hass, _account(self._entry).async_try_waiting()):
            return self.async_abort(reason="no_list")
        if _is_over(self):
            return self.async_create_entry(data={})
        return self.async_abort(reason="trying", description_placeholders=_told(self))

    async def async_step_not_mine(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Have nothing to do with them, once the person has read how to undo it."""
        if user_input is None:
            return self.async_show_form(
                step_id="not_mine", data_schema=probatio.Schema({}), description_placeholders=_told(self)
            )
        await _async_tell(self.hass, _account(self._entry).async_refuse_waiting())
        return self.async_create_entry(data={})

    async def async_step_by_name(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Say how to add one that can prove nothing here: asleep, elsewhere, or another person's."""
        return self.async_show_menu(
            step_id="by_name",
            menu_options=["try_again", "not_mine"],
            description_placeholders=_told(self),
        )


def _account(entry: WyzeLocalConfigEntry) -> AccountCoordinator:
    """Return who follows the account; ends the flow where nobody does."""
    account = entry.runtime_data.account if entry.state is ConfigEntryState.LOADED else None
    if account is None:
        raise AbortFlow("entry_not_loaded")
    return account


async def _async_tell[T](hass: HomeAssistant, asking: Awaitable[T]) -> T:
    """Wait until the account has done what was asked; ends the flow with the reason where it cannot."""
    try:
        return await asking
    except HomeAssistantError as err:
        raise AbortFlow("not_done", {"reason": await _async_text(hass, err)}) from err
    except VaultError as err:
        raise AbortFlow("not_sealed", {"reason": err.reason.replace("_", " ")}) from err


async def _async_text(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return the sentence of an error in the language of this Home Assistant."""
    texts = await async_get_translations(hass, hass.config.language, "exceptions", {DOMAIN})
    text = texts.get(f"component.{DOMAIN}.exceptions.{err.translation_key}.message")
    return str(err) if text is None else text.format(**(err.translation_placeholders or {}))


def _told(flow: RepairsFlow) -> Mapping[str, str]:
    """Return what the repair says, as it stands now."""
    issue = ir.async_get(flow.hass).async_get_issue(DOMAIN, flow.issue_id)
    return (issue.translation_placeholders if issue else None) or {}


def _is_over(flow: RepairsFlow) -> bool:
    """Tell whether the repair was withdrawn meanwhile: what it was about is no more."""
    return ir.async_get(flow.hass).async_get_issue(DOMAIN, flow.issue_id) is None
