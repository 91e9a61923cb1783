"""Asks cameras for a sign of life that only the one with the right key can give, and keeps that it came."""

from dataclasses import replace
from typing import TYPE_CHECKING

from .const import LOGGER
from .engine.model import EngineError, StreamAddress
from .engine.vault import VaultError
from .own_source import OwnSources
from .streams import CameraStreams
from .watched import NEVER, Watched

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator


class Proofs:
    """Seeks and keeps the proofs of one entry's cameras."""

    def __init__(self, coordinator: CamerasCoordinator, streams: CameraStreams, own: OwnSources) -> None:
        """Serve one coordinator; `own` knows of the cameras that go2rtc holds."""
        self._own = own
        self._coordinator = coordinator
        self._streams = streams

    async def async_seek(self, camera_key: str) -> None:
        """Ask one camera for a still, or at least for an answer."""
        coordinator = self._coordinator
        if (watched := coordinator.watched(camera_key)) is None:
            return
        try:
            await self._ask(camera_key, watched)
        except EngineError as err:
            watched.firmware_at = NEVER
            if coordinator.watched(camera_key) is watched:
                coordinator.async_failed(camera_key, watched, err.reason)
                coordinator.publish()
            return
        if coordinator.watched(camera_key) is not watched:
            return
        if reason := watched.withheld:
            # It has the right key. That is no reason to say that a picture can be had.
            coordinator.async_failed(camera_key, watched, reason)
        else:
            coordinator.async_answered(camera_key, watched)
        coordinator.publish()

    async def _ask(self, camera_key: str, watched: Watched) -> None:
        """Return when the camera has answered; raises EngineError with the reason why it did not.

        Where the relay holds it, the proof comes before the still: why there is none nobody tells.
        Where the right key was not enough the last time, a first picture is part of the proof. The still of
        a camera that is watched proves nothing: it may be of before.
        """
        record, settings, networks = watched.record, watched.settings, self._coordinator.networks
        if settings.relayed and not isinstance(record.camera.credentials, StreamAddress):
            look = bool(watched.withheld)
            await self._streams.prove(record, settings, networks, look=look)
            # Now: by the time that there is a still the camera may have been set up anew.
            self._coordinator.on_handshake(camera_key, record, True)
            if look:
                watched.turned_away = ""
            if look or watched.stills.due(live=False):
                await watched.stills.take()
            return
        if not await self._own.async_reconsider(camera_key, watched) and not await self._shown(
            camera_key, watched
        ):
            await self._streams.prove(record, settings, networks)
        self._coordinator.on_handshake(camera_key, record, True)

    async def _shown(self, camera_key: str, watched: Watched) -> bool:
        """Tell whether the camera has just sent go2rtc a picture."""
        if self._streams.is_watched(camera_key) or not watched.stills.due(live=False):
            return False
        return await watched.stills.take() is not None

    async def async_keep(self, watched: Watched) -> None:
        """Remember in the vault that the camera answered with its own key."""
        before = watched.record
        after = replace(before, camera=replace(before.camera, proven=True))
        try:
            await self._coordinator.vault.async_put(after, instead_of=before)
        except VaultError as err:
            LOGGER.debug("A proof could not be kept (%s)", err.reason)
        else:
            if watched.record is before:
                watched.record = after
