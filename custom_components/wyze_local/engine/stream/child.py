"""A go2rtc that is ready: its process, its API, and the watch over both."""

import asyncio
import logging
from collections.abc import Callable

from ..model import LINK_SCHEME
from .api import Api
from .binary import Version, check_version, without_wyze
from .config import StreamServerSettings
from .errors import PortTaken, StartFailed, StreamServerError
from .lines import Entry
from .ports import check_port_free
from .process import Go2rtcProcess

PORT_TRIES = 3
"""How often another RTSP port is picked when the picked one was taken meanwhile."""

PING_EVERY = 3.0
"""Seconds between two signs of life."""

PING_AGAIN = 1.0
PING_TIMEOUT = 2.0
MAX_MISSES = 3

SETUP_TIMEOUT = 2.0
"""Seconds that go2rtc may take from its first listener to its last part."""

WEBRTC_TIMEOUT = 5.0
"""Seconds until the line arrives that says it awaits browsers; of a taken port it says nothing."""

_SETUP_POLL = 0.01
_LOGGER = logging.getLogger(__name__)


class Child:
    """A go2rtc that passed all checks."""

    def __init__(self, process: Go2rtcProcess, api: Api, version: Version) -> None:
        """Own a ready process; `launch` makes it."""
        self._process = process
        self.api = api
        self.version = version

    @classmethod
    async def launch(
        cls,
        settings: StreamServerSettings,
        *,
        feed: Callable[[bytes], Entry | None],
        preferred_rtsp_port: int | None = None,
    ) -> Child:
        """Start a go2rtc and wait until all of it works.

        Raises PortTaken, StartFailed or BinaryError (`too_old`, `without_wyze`); then nothing is left of it.
        """
        for tries_left in reversed(range(PORT_TRIES)):
            process = await Go2rtcProcess.start(settings, feed=feed, preferred_rtsp_port=preferred_rtsp_port)
            try:
                return await cls._check(settings, process)
            except BaseException as err:
                await process.stop()
                if isinstance(err, PortTaken) and err.listener == "rtsp" and tries_left:
                    preferred_rtsp_port = None
                    continue
                raise
        raise AssertionError

    @classmethod
    async def _check(cls, settings: StreamServerSettings, process: Go2rtcProcess) -> Child:
        """Ask everything that has to be right."""
        await process.wait_for_listeners("api", "rtsp")
        api = Api(process.access)
        try:
            await _await_setup(api)
            await _await_browsers(settings, process)
            version = await api.version()
            check_version(version, settings.binary.path)
            assert version is not None
            if LINK_SCHEME not in await api.schemes():
                raise without_wyze(settings.binary.path)
            if "webrtc udp" not in process.listeners.up:
                check_port_free("webrtc", settings.webrtc_host, settings.webrtc_port, transports=("udp",))
                _LOGGER.debug("No network for browsers yet")
        except BaseException:
            await api.close()
            raise
        return cls(process, api, version)

    @property
    def pid(self) -> int:
        """Process id of the go2rtc."""
        return self._process.pid

    @property
    def rtsp_port(self) -> int:
        """TCP port on 127.0.0.1 where restreams are served."""
        return self._process.rtsp_port

    async def ended(self) -> str:
        """Wait until the process has ended (`exited`) or had to be killed as it gave no answer (`hung`)."""
        end = asyncio.create_task(self._process.wait())
        misses = 0
        try:
            while misses < MAX_MISSES:
                await asyncio.wait({end}, timeout=PING_AGAIN if misses else PING_EVERY)
                if end.done():
                    return "exited"
                try:
                    await self.api.version(within=PING_TIMEOUT)
                    misses = 0
                except StreamServerError:
                    misses += 1
            self._process.kill()
            return "hung"
        finally:
            end.cancel()
            await asyncio.gather(end, return_exceptions=True)

    async def stop(self) -> None:
        """End it and remove everything it used."""
        try:
            await self.api.close()
        finally:
            await self._process.stop()


async def _await_setup(api: Api) -> None:
    """Wait until go2rtc has set up all its parts.

    It answers long before, from maps that it is still filling, and dies when both happen at once.
    """
    try:
        async with asyncio.timeout(SETUP_TIMEOUT):
            while not await api.is_set_up():  # noqa: ASYNC110
                await asyncio.sleep(_SETUP_POLL)
    except TimeoutError:
        # A go2rtc without that last part; by now it has had all the time it needs.
        _LOGGER.debug("go2rtc does not tell when it is set up")


async def _await_browsers(settings: StreamServerSettings, process: Go2rtcProcess) -> None:
    try:
        async with asyncio.timeout(WEBRTC_TIMEOUT):
            await process.listeners.wait_for("webrtc tcp")
    except TimeoutError:
        if not process.running:
            raise StartFailed("go2rtc ended while starting", reason="exited") from None
        raise PortTaken("webrtc", settings.webrtc_port, "tcp") from None
