"""One go2rtc process, from its start until nothing of it is left.

Its configuration goes over in memory, its output comes back through the line filter, and it dies with
this process however that ends.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ..model import Secret
from .config import Access, StreamServerSettings, build_config
from .errors import PortTaken, StartFailed, place_of
from .folder import PrivateFolder
from .lines import Entry
from .ports import check_port_free, pick_loopback_port

READY_TIMEOUT = 10.0
"""Seconds from the start until every listener stands."""

TERMINATE_TIMEOUT = 3.0
"""Seconds between asking the process to end and killing it."""

DRAIN_TIMEOUT = 1.0
"""Seconds that the last output may take to arrive once the process has ended."""

_CHUNK = 16384
_BATCH = 16
"""Lines after which others get a turn."""

_LAUNCH = Path(__file__).with_name("launch.py")
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
_IN_USE = "address already in use"
_LOGGER = logging.getLogger(__name__)


class Listeners:
    """What go2rtc has said about its listeners so far. A taken port does not end it, so this is asked."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._heard = asyncio.Event()
        self.up: set[str] = set()
        self.failed: dict[str, str] = {}

    def take(self, entry: Entry) -> None:
        """Note one line of output."""
        kind = entry.message.removeprefix("[").replace("] listen", "").strip()
        if not entry.message.startswith("[") or "] listen" not in entry.message:
            return
        if entry.error:
            self.failed[kind] = entry.error
        else:
            self.up.add(kind)
        self._heard.set()

    async def wait_for(self, *kinds: str) -> None:
        """Wait until each of these listeners stands or has failed."""
        while not all(kind in self.up or kind in self.failed for kind in kinds):
            self._heard.clear()
            await self._heard.wait()


class Go2rtcProcess:
    """A running go2rtc."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        folder: PrivateFolder,
        access: Access,
        rtsp_port: int,
        feed: Callable[[bytes], Entry | None],
        *,
        rtsp_listener: str = "rtsp",
    ) -> None:
        """Own a process that was just started, and its private folder.

        `rtsp_listener` is what its RTSP port is called when another program has it.
        """
        self._rtsp_listener = rtsp_listener
        self._process = process
        self._folder = folder
        self._feed = feed
        self.access = access
        self.rtsp_port = rtsp_port
        self.listeners = Listeners()
        self._pump = asyncio.create_task(self._read_output(), name="go2rtc output")

    @classmethod
    async def start(
        cls,
        settings: StreamServerSettings,
        *,
        feed: Callable[[bytes], Entry | None],
        preferred_rtsp_port: int | None = None,
    ) -> Go2rtcProcess:
        """Start a process; nothing is ready yet.

        Raises PortTaken when the port for browsers or for other machines is another program's, StartFailed
        when nothing starts.
        """
        check_port_free("webrtc", settings.webrtc_host, settings.webrtc_port)
        rtsp_port = _rtsp_port(settings, preferred_rtsp_port)
        folder = await asyncio.to_thread(PrivateFolder.make)
        try:
            access = Access(folder.socket, secrets.token_hex(8), Secret(secrets.token_hex(32)))
            process = await _spawn(settings, build_config(settings, access, rtsp_port))
        except BaseException:
            await asyncio.to_thread(folder.remove)
            raise
        return cls(process, folder, access, rtsp_port, feed, rtsp_listener="lan" if settings.lan else "rtsp")

    @property
    def pid(self) -> int:
        """Process id of the go2rtc."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Wait for the end; returns the exit code, negative for a signal."""
        return await self._process.wait()

    async def wait_for_listeners(self, *kinds: str) -> None:
        """Wait until these listeners (`api`, `rtsp`, `webrtc tcp`, …) stand or have failed.

        Raises StartFailed when the process ends meanwhile (`exited`) or takes too long (`not_ready`),
        PortTaken for a port of another program.
        """
        heard = asyncio.create_task(self.listeners.wait_for(*kinds))
        ended = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait((heard, ended), timeout=READY_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
            if heard.done():
                self._check_listeners(kinds)
            elif ended.done():
                raise StartFailed("go2rtc ended while starting", reason="exited")
            else:
                raise StartFailed("go2rtc did not become ready", reason="not_ready")
        finally:
            for task in (heard, ended):
                task.cancel()
            await asyncio.gather(heard, ended, return_exceptions=True)

    def _check_listeners(self, kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            if (error := self.listeners.failed.get(kind)) is None:
                continue
            if kind == "rtsp" and _IN_USE in error:
                raise PortTaken(self._rtsp_listener, self.rtsp_port, "tcp")
            raise StartFailed(f"go2rtc could not open its {kind} listener", reason="not_ready")

    def kill(self) -> None:
        """End the process at once, without asking."""
        self._signal(signal.SIGKILL)

    async def stop(self) -> None:
        """End the process, asking first, and remove everything that was made for it."""
        try:
            self._signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(TERMINATE_TIMEOUT):
                    await self._process.wait()
            except TimeoutError:
                self.kill()
                await self._process.wait()
            await asyncio.wait({self._pump}, timeout=DRAIN_TIMEOUT)
        finally:
            self.kill()
            await self._process.wait()
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
            await asyncio.to_thread(self._folder.remove)

    def _signal(self, number: signal.Signals) -> None:
        """Signal the process and whatever it started; it leads a group of its own."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def _read_output(self) -> None:
        """Cut the output into lines, however long they are, until it ends."""
        assert self._process.stdout is not None
        rest = b""
        while chunk := await self._process.stdout.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            for number, line in enumerate(lines):
                self._take(line)
                if number % _BATCH == _BATCH - 1:
                    await asyncio.sleep(0)
            if len(rest) > _CHUNK:
                self._take(rest)
                rest = b""
            # Reading alone does not let others run while there is more to read.
            await asyncio.sleep(0)
        self._take(rest)

    def _take(self, line: bytes) -> None:
        try:
            if (entry := self._feed(line)) is not None:
                self.listeners.take(entry)
        except Exception as err:  # noqa: BLE001
            # A line that cannot be digested must not stop the reading: go2rtc would block on a full pipe.
            _LOGGER.error("A line of go2rtc's output could not be handled (%s)", place_of(err))  # noqa: TRY400


def _rtsp_port(settings: StreamServerSettings, preferred: int | None) -> int:
    if settings.lan is None:
        return pick_loopback_port(preferred)
    check_port_free("lan", "", settings.lan.port, transports=("tcp",))
    return settings.lan.port


async def _spawn(settings: StreamServerSettings, config: Secret) -> asyncio.subprocess.Process:
    descriptor = os.memfd_create("wyze-local", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.write(descriptor, config.reveal().encode())
        # go2rtc writes sources into its configuration when it can. It cannot.
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            str(_LAUNCH),
            str(os.getpid()),
            str(descriptor),
            str(settings.binary.path),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(descriptor,),
            env=_environment(settings),
            cwd="/",
            start_new_session=True,
        )
    except OSError as err:
        raise StartFailed(
            f"go2rtc could not be started: {os.strerror(err.errno or 0)}", reason="not_started"
        ) from None
    finally:
        os.close(descriptor)


def _environment(settings: StreamServerSettings) -> dict[str, str]:
    """Return the few variables that go2rtc needs, and none of Home Assistant's."""
    path = os.defpath
    if settings.binary.ffmpeg is not None:
        path = f"{settings.binary.ffmpeg.parent}{os.pathsep}{path}"
    environment = {"PATH": path, "HOME": "/nonexistent"}
    if "TZ" in os.environ:
        environment["TZ"] = os.environ["TZ"]
    return environment
