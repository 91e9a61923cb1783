"""The one owner of truth about an entry's cameras: how each stands, since when, and why.

Evidence comes in from the stream server (counters, dials, stills); verdicts go out to the entities,
which only show them. Nobody else writes a camera's state.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .checks import Checks
from .const import DOMAIN, LOGGER
from .engine.catalog import Catalog
from .engine.model import Camera, CameraNetworks, EngineError
from .engine.stream import (
    Motion,
    ServerPhase,
    ServerState,
    StillKeeper,
    StreamHealth,
    StreamServer,
    wyze_source,
)
from .engine.vault import CameraRecord, VaultError
from .status import EVIDENCE, FAILURES, CameraStatus, Connection, log_change
from .streams import CameraStreams

if TYPE_CHECKING:
    from .entry import EntryVault, WyzeLocalConfigEntry
    from .shared import Shared

POLL_SECONDS = 2.0
DIAL_TIMEOUT = 20.0
AT_REST = {True: Connection.ON_DEMAND, False: Connection.READY}
"""The verdict on a camera that is well and that nobody watches, by whether it runs on a battery."""


@dataclass(slots=True)
class _Watched:
    """What is remembered of one camera between two readings."""

    record: CameraRecord
    stills: StillKeeper
    outside: bool
    battery: bool
    health: StreamHealth = field(default_factory=StreamHealth)


class CamerasCoordinator(DataUpdateCoordinator[dict[str, CameraStatus]]):
    """Watches the cameras of one entry."""

    config_entry: WyzeLocalConfigEntry  # type: ignore[mutable-override]

    def __init__(
        self,
        hass: HomeAssistant,
        entry: WyzeLocalConfigEntry,
        *,
        shared: Shared,
        server: StreamServer,
        vault: EntryVault,
        networks: CameraNetworks,
        catalog: Catalog,
    ) -> None:
        """Prepare; cameras are added one by one."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=DOMAIN,
            update_interval=timedelta(seconds=POLL_SECONDS),
            always_update=False,
        )
        self.shared = shared
        self.server = server
        self.vault = vault
        self.networks = networks
        self.catalog = catalog
        self.data = {}
        self.revive: Callable[[], None] | None = None
        """Called when the stream server is back from a death, for those who were watching."""
        self._statuses: dict[str, CameraStatus] = {}
        self._watched: dict[str, _Watched] = {}
        self._streams = CameraStreams(shared, server)
        self._server_ready = True
        self._checks = Checks(
            self._async_check,
            wanted=self._may_check,
            clock=shared.environment.clock,
            rng=shared.environment.random,
            spawn=self._spawn,
        )

    @callback
    def async_start(self) -> None:
        """Begin to watch: listen to the stream server, poll it, check the cameras."""
        entry = self.config_entry
        entry.async_on_unload(self.shared.async_listen(self._async_on_server_state))
        # Verdicts are wanted even while every entity of the entry is disabled.
        entry.async_on_unload(self.async_add_listener(lambda: None))
        entry.async_create_background_task(self.hass, self._checks.run(), name=f"{DOMAIN} camera checks")

    # Cameras come and go; nothing is restarted for them.

    async def async_add(self, camera_key: str) -> None:
        """Take a camera in, with the keys that the vault holds for it."""
        record = self.vault.records.get(camera_key)
        if record is None:
            self._async_set(camera_key, Connection.KEYS_MISSING)
            return
        credentials = record.camera.credentials
        watched = self._watched[camera_key] = _Watched(
            record,
            StillKeeper(
                lambda: self.server.still(camera_key), self.shared.environment.clock, spawn=self._spawn
            ),
            outside=credentials.address.reveal() not in self.networks,
            battery=self.catalog.model(credentials.model).battery,
        )
        if watched.outside:
            self._async_set(camera_key, Connection.OUTSIDE)
            return
        await self._streams.begin(camera_key, record)
        if not watched.battery:
            self._async_set(camera_key, Connection.CHECKING)
            self._checks.add(camera_key)
        self._async_back(camera_key, watched)

    async def async_remove(self, camera_key: str) -> None:
        """Forget a camera: its stream ends."""
        self._checks.remove(camera_key)
        self._statuses.pop(camera_key, None)
        self._watched.pop(camera_key, None)
        await self._streams.end(camera_key)

    @callback
    def async_leave(self) -> None:
        """Let go of all cameras without ending a picture."""
        self._streams.leave()

    async def async_change(self, camera_key: str) -> None:
        """Take over what the vault now holds for a camera."""
        if camera_key in self._statuses:
            await self.async_remove(camera_key)
            await self.async_add(camera_key)
            self._publish()

    async def async_set_networks(self, networks: CameraNetworks) -> None:
        """Apply another list of camera networks; who is inside as before notices nothing."""
        self.networks = networks
        for camera_key, watched in tuple(self._watched.items()):
            address = watched.record.camera.credentials.address.reveal()
            if watched.outside == (address in networks):
                await self.async_change(camera_key)

    def camera(self, camera_key: str) -> Camera | None:
        """Return a camera, or None while its keys are missing."""
        return one.record.camera if (one := self._watched.get(camera_key)) else None

    def stills(self, camera_key: str) -> StillKeeper | None:
        """Return what keeps a camera's last still; None when the camera may not be asked for one."""
        return one.stills if (one := self._watched.get(camera_key)) and not one.outside else None

    def is_live(self, camera_key: str) -> bool:
        """Tell whether the camera streams right now."""
        return (one := self._watched.get(camera_key)) is not None and one.health.motion is Motion.LIVE

    # Evidence

    @override
    async def _async_update_data(self) -> dict[str, CameraStatus]:
        """Read the counters of all streams."""
        if self._server_ready and self._watched:
            await self._async_read()
        return dict(self._statuses)

    async def _async_read(self) -> None:
        streams = await self._streams.read()
        now = self.shared.environment.clock.monotonic()
        stalled = []
        for camera_key, watched in tuple(self._watched.items()):
            if (stream := streams.get(camera_key)) is None or self._watched.get(camera_key) is not watched:
                continue
            before = watched.health.motion
            motion = watched.health.observe(
                now, watched=bool(stream.consumers), video_packets=stream.video_packets
            )
            await self._async_judge(camera_key, watched, before, motion)
            if watched.health.wants_heal(now):
                stalled.append(camera_key)
        await self._streams.heal(stalled)

    async def _async_judge(self, camera_key: str, watched: _Watched, before: Motion, motion: Motion) -> None:
        if motion is Motion.LIVE:
            self._checks.answered(camera_key)
            self._async_set(camera_key, Connection.LIVE, checked=True)
            await self._async_proven(watched)
        elif motion is Motion.STALLED:
            self._async_set(camera_key, Connection.STALLED)
        elif motion is Motion.IDLE and before is Motion.LIVE:
            self._async_set(camera_key, AT_REST[watched.battery], checked=True)
        elif motion is Motion.IDLE and before is Motion.STALLED:
            self._async_back(camera_key, watched)

    @callback
    def _async_back(self, camera_key: str, watched: _Watched) -> None:
        """Find out anew how a camera stands; a battery camera is not woken for it."""
        if watched.battery:
            self._async_set(
                camera_key, AT_REST[True] if watched.record.camera.proven else Connection.UNPROVEN
            )
        else:
            self._checks.soon(camera_key)

    async def _async_proven(self, watched: _Watched) -> None:
        """Remember that the camera answered with its own key."""
        if not (before := watched.record).camera.proven:
            after = replace(before, camera=replace(before.camera, proven=True))
            try:
                await self.vault.async_put(after, instead_of=before)
            except VaultError as err:
                LOGGER.debug("A proof could not be kept (%s)", err.reason)
            else:
                watched.record = after

    @callback
    def async_note_failure(self, camera_key: str, err: EngineError) -> None:
        """Take a viewer's failed dial as evidence, where it says something about the camera."""
        if (watched := self._watched.get(camera_key)) is not None and err.reason in EVIDENCE:
            self._async_failed(camera_key, watched, err)

    def _may_check(self, camera_key: str) -> bool:
        watched = self._watched.get(camera_key)
        return self._server_ready and watched is not None and watched.health.motion is Motion.IDLE

    async def _async_check(self, camera_key: str) -> None:
        """Ask one camera for a still, or at least for an answer."""
        if (watched := self._watched.get(camera_key)) is None:
            return
        if not (watched.stills.due(live=False) and await watched.stills.take() is not None):
            try:
                await self.server.dial(wyze_source(watched.record.camera.credentials), timeout=DIAL_TIMEOUT)
            except EngineError as err:
                self._async_failed(camera_key, watched, err)
                return
        self._checks.answered(camera_key)
        await self._async_proven(watched)
        if self._watched.get(camera_key) is watched and watched.health.motion is not Motion.LIVE:
            self._async_set(camera_key, AT_REST[watched.battery], checked=True)
            self._publish()

    @callback
    def _async_failed(self, camera_key: str, watched: _Watched, err: EngineError) -> None:
        self._checks.failed(camera_key)
        if self._watched.get(camera_key) is not watched or watched.health.motion is Motion.LIVE:
            return
        connection = FAILURES.get(err.reason, Connection.FAULT)
        if connection is Connection.NO_ANSWER and not watched.record.camera.proven:
            connection = Connection.UNPROVEN
        self._async_set(camera_key, connection, checked=True)
        self._publish()

    # Verdicts

    @callback
    def _async_set(self, camera_key: str, connection: Connection, *, checked: bool = False) -> None:
        """Write a verdict."""
        before = self._statuses.get(camera_key)
        watched = self._watched.get(camera_key)
        battery = watched is not None and watched.battery
        after = CameraStatus.after(before, connection, dt_util.utcnow(), checked=checked, battery=battery)
        self._statuses[camera_key] = after
        log_change(before, after)

    @callback
    def _publish(self) -> None:
        """Show the verdicts now instead of at the next reading."""
        self.data = dict(self._statuses)
        self.async_update_listeners()

    @callback
    def _async_on_server_state(self, state: ServerState) -> None:
        if self.hass.is_stopping:
            return
        ready = state.phase is ServerPhase.READY
        back = ready and not self._server_ready
        self._server_ready = ready
        for camera_key, watched in self._watched.items():
            if watched.outside:
                continue
            if state.phase in (ServerPhase.FAILED, ServerPhase.STOPPED):
                self._async_set(camera_key, Connection.SERVER_DOWN)
            elif back:
                watched.health = StreamHealth()
                self._async_back(camera_key, watched)
        self._publish()
        if back and self.revive:
            self.revive()

    def _spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        return self.config_entry.async_create_background_task(
            self.hass, cast("Coroutine[None, None, None]", work), name=f"{DOMAIN} camera work"
        )
