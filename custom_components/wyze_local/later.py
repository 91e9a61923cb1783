"""Something that is to be done later, unless it is called off or planned anew."""

from collections.abc import Callable, Coroutine
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later


class Later:
    """One plan at most; Home Assistant's stop calls it off."""

    def __init__(
        self, hass: HomeAssistant, seconds: float, work: Callable[[], Coroutine[None, None, None]], name: str
    ) -> None:
        """Remember what is to be done after how long."""
        self._hass = hass
        self._seconds = seconds
        self._work = work
        self._name = name
        self._planned: CALLBACK_TYPE | None = None

    @property
    def planned(self) -> bool:
        """Whether it is yet to be done."""
        return self._planned is not None

    @callback
    def async_plan(self) -> None:
        """Plan it, from now on."""
        self.async_cancel()
        job = HassJob(self._async_due, self._name, cancel_on_shutdown=True)
        self._planned = async_call_later(self._hass, self._seconds, job)

    @callback
    def async_cancel(self) -> None:
        """Call it off."""
        if self._planned is not None:
            self._planned()
            self._planned = None

    async def _async_due(self, _now: datetime) -> None:
        self._planned = None
        await self._work()
