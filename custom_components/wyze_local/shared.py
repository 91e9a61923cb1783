"""What all entries share: the installation's settings and the one stream server.

An entry acquires it before its cameras and releases it after them; the last release lets it linger
for a while, so that a reload does not cost anybody a picture. Home Assistant's stop ends it at once.
"""

import asyncio
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import CONF_BINARY, CONF_WEBRTC_PORT, DEFAULT_WEBRTC_PORT, DOMAIN, LINGER_SECONDS, LOGGER
from .engine.model import Clock, SystemClock
from .engine.relay import RelayError
from .engine.stream import (
    Binary,
    ServerPhase,
    ServerState,
    StartFailed,
    StreamServer,
    StreamServerError,
    StreamServerSettings,
    find_binary,
)
from .installation import Installation
from .issues import async_report_server
from .relaying import Relaying
from .server_errors import first_error

RETRY_SECONDS = 30.0
"""How long a stream server that did not come back with its old settings stands still until the next try."""

DATA_SHARED: HassKey[Shared] = HassKey(DOMAIN)


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything outside that tests and the demo may replace. No option, variable or YAML reads it."""

    clock: Clock = field(default_factory=SystemClock)
    random: random.Random = field(default_factory=random.SystemRandom)
    webrtc_on_loopback: bool = False
    """Offer 127.0.0.1 to browsers too: only for a browser on this machine without any network."""


DATA_ENVIRONMENT: HassKey[Environment] = HassKey(f"{DOMAIN}_environment")


class Shared:
    """The shared parts of one Home Assistant."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare; nothing starts before the first acquire."""
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass, 1, f"{DOMAIN}.installation", private=True, atomic_writes=True
        )
        self._lock = asyncio.Lock()
        self._users = 0
        self._server: StreamServer | None = None
        self._linger: Callable[[], None] | None = None
        self._retry: Callable[[], None] | None = None
        self._listeners: set[Callable[[ServerState], None]] = set()
        self._claimed: set[str] = set()
        self.environment = hass.data.get(DATA_ENVIRONMENT) or Environment()
        self.installation = Installation(salt="")
        self.relaying = Relaying(hass, self.environment.clock, self.environment.random)
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._async_on_stop)

    async def async_load(self) -> None:
        """Read the installation's settings, or make them."""
        await self.relaying.async_load()
        stored = await self._store.async_load() or {}
        self.installation = Installation(
            salt=stored.get("salt") or secrets.token_hex(32),
            binary=stored.get(CONF_BINARY),
            webrtc_port=stored.get(CONF_WEBRTC_PORT, DEFAULT_WEBRTC_PORT),
        )
        if self.installation.salt != stored.get("salt"):
            await self._async_save()

    async def _async_save(self) -> None:
        await self._store.async_save(
            {
                "salt": self.installation.salt,
                CONF_BINARY: self.installation.binary,
                CONF_WEBRTC_PORT: self.installation.webrtc_port,
            }
        )

    async def async_find_binary(self, path: str | None) -> Binary:
        """Return the go2rtc to use; raises a BinaryError that says what is wrong with it."""
        return await find_binary(Path(path) if path else None)

    async def async_change(self, *, binary: str | None, webrtc_port: int) -> None:
        """Take new settings, proven by a start of the stream server with them.

        Raises StreamServerError and goes on with the old settings when it does not start.
        """
        async with self._lock:
            wanted = replace(self.installation, binary=binary, webrtc_port=webrtc_port)
            if wanted == self.installation and self._phase is ServerPhase.READY:
                return
            if self._server is not None:
                await self._async_restart(self._server, wanted)
            else:
                await self._async_start_server(wanted)
            if wanted != self.installation:
                self.installation = wanted
                await self._async_save()
            if not self._users:
                self._start_linger()

    async def async_acquire(self) -> StreamServer:
        """Count one more user and return the stream server, starting it when nobody does.

        Raises StreamServerError when it does not start; then nobody was counted.
        """
        async with self._lock:
            if (server := self._server) is None:
                server = await self._async_start_server(self.installation)
            elif self._phase is ServerPhase.STOPPED:
                await self._async_restart(server, self.installation)
            self._users += 1
            return server

    async def async_release(self) -> None:
        """Count one user less. Its cameras linger, and after the last user everything does."""
        async with self._lock:
            self._users -= 1
            self._start_linger()

    async def async_end(self) -> None:
        """Stop what nobody uses without lingering: there is no entry left that could come back."""
        async with self._lock:
            if not self._users:
                self._cancel_linger()
                await self._async_stop_server()

    @callback
    def async_claim(self, camera_key: str) -> None:
        """Note that an entry looks after a camera's stream."""
        self._claimed.add(camera_key)

    @callback
    def async_disclaim(self, camera_key: str) -> None:
        """Note that nobody looks after a camera's stream any more: it ends after the linger."""
        self._claimed.discard(camera_key)

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
        )

    async def _async_start_server(self, installation: Installation) -> StreamServer:
        server = StreamServer(
            await self._async_settings(installation),
            clock=self.environment.clock,
            rng=self.environment.random,
            on_state=self._async_on_state,
        )
        try:
            await self.relaying.async_start()
            await server.start()
        except RelayError as err:
            raise StartFailed("the relay", reason="relay_not_started") from err
        except StreamServerError:
            await self.relaying.async_stop()
            raise
        self._server = server
        return server

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
        self._cancel_retry()
        if server.state.phase is ServerPhase.STOPPED and self._users:
            job = HassJob(self._async_try_again, f"{DOMAIN} start", cancel_on_shutdown=True)
            self._retry = async_call_later(self._hass, RETRY_SECONDS, job)

    async def _async_try_again(self, _now: datetime) -> None:
        async with self._lock:
            self._retry = None
            if (server := self._server) is None or not self._users or self._phase is not ServerPhase.STOPPED:
                return
            try:
                await self._async_restart(server, self.installation)
            except StreamServerError as err:
                LOGGER.debug("The stream server still does not start (%s)", err.reason)

    @callback
    def _cancel_retry(self) -> None:
        if self._retry is not None:
            self._retry()
            self._retry = None

    async def _async_stop_server(self) -> None:
        self._cancel_retry()
        server, self._server = self._server, None
        if server is not None:
            await server.stop()
        await self.relaying.async_stop()

    @callback
    def _start_linger(self) -> None:
        self._cancel_linger()
        if self._server is not None:
            job = HassJob(self._async_linger_over, f"{DOMAIN} linger", cancel_on_shutdown=True)
            self._linger = async_call_later(self._hass, LINGER_SECONDS, job)

    @callback
    def _cancel_linger(self) -> None:
        if self._linger is not None:
            self._linger()
            self._linger = None

    async def _async_linger_over(self, _now: datetime) -> None:
        async with self._lock:
            self._linger = None
            if not self._users:
                await self._async_stop_server()
            elif self._server is not None:
                for camera_key in self._server.cameras - self._claimed:
                    await self._server.remove(camera_key)
                for camera_key in self.relaying.cameras - self._claimed:
                    await self.relaying.async_remove(camera_key)

    async def _async_on_stop(self, _event: Event) -> None:
        async with self._lock:
            self._cancel_linger()
            await self._async_stop_server()

    @callback
    def _async_on_state(self, state: ServerState) -> None:
        async_report_server(self._hass, state)
        LOGGER.debug("Stream server is %s (%s)", state.phase, state.reason)
        for listener in tuple(self._listeners):
            listener(state)


async def async_get_shared(hass: HomeAssistant) -> Shared:
    """Return the shared parts of this Home Assistant, made at the first call."""
    if (shared := hass.data.get(DATA_SHARED)) is None:
        shared = hass.data[DATA_SHARED] = Shared(hass)
        await shared.async_load()
    return shared
