"""An entry's streams at relay and stream server. What fails is logged and tried again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from .const import KIND_STILLS, KIND_STREAM, LOGGER
from .engine.model import CameraNetworks, Secret, StreamAddress, Way
from .engine.stream import (
    DialFailure,
    DialResult,
    PictureServer,
    Still,
    StillKeeper,
    StreamInfo,
    StreamServerError,
    direct_source,
)
from .engine.vault import CameraRecord
from .engine.watch import WatchError
from .relaying import CameraListener
from .settings import CameraSettings, Engine
from .watching import Source

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .shared import Shared
    from .watched import Watched

DIAL_TIMEOUT = 20.0
REFUSED_FOR = 60.0
"""Seconds until a camera is offered again to a stream server that refused it, and did not just not answer."""

_REFUSED = frozenset({"keys_not_allowed", "refused_source"})


async def async_dial(server: PictureServer, way: Way, networks: CameraNetworks) -> DialResult:
    """Have go2rtc connect to a camera and hang up; raises StreamServerError with the reason.

    The reason is `outside` where a server inside the camera networks sent go2rtc to a place outside them.
    """
    result = await server.dial(direct_source(way), timeout=DIAL_TIMEOUT)
    if any(address not in networks for address in result.addresses):
        raise DialFailure("it leads elsewhere", reason="outside")
    return result


async def async_try(
    coordinator: CamerasCoordinator, way: Way, networks: CameraNetworks, *, look: bool
) -> str:
    """Connect to a camera that is being added, in the way in which it will be connected to.

    Returns what kind of stream it is, nothing for a camera with a key of its own; raises EngineError.
    """
    if not isinstance(way, StreamAddress):
        await coordinator.shared.relaying.async_prove(way, networks, look=look)
        return ""
    return KIND_STREAM if (await async_dial(coordinator.server, way, networks)).moves else KIND_STILLS


class CameraStreams:
    """Gives cameras to relay and stream server, and reads what the latter says of them."""

    def __init__(self, shared: Shared, server: PictureServer) -> None:
        """Serve one entry."""
        self._shared = shared
        self._server = server
        self._relaying = shared.relaying
        self._watching = shared.watching
        self._wanted: dict[str, tuple[CameraRecord, CameraSettings]] = {}
        self._refused: dict[str, float] = {}
        """Until when a camera is not offered again."""

    async def begin(
        self,
        camera_key: str,
        watched: Watched,
        listener: CameraListener,
    ) -> None:
        """Serve a camera, or what changed about it. Who watches stays, unless the pictures are others now."""
        record, settings = watched.record, watched.settings
        self._wanted[camera_key] = record, settings
        self._shared.claims.async_claim(camera_key, self._server)
        self._relaying.async_follow(camera_key, listener)
        await self._serve(camera_key, record, settings)
        self.watch(camera_key, watched)

    def watch(self, camera_key: str, watched: Watched) -> None:
        """Have a camera watched as is wanted, if it may be."""
        if watched.may_be_watched:
            settings = watched.settings
            self._watching.async_watch(camera_key, self._watch_source(camera_key, settings), settings)
        else:
            self._watching.async_leave(camera_key)

    def _watch_source(self, camera_key: str, settings: CameraSettings) -> Source:
        """Return what finds the stream for the watch worker."""

        async def source() -> Secret:
            if settings.relayed:
                return self._relaying.watch_url(camera_key)
            await self._server.turn(camera_key)
            return self._server.restream_url(camera_key)

        return source

    async def _still(self, camera_key: str) -> bytes | Still:
        """Return a still: of a camera that is watched the worker has one, of others go2rtc makes one.

        It also does where the worker has none: that it does not run must cost nobody a picture.
        """
        if not self.is_watched(camera_key):
            return await self._server.still(camera_key)
        try:
            still = await self._watching.async_still(camera_key)
        except WatchError as err:
            LOGGER.debug("The watch worker has no still (%s)", err.reason)
            return await self._server.still(camera_key)
        return Still(still.jpeg, still.taken_at)

    def is_watched(self, camera_key: str) -> bool:
        """Tell whether a camera's stills are the watch worker's, which says nothing about a connection."""
        return camera_key in self._watching.cameras

    def still_keeper(
        self,
        camera_key: str,
        before: Watched | None,
        record: CameraRecord,
        spawn: Callable[[Awaitable[None]], asyncio.Task[None]],
    ) -> StillKeeper:
        """Return what keeps a camera's still; the last one stays as long as it is the same camera.

        One that moved is asked anew at once, however lately it was asked in vain where it was.
        """
        keeper = StillKeeper(lambda: self._still(camera_key), self._shared.environment.clock, spawn=spawn)
        if before is not None:
            was, now = before.record.camera.credentials, record.camera.credentials
            if was == now:
                return before.stills
            if _moved(was, now):
                keeper.last = before.stills.last
        return keeper

    async def end(self, camera_key: str, *, for_good: bool = False) -> None:
        """Take a camera away: its stream ends and its keys are forgotten; `for_good` when it is removed."""
        self._refused.pop(camera_key, None)
        if self._wanted.pop(camera_key, None) is None:
            return
        self._shared.claims.async_disclaim(camera_key)
        self._watching.async_leave(camera_key)
        self._relaying.async_unfollow(camera_key)
        try:
            await (self._server.remove if for_good else self._server.rest)(camera_key)
        except StreamServerError as err:
            LOGGER.debug("A stream could not be ended (%s)", err.reason)
        await self._relaying.async_remove(camera_key)

    async def hand_over(self, camera_key: str, server: PictureServer) -> None:
        """Let go of a camera that another entry serves from now on; at another server it ends here."""
        if self._wanted.pop(camera_key, None) is not None and server is not self._server:
            try:
                await self._server.remove(camera_key)
            except StreamServerError as err:
                LOGGER.debug("A stream could not be ended (%s)", err.reason)

    def leave(self) -> None:
        """Let go of all cameras without ending a picture: a reload takes them up again."""
        for camera_key in self._wanted:
            self._shared.claims.async_disclaim(camera_key)
            self._relaying.async_unfollow(camera_key)

    async def read(self) -> Mapping[str, StreamInfo]:
        """Return what the stream server says of the cameras that it knows."""
        now = self._shared.environment.clock.monotonic()
        for camera_key in self._wanted.keys() - self._server.cameras:
            wanted = self._wanted.get(camera_key)
            if wanted is not None and now >= self._refused.get(camera_key, now):
                await self._serve(camera_key, *wanted)
        try:
            return await self._server.streams()
        except StreamServerError as err:
            LOGGER.debug("No reading from the stream server (%s)", err.reason)
            return {}

    async def heal(self, camera_key: str, wanted: Callable[[], bool]) -> None:
        """Open a source anew, if that is still wanted when it is its turn to be dialled."""
        LOGGER.debug("A stream stands still; opening its source anew")
        try:
            await self._server.heal(camera_key, wanted)
        except StreamServerError as err:
            LOGGER.debug("A stream could not be opened anew (%s)", err.reason)

    async def prove(
        self, record: CameraRecord, settings: CameraSettings, networks: CameraNetworks, *, look: bool = False
    ) -> None:
        """Return when the camera has answered with its own key; raises EngineError with the reason.

        With `look`, where the relay holds it, also when it let us in and sent a picture.
        """
        credentials = record.camera.credentials
        if settings.relayed and not isinstance(credentials, StreamAddress):
            await self._relaying.async_prove(credentials, networks, look=look)
        else:
            await async_dial(self._server, credentials, networks)

    async def try_own(self, camera_key: str, record: CameraRecord, settings: CameraSettings) -> bool:
        """Return whether go2rtc's own source brings a picture; goes back to the relay if not."""
        if (wanted := self._wanted.get(camera_key)) is None:
            return False
        await self._serve(camera_key, record, replace(settings, engine=Engine.GO2RTC))
        try:
            await self._server.still(camera_key)
        except StreamServerError as err:
            # Also where it says nothing about the camera: nobody else would give it back to the relay.
            LOGGER.debug("go2rtc's own source brings no picture (%s)", err.reason)
            if self._wanted.get(camera_key) is wanted:
                await self._serve(camera_key, record, settings)
            return False
        return True

    async def _serve(self, camera_key: str, record: CameraRecord, settings: CameraSettings) -> None:
        credentials = record.camera.credentials
        if settings.relayed and not isinstance(credentials, StreamAddress):
            door = self._server.door
            await self._relaying.async_add(camera_key, credentials, settings, door)
            await self._add(camera_key, record.token, self._relaying.source(camera_key, door))
        else:
            # The relay hangs up before go2rtc dials: many cameras take few sessions.
            await self._relaying.async_remove(camera_key)
            await self._add(camera_key, record.token, direct_source(credentials), shared=True)

    async def _add(self, camera_key: str, token: Secret, source: Secret, *, shared: bool = False) -> None:
        try:
            await self._server.add(camera_key, token, source, shared=shared)
        except StreamServerError as err:
            if err.reason in _REFUSED:
                self._refused[camera_key] = self._shared.environment.clock.monotonic() + REFUSED_FOR
            LOGGER.debug("A camera was not taken by the stream server (%s)", err.reason)


def _moved(before: Way, after: Way) -> bool:
    """Tell whether two ways lead to the same camera, by its own keys, at two places."""
    if isinstance(before, StreamAddress) or isinstance(after, StreamAddress):
        return False
    return replace(before, address=after.address, port=after.port) == after
