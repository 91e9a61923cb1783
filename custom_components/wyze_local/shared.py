"""What all entries share: the installation's settings and the one stream server.

An entry acquires it before its cameras and releases it after them; the last release lets it linger
for a while, so that a reload does not cost anybody a picture. Home Assistant's stop ends it at once.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.hass_dict import HassKey

from .claims import Claims, Doors
from .clip_making import async_make_clips
from .clips import Clips
from .const import DOMAIN, LINGER_SECONDS, LOGGER
from .engine.cloud import CloudClient, CloudEvent
from .engine.relay import RelayError
from .engine.stream import (
    Binary,
    LanDoor,
    ServerPhase,
    ServerState,
    StartFailed,
    StreamServer,
    StreamServerError,
    StreamServerSettings,
    find_binary,
)
from .environment import DATA_ENVIRONMENT, Environment
from .externals import Externals
from .installation import SIGNAL_CLIPS, ClipKeeping, Installation, InstallationStore
from .issues import async_report_server
from .later import Later
from .relaying import Relaying
from .server_errors import first_error
from .vendor import Vendor
from .watching import Watching

RETRY_SECONDS = 30.0
"""How long a stream server that did not come back with its old settings stands still until the next try."""

DATA_SHARED: HassKey[Shared] = HassKey(DOMAIN)


class Shared:
    """The shared parts of one Home Assistant."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare; nothing starts before the first acquire."""
        self._hass = hass
        self._store = InstallationStore(hass)
        self.lock = asyncio.Lock()
        self._users = 0
        self._server: StreamServer | None = None
        self.linger = Later(hass, LINGER_SECONDS, self._async_linger_over, f"{DOMAIN} linger")
        self._retry = Later(hass, RETRY_SECONDS, self._async_try_again, f"{DOMAIN} start")
        self._listeners: set[Callable[[ServerState], None]] = set()
        self.claims = Claims()
        self.doors = Doors()
        self.environment = hass.data.get(DATA_ENVIRONMENT) or Environment()
        self.installation = Installation(salt="")
        self.relaying = Relaying(hass, self.environment.clock, self.environment.random)
        self.watching = Watching(hass, self.environment.clock, self.environment.random)
        self.externals = Externals(hass, self)
        self._vendor = Vendor(hass)
        self.clips = Clips(hass, self)
        async_make_clips(self.watching, self.clips)
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._async_on_stop)

    async def async_load(self) -> None:
        """Read the installation's settings, or make them; whoever comes meanwhile waits for them, too."""
        async with self.lock:
            if not self.installation.salt:
                await self.relaying.async_load()
                await self._vendor.async_load(self.environment.tls)
                self.installation = await self._store.async_load()

    @callback
    def cloud_client(self) -> CloudClient:
        """Return the client of the vendor's cloud, which all accounts share. Asks nothing by itself."""
        environment = self.environment
        return self._vendor.client(environment.hosts, environment.clock, environment.random)

    async def async_cloud_picture(self, event: CloudEvent) -> bytes | None:
        """Return the picture that the vendor keeps of an event, if it may be had."""
        return await self._vendor.async_picture(self.environment.hosts, event)

    async def async_find_binary(self, path: str | None) -> Binary:
        """Return the go2rtc to use; raises a BinaryError that says what is wrong with it."""
        return await find_binary(Path(path) if path else None)

    async def async_change(
        self, *, binary: str | None, webrtc_port: int, doors: Mapping[str, LanDoor | None] | None = None
    ) -> None:
        """Take new settings, and what entries want for other machines, proven by a start with all of it.

        Raises StreamServerError and goes on with the old settings when it does not start.
        """
        async with self.lock:
            wanted = replace(self.installation, binary=binary, webrtc_port=webrtc_port)
            await self._async_run(wanted, doors or {})
            if wanted != self.installation:
                self.installation = wanted
                await self._store.async_save(wanted)
            if not self._users:
                self._start_linger()

    async def async_change_clips(self, clips: ClipKeeping) -> None:
        """Keep clips in another way from now on; whoever keeps them hears of it by SIGNAL_CLIPS."""
        async with self.lock:
            if clips != self.installation.clips:
                self.installation = replace(self.installation, clips=clips)
                await self._store.async_save(self.installation)
                async_dispatcher_send(self._hass, SIGNAL_CLIPS, clips)

    async def async_acquire(self, owner: str, door: LanDoor | None) -> StreamServer:
        """Count one more user and return the stream server, which runs and lets in whom the owner wants.

        Raises StreamServerError when it does not start so; then nobody was counted.
        """
        async with self.lock:
            server = await self._async_run(self.installation, {owner: door})
            self._users += 1
            return server

    async def _async_run(self, wanted: Installation, doors: Mapping[str, LanDoor | None]) -> StreamServer:
        """Return the stream server, started or started anew unless it runs with all of this already.

        The lock is held. Raises StreamServerError, with the doors as before.
        """
        door = self.doors.open
        before = self.doors.set(doors)
        unchanged = wanted == self.installation and door == self.doors.open
        try:
            if (server := self._server) is None:
                return await self._async_start_server(wanted)
            if not unchanged or self._phase is not ServerPhase.READY:
                await self._async_restart(server, wanted)
        except StreamServerError:
            self.doors.set(before)
            raise
        return server

    async def async_release(self) -> None:
        """Count one user less. Its cameras linger, and after the last user everything does."""
        async with self.lock:
            self._users -= 1
            self._start_linger()

    async def async_end(self) -> None:
        """Stop what nobody uses without lingering: there is no entry left that could come back."""
        async with self.lock:
            if not self._users:
                self.linger.async_cancel()
                await self.watching.async_stop()
                await self._async_stop_server()
                await self._async_let_go()
                await self._async_stop_idle()

    @property
    def _phase(self) -> ServerPhase:
        return self._server.state.phase if self._server else ServerPhase.STOPPED

    @property
    def server(self) -> StreamServer | None:
        """The stream server, while there is one."""
        return self._server

    @callback
    def async_listen(self, listener: Callable[[ServerState], None]) -> Callable[[], None]:
        """Call the listener at every change of the stream server's state, until the returned call."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def _async_settings(self, installation: Installation) -> StreamServerSettings:
        return StreamServerSettings(
            binary=await self.async_find_binary(installation.binary),
            webrtc_port=installation.webrtc_port,
            webrtc_on_loopback=self.environment.webrtc_on_loopback,
            lan=self.doors.open,
        )

    async def _async_start_server(self, installation: Installation) -> StreamServer:
        server = StreamServer(
            await self._async_settings(installation),
            clock=self.environment.clock,
            rng=self.environment.random,
            on_state=self._async_on_state,
            turn=self.relaying.async_turn,
        )
        await self.async_start_relay()
        try:
            await server.start()
        except StreamServerError:
            await self._async_stop_idle()
            raise
        self._server = server
        return server

    async def async_start_relay(self) -> None:
        """Start the relay when nobody does; the lock is held. Raises StreamServerError."""
        try:
            await self.relaying.async_start()
        except RelayError as err:
            raise StartFailed("the relay", reason="relay_not_started") from err

    async def _async_restart(self, server: StreamServer, installation: Installation) -> None:
        """Start the server anew with other settings, or with the same ones when it stands still."""
        try:
            await server.reconfigure(await self._async_settings(installation))
        except StreamServerError as err:
            if (first := first_error(err)) is not err:
                raise first from None
            raise
        finally:
            self._watch_over(server)

    @callback
    def _watch_over(self, server: StreamServer) -> None:
        """Try again later when a server with users stands still: nobody else would start it."""
        self._retry.async_cancel()
        if server.state.phase is ServerPhase.STOPPED and self._users:
            self._retry.async_plan()

    async def _async_try_again(self) -> None:
        async with self.lock:
            if (server := self._server) is None or not self._users or self._phase is not ServerPhase.STOPPED:
                return
            try:
                await self._async_restart(server, self.installation)
            except StreamServerError as err:
                LOGGER.debug("The stream server still does not start (%s)", err.reason)

    async def _async_stop_server(self) -> None:
        self._retry.async_cancel()
        server, self._server = self._server, None
        if server is not None:
            await server.stop()

    async def _async_stop_idle(self) -> None:
        """Stop what serves nobody: external servers without users; and without any server all the rest."""
        await self.externals.async_stop_unused()
        if self._server is None and not self.externals.servers:
            await self.watching.async_stop()
            await self.relaying.async_stop()
            await self.clips.keeper.async_stop()

    @callback
    def _start_linger(self) -> None:
        if self._server is not None or self.externals.servers:
            self.linger.async_plan()
        else:
            self.linger.async_cancel()

    async def _async_linger_over(self) -> None:
        async with self.lock:
            await self._async_let_go()
            if not self._users:
                await self._async_stop_server()
            await self._async_stop_idle()

    async def _async_let_go(self) -> None:
        servers = (*((self._server,) if self._server else ()), *self.externals.servers)
        await self.claims.async_let_go(servers, self.relaying, self.watching)

    async def _async_on_stop(self, _event: Event) -> None:
        async with self.lock:
            self.linger.async_cancel()
            await self.watching.async_stop()
            await self._async_stop_server()
            await self.externals.async_stop()
            await self.relaying.async_stop()
            await self._vendor.async_close()
            await self.clips.async_close()

    @callback
    def _async_on_state(self, state: ServerState) -> None:
        async_report_server(self._hass, state)
        LOGGER.debug("Stream server is %s (%s)", state.phase, state.reason)
        if state.phase is ServerPhase.READY:
            # Its streams may have other addresses now.
            self.watching.async_renew()
        for listener in tuple(self._listeners):
            listener(state)


async def async_get_shared(hass: HomeAssistant) -> Shared:
    """Return the shared parts of this Home Assistant, made at the first call."""
    if (shared := hass.data.get(DATA_SHARED)) is None:
        shared = hass.data[DATA_SHARED] = Shared(hass)
    if not shared.installation.salt:
        await shared.async_load()
    return shared
