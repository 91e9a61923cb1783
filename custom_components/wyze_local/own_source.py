"""Cameras whose session go2rtc holds itself: how they do, and when its source is tried.

go2rtc never notices a camera that died in silence, nor tells of one whose stream it is just opening anew. So
its counters are read every two seconds, only while there is such a camera at all, and a source that stands
still is opened anew where go2rtc does not do it by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from .cameras import async_change_camera
from .const import CONF_FALLBACK, LOGGER
from .engine.model import EngineError, StreamAddress
from .engine.stream import Motion
from .settings import Engine
from .status import Connection
from .streams import CameraStreams
from .watched import Watched

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator

POLL = timedelta(seconds=2)
FIRMWARE_EVERY = 6 * 3600.0
"""Seconds after which a camera is asked for its firmware again, though it was never away."""


class OwnSources:
    """Watches the sources that go2rtc holds for one entry."""

    def __init__(self, coordinator: CamerasCoordinator, streams: CameraStreams) -> None:
        """Serve one coordinator."""
        self._coordinator = coordinator
        self._streams = streams

    def update_interval(self, watched: Iterable[Watched]) -> None:
        """Let the coordinator read counters exactly while there are any that matter."""
        wanted = POLL if any(not one.settings.relayed and not one.outside for one in watched) else None
        if self._coordinator.update_interval != wanted:
            self._coordinator.update_interval = wanted

    async def async_read(self, cameras: Mapping[str, Watched]) -> None:
        """Read the counters, judge, and open anew what stands still."""
        self.update_interval(cameras.values())
        own = {key: one for key, one in cameras.items() if not one.settings.relayed and not one.outside}
        if not own or not self._coordinator.processes.server_up:
            return
        streams = await self._streams.read()
        now = self._coordinator.shared.environment.clock.monotonic()
        for camera_key, watched in own.items():
            if (stream := streams.get(camera_key)) is None or cameras.get(camera_key) is not watched:
                continue
            before = watched.health.motion
            if any(address not in self._coordinator.networks for address in stream.addresses):
                await self._shut_out(camera_key, watched)
                continue
            motion = watched.health.observe(
                now, watched=bool(stream.readers), video_packets=stream.video_packets
            )
            self._judge(camera_key, watched, before, motion, seen=bool(stream.viewers))
            if watched.health.wants_heal(now):
                # Not waited for: many wait for their turns, and the others' counters must be read meanwhile.
                self._coordinator.spawn(self._heal(camera_key, watched))

    async def _heal(self, camera_key: str, watched: Watched) -> None:
        """Open a source anew, unless its picture moves again by the time that it is its turn."""
        health = watched.health
        try:
            await self._streams.heal(camera_key, lambda: health.motion is Motion.STALLED)
        finally:
            health.healed(self._coordinator.shared.environment.clock.monotonic())

    async def _shut_out(self, camera_key: str, watched: Watched) -> None:
        """End the stream of a camera whose server led go2rtc out of the camera networks."""
        watched.outside = True
        await self._streams.end(camera_key)
        self._coordinator.async_set(camera_key, Connection.OUTSIDE)

    def _judge(
        self, camera_key: str, watched: Watched, before: Motion, motion: Motion, *, seen: bool
    ) -> None:
        if motion is Motion.LIVE:
            self._coordinator.async_answered(camera_key, watched, seen=seen)
        elif motion is Motion.STALLED:
            self._coordinator.async_set(camera_key, Connection.STALLED)
        elif motion is Motion.IDLE and before is Motion.LIVE:
            self._coordinator.async_answered(camera_key, watched, seen=False)
        elif motion is Motion.IDLE and before is Motion.STALLED:
            self._coordinator.async_look_again(camera_key, watched)

    async def async_try(self, camera_key: str, watched: Watched) -> None:
        """Let go2rtc try a camera of whose pictures the relay could make nothing; keep to it if it can."""
        if watched.tried_own:
            return
        watched.tried_own = True
        firmware = self._coordinator.shared.relaying.facts(camera_key).firmware
        LOGGER.info("The relay could make nothing of a camera's pictures; go2rtc's own source is tried")
        try:
            works = await self._streams.try_own(camera_key, watched.record, watched.settings)
        except EngineError as err:
            LOGGER.debug("go2rtc's own source could not be tried (%s)", err.reason)
            works = False
        if works:
            self._keep(camera_key, firmware or "?")

    async def async_reconsider(self, camera_key: str, watched: Watched) -> bool:
        """Go back to the relay where `auto` left it for a firmware that the camera no longer has.

        go2rtc tells of no firmware, so the camera is asked while nobody looks: at first, when it is back from
        wherever it was (an update restarts it), and four times a day. A battery camera is not woken for it.
        Returns whether it was asked, which is a proof too; raises EngineError.
        """
        settings, credentials = watched.settings, watched.record.camera.credentials
        now = self._coordinator.shared.environment.clock.monotonic()
        fallen = settings.engine is Engine.AUTO and bool(settings.fallback)
        recently = now - watched.firmware_at < FIRMWARE_EVERY
        if not fallen or recently or isinstance(credentials, StreamAddress):
            return False
        networks = self._coordinator.networks
        firmware = await self._coordinator.shared.relaying.async_firmware(credentials, networks)
        watched.firmware_at = now
        if firmware and firmware != settings.fallback:
            known = settings.fallback != "?"
            if known:
                LOGGER.info("A camera has other firmware now; the relay is tried again")
            self._keep(camera_key, "" if known else firmware)
        return True

    def _keep(self, camera_key: str, firmware: str) -> None:
        """Stay with it for as long as the camera has this firmware; with none, go back to the relay."""
        coordinator = self._coordinator
        async_change_camera(
            coordinator.hass, coordinator.config_entry, camera_key, **{CONF_FALLBACK: firmware}
        )
