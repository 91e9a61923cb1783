"""An entry's streams at the shared stream server. What fails here is logged and tried again, never raised."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .const import LOGGER
from .engine.stream import StreamInfo, StreamServer, StreamServerError, wyze_source
from .engine.vault import CameraRecord

if TYPE_CHECKING:
    from .shared import Shared


class CameraStreams:
    """Gives cameras to the stream server and reads what it says of them."""

    def __init__(self, shared: Shared, server: StreamServer) -> None:
        """Serve one entry."""
        self._shared = shared
        self._server = server
        self._wanted: dict[str, CameraRecord] = {}

    async def begin(self, camera_key: str, record: CameraRecord) -> None:
        """Give a camera to the stream server."""
        self._wanted[camera_key] = record
        self._shared.async_claim(camera_key)
        await self._add(camera_key, record)

    async def end(self, camera_key: str) -> None:
        """Take a camera away: its stream ends and its keys are forgotten."""
        if self._wanted.pop(camera_key, None) is None:
            return
        self._shared.async_disclaim(camera_key)
        try:
            await self._server.remove(camera_key)
        except StreamServerError as err:
            LOGGER.debug("A stream could not be ended (%s)", err.reason)

    def leave(self) -> None:
        """Let go of all cameras without ending a picture: a reload takes them up again."""
        for camera_key in self._wanted:
            self._shared.async_disclaim(camera_key)

    async def read(self) -> Mapping[str, StreamInfo]:
        """Return what the stream server says of the cameras that it knows."""
        for camera_key in self._wanted.keys() - self._server.cameras:
            await self._add(camera_key, self._wanted[camera_key])
        try:
            return await self._server.streams()
        except StreamServerError as err:
            LOGGER.debug("No reading from the stream server (%s)", err.reason)
            return {}

    async def heal(self, camera_keys: Iterable[str]) -> None:
        """Open sources anew."""
        for camera_key in camera_keys:
            LOGGER.debug("A stream stands still; opening its source anew")
            try:
                await self._server.heal(camera_key)
            except StreamServerError as err:
                LOGGER.debug("A stream could not be opened anew (%s)", err.reason)

    async def _add(self, camera_key: str, record: CameraRecord) -> None:
        try:
            await self._server.add(camera_key, record.token, wyze_source(record.camera.credentials))
        except StreamServerError as err:
            LOGGER.debug("A camera was not taken by the stream server (%s)", err.reason)
