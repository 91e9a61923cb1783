"""How cameras coded their pictures and sound, remembered over restarts: no viewer waits for it.

By camera key, as the relay words it; no key, name or address is among it.
"""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN

SAVE_DELAY = 10.0
"""Seconds that may pass before something new is written down."""


class FormatsMemory:
    """Of all cameras of this Home Assistant."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare; `async_load` reads."""
        self._store: Store[dict[str, str]] = Store(hass, 1, f"{DOMAIN}.formats", private=True)
        self._known: dict[str, str] = {}

    async def async_load(self) -> None:
        """Read it."""
        stored = await self._store.async_load() or {}
        self._known = {key: text for key, text in stored.items() if isinstance(text, str)}

    def __contains__(self, camera_key: str) -> bool:
        """Tell whether anything is known of a camera, from this run or an earlier one."""
        return camera_key in self._known

    def get(self, camera_key: str) -> str:
        """Return what is known of a camera; empty for nothing."""
        return self._known.get(camera_key, "")

    @callback
    def async_keep(self, camera_key: str, text: str) -> None:
        """Remember a camera."""
        self._known[camera_key] = text
        self._async_save()

    @callback
    def async_forget(self, camera_key: str) -> None:
        """Forget a camera for good."""
        if self._known.pop(camera_key, None) is not None:
            self._async_save()

    async def async_forget_all(self, camera_keys: Iterable[str]) -> None:
        """Forget cameras for good; the file goes with the last one."""
        for camera_key in camera_keys:
            self.async_forget(camera_key)
        if not self._known:
            await self._store.async_remove()

    @callback
    def _async_save(self) -> None:
        self._store.async_delay_save(lambda: dict(self._known), SAVE_DELAY)
