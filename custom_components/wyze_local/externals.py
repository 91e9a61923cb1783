"""The external stream servers of this Home Assistant: one per entry that has one, each with its watch."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN, LOGGER
from .engine.model import Door
from .engine.relay import RelayError
from .engine.stream import (
    ExternalServer,
    ExternalSettings,
    PortTaken,
    RemoteAccess,
    ServerPhase,
    ServerState,
    StartFailed,
    StreamServerError,
    check_external,
)
from .engine.vault import ServerLogin
from .issues import async_clear_external, async_report_external

if TYPE_CHECKING:
    from .shared import Shared

_CHECK = "check"
"""Whose door it is while a login is checked."""

REPORT_SECONDS = 60.0
"""How long one may be away before a repair says so: it may just be starting anew."""


def external_settings(login: ServerLogin) -> ExternalSettings:
    """Return a login as the engine takes it; raises InvalidField for one that was not written by us."""
    access = RemoteAccess.parse(login.url.reveal(), login.user.reveal(), login.password.reveal())
    return ExternalSettings(access, login.seed, login.door)


class Externals:
    """The external servers, by the entry whose they are."""

    def __init__(self, hass: HomeAssistant, shared: Shared) -> None:
        """Begin with none."""
        self._hass = hass
        self._shared = shared
        self._found: dict[str, tuple[tuple[ServerLogin | None, bool], ExternalServer]] = {}
        self._used: set[str] = set()
        self._listeners: dict[str, set[Callable[[ServerState], None]]] = {}
        self._reports: dict[str, CALLBACK_TYPE] = {}

    @property
    def servers(self) -> tuple[ExternalServer, ...]:
        """All that are known, in use or lingering."""
        return tuple(server for _, server in self._found.values())

    async def async_check(self, login: ServerLogin, *, wyze: bool) -> None:
        """Ask one everything that has to be right; raises StreamServerError, InvalidField."""
        settings, shared = external_settings(login), self._shared
        async with shared.lock:
            await shared.async_start_relay()
            try:
                await self._async_open(_CHECK, login.door)
                await check_external(settings, wyze=wyze, reads=shared.relaying.nothing(login.door))
            finally:
                await self._async_shut(_CHECK)
                shared.linger.async_plan()

    async def _async_open(self, owner: str, door: Door | None) -> None:
        """Let a server on another machine read the relay; raises PortTaken, ServerDown."""
        try:
            await self._shared.relaying.async_set_door(owner, door)
        except RelayError as err:
            if door is None or err.reason != "port_taken":
                raise StartFailed("the relay", reason="relay_not_started") from err
            raise PortTaken("lan", door.port, "tcp") from None

    async def _async_shut(self, owner: str) -> None:
        try:
            await self._shared.relaying.async_set_door(owner, None)
        except RelayError as err:
            LOGGER.debug("A door of the relay could not be shut in time (%s)", err.reason)

    async def async_acquire(
        self, entry_id: str, login: ServerLogin | None, *, takes_keys: bool
    ) -> ExternalServer:
        """Return an entry's server, the same one as before unless its login changed, or what it may hold.

        Without a login there is one that never is: the vault that holds it is shut, or has lost it.
        Raises StreamServerError when the relay does not start.
        """
        async with self._shared.lock:
            await self._shared.async_start_relay()
            # Other machines read from our own go2rtc only.
            self._shared.doors.set({entry_id: None})
            self._used.add(entry_id)
            if (known := self._found.get(entry_id)) is not None:
                if known[0] == (login, takes_keys):
                    return known[1]
                await known[1].stop()
            server = ExternalServer(
                external_settings(login) if login else None,
                clock=self._shared.environment.clock,
                on_state=partial(self._async_on_state, entry_id),
                takes_keys=takes_keys,
                turn=self._shared.relaying.async_turn,
            )
            self._found[entry_id] = (login, takes_keys), server
            try:
                await self._async_open(entry_id, login.door if login else None)
            except StreamServerError as err:
                LOGGER.warning("The external stream server cannot come in yet (%s)", err.reason)
            await server.start()
            return server

    async def async_release(self, entry_id: str) -> None:
        """Let an entry's server linger."""
        async with self._shared.lock:
            self._used.discard(entry_id)
            self._shared.linger.async_plan()

    async def async_remove(self, entry_id: str, camera_keys: Iterable[str]) -> None:
        """Follow the removal of an entry: its server keeps no name of its cameras, and its door is shut."""
        async with self._shared.lock:
            self._shared.doors.set({entry_id: None})
            self._used.discard(entry_id)
            if (known := self._found.pop(entry_id, None)) is None:
                return
            try:
                for camera_key in camera_keys:
                    await known[1].remove(camera_key)
            except StreamServerError as err:
                LOGGER.debug("An external stream server keeps names of removed cameras (%s)", err.reason)
            await known[1].stop()
            await self._async_shut(entry_id)

    async def async_stop_unused(self) -> None:
        """Stop what no entry uses."""
        for entry_id in self._found.keys() - self._used:
            _, server = self._found.pop(entry_id)
            await server.stop()
            await self._async_shut(entry_id)

    async def async_stop(self) -> None:
        """Stop all."""
        self._used.clear()
        await self.async_stop_unused()

    @callback
    def async_listen(self, entry_id: str, listener: Callable[[ServerState], None]) -> CALLBACK_TYPE:
        """Call the listener at every change of an entry's server, until the returned call."""
        listeners = self._listeners.setdefault(entry_id, set())
        listeners.add(listener)
        return lambda: listeners.discard(listener)

    @callback
    def _async_on_state(self, entry_id: str, state: ServerState) -> None:
        LOGGER.debug("The external stream server is %s (%s)", state.phase, state.reason)
        if (planned := self._reports.pop(entry_id, None)) is not None:
            planned()
        if state.phase is ServerPhase.FAILED:
            job: HassJob[[Any], None] = HassJob(
                partial(self._async_report, entry_id, state.reason),
                f"{DOMAIN} external server",
                cancel_on_shutdown=True,
            )
            self._reports[entry_id] = async_call_later(self._hass, REPORT_SECONDS, job)
        elif state.phase in (ServerPhase.READY, ServerPhase.STOPPED):
            async_clear_external(self._hass, entry_id)
        for listener in tuple(self._listeners.get(entry_id, ())):
            listener(state)

    @callback
    def _async_report(self, entry_id: str, reason: str, _now: Any) -> None:
        self._reports.pop(entry_id, None)
        async_report_external(self._hass, entry_id, reason)
