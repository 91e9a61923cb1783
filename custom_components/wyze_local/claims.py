"""What entries want of the shared parts: who looks after which camera, and who lets other machines in."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .engine.stream import LanDoor, PictureServer

if TYPE_CHECKING:
    from .relaying import Relaying
    from .watching import Watching


class Claims:
    """Which camera is looked after, and at which server."""

    def __init__(self) -> None:
        """Begin with none."""
        self._servers: dict[str, PictureServer] = {}

    @callback
    def async_claim(self, camera_key: str, server: PictureServer) -> None:
        """Note that an entry looks after a camera's stream at a server."""
        self._servers[camera_key] = server

    @callback
    def async_disclaim(self, camera_key: str) -> None:
        """Note that nobody looks after a camera's stream any more: it ends after the linger."""
        self._servers.pop(camera_key, None)

    async def async_let_go(
        self, servers: Iterable[PictureServer], relaying: Relaying, watching: Watching
    ) -> None:
        """End the streams of cameras that nobody looks after, and forget their keys."""
        for camera_key in watching.cameras - self._servers.keys():
            watching.async_leave(camera_key)
        for server in servers:
            for camera_key in server.cameras:
                if self._servers.get(camera_key) is not server:
                    await server.rest(camera_key)
        for camera_key in relaying.cameras - self._servers.keys():
            await relaying.async_remove(camera_key)


class Doors:
    """Through which other machines may read restreams, by the entry that says so."""

    def __init__(self) -> None:
        """Begin with all shut."""
        self._doors: dict[str, LanDoor] = {}

    @property
    def open(self) -> LanDoor | None:
        """The one door that a stream server can have: the first entry's that has one."""
        return next(iter(self._doors.values()), None)

    def set(self, doors: Mapping[str, LanDoor | None]) -> dict[str, LanDoor | None]:
        """Open or shut doors; returns what undoes it."""
        before = {owner: self._doors.get(owner) for owner in doors}
        for owner, door in doors.items():
            self._doors.pop(owner, None)
            if door is not None:
                self._doors[owner] = door
        return before
