"""The real go2rtc as our child: ready or a reason why not, back after every death, gone without a trace."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
import textwrap
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dev.ports import free_port
from engine.model import Secret
from engine.stream import (
    Binary,
    BinaryError,
    PortTaken,
    ServerDown,
    ServerPhase,
    ServerState,
    StartFailed,
    lines,
    process as process_module,
)
from tests.support import streaming
from tests.support.streaming import SHARED, FastClock, go2rtc, make_server, new_token, running, until

pytestmark = pytest.mark.live

NOWHERE = Secret("wyze://127.0.0.77")
CANARY = "CANARYKEYCANARYKEY77"
PLAIN = "nothing-about-this-looks-secret"


@pytest.fixture(autouse=True)
def runtime_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the servers of a test a place of their own: others may run on this machine."""
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield


def private_folders() -> set[Path]:
    """Return the folders of this test's stream servers."""
    return set(Path(os.environ["XDG_RUNTIME_DIR"]).iterdir())


async def test_a_hundred_cameras_later_nothing_is_left(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with running():
        pass  # Whatever the first start opens for good is open now.
    files, folders, threads = streaming.open_files(), private_folders(), threading.active_count()
    port = free_port()
    for _ in range(5):
        async with running(webrtc_port=port) as server:
            for number in range(20):
                await server.add(f"camera {number}", new_token(), NOWHERE)
            assert len(await server.streams()) == 20
            pid = server.pid
            assert pid is not None
        assert not streaming.is_alive(pid)
        assert server.state.phase is ServerPhase.STOPPED
    assert streaming.open_files() == files
    assert private_folders() == folders
    assert streaming.family(os.getpid()) == {os.getpid()}
    assert threading.active_count() <= threads + 1
    assert caplog.records == []


async def test_a_camera_that_go2rtc_does_not_take_costs_the_others_nothing() -> None:
    """It may have been added while none was there to refuse it."""
    server, token = await make_server(), new_token()
    await server.add("odd", new_token(), Secret("nonsense:porch"))
    await server.add("good", token, NOWHERE)
    await server.start()
    try:
        assert set(await server.streams()) == {"good"}
        assert server.restream_url("good").reveal().endswith(token.reveal())
    finally:
        await server.stop()


async def test_it_is_ready_in_a_moment() -> None:
    server = await make_server()
    started = asyncio.get_running_loop().time()
    await server.start()
    took = asyncio.get_running_loop().time() - started
    await server.stop()
    print(f"ready after {took * 1000:.0f} ms")
    assert took < 4


@pytest.mark.parametrize(("kind", "transport"), [(socket.SOCK_STREAM, "tcp"), (socket.SOCK_DGRAM, "udp")])
async def test_a_port_for_browsers_that_is_taken_is_said_so_at_once(
    kind: socket.SocketKind, transport: str
) -> None:
    files, folders = streaming.open_files(), private_folders()
    with socket.socket(type=kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        server = await make_server(webrtc_port=port)
        with pytest.raises(PortTaken) as caught:
            await server.start()
    assert caught.value.details == {"port": str(port), "transport": transport}
    assert server.state == ServerState(ServerPhase.STOPPED, "port_taken", last_lines=server.state.last_lines)
    assert private_folders() == folders
    assert len(streaming.open_files()) == len(files)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_port_for_browsers_that_is_taken_at_the_last_moment_is_noticed(
    transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """go2rtc goes on without it, and of the TCP port it says nothing at all."""
    monkeypatch.setattr(process_module, "check_port_free", lambda *_: None)
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    with socket.socket(type=kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if transport == "tcp":
            taken.listen()
        port = taken.getsockname()[1]
        server = await make_server(webrtc_port=port)
        with pytest.raises(PortTaken) as caught:
            await server.start()
    assert caught.value.details == {"port": str(port), "transport": transport}
    assert streaming.family(os.getpid()) == {os.getpid()}


async def test_a_go2rtc_that_says_late_that_it_awaits_browsers_is_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a busy machine its last line may take seconds: no other program has its port for that."""
    take = process_module.Listeners.take

    def late(listeners: process_module.Listeners, entry: lines.Entry) -> None:
        delay = 2.0 if "webrtc" in entry.message else 0.0
        asyncio.get_running_loop().call_later(delay, take, listeners, entry)

    monkeypatch.setattr(process_module.Listeners, "take", late)
    async with running() as server:
        assert server.state.phase is ServerPhase.READY


async def test_another_restream_port_is_picked_when_somebody_was_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """go2rtc goes on without its RTSP listener and says so in one line only."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        picks = [taken.getsockname()[1]] * 2 + [free_port()]
        monkeypatch.setattr(process_module, "pick_loopback_port", lambda preferred: picks.pop(0))
        async with running() as server:
            assert picks == []
            assert server.state.phase is ServerPhase.READY


@pytest.mark.alone
async def test_killed_it_is_back_within_two_seconds_with_everything() -> None:
    states: list[ServerState] = []
    async with running(on_state=states.append) as server:
        tokens = {f"camera {number}": new_token() for number in range(50)}
        for key, token in tokens.items():
            await server.add(key, token, NOWHERE)
        before = {key: server.restream_url(key) for key in tokens}
        pid = server.pid
        assert pid is not None
        loop = asyncio.get_running_loop()
        killed = loop.time()
        os.kill(pid, signal.SIGKILL)
        took = await until(lambda: server.pid not in (None, pid))
        print(f"back after {took * 1000:.0f} ms")
        assert took < 2 * SHARED
        assert set(await server.streams()) == set(tokens)
        print(f"50 streams put back after {(loop.time() - killed) * 1000:.0f} ms")
        assert loop.time() - killed < 5 * SHARED
        assert {key: server.restream_url(key) for key in tokens} == before
    assert [state.phase for state in states] == [
        ServerPhase.STARTING,
        ServerPhase.READY,
        ServerPhase.BACKOFF,
        ServerPhase.READY,
        ServerPhase.STOPPED,
    ]
    assert (states[2].reason, states[3].restarts) == ("exited", 1)


async def test_what_changes_while_it_is_down_is_there_afterwards() -> None:
    async with running(clock=FastClock(4)) as server:
        kept = new_token()
        await server.add("kept", kept, NOWHERE)
        await server.add("dropped", new_token(), NOWHERE)
        for death in range(2):
            pid = server.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await until(lambda gone=pid: server.pid != gone)  # type: ignore[misc]
            if death:
                # The second restart waits a moment: that is the time to change things.
                assert server.pid is None
                with pytest.raises(ServerDown):
                    server.restream_url("kept")
                with pytest.raises(ServerDown):
                    await server.streams()
                await server.add("new", new_token(), NOWHERE)
                await server.add("kept", kept, Secret("wyze://127.0.0.78"))
                await server.remove("dropped")
            await until(lambda: server.pid is not None)
        assert set(await server.streams()) == {"kept", "new"}


async def test_one_that_hangs_is_killed_and_replaced_within_fifteen_seconds() -> None:
    states: list[ServerState] = []
    async with running(on_state=states.append) as server:
        await server.add("camera", new_token(), NOWHERE)
        pid = server.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        took = await until(lambda: server.pid not in (None, pid), seconds=40)
        print(f"replaced after {took:.1f} s")
        assert took < 15 * SHARED
        assert not streaming.is_alive(pid)
        assert set(await server.streams()) == {"camera"}
    assert "hung" in {state.reason for state in states}


async def test_one_that_ignores_the_request_to_end_is_killed() -> None:
    server = await make_server()
    await server.start()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    started = asyncio.get_running_loop().time()
    await server.stop()
    assert asyncio.get_running_loop().time() - started < 8
    assert not streaming.is_alive(pid)


PARENT = """
import asyncio, sys
sys.path[:0] = {path!r}
from tests.support.streaming import running, new_token
from dev.ports import free_port
from engine.model import Secret

async def main():
    async with running() as server:
        await server.add("camera", new_token(), Secret("wyze://127.0.0.77"))
        print(server.pid, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_it_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    before = private_folders()
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT).format(path=sys.path))
    parent = await asyncio.create_subprocess_exec(sys.executable, script, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    async with asyncio.timeout(30):
        pid = int(await parent.stdout.readline())
    assert streaming.is_alive(pid)
    parent.kill()
    await parent.wait()
    try:
        await until(lambda: not streaming.is_alive(pid))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert private_folders() - before
    async with running():
        pass
    assert not private_folders() - before, "the next start tidies up what a killed one left"


async def test_a_crash_loop_is_reported_without_secrets_and_goes_on(tmp_path: Path) -> None:
    real = await go2rtc()
    broken = tmp_path / "broken"
    record = f'{{"level":"fatal","message":"no wyze://10.1.2.3?enr={CANARY}","error":"{PLAIN}"}}'
    last_words = f"echo '{record}'; echo 'panic: enr={CANARY} {PLAIN}'; exit 1"
    body = f'[ -e {broken} ] && {{ {last_words}; }}\nexec $REAL "$@"'
    binary = replace(real, path=streaming.wrapper(tmp_path, real.path, body))
    states: list[ServerState] = []
    async with running(binary=binary, clock=FastClock(30), on_state=states.append) as server:
        await server.add("camera", new_token(), Secret(f"wyze://127.0.0.77?enr={PLAIN}&uid={CANARY}"))
        broken.touch()
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await until(lambda: server.state.phase is ServerPhase.FAILED, seconds=15)
        failed = server.state
        assert failed.reason == "exited"
        assert any("fatal" in line for line in failed.last_lines)
        assert any("panic" in line for line in failed.last_lines)
        for secret in (CANARY, PLAIN, "10.1.2.3"):
            assert not any(secret in line for line in failed.last_lines)
        broken.unlink()
        await until(lambda: server.state.phase is ServerPhase.READY, seconds=15)
        assert set(await server.streams()) == {"camera"}
    assert [state.phase for state in states].count(ServerPhase.FAILED) == 1


async def refusal(binary: Binary) -> Exception:
    server = await make_server(binary=binary)
    files, folders = streaming.open_files(), private_folders()
    with pytest.raises((StartFailed, BinaryError)) as caught:
        await server.start()
    assert private_folders() == folders
    assert len(streaming.open_files()) == len(files)
    assert streaming.family(os.getpid()) == {os.getpid()}
    return caught.value


async def test_one_built_without_the_cameras_protocol_is_refused(tmp_path: Path) -> None:
    real = await go2rtc()
    body = "exec $REAL \"$@\" -c 'app.modules=[api, ws, rtsp, webrtc, debug]'"
    error = await refusal(replace(real, path=streaming.wrapper(tmp_path, real.path, body)))
    assert isinstance(error, BinaryError)
    assert error.reason == "without_wyze"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("exit 3", "exited"),
        ("exec sleep 600", "not_ready"),
        ("sleep 600 & sleep 600", "not_ready"),
        ("exec yes", "not_ready"),
        ("""echo '{"level":"error","error":"no","message":"[api] listen"}'; sleep 600""", "not_ready"),
    ],
)
async def test_one_that_does_not_get_ready_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, reason: str
) -> None:
    if reason == "not_ready":
        # Whoever ends by itself gets the time that a start takes on a busy machine.
        monkeypatch.setattr(process_module, "READY_TIMEOUT", 1.0)
    real = await go2rtc()
    error = await refusal(replace(real, path=streaming.wrapper(tmp_path, real.path, body)))
    assert isinstance(error, StartFailed)
    assert error.reason == reason


async def test_a_program_that_vanished_is_said_so(tmp_path: Path) -> None:
    error = await refusal(replace(await go2rtc(), path=tmp_path / "gone"))
    assert isinstance(error, StartFailed)
    assert error.reason == "exited"


async def test_settings_can_change_and_wrong_ones_leave_the_old(tmp_path: Path) -> None:
    async with running() as server:
        await server.add("camera", new_token(), NOWHERE)
        good = server._settings
        with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortTaken):
            await server.reconfigure(replace(good, webrtc_port=taken.getsockname()[1]))
        assert server.state.phase is ServerPhase.READY
        await server.reconfigure(replace(good, webrtc_port=free_port()))
        assert set(await server.streams()) == {"camera"}
