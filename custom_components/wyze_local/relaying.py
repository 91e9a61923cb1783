"""The one relay of this Home Assistant: whose cameras it holds, and who hears of them.

Lives in `shared.py`'s hands: started before the stream server, which pulls it, and stopped after it.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN, ISSUE_RELAY, LOGGER
from .engine.model import CameraNetworks, Clock, Credentials, Door, Secret
from .engine.relay import (
    CallCommand,
    Called,
    CallWay,
    CameraFacts,
    CameraState,
    CameraStats,
    Relay,
    RelayError,
    RelayPhase,
    RelayState,
    call,
    checking,
    leave,
    nowhere,
    say,
    search,
)
from .formats_memory import FormatsMemory
from .settings import CameraSettings


class CameraListener(Protocol):
    """Who hears of a camera."""

    def async_on_state(self, camera_key: str, state: CameraState) -> None:
        """Take how it stands now."""
        ...

    def async_on_formats(self, camera_key: str) -> None:
        """Hear that its pictures or sound are coded otherwise than was known."""
        ...

    def async_on_stats(self, camera_key: str, stats: CameraStats) -> None:
        """Take what its session has brought so far."""
        ...


class Relaying:
    """The relay, its cameras' tokens of this run, and who listens to which camera."""

    def __init__(self, hass: HomeAssistant, clock: Clock, rng: Any) -> None:
        """Prepare; nothing starts yet."""
        self._hass = hass
        self._relay = Relay(
            clock=clock,
            rng=rng,
            on_state=self._async_on_camera,
            on_relay=self._async_on_relay,
            on_remember=self._async_on_remember,
            on_stats=self._async_on_stats,
        )
        self._formats = FormatsMemory(hass)
        self._tokens: dict[str, Secret] = {}
        self._said: dict[str, CameraFacts] = {}
        self._networks: dict[str, CameraNetworks] = {}
        self._listeners: dict[str, CameraListener] = {}
        self._doors: dict[str, Door] = {}
        self._watchers: set[Callable[[RelayState], None]] = set()

    async def async_load(self) -> None:
        """Read how the cameras coded their pictures before; no secret is among it."""
        await self._formats.async_load()

    @property
    def state(self) -> RelayState:
        """How the process stands."""
        return self._relay.state

    @property
    def cameras(self) -> frozenset[str]:
        """The keys of the cameras that are known here."""
        return frozenset(self._relay.states)

    async def async_start(self) -> None:
        """Start it; raises RelayError."""
        await self._relay.start()

    async def async_stop(self) -> None:
        """Stop it; the cameras stay known for another start."""
        await self._relay.stop()

    # Cameras

    async def async_set_networks(self, owner: str, networks: CameraNetworks | None) -> None:
        """Say where an entry's cameras may be; nothing is dialled outside what all entries say."""
        self._networks.pop(owner, None)
        if networks is not None:
            self._networks[owner] = networks
        await self._relay.set_networks(CameraNetworks.together(self._networks.values()))

    async def async_set_door(self, owner: str, door: Door | None) -> None:
        """Let a stream server on another machine in, or no more; raises RelayError (`port_taken`)."""
        if door != self._doors.pop(owner, None) or door is not None:
            if door is not None:
                self._doors[owner] = door
            await self._relay.set_doors(self._doors.values())

    async def async_add(
        self,
        camera_key: str,
        credentials: Credentials,
        settings: CameraSettings,
        door: Door | None = None,
    ) -> None:
        """Take a camera in, or what changed about it; who reads it stays unless its pictures change."""
        token = self._tokens.setdefault(camera_key, Secret(secrets.token_hex(16)))
        await self._relay.add(
            camera_key,
            credentials,
            token,
            audio=settings.sound,
            resolution=settings.resolution or None,
            remembered=self._formats.get(camera_key),
            door=door,
        )

    async def async_remove(self, camera_key: str) -> None:
        """Forget a camera and hang up."""
        self._said.pop(camera_key, None)
        await self._relay.remove(camera_key)

    def remembers(self, camera_key: str) -> bool:
        """Tell whether it is known how a camera codes its pictures, from this run or an earlier one."""
        return camera_key in self._formats

    async def async_forget(self, owner: str, camera_keys: Iterable[str]) -> None:
        """Forget for good an entry's networks, and how its cameras coded their pictures."""
        await self._formats.async_forget_all(camera_keys)
        await self.async_set_networks(owner, None)

    @callback
    def async_forget_camera(self, camera_key: str) -> None:
        """Forget for good how a camera coded its pictures."""
        self._formats.async_forget(camera_key)

    async def async_prove(
        self, credentials: Credentials, networks: CameraNetworks, *, look: bool = False
    ) -> None:
        """Return when the camera has proved itself, and shown a picture if wanted; raises RelayError."""
        await self._relay.prove(credentials, networks, look=look)

    async def async_turn(self, camera_key: str = "") -> None:
        """Wait until go2rtc may dial a camera itself, known or not: all handshakes pass one gate.

        For all that we make it dial. Of other programs that begin to read such a camera's restream, and of
        what go2rtc itself tries again, nobody asks us.
        """
        try:
            await self._relay.turn(camera_key)
        except RelayError as err:
            LOGGER.debug("A dial does not wait for its turn (%s)", err.reason)

    async def async_firmware(self, credentials: Credentials, networks: CameraNetworks) -> str:
        """Return the firmware of a camera that the relay does not hold; raises RelayError."""
        return await self._relay.prove(credentials, networks, greet=True)

    async def async_say(self, camera_key: str, sound: AsyncIterator[bytes]) -> None:
        """Say a sound through a camera's speaker; returns when all of it was said. Raises RelayError."""
        await say(self._relay, camera_key, sound)

    async def async_command(self, camera_key: str, code: int, payload: bytes, within: float) -> bytes:
        """Send a camera a command on the session that is held, or on a short one; raises RelayError."""
        return await self._relay.command(camera_key, code, payload, timeout=within)

    async def async_call(self, camera_key: str, way: CallWay, command: CallCommand) -> Called:
        """Send a command to a camera that the relay does not hold, on a short session; raises RelayError."""
        called = await call(self._relay, camera_key, way, command)
        if not called.reason:
            self._said[camera_key] = called.facts
        return called

    async def async_leave(self, camera_key: str) -> None:
        """End such a session before its time; raises RelayError."""
        await leave(self._relay, camera_key)

    async def async_find(
        self,
        credentials: Credentials,
        networks: CameraNetworks,
        attached: Iterable[str],
        hints: Iterable[str],
        taken: Iterable[str],
    ) -> str:
        """Return the address at which a camera has proved itself, none of the known or taken ones.

        Raises RelayError (`no_answer`, `blocked`, …). Cancelled, the search ends at once.
        """
        return (await self._relay.ask(*search(credentials, networks, attached, hints, taken))).decode()

    async def async_check(
        self, camera_key: str, credentials: Credentials, networks: CameraNetworks, seconds: float
    ) -> bytes:
        """Return the report of a check, as JSON; raises RelayError. Cancelled, the check ends at once."""
        return await self._relay.ask(*checking(camera_key, credentials, networks, seconds))

    def source(self, camera_key: str, door: Door | None = None) -> Secret:
        """Return what the stream server is told to pull; the same for one run of Home Assistant."""
        return self._relay.url(camera_key, opus=True, door=door)

    def nothing(self, door: Door | None = None) -> Secret:
        """Return an address at the relay where there is no camera: who reaches it is told so."""
        return nowhere(self._relay.port, door)

    def stream_url(self, camera_key: str) -> Secret:
        """Return the URL for Home Assistant's own stream, which loses the first picture that it gets."""
        return self._relay.url(camera_key, twice=True)

    def watch_url(self, camera_key: str) -> Secret:
        """Return the URL for the watch worker, which is nobody who looks; raises RelayError."""
        return self._relay.url(camera_key, watch=True)

    def stats(self, camera_key: str) -> CameraStats:
        """Return what the present session has brought."""
        return self._relay.stats(camera_key)

    def facts(self, camera_key: str) -> CameraFacts:
        """Return what the camera said about itself to the relay; nothing before it did."""
        held = camera_key in self._relay.states
        return self._relay.facts(camera_key) if held else self._said.get(camera_key, CameraFacts())

    def camera_state(self, camera_key: str) -> CameraState:
        """Return how a camera stands."""
        return self._relay.states.get(camera_key, CameraState())

    # Who listens

    @callback
    def async_follow(self, camera_key: str, listener: CameraListener) -> None:
        """Tell the listener, and nobody else, of a camera's states and figures."""
        self._listeners[camera_key] = listener

    @callback
    def async_unfollow(self, camera_key: str) -> None:
        """Call nobody any more."""
        self._listeners.pop(camera_key, None)

    @callback
    def async_listen(self, watcher: Callable[[RelayState], None]) -> CALLBACK_TYPE:
        """Call the watcher at every change of the process, until the returned call."""
        self._watchers.add(watcher)
        return lambda: self._watchers.discard(watcher)

    @callback
    def _async_on_camera(self, camera_key: str, state: CameraState) -> None:
        if (listener := self._listeners.get(camera_key)) is not None:
            listener.async_on_state(camera_key, state)

    @callback
    def _async_on_stats(self, camera_key: str, stats: CameraStats) -> None:
        if (listener := self._listeners.get(camera_key)) is not None:
            listener.async_on_stats(camera_key, stats)

    @callback
    def _async_on_remember(self, camera_key: str, text: str) -> None:
        self._formats.async_keep(camera_key, text)
        if (listener := self._listeners.get(camera_key)) is not None:
            listener.async_on_formats(camera_key)

    @callback
    def _async_on_relay(self, state: RelayState) -> None:
        if state.phase is RelayPhase.FAILED:
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                ISSUE_RELAY,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=ISSUE_RELAY,
                translation_placeholders={"reason": state.reason or "unknown"},
            )
        elif state.phase in (RelayPhase.READY, RelayPhase.STOPPED):
            ir.async_delete_issue(self._hass, DOMAIN, ISSUE_RELAY)
        LOGGER.debug("The relay is %s (%s)", state.phase, state.reason)
        for watcher in tuple(self._watchers):
            watcher(state)
