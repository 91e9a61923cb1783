"""What cameras were found to have, remembered over restarts: their entities are there while they are off.

By camera key and firmware; no name, no key and no address is among it, and of values only a person's bitrate,
which each log-in would undo where a size of the picture was chosen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .engine.control import Feature

SAVE_DELAY = 10.0
"""Seconds that may pass before something new is written down."""


@dataclass(frozen=True, slots=True)
class Bitrate:
    """What a person wants the picture to cost."""

    quality: str
    """The size that was chosen then: `hd` or `sd`. Of another it says nothing."""
    rate: int
    """Kilobytes per second."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of one camera."""

    firmware: str
    """The firmware that answered; empty when the camera did not say."""
    features: frozenset[Feature]
    bitrate: Bitrate | None = None


class ControlMemory:
    """Of all cameras of this Home Assistant: one that moves to another entry keeps its own."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare; `async_load` reads."""
        self._store: Store[dict[str, Any]] = Store(hass, 1, f"{DOMAIN}.controls", private=True)
        self._known: dict[str, Remembered] | None = None

    async def async_load(self) -> None:
        """Read it, once; what is odd in it is as if never written."""
        if self._known is None:
            stored: object = await self._store.async_load()
            if self._known is None:
                kept = stored if isinstance(stored, Mapping) else {}
                read = {key: _remembered(content) for key, content in kept.items()}
                self._known = {key: one for key, one in read.items() if one is not None}

    def get(self, camera_key: str) -> Remembered | None:
        """Return what is known of a camera."""
        return (self._known or {}).get(camera_key)

    @callback
    def async_keep(self, camera_key: str, remembered: Remembered) -> None:
        """Remember a camera."""
        if self._known is not None and self._known.get(camera_key) != remembered:
            self._known[camera_key] = remembered
            self._async_save()

    @callback
    def async_keep_bitrate(self, camera_key: str, bitrate: Bitrate | None) -> None:
        """Remember what a person wants of a camera that is known, or forget that."""
        if (before := self.get(camera_key)) is not None:
            self.async_keep(camera_key, replace(before, bitrate=bitrate))

    async def async_forget(self, camera_keys: Iterable[str]) -> None:
        """Forget cameras for good; the file goes with the last one."""
        await self.async_load()
        known = self._known or {}
        forgotten = [key for key in camera_keys if known.pop(key, None) is not None]
        if not known:
            await self._store.async_remove()
        elif forgotten:
            self._async_save()

    @callback
    def _async_save(self) -> None:
        self._store.async_delay_save(self._content, SAVE_DELAY)

    @callback
    def _content(self) -> dict[str, Any]:
        return {
            key: {
                "firmware": one.firmware,
                "features": sorted(one.features),
                **({"bitrate": asdict(one.bitrate)} if one.bitrate else {}),
            }
            for key, one in (self._known or {}).items()
        }


def _remembered(content: object) -> Remembered | None:
    if not isinstance(content, Mapping):
        return None
    firmware, features = content.get("firmware"), content.get("features")
    if not isinstance(firmware, str) or not isinstance(features, list):
        return None
    if not all(isinstance(name, str) for name in features):
        return None
    # A later version may have known more.
    known = frozenset(feature for feature in Feature if feature in features)
    return Remembered(firmware, known, _bitrate(content.get("bitrate")))


def _bitrate(content: object) -> Bitrate | None:
    if not isinstance(content, Mapping):
        return None
    quality, rate = content.get("quality"), content.get("rate")
    if quality not in ("hd", "sd") or not isinstance(rate, int) or isinstance(rate, bool):
        return None
    return Bitrate(quality, rate)


_DATA: HassKey[ControlMemory] = HassKey(f"{DOMAIN}_control_memory")


@callback
def async_get_control_memory(hass: HomeAssistant) -> ControlMemory:
    """Return the one memory of this Home Assistant."""
    if (memory := hass.data.get(_DATA)) is None:
        memory = hass.data[_DATA] = ControlMemory(hass)
    return memory
