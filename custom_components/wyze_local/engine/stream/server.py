"""The managed stream server: a go2rtc of our own, and the streams of many cameras in it."""

import logging
import random
from collections.abc import Callable
from typing import override

from ..model import Clock
from .child import Child
from .config import LanDoor, StreamServerSettings
from .errors import StreamServerError
from .lines import LineFilter
from .served import PictureServer
from .supervisor import ServerState, Supervisor
from .turns import TakeTurn, no_gate

_LOGGER = logging.getLogger(__name__)


class StreamServer(PictureServer):
    """A managed go2rtc with the streams of many cameras."""

    def __init__(
        self,
        settings: StreamServerSettings,
        *,
        clock: Clock,
        rng: random.Random,
        on_state: Callable[[ServerState], None] = lambda _: None,
        turn: TakeTurn = no_gate,
    ) -> None:
        """Prepare; nothing runs before `start`. `turn` waits until go2rtc may dial one more camera itself."""
        super().__init__(clock, turn)
        self._settings = settings
        self._hide(settings)
        self._lines = LineFilter(self._redactor, clock, _LOGGER)
        self._supervisor = Supervisor(
            self._launch,
            self._restore,
            clock=clock,
            rng=rng,
            on_state=on_state,
            last_lines=self._lines.last,
        )

    def _hide(self, settings: StreamServerSettings) -> None:
        if settings.lan is not None:
            self._redactor.add([settings.lan.user, settings.lan.password])

    @property
    def lan(self) -> LanDoor | None:
        """How other machines read restreams; None for not at all."""
        return self._settings.lan

    @property
    @override
    def state(self) -> ServerState:
        """How it stands."""
        return self._supervisor.state

    @property
    @override
    def _backend(self) -> Child | None:
        return self._supervisor.child

    @property
    def pid(self) -> int | None:
        """Process id of go2rtc, or None while there is none."""
        return self._supervisor.child.pid if self._supervisor.child else None

    @property
    @override
    def lost_pieces(self) -> int:
        """How often go2rtc told of lost or late pieces of pictures, over all cameras and restarts."""
        return self._lines.lost

    async def start(self) -> None:
        """Start go2rtc and wait until all of it works; raises StreamServerError."""
        await self._supervisor.start()

    async def stop(self) -> None:
        """End everything: sessions, tasks, process, socket, folder. Cameras stay known for another start."""
        await self._close()
        await self._supervisor.stop()

    async def reconfigure(self, settings: StreamServerSettings) -> None:
        """Restart with other settings; the cameras stay.

        Raises StreamServerError and goes on with the old ones; when not even those work, it is stopped.
        """
        before, self._settings = self._settings, settings
        self._hide(settings)
        await self.stop()
        try:
            await self.start()
        except StreamServerError:
            self._settings = before
            await self.start()
            raise

    async def _launch(self, rtsp_port: int | None) -> Child:
        self._lines.begin()
        return await Child.launch(self._settings, feed=self._lines.feed, preferred_rtsp_port=rtsp_port)
