"""Keys in the relay: in its memory and nowhere else; one door, and only for who knows the token."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dev.simulator import CameraSpec, Picture, Simulator, WrongKey
from dev.simulator.camera import Camera
from engine.model import Secret, new_camera_key, parse_wyze_link
from engine.relay import Phase, Relay, RelayError
from tests.support import streaming
from tests.support.relay import running_relay
from tests.support.rtsp import Viewer
from tests.support.streaming import running, until, watching

pytestmark = pytest.mark.live

UID = "CANARYUIDCANARYUID12"
ENR = "CanaryEnr+/=?;:!"
MAC = "C0FFEEC0FFEE"
HOST = "127.0.0.53"
TOKEN = "c0ffee" * 5 + "00"
KEY = new_camera_key()
CANARIES = (UID, ENR, MAC, HOST, "CanaryEnr", TOKEN)


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.casefold() in text.casefold()]


def visible(pid: int) -> str:
    """Return what others can see of a process and all that it started."""
    found = []
    for one in streaming.family(pid):
        for name in ("cmdline", "environ", "comm"):
            with contextlib.suppress(OSError):
                found.append(Path(f"/proc/{one}/{name}").read_bytes().decode(errors="replace"))
    return " ".join(found)


@pytest.fixture
async def camera() -> AsyncIterator[Camera]:
    streaming.allow_loopback()
    spec = CameraSpec("porch", host=HOST, uid=UID, enr=ENR, mac=MAC, picture=Picture(gop=15))
    async with Simulator([spec]) as simulator:
        logging.getLogger("dev.simulator").setLevel(logging.CRITICAL)
        yield simulator.cameras["porch"]


@pytest.fixture
async def relay(camera: Camera) -> AsyncIterator[Relay]:
    async with running_relay() as made:
        await made.add(KEY, parse_wyze_link(camera.link), Secret(TOKEN))
        yield made


async def test_no_key_shows_anywhere_whatever_happens(
    camera: Camera, relay: Relay, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    async with running() as server:
        await server.add("porch", Secret("ab" * 16), relay.url(KEY))
        async with watching(server.restream_url("porch")) as frames:
            await frames.readline()
            # Only ours and go2rtc's: who watches has its own URL in its arguments.
            seen += [visible(pid) for pid in (relay.pid, server.pid) if pid]
        camera.hang_up(camera.sessions[0])
        camera.change_key(WrongKey.ALERT)
        with pytest.raises(RelayError) as caught:
            await relay.prove(parse_wyze_link(camera.link), relay._networks)
        seen.append(f"{caught.value!r} {caught.value.__context__!r}")
        await until(lambda: relay.states[KEY].phase is Phase.REFUSED)
        for number in (signal.SIGABRT, signal.SIGSEGV):
            pid = relay.pid
            assert pid is not None
            os.kill(pid, number)
            await until(lambda pid=pid: relay.pid not in (None, pid))  # type: ignore[misc]
        seen += server._lines.last(1000)
    seen += [repr(vars(relay)), repr(relay.states), repr(relay.stats(KEY)), repr(relay.facts(KEY))]
    seen += [repr(relay._records[KEY]), repr(relay._records[KEY].message()), caplog.text, *capfd.readouterr()]
    assert {text[:200]: leaks(text) for text in seen if leaks(text)} == {}


async def test_a_pipe_that_brings_nonsense_ends_it_with_a_word_and_no_content(
    relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    process = relay._supervisor.process
    assert process is not None
    body = b'["SetCamera",{"enr":"CanaryEnr"}]'
    process.pipe._writer.write(len(body).to_bytes(4) + body)
    await until(lambda: relay.state.restarts == 1)
    assert "ProtocolError at codec.py:" in caplog.text
    assert leaks(caplog.text) == []


async def test_the_process_has_nothing_of_ours(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERVISOR_TOKEN", "CanaryEnr")
    await relay.stop()
    await relay.start()
    proc = Path(f"/proc/{relay.pid}")
    await until(lambda: "NoNewPrivs:\t1" in proc.joinpath("status").read_text())
    arguments = proc.joinpath("cmdline").read_bytes().split(b"\0")
    assert arguments[1:4] == [b"-E", b"-s", b"-P"], "no variables, no user's packages, no folder of ours"
    assert arguments[5] == b"relay"
    assert [argument.isdigit() for argument in arguments[6:9]] == [True] * 3
    names = {line.split(b"=")[0] for line in proc.joinpath("environ").read_bytes().split(b"\0") if line}
    assert names <= {b"PATH", b"HOME", b"LC_CTYPE"}
    limits = proc.joinpath("limits").read_text().splitlines()
    (core,) = [line for line in limits if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
    links = streaming.open_files(relay.pid)
    assert [links[name] for name in "012"] == ["/dev/null"] * 3
    assert {name for name in links.values() if name.startswith("/") and ".so" not in name} == {"/dev/null"}


async def test_only_one_door_is_open_and_only_to_this_machine(camera: Camera, relay: Relay) -> None:
    async with Viewer(relay.url(KEY).reveal()) as viewer:
        await viewer.play()
        await anext(viewer.pictures())
        proc = Path(f"/proc/{relay.pid}")
        files = streaming.open_files(relay.pid).values()
        inodes = {name[8:-1] for name in files if name.startswith("socket:")}
        doors = []
        for table in ("tcp", "tcp6"):
            for line in proc.joinpath("net", table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[9] in inodes and fields[3] == "0A":
                    doors.append((table, fields[1]))
        assert doors == [("tcp", f"0100007F:{relay.port:04X}")]


async def test_a_camera_that_proves_itself_is_told_from_one_that_cannot(camera: Camera, relay: Relay) -> None:
    good = parse_wyze_link(camera.link)
    await relay.prove(good, relay._networks)
    camera.change_key(WrongKey.ALERT)
    with pytest.raises(RelayError) as caught:
        await relay.prove(good, relay._networks)
    assert caught.value.reason == "wrong_key"
    with pytest.raises(RelayError) as outside:
        await relay.prove(good, type(relay._networks)())
    assert outside.value.reason == "outside"
    assert camera.counters.logins == 0
    for code, payload in ((10021, b""), (1, b""), (10020, bytes(1001))):
        with pytest.raises(ValueError, match="no command"):
            await relay.command(KEY, code, payload)
