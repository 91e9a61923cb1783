"""The relay's process: back after every death at the same URLs, gone without a trace when it should be."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import textwrap
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dev.simulator import CameraSpec, Picture, Simulator
from dev.simulator.camera import Camera
from engine.child import process as process_module
from engine.model import new_camera_key, parse_wyze_link
from engine.relay import Phase, Relay, RelayError, RelayPhase, RelayState
from tests.support import streaming
from tests.support.relay import running_relay
from tests.support.rtsp import Viewer, is_hung_up
from tests.support.streaming import SHARED, FastClock, is_alive, new_token, running, until, watching

pytestmark = pytest.mark.live

KEY, TOKEN = new_camera_key(), new_token()


@pytest.fixture
async def camera() -> AsyncIterator[Camera]:
    streaming.allow_loopback()
    async with Simulator([CameraSpec("porch", picture=Picture(gop=15))]) as simulator:
        yield simulator.cameras["porch"]


@contextlib.asynccontextmanager
async def relay_for(camera: Camera, **options: Any) -> AsyncIterator[Relay]:
    async with running_relay(**options) as relay:
        await relay.add(KEY, parse_wyze_link(camera.link), TOKEN)
        yield relay


def pid_of(relay: Relay) -> int:
    assert relay.pid is not None
    return relay.pid


def is_shut(port: int) -> bool:
    """Tell whether nobody listens at a port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return True
    return False


async def note_frames(frames: asyncio.StreamReader, at: list[float]) -> None:
    """Note when each frame comes."""
    while await frames.readline():
        at.append(time.monotonic())


@pytest.mark.alone
async def test_killed_it_is_back_at_the_same_url_with_the_same_readers(camera: Camera) -> None:
    states: list[RelayState] = []
    async with relay_for(camera, on_relay=states.append) as relay, running() as server:
        url, port, pid = relay.url(KEY), relay.port, pid_of(relay)
        await server.add("porch", new_token(), url)
        async with watching(server.restream_url("porch")) as frames, Viewer(url.reveal()) as direct:
            await direct.play()
            await anext(direct.pictures())
            at: list[float] = []
            noting = asyncio.create_task(note_frames(frames, at))
            await until(lambda: len(at) > 10)
            killed = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            back = await until(lambda: relay.pid not in (None, pid))
            assert await is_hung_up(direct)
            seen = len(at)
            await until(lambda: len(at) > seen + 10)
            resumed = at[seen] - killed
            print(f"back after {back * 1000:.0f} ms, the same viewer sees after {resumed:.2f} s")
            assert back < 2 * SHARED
            assert resumed < 4 * SHARED
            noting.cancel()
        async with Viewer(url.reveal()) as again:
            await again.play()
            await anext(again.pictures())
        assert (relay.url(KEY), relay.port) == (url, port)
    assert [state.phase for state in states] == [
        RelayPhase.STARTING,
        RelayPhase.READY,
        RelayPhase.BACKOFF,
        RelayPhase.READY,
        RelayPhase.STOPPED,
    ]
    assert states[3] == RelayState(RelayPhase.READY, restarts=1)


@pytest.mark.alone
async def test_who_comes_while_it_is_away_waits_a_moment(camera: Camera) -> None:
    async with relay_for(camera) as relay:
        os.kill(pid_of(relay), signal.SIGKILL)
        started = time.monotonic()
        async with Viewer(relay.url(KEY).reveal()) as viewer:
            await viewer.play()
            assert (await anext(viewer.pictures())).key
        print(f"picture after {time.monotonic() - started:.2f} s")
        assert time.monotonic() - started < 3 * SHARED


async def test_hung_it_is_replaced(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "PING_EVERY", 0.4)
    monkeypatch.setattr(process_module, "PING_TIMEOUT", 0.4)
    states: list[RelayState] = []
    async with relay_for(camera, on_relay=states.append) as relay:
        pid = pid_of(relay)
        os.kill(pid, signal.SIGSTOP)
        asking = asyncio.create_task(relay.command(KEY, 10020, b"\x01\x01"))
        took = await until(lambda: relay.pid not in (None, pid))
        with pytest.raises(RelayError) as caught:
            await asking
        assert caught.value.reason == "relay_down"
        assert not is_alive(pid)
    assert RelayState(RelayPhase.BACKOFF, "hung", 0) in states
    print(f"replaced after {took:.1f} s of 0.8 s")


async def test_a_parent_that_was_busy_for_long_kills_nobody(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "PING_EVERY", 0.05)
    monkeypatch.setattr(process_module, "PING_TIMEOUT", 0.2)
    async with relay_for(camera) as relay:
        pid = pid_of(relay)
        for _ in range(5):
            busy = time.monotonic() + 0.5
            while time.monotonic() < busy:
                pass
            await until(lambda busy=busy: time.monotonic() > busy + 0.03)  # type: ignore[misc]
        assert relay.pid == pid
        assert relay.state.restarts == 0


