"""The one owner of truth about an entry's cameras: how each stands, since when, and why.

Evidence comes in from the relay (sessions), the checks (proofs, stills) and, where go2rtc holds a session
itself, its counters; verdicts go out to the entities, which only show them. Nobody else writes a camera's
state.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, cast, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .cameras import camera_settings
from .checks import Checks
from .const import DOMAIN, LOGGER
from .engine.model import CameraNetworks, Secret
from .engine.stream import PictureServer, StillKeeper, StreamHealth
from .engine.vault import CameraRecord
from .evidence import RelayEvidence
from .outages import Outages
from .own_source import OwnSources
from .processes import Processes
from .proofs import Proofs
from .status import AT_REST, EVIDENCE, MOVING, NOT_ASKED, CameraStatus, Connection, Journal
from .streams import CameraStreams
from .surroundings import Surroundings
from .watched import Watched

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry
    from .entry_vault import EntryVault
    from .shared import Shared


class CamerasCoordinator(DataUpdateCoordinator[dict[str, CameraStatus]]):
    """Watches the cameras of one entry."""

    config_entry: WyzeLocalConfigEntry  # type: ignore[mutable-override]

    def __init__(
        self,
        hass: HomeAssistant,
        entry: WyzeLocalConfigEntry,
        *,
        shared: Shared,
        server: PictureServer,
        vault: EntryVault,
        networks: CameraNetworks,
        surroundings: Surroundings,
    ) -> None:
        """Prepare; cameras are added one by one."""
        super().__init__(hass, LOGGER, config_entry=entry, name=DOMAIN, always_update=False)
        self.shared = shared
        self.server = server
        self.vault = vault
        self.networks = networks
        self.surroundings = surroundings
        self.catalog = surroundings.catalog
        self.data = {}
        self._statuses: dict[str, CameraStatus] = {}
        self._journal = Journal()
        self._watched: dict[str, Watched] = {}
        self._streams = CameraStreams(shared, server)
        self._own = OwnSources(self, self._streams)
        self._relay = RelayEvidence(self, self._own)
        self._proofs = Proofs(self, self._streams, self._own)
        self._checks = Checks(
            self._proofs.async_seek,
            wanted=self._may_check,
            clock=shared.environment.clock,
            rng=shared.environment.random,
            spawn=self.spawn,
        )
        self.processes = Processes(hass, shared, server, entry.entry_id)
        self.processes.on_change = self._async_on_processes
        self.on_handshake: Callable[[str, CameraRecord, bool], None] = lambda *_: None
        """Hears of every handshake with what was tried, and whether the camera knew that key."""

    @callback
    def async_start(self) -> None:
        """Begin to watch: listen to relay and stream server, check the cameras."""
        entry = self.config_entry
        for end in self.processes.async_start():
            entry.async_on_unload(end)
        # Verdicts are wanted even while every entity of the entry is disabled.
        entry.async_on_unload(Outages(self).async_start())
        entry.async_create_background_task(self.hass, self._checks.run(), name=f"{DOMAIN} camera checks")

    # Cameras come and go; nothing is restarted for them.

    async def async_add(self, camera_key: str) -> None:
        """Take a camera in, or what the vault and the entry now hold for it."""
        before = self._watched.pop(camera_key, None)
        record = self.vault.records.get(camera_key)
        if record is None:
            await self._streams.end(camera_key)
            self.async_set(camera_key, Connection.KEYS_MISSING)
            return
        credentials = record.camera.credentials
        watched = self._watched[camera_key] = Watched(
            record,
            camera_settings(self.config_entry, camera_key),
            self._streams.still_keeper(camera_key, before, record, self.spawn),
            outside=credentials.address.reveal() not in self.networks,
            battery=self.catalog.model(credentials.model).battery,
            decoded=self.shared.relaying.remembers(camera_key),
        )
        if watched.outside:
            await self._streams.end(camera_key)
            self.async_set(camera_key, Connection.OUTSIDE)
            return
        await self._streams.begin(camera_key, watched, self._relay)
        self._own.update_interval(self._watched.values())
        if not watched.battery:
            self.async_set(camera_key, Connection.CHECKING)
            self._checks.add(camera_key)
        self.async_look_again(camera_key, watched)
        self._relay.async_on_state(camera_key, self.shared.relaying.camera_state(camera_key), again=True)

    async def async_remove(self, camera_key: str) -> None:
        """Forget a camera: its stream ends."""
        self._forget(camera_key)
        await self._streams.end(camera_key, for_good=True)
        self.shared.relaying.async_forget_camera(camera_key)

    @callback
    def _forget(self, camera_key: str) -> None:
        self._checks.remove(camera_key)
        self._statuses.pop(camera_key, None)
        self._journal.forget(camera_key)
        self._watched.pop(camera_key, None)

    async def async_hand_over(self, camera_key: str, server: PictureServer) -> None:
        """Forget a camera that another entry is about to look after, at that server: its session goes on."""
        self._forget(camera_key)
        await self._streams.hand_over(camera_key, server)
        self.publish()

    @callback
    def async_leave(self) -> None:
        """Let go of all cameras without ending a picture."""
        self._streams.leave()

    async def async_change(self, camera_key: str) -> None:
        """Take over what the vault and the entry now hold for a camera; who watches stays where possible."""
        if camera_key in self._statuses:
            self._checks.remove(camera_key)
            await self.async_add(camera_key)
            self.publish()

    async def async_follow_settings(self) -> None:
        """Take over what was chosen anew for cameras."""
        for camera_key, watched in tuple(self._watched.items()):
            chosen = camera_settings(self.config_entry, camera_key)
            before, watched.settings = watched.settings, chosen
            if before.of_stream != chosen.of_stream:
                await self.async_change(camera_key)
            elif before != chosen:
                self._streams.watch(camera_key, watched)

    async def async_set_networks(self, networks: CameraNetworks) -> None:
        """Apply another list of camera networks; who is inside as before notices nothing."""
        self.networks = networks
        await self.shared.relaying.async_set_networks(self.config_entry.entry_id, networks)
        for camera_key, watched in tuple(self._watched.items()):
            address = watched.record.camera.credentials.address.reveal()
            if watched.outside == (address in networks):
                await self.async_change(camera_key)

    def watched(self, camera_key: str) -> Watched | None:
        """Return what is remembered of a camera, or None while its keys are missing."""
        return self._watched.get(camera_key)

    def verdict(self, camera_key: str) -> CameraStatus | None:
        """Return the verdict on a camera, shown already or not."""
        return self._statuses.get(camera_key)

    def stills(self, camera_key: str) -> StillKeeper | None:
        """Return what keeps a camera's last still; None when the camera may not be asked for one."""
        return one.stills if (one := self._watched.get(camera_key)) and not one.outside else None

    def is_live(self, camera_key: str) -> bool:
        """Tell whether the camera streams right now."""
        return (one := self._watched.get(camera_key)) is not None and one.streams

    def stream_url(self, camera_key: str) -> Secret:
        """Return the URL for Home Assistant's own stream; raises EngineError."""
        if (one := self._watched.get(camera_key)) is not None and one.settings.relayed:
            return self.shared.relaying.stream_url(camera_key)
        return self.server.restream_url(camera_key)

    # Evidence

    @override
    async def _async_update_data(self) -> dict[str, CameraStatus]:
        """Read the counters of the streams that go2rtc holds itself."""
        await self._own.async_read(self._watched)
        return dict(self._statuses)

    @callback
    def async_answered(self, camera_key: str, watched: Watched, *, seen: bool | None = None) -> None:
        """Note that a camera has shown itself with its own key; `seen` says whether somebody looks at it."""
        self._checks.answered(camera_key)
        self.surroundings.heard(watched.record.camera.credentials)
        seen = watched.seen if seen is None else seen
        self.async_set(camera_key, watched.moving if seen else watched.at_rest, checked=True)
        if not watched.record.camera.proven:
            self.spawn(self._proofs.async_keep(watched))

    @callback
    def async_look_again(self, camera_key: str, watched: Watched) -> None:
        """Find out anew how a camera stands; a battery camera is not woken for it."""
        if watched.streams:
            self.async_answered(camera_key, watched)
        elif watched.battery:
            proven = watched.record.camera.proven
            self.async_set(camera_key, watched.at_rest if proven else Connection.UNPROVEN)
        else:
            self._checks.soon(camera_key)

    @callback
    def async_note_failure(self, camera_key: str, reason: str) -> None:
        """Take a viewer's failure as evidence, where it says something about the camera."""
        watched = self._watched.get(camera_key)
        if watched is not None and reason in EVIDENCE and not watched.settings.relayed:
            self.async_failed(camera_key, watched, reason)
            self.publish()

    def _may_check(self, camera_key: str) -> bool:
        watched = self._watched.get(camera_key)
        if watched is None or watched.busy or watched.outside or not self.processes.up:
            return False
        return watched.settings.relayed or self.processes.server_up

    @callback
    def async_failed(self, camera_key: str, watched: Watched, reason: str, *, again: bool = False) -> None:
        """Note that a camera could not be reached, and why; `again`: that was taken before."""
        self._checks.failed(camera_key)
        if reason == "wrong_key" and not again:
            self.on_handshake(camera_key, watched.record, False)
        if watched.streams or reason == NOT_ASKED:
            return
        camera = watched.record.camera
        connection = self.surroundings.judge(reason, camera.credentials, proven=camera.proven)
        if not camera.proven and connection in (Connection.NO_ANSWER, Connection.ASLEEP):
            connection = Connection.UNPROVEN
        self.async_set(camera_key, connection, checked=True)

    # Verdicts

    @callback
    def async_set(self, camera_key: str, connection: Connection, *, checked: bool = False) -> None:
        """Write a verdict."""
        before = self._statuses.get(camera_key)
        watched = self._watched.get(camera_key)
        if connection in AT_REST and self.processes.external and not self.processes.server_up:
            connection = Connection.EXTERNAL_DOWN
        battery = watched is not None and watched.battery
        loss = watched.loss.percent if watched is not None and connection in MOVING else None
        now = dt_util.utcnow()
        after = CameraStatus.after(before, connection, now, checked=checked, battery=battery, loss=loss)
        self._statuses[camera_key] = after
        self._journal.note(camera_key, after)

    @callback
    def publish(self) -> None:
        """Show the verdicts now instead of at the next reading."""
        if self.data != self._statuses:
            self.data = dict(self._statuses)
            self.async_update_listeners()

    @callback
    def _async_on_processes(self, down: bool, back: bool) -> None:
        for camera_key, watched in self._watched.items():
            if watched.outside:
                continue
            if down and self.processes.up and watched.settings.relayed:
                self._async_show_server(camera_key, watched)
            elif down:
                self.async_set(camera_key, Connection.SERVER_DOWN)
            elif back:
                watched.health = StreamHealth()
                self._async_show_server(camera_key, watched)
                self._relay.async_again(camera_key, watched)
        self.publish()

    @callback
    def _async_show_server(self, camera_key: str, watched: Watched) -> None:
        """Say that the external server is away, of a camera that is well; what else is wrong goes first."""
        if (status := self._statuses.get(camera_key)) is not None and status.connection in AT_REST:
            self.async_set(camera_key, watched.at_rest)

    def spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Do something in the background, for as long as the entry is loaded."""
        return self.config_entry.async_create_background_task(
            self.hass, cast("Coroutine[None, None, None]", work), name=f"{DOMAIN} camera work"
        )
