# mypy: disable-error-code="import-not-found"
"""The watch worker's process: it comes back, it watches on, and it shows nobody what it reads."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene, Simulator
from engine.child import ChildPhase, ChildState, Pipe, process as process_module
from engine.model import Secret, WatchMode, new_camera_key
from engine.relay import Relay
from engine.watch import WatchError, WatchPhase, WatchSettings, WatchWorker
from engine.watch.board import Board
from engine.watch.messages import FROM_WORKER, MAX_MESSAGE, SetCamera
from tests.support import streaming
from tests.support.crashing import stop_at_rest
from tests.support.relay import relay_of
from tests.support.watching import Spoiler, running_worker, until

KEY = new_camera_key()
FULL = WatchSettings(WatchMode.FULL)
SLOT = 7
ENGINE = Path(process_module.__file__).parents[2]


@pytest.fixture
async def cameras() -> AsyncIterator[Simulator]:
    picture = Picture(scene=Scene.YARD, seconds=8, gop=15)
    async with streaming.simulated(
        [CameraSpec("yard", Framing.CC51, audio=Audio.NONE, picture=picture)]
    ) as made:
        yield made


@pytest.fixture
async def relay(cameras: Simulator) -> AsyncIterator[Relay]:
    async with relay_of(cameras, {"yard": KEY}) as made:
        yield made


def pid_of(worker: WatchWorker) -> int:
    assert worker.pid is not None
    return worker.pid


def watches(worker: WatchWorker) -> bool:
    return worker.states[KEY].phase in (WatchPhase.WARMING, WatchPhase.WATCHING)


@pytest.mark.alone
async def test_killed_it_is_back_and_watches_the_same_cameras(relay: Relay) -> None:
    async with running_worker() as (worker, heard):
        await worker.add(KEY, relay.url(KEY, watch=True), FULL)
        board = worker._board
        assert board is not None
        # None that leaves a core: threads would go on for a moment, and may take video in hand.
        for number in (signal.SIGKILL, signal.SIGUSR1):
            await until(lambda: watches(worker))
            before = pid_of(worker)
            await stop_at_rest(before, board.accused)
            os.kill(before, number)
            os.kill(before, signal.SIGCONT)
            started = time.monotonic()
            await until(lambda before=before: worker.pid not in (None, before))  # type: ignore[misc]
            took = time.monotonic() - started
            await until(lambda: watches(worker))
            print(f"back after {took:.2f} s, watching after {time.monotonic() - started:.2f} s")
            # Before the second time it waits for a second.
            assert took < 4 * streaming.SHARED
    assert [state.phase for state in heard.worker][-1] is ChildPhase.STOPPED
    assert "crashes" not in {state.reason for _, state in heard.states}, "nobody had a part in it"


async def test_hung_it_is_replaced(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "PING_EVERY", 0.4)
    monkeypatch.setattr(process_module, "PING_TIMEOUT", 0.4)
    async with running_worker() as (worker, heard):
        await worker.add(KEY, relay.url(KEY, watch=True), FULL)
        await until(lambda: watches(worker))
        before = pid_of(worker)
        os.kill(before, signal.SIGSTOP)
        with pytest.raises(WatchError) as caught:
            await worker.still(KEY)
        assert caught.value.reason in ("watch_down", "timeout")
        await until(lambda: worker.pid not in (None, before))
        await until(lambda: watches(worker))
    assert ChildState(ChildPhase.BACKOFF, "hung", 0) in heard.worker


HANGING = """
import sys, socket, time
sys.path.insert(0, sys.argv[1])
from engine.watch import reader, child
reader.STUCK = 0.5
reader.open_stream = lambda url: time.sleep(3600)
child.run(int(sys.argv[2]), int(sys.argv[3]))
"""


ENDING = """
import sys
sys.path.insert(0, sys.argv[1])
from engine.watch import reader, child
reader.Reader._watch = lambda self: 1 / 0
child.run(int(sys.argv[2]), int(sys.argv[3]))
"""


def end_of(script: str) -> tuple[int, str, frozenset[int]]:
    """Let a process watch a camera; returns how it ends, what it said before, and whom it accuses."""
    streaming.allow_loopback()

    async def watch(board: Board) -> tuple[int, list[object]]:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", script, str(ENGINE), str(theirs.fileno()), str(board.fileno())],
                pass_fds=(theirs.fileno(), board.fileno()),
            )
        pipe = await Pipe.over(ours, FROM_WORKER, MAX_MESSAGE)
        said = []
        try:
            async with asyncio.timeout(30):
                pipe.send(SetCamera.of(KEY, SLOT, Secret("rtsp://127.0.0.1:1/x"), FULL))
                while (message := await pipe.receive()) is not None:
                    said.append(message)
            return await asyncio.to_thread(process.wait, 10), said
        finally:
            process.kill()
            process.wait()
            pipe.close()

    board = Board()
    try:
        code, said = asyncio.run(watch(board))
        return code, repr(said), board.accused()
    finally:
        board.close()


def test_a_thread_that_hangs_ends_the_process() -> None:
    """Nothing else ends a thread that is stuck in native code; the pipe itself would answer for ever."""
    code, said, accused = end_of(HANGING)
    assert code == 1
    assert accused == {SLOT}
    assert "A camera's thread hangs; the process ends" in said


def test_a_thread_that_is_gone_ends_the_process() -> None:
    """Its camera would not be watched any more, and nobody would know."""
    code, said, accused = end_of(ENDING)
    assert code == 1
    assert accused == {SLOT}
    assert "A camera's thread has ended unasked; the process ends" in said


async def test_no_url_shows_anywhere_whatever_happens(
    cameras: Simulator, relay: Relay, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("dev.simulator").setLevel(logging.CRITICAL)
    url = relay.url(KEY, watch=True).reveal()
    token = url.partition("auth=")[2].partition("&")[0]
    seen = []
    async with running_worker() as (worker, heard):
        await worker.add(KEY, Secret(url), FULL)
        await worker.add(new_camera_key(), Secret(url.replace(token, "canary" + token[6:])), FULL)
        await until(lambda: watches(worker))
        pid = pid_of(worker)
        proc = Path(f"/proc/{pid}")
        seen += [proc.joinpath(name).read_bytes().decode(errors="replace") for name in ("cmdline", "environ")]
        status = proc.joinpath("status").read_text()
        assert "NoNewPrivs:\t1" in status
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        (core,) = [line for line in limits if line.startswith("Max core file size")]
        assert core.split()[4:6] == ["0", "0"]
        arguments = seen[0].split("\0")
        assert arguments[1:4] == ["-E", "-s", "-P"]
        assert arguments[5] == "watch"
        assert all(argument.isdigit() for argument in arguments[6:9])
        names = {line.split("=")[0] for line in seen[1].split("\0") if line}
        assert names <= {"PATH", "HOME", "LC_CTYPE"}
        assert list(streaming.open_files(pid).values()).count("/dev/null") >= 3
        await until(lambda: any(state.reason == "not_found" for _, state in heard.states))
        for number in (signal.SIGABRT, signal.SIGSEGV):
            pid = pid_of(worker)
            os.kill(pid, number)
            await until(lambda pid=pid: worker.pid not in (None, pid))  # type: ignore[misc]
        await relay.remove(KEY)
        await until(lambda: worker.states[KEY].phase is WatchPhase.STALLED)
        seen += [repr(vars(worker)), repr(worker._cameras), repr(heard.news), repr(heard.states)]
    seen += [caplog.text, *capfd.readouterr()]
    for text in seen:
        assert token not in text
        assert "canary" not in text
        assert "rtsp://" not in text


async def test_nothing_of_it_outlives_its_parents_wish(relay: Relay) -> None:
    async with running_worker() as (worker, _):
        await worker.add(KEY, relay.url(KEY, watch=True), FULL)
        await until(lambda: watches(worker))
        pid = pid_of(worker)
        started = time.monotonic()
    print(f"ended after {time.monotonic() - started:.2f} s")
    assert not Path(f"/proc/{pid}").exists()


async def test_motion_that_goes_on_after_a_break_is_told_anew(cameras: Simulator, relay: Relay) -> None:
    """Whoever hears that nobody looks any more takes it for ended: the rest of it needs a beginning."""
    order: list[str] = []
    broken = False

    def spoil(packet: bytes) -> bytes | None:
        nonlocal broken
        if broken:
            broken = False
            return None
        return packet

    hear: dict[str, Any] = {
        "on_news": lambda _, news: order.append(type(news).__name__),
        "on_state": lambda _, state: order.append(state.phase.value),
    }
    async with (
        Spoiler(relay.url(KEY, watch=True), spoil) as spoiler,
        running_worker(**hear) as (worker, _),
    ):
        await worker.add(KEY, spoiler.url, FULL)
        await until(lambda: worker.states[KEY].phase is WatchPhase.WATCHING)
        cameras.cameras["yard"].motion(60.0)
        await until(lambda: "MotionBegan" in order)
        broken = True
        await until(lambda: "stalled" in order)
        assert order.index("MotionEnded") < order.index("stalled")
        await until(lambda: order.count("MotionBegan") == 2)
        assert order.index("stalled") < len(order) - 1 - order[::-1].index("MotionBegan")
