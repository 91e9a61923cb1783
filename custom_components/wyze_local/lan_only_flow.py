"""The page that stands before everything that would ask a vendor whom the person wants to be left alone."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)

from .lan_only import LeftAlone, async_ask_unless_left_alone, async_turn_lan_only, is_lan_only


class LanOnlySteps(ConfigFlow):
    """Says that LAN only is on, and offers to switch it off and go on."""

    def __init__(self) -> None:
        """Begin without anything held back."""
        self._placeholders: dict[str, str] = {}
        self._held_back = ""
        """The name of the step that waits for the vendor."""

    @property
    def _entry(self) -> ConfigEntry | None:
        """The entry that this flow is about, if there is one."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        return self._get_reconfigure_entry() if self.source == SOURCE_RECONFIGURE else None

    def holds_back(self, step: str) -> bool:
        """Tell whether a step has to wait because its vendor is left alone; it is what to go on with."""
        if (entry := self._entry) is None or not is_lan_only(entry):
            return False
        self._held_back = step
        return True

    async def async_ask[T](self, asking: Coroutine[Any, Any, T]) -> T:
        """Return the vendor's answer; raises LeftAlone where LAN only goes on before it has come."""
        if (entry := self._entry) is None:
            return await asking
        return await async_ask_unless_left_alone(self.hass, entry, asking)

    async def async_step_lan_only(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the person choose what is to hold."""
        entry = self._entry
        return self.async_show_menu(
            step_id="lan_only",
            menu_options=["lan_only_off", "lan_only_stays"],
            description_placeholders={"account": entry.title if entry else ""},
        )

    async def async_step_lan_only_off(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Switch it off, and go on where it was in the way."""
        if (entry := self._entry) is not None:
            await async_turn_lan_only(self.hass, entry, on=False)
        result: ConfigFlowResult = await getattr(self, self._held_back)()
        return result

    async def async_step_lan_only_stays(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Leave it on."""
        return self.async_abort(reason="lan_only")


def asks_vendor[FlowT: LanOnlySteps, **P](
    step: Callable[Concatenate[FlowT, P], Awaitable[ConfigFlowResult]],
) -> Callable[Concatenate[FlowT, P], Awaitable[ConfigFlowResult]]:
    """Hold a step back, and what was typed for it, while the vendor of its entry is to be left alone.

    A step that is just asking by then ends in the same way.
    """

    @wraps(step)
    async def guarded(flow: FlowT, /, *args: P.args, **kwargs: P.kwargs) -> ConfigFlowResult:
        if flow.holds_back(step.__name__):
            return await flow.async_step_lan_only()
        try:
            return await step(flow, *args, **kwargs)
        except LeftAlone:
            flow.holds_back(step.__name__)
            return await flow.async_step_lan_only()

    return guarded
