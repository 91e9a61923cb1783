"""The camera entity: live by WebRTC through the stream server, HLS as the fallback, the last still."""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any, override

from homeassistant.components.camera import (
    Camera,
    CameraEntityCapabilities,
    CameraEntityDescription,
    CameraEntityFeature,
    WebRTCClientConfiguration,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import CameraItem, async_follow_cameras
from .const import DOMAIN, KIND_STILLS
from .coordinator import CamerasCoordinator
from .engine.model import EngineError
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .status import MOVING
from .webrtc import WyzeLocalWebRTCProvider

PARALLEL_UPDATES = 0

STILL_WAIT = 8.0
"""Seconds that the very first still of a camera may take; Home Assistant gives up after 10."""

TURN_WAIT = 8.0
"""Seconds that go2rtc's turn to dial a camera is waited for; Home Assistant gives up after 10."""

CAMERA = CameraEntityDescription(key="camera", name=None)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the cameras, present and future."""
    coordinator = entry.runtime_data.coordinator
    provider = WyzeLocalWebRTCProvider(hass, coordinator)
    entry.async_on_unload(provider.async_close)
    async_follow_cameras(
        entry, lambda item: [WyzeLocalCamera(coordinator, item, provider)], async_add_entities
    )


class WyzeLocalCamera(WyzeLocalEntity, Camera):
    """One camera."""

    _unrecorded_attributes = frozenset({"still_taken_at"})

    def __init__(
        self, coordinator: CamerasCoordinator, item: CameraItem, provider: WyzeLocalWebRTCProvider
    ) -> None:
        """Tie the camera to the coordinator and to the provider that serves its pictures."""
        Camera.__init__(self)
        WyzeLocalEntity.__init__(self, coordinator, item, CAMERA)
        self._provider = provider
        self._attr_brand = self.manufacturer
        self._attr_model = self.model_name

    @property
    @override
    def available(self) -> bool:
        """Return the coordinator's verdict: a broken HLS worker is no broken camera."""
        return self.has_picture

    @property
    @override
    def is_streaming(self) -> bool:
        """Return whether pictures are moving right now."""
        return (status := self.status) is not None and status.connection in MOVING

    @property
    @override
    def supported_features(self) -> CameraEntityFeature:
        """Return whether browsers can play it; where not, Home Assistant shows one still after the other."""
        return CameraEntityFeature(0) if self._stills_only else CameraEntityFeature.STREAM

    @property
    def _stills_only(self) -> bool:
        watched = self.coordinator.watched(self.camera_key)
        return watched is not None and watched.settings.kind == KIND_STILLS

    @property
    @override
    def camera_entity_capabilities(self) -> CameraEntityCapabilities:
        """Return whether one can talk through it: it has a speaker, for sound that a browser can send."""
        facts = self.coordinator.shared.relaying.facts(self.camera_key)
        return CameraEntityCapabilities(two_way_audio=facts.talk)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return when the still on the card was taken."""
        stills = self.coordinator.stills(self.camera_key)
        if stills is None or stills.last is None:
            return None
        return {"still_taken_at": datetime.fromtimestamp(stills.last.taken_at, UTC).isoformat()}

    @override
    async def async_camera_image(self, width: int | None = None, height: int | None = None) -> bytes | None:
        """Return the last still at once; only the first one is waited for."""
        if (stills := self.coordinator.stills(self.camera_key)) is None:
            return None
        live = self._stills_only or self.coordinator.is_live(self.camera_key)
        still = await stills.get(live=live, wait=STILL_WAIT)
        return still.jpeg if still else None

    @override
    async def stream_source(self) -> str | None:
        """Return a URL on loopback whose credential is its query, which Home Assistant masks in logs.

        Only where go2rtc holds the camera itself it is the restream, and its name may be printed.
        """
        watched = self.coordinator.watched(self.camera_key)
        try:
            if watched is not None and not watched.settings.relayed:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TURN_WAIT):
                        await self.coordinator.server.turn(self.camera_key)
            return self.coordinator.stream_url(self.camera_key).reveal()
        except EngineError as err:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="stream_not_ready") from err

    @override
    async def _async_get_supported_webrtc_provider(self, fn: Any) -> Any:
        """Return our own provider: Home Assistant's go2rtc would only add a second hop."""
        return None if self._stills_only else self._provider

    @override  # type: ignore[misc]
    @callback
    def async_get_webrtc_client_configuration(self) -> WebRTCClientConfiguration:
        """Return a configuration that names no server outside: nothing is asked of anybody on the internet.

        The method is marked final in Home Assistant, and there is no other way to leave its list out.
        """
        self._provider.revivals.async_introduced(self)
        return WebRTCClientConfiguration()
