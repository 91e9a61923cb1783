"""Keys stay in memory: not in a log at DEBUG, an argument, a variable, a file, nor behind an open door."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import contextlib
import json
import logging
import os
import signal
import stat
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from dev.simulator import CameraSpec, Picture, Simulator, WrongKey
from engine.model import EngineError, Secret
from engine.stream import StreamServer
from tests.support import streaming
from tests.support.streaming import new_token, running, source_of, until, watching

pytestmark = pytest.mark.live

UID = "CANARYUIDCANARYUID12"
ENR = "CanaryEnr+/=?;:!"
MAC = "C0FFEEC0FFEE"
HOST = "127.0.0.53"
CANARIES = (UID, ENR, MAC, HOST, "CanaryEnr", "c0ffeec0ffee", "canarypassword", "canaryuser")


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.casefold() in text.casefold()]


class Everywhere:
    """Collects what can be seen of a stream server from outside."""

    def __init__(self, server: StreamServer, caplog: pytest.LogCaptureFixture) -> None:
        self.server = server
        self.caplog = caplog
        self.seen: dict[str, str] = {}

    def look(self) -> None:
        """Look at arguments and variables of all processes, and at the files of the private folders."""
        for pid in streaming.family(os.getpid()) - {os.getpid()}:
            for name in ("cmdline", "environ"):
                with contextlib.suppress(OSError):
                    text = Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace")
                    self.seen[f"{pid} {name}"] = text
        for folder in streaming.private_folders():
            # Somebody else's may vanish meanwhile.
            with contextlib.suppress(OSError):
                for path in folder.rglob("*"):
                    self.seen[str(path)] = path.read_text() if path.is_file() else str(path)

    def check(self) -> None:
        """Fail when a canary was seen anywhere."""
        self.look()
        found = {place: leaks(text) for place, text in self.seen.items() if leaks(text)}
        assert found == {}
        assert leaks(self.caplog.text) == []
        assert leaks(" ".join(self.server.state.last_lines)) == []
        assert leaks(" ".join(self.server._lines.last(1000))) == []
        assert leaks(repr(self.server.__dict__)) == []


@pytest.fixture
async def cameras() -> AsyncIterator[Simulator]:
    streaming.allow_loopback()
    spec = CameraSpec("porch", host=HOST, uid=UID, enr=ENR, mac=MAC, picture=Picture(gop=15))
    async with Simulator([spec]) as simulator:
        logging.getLogger("dev.simulator").setLevel(logging.CRITICAL)
        yield simulator


async def test_no_key_shows_anywhere_whatever_happens(
    cameras: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    camera = cameras.cameras["porch"]
    started = time.time()
    async with running() as server:
        places = Everywhere(server, caplog)
        source = source_of(camera.link)
        assert ENR not in source.reveal(), "the key has to need encoding here"
        await server.add("porch", new_token(), source)
        await server.dial(source)
        still = asyncio.create_task(server.still("porch"))
        while not still.done():
            places.look()
            await asyncio.sleep(0.01)
        await still
        camera.change_key(WrongKey.ALERT)
        for work in (server.dial(source), server.still("porch")):
            with pytest.raises(EngineError) as caught:
                await work
            assert leaks(f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__context__!r}") == []
        camera.resume()
        async with watching(server.restream_url("porch")) as picture:
            await picture.readline()
            places.look()
            assert server.pid is not None
            os.kill(server.pid, signal.SIGABRT)  # Go then prints the stacks of everything it was doing.
            await until(lambda: server.state.restarts == 1)
        assert server.state.restarts == 1
        places.check()
        assert "SIGABRT: abort" in " ".join(server._lines.last(1000)), "the crash has to have been seen"
    for folder in {Path(tempfile.gettempdir()), Path.cwd()}:
        for path in folder.iterdir():
            with contextlib.suppress(OSError):
                if path.is_file() and path.stat().st_mtime >= started and path.stat().st_size < 1 << 20:
                    assert leaks(path.read_bytes().decode(errors="replace")) == [], path


async def test_no_password_shows_when_a_running_source_breaks(caplog: pytest.LogCaptureFixture) -> None:
    """go2rtc then prints the whole source at a level that cannot be switched off."""
    caplog.set_level(logging.DEBUG)
    async with Simulator([CameraSpec("porch", picture=Picture(gop=15))]) as simulator:
        upstream = await streaming.make_server()
        await upstream.start()
        await upstream.add("porch", new_token(), source_of(simulator.cameras["porch"].link))
        url = upstream.restream_url("porch").reveal().replace("//", "//canaryuser:canarypassword@")
        async with running() as server:
            await server.add("porch", new_token(), Secret(f"{url}?token={ENR}"))
            async with watching(server.restream_url("porch")) as picture:
                await picture.readline()
                await upstream.stop()
                await until(lambda: any("EOF" in line for line in server._lines.last(50)))
                with pytest.raises(EngineError):
                    await server.dial(Secret(f"{url}?token={ENR}"), timeout=5)
            places = Everywhere(server, caplog)
            places.check()


@pytest.fixture
async def server() -> AsyncIterator[StreamServer]:
    streaming.allow_loopback()
    async with running() as made:
        yield made


def _api(server: StreamServer) -> str:
    child = server._supervisor.child
    assert child is not None
    return str(child._process.access.socket)


async def test_the_api_lets_nobody_in_without_its_password(server: StreamServer) -> None:
    socket_path = Path(_api(server))
    assert stat.S_IMODE(socket_path.parent.stat().st_mode) == 0o700
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket_path))) as anybody:
        for path in ("api", "api/streams", "api/config", "api/exit", "onvif/device_service", ""):
            for method in ("GET", "POST", "PUT", "DELETE"):
                async with anybody.request(method, f"http://x/{path}") as response:
                    assert response.status == 401


async def test_even_its_owner_cannot_write_keys_into_its_configuration(server: StreamServer) -> None:
    """The one call that saves sources to disk finds a configuration that nobody can change."""
    await server.add("porch", new_token(), Secret(f"wyze://{HOST}?enr={UID}"))
    child = server._supervisor.child
    assert child is not None
    session = child.api._session
    query = f"http://x/api/streams?name=stray&src=wyze://{HOST}%3Fenr%3D{UID}"
    async with session.put(query) as response:
        assert response.status == 400
    for path in ("api/config", "api/log", "api/exit", "api/restart", "api/wyze", "api/preload", "onvif/", ""):
        async with session.get(f"http://x/{path}") as response:
            assert response.status == 404, path
    (number,) = [number for number, file in streaming.open_files(server.pid).items() if "memfd" in file]
    descriptor = Path(f"/proc/{server.pid}/fd/{number}")
    assert UID not in descriptor.read_text()
    json.loads(descriptor.read_text())
    with pytest.raises(PermissionError):
        descriptor.write_text("x")


async def test_the_process_has_nothing_of_ours(server: StreamServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERVISOR_TOKEN", "canarypassword")
    await server.stop()
    await server.start()
    proc = Path(f"/proc/{server.pid}")
    assert proc.joinpath("cmdline").read_bytes().startswith(b"go2rtc\0-c\0/proc/self/fd/")
    names = {line.split(b"=")[0] for line in proc.joinpath("environ").read_bytes().split(b"\0") if line}
    assert names <= {b"PATH", b"HOME", b"TZ"}
    limits = proc.joinpath("limits").read_text().splitlines()
    (core,) = [line for line in limits if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
    assert "NoNewPrivs:\t1" in proc.joinpath("status").read_text()
    files = set(streaming.open_files(server.pid).values())
    on_disk = {name for name in files if name.startswith("/") and not name.startswith(("/sys/", "/memfd:"))}
    assert on_disk <= {"/dev/null"}


async def test_only_the_doors_that_must_be_are_open(server: StreamServer) -> None:
    files = streaming.open_files(server.pid).values()
    inodes = {name.removeprefix("socket:[").removesuffix("]") for name in files if name.startswith("socket:")}
    doors = set()
    for table, listening in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in Path(f"/proc/{server.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and fields[3] == listening:
                doors.add((table, fields[1]))
    await server.add("porch", new_token(), Secret("wyze://127.0.0.77"))
    rtsp = int(server.restream_url("porch").reveal().split(":")[2].split("/")[0])
    webrtc = server._settings.webrtc_port
    here = "0100007F"
    assert doors == {
        ("tcp", f"{here}:{rtsp:04X}"),
        ("tcp", f"{here}:{webrtc:04X}"),
        ("udp", f"{here}:{webrtc:04X}"),
    }


async def test_a_finished_dial_leaves_no_key_behind(cameras: Simulator, server: StreamServer) -> None:
    await server.dial(source_of(cameras.cameras["porch"].link))
    cameras.cameras["porch"].change_key(WrongKey.ALERT)
    with pytest.raises(EngineError):
        await server.dial(source_of(cameras.cameras["porch"].link))
    child = server._supervisor.child
    assert child is not None
    await asyncio.gather(*server._work)
    async with child.api._session.get("http://x/api/streams") as response:
        text = await response.text()
    assert leaks(text) == []
    assert 1 <= len(json.loads(text)) <= 2


async def test_nobody_can_play_what_he_cannot_name(server: StreamServer) -> None:
    await server.add("porch", new_token(), Secret("wyze://127.0.0.77"))
    port = server.restream_url("porch").reveal().split(":")[2].split("/")[0]
    for name in ("porch", "probe0", "cam", "", "api", "..", "wyze://127.0.0.77", "exec:id"):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        writer.write(f"DESCRIBE rtsp://127.0.0.1:{port}/{name} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        async with asyncio.timeout(5):
            assert b"200 OK" not in await reader.read(200)
        writer.close()
        await writer.wait_closed()