async def test_what_keeps_dying_is_tried_ever_more_patiently_and_said_so(camera: Camera) -> None:
    states: list[RelayState] = []
    heard: list[Phase] = []
    options: dict[str, Any] = {
        "clock": FastClock(20),
        "on_relay": states.append,
        "on_state": lambda _key, state: heard.append(state.phase),
    }
    async with relay_for(camera, **options) as relay:
        await relay.update(KEY, always_on=True)
        await until(lambda: relay.states[KEY].phase is Phase.LIVE)
        for _ in range(5):
            await until(lambda: relay.state.phase is RelayPhase.READY, 5)
            os.kill(pid_of(relay), signal.SIGKILL)
            await until(lambda: relay.state.phase is not RelayPhase.READY, 5)
        await until(lambda: relay.state.phase is RelayPhase.FAILED, 5)
        assert relay.states[KEY].phase is Phase.LOST
        assert relay.states[KEY].reason == "relay_down"
        with pytest.raises(RelayError):
            await relay.command(KEY, 10020)
        await until(lambda: relay.state.phase is RelayPhase.READY, 8)


async def test_nothing_is_left_behind(camera: Camera, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with relay_for(camera):
        pass  # Whatever the first start opens for good is open now.
    files, threads, tasks = streaming.open_files(), threading.active_count(), len(asyncio.all_tasks())
    for _ in range(3):
        async with relay_for(camera) as relay:
            pid = pid_of(relay)
            async with Viewer(relay.url(KEY).reveal()) as viewer:
                await viewer.play()
                await anext(viewer.pictures())
        assert not is_alive(pid)
        assert relay.state.phase is RelayPhase.STOPPED
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", relay.port), 1)
        await until(lambda: not camera.sessions)
    await until(lambda: len(streaming.open_files()) == len(files))
    assert threading.active_count() <= threads + 1
    assert len(asyncio.all_tasks()) == tasks
    assert streaming.family(os.getpid()) == {os.getpid()}
    assert caplog.records == []


async def test_stopped_it_can_be_started_again_with_everything(camera: Camera) -> None:
    async with relay_for(camera) as relay:
        url = relay.url(KEY)
        await relay.start()
        await relay.stop()
        assert relay.states[KEY].phase is Phase.IDLE
        await relay.start()
        async with Viewer(url.reveal()) as viewer:
            await viewer.play()
            await anext(viewer.pictures())
        assert relay.url(KEY) == url


async def test_a_mistake_of_who_listens_costs_nobody_the_pictures(
    camera: Camera, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("mistake")

    async with relay_for(camera, on_state=fail, on_relay=fail, on_remember=fail) as relay:
        async with Viewer(relay.url(KEY).reveal()) as viewer:
            await viewer.play()
            await anext(viewer.pictures())
        os.kill(pid_of(relay), signal.SIGKILL)
        await until(lambda: relay.state.restarts == 1)
    assert "News of a child process could not be taken" in caplog.text


async def test_changes_reach_the_readers_that_they_concern(camera: Camera) -> None:
    async with relay_for(camera) as relay, Viewer(relay.url(KEY).reveal()) as viewer:
        await viewer.play()
        await anext(viewer.pictures())
        await relay.update(KEY, always_on=True)
        assert camera.counters.logins == 1, "nothing is dialled anew for that"
        await relay.update(KEY, audio=False)
        await until(lambda: camera.counters.logins == 2)
        await anext(viewer.pictures())
        async with Viewer(relay.url(KEY).reveal()) as silent:
            assert b"m=audio" not in (await silent.ask("DESCRIBE")).body
        await relay.add(KEY, parse_wyze_link(camera.link), new_token())
        assert await is_hung_up(viewer)
        await relay.remove(KEY)
        await until(lambda: not camera.sessions)


PARENT = """
    import asyncio, random, sys, time
    sys.path.insert(0, sys.argv[1])
    from engine.model import SystemClock
    from engine.relay import Relay
    async def main():
        relay = Relay(clock=SystemClock(), rng=random.Random(1))
        await relay.start()
        print(relay.pid, relay.port, flush=True)
        await asyncio.sleep(60)
    asyncio.run(main())
"""


async def test_it_does_not_outlive_its_parent() -> None:
    streaming.allow_loopback()
    engine = Path(process_module.__file__).parents[2]
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(PARENT), str(engine), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid, port = map(int, (await parent.stdout.readline()).split())
    assert is_alive(pid)
    parent.kill()
    await parent.wait()
    took = await until(lambda: not is_alive(pid))
    print(f"gone after {took * 1000:.0f} ms")
    # The last of its threads closes the door, a moment after the first is gone.
    await until(lambda: is_shut(port))
