"""Asks cameras for a sign of life that only the one with the right key can give, and keeps that it came."""

from dataclasses import replace
from typing import TYPE_CHECKING

from .const import LOGGER
from .engine.model import EngineError
from .engine.vault import VaultError
from .streams import CameraStreams
from .watched import Watched

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator


class Proofs:
    """Seeks and keeps the proofs of one entry's cameras."""

    def __init__(self, coordinator: CamerasCoordinator, streams: CameraStreams) -> None:
        """Serve one coordinator."""
        self._coordinator = coordinator
        self._streams = streams

    async def async_seek(self, camera_key: str) -> None:
        """Ask one camera for a still, or at least for an answer."""
        coordinator = self._coordinator
        if (watched := coordinator.watched(camera_key)) is None:
            return
        due = watched.withheld or watched.stills.due(live=False)
        if not (due and await watched.stills.take() is not None):
            try:
                await self._streams.prove(watched.record, watched.settings, coordinator.networks)
            except EngineError as err:
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
