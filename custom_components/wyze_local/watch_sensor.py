"""The sensor that says how the watch of a camera stands: what is looked at, and what that takes."""

from typing import Any, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.core import callback

from .engine.watch import WatchNews, WatchState
from .entity import WyzeLocalEntity


class WatchSensor(WyzeLocalEntity, SensorEntity):
    """Says how a camera's watch stands; always available, as that is what one wants to know then."""

    _unrecorded_attributes = frozenset({"cost", "rate"})
    _state = WatchState()

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the worker's word on the camera."""
        await super().async_added_to_hass()
        watching = self.coordinator.shared.watching
        self.async_on_remove(watching.async_follow(self.camera_key, self._async_pass, self._async_take))

    @callback
    def _async_pass(self, _news: WatchNews) -> None:
        """Leave what happens before the camera to others."""

    @callback
    def _async_take(self, state: WatchState) -> None:
        self._state = state
        self.async_write_ha_state()

    @property
    @override
    def available(self) -> bool:
        """Return that there is always something to say."""
        return True

    @property
    @override
    def native_value(self) -> str:
        """Return how it stands."""
        return self._state.phase.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return which pictures are looked at, the share of a core in percent, kilobytes per second, why."""
        return {
            "mode": self._state.mode.value,
            "cost": round(self._state.cost * 100, 1),
            "rate": round(self._state.rate / 1000, 1),
            "reason": self._state.reason or None,
        }
