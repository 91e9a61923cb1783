# mypy: disable-error-code="import-not-found"
"""A camera whose video ends the watch worker costs the other cameras two seconds each time, and no more."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest

from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene
from engine.child import ChildPhase, process as process_module
from engine.model import Secret, WatchMode, new_camera_key
from engine.relay import Relay
from engine.watch import WatchPhase, WatchSettings, WatchWorker, quarantine
from tests.support import streaming
from tests.support.crashing import crash, stop_at_work
from tests.support.relay import relay_of
from tests.support.watching import running_worker, until

FULL = WatchSettings(WatchMode.FULL)
BACK_WITHIN = 2.0
NAMES = ("bad", "yard", "porch")
KEYS = {name: new_camera_key() for name in NAMES}
BAD = KEYS["bad"]
OTHERS = tuple(KEYS[name] for name in NAMES if name != "bad")


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    picture = Picture(scene=Scene.YARD, seconds=8, gop=15)
    specs = [CameraSpec(name, Framing.CC51, audio=Audio.NONE, picture=picture) for name in NAMES]
    async with AsyncExitStack() as stack:
        cameras = await stack.enter_async_context(streaming.simulated(specs))
        yield await stack.enter_async_context(relay_of(cameras, KEYS))


def watches(worker: WatchWorker, *keys: str) -> bool:
    return all(worker.states[key].phase in (WatchPhase.WARMING, WatchPhase.WATCHING) for key in keys)


def held(worker: WatchWorker, key: str = BAD) -> bool:
    state = worker.states[key]
    return (state.phase, state.reason) == (WatchPhase.STALLED, "crashes")


def pid_of(worker: WatchWorker) -> int:
    assert worker.pid is not None
    return worker.pid


async def back(worker: WatchWorker, before: int, *keys: str) -> float:
    """Wait until the process is gone and these cameras are watched again; returns how long it took."""
    started = time.monotonic()
    await until(lambda: worker.pid != before)
    gone = time.monotonic()
    await until(lambda: watches(worker, *keys))
    print(f"gone after {gone - started:.2f} s, watched again after {time.monotonic() - gone:.2f} s more")
    return time.monotonic() - gone


async def watch_all(worker: WatchWorker, relay: Relay) -> None:
    for key in KEYS.values():
        await worker.add(key, relay.url(key, watch=True), FULL)
    await until(lambda: watches(worker, *KEYS.values()))


@pytest.mark.alone
async def test_the_others_are_back_at_once_however_often_one_crashes_it(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(quarantine, "PAUSES", (0.8,))
    monkeypatch.setattr(quarantine, "TRIAL", 0.5)
    async with running_worker() as (worker, heard):
        await watch_all(worker, relay)
        took = []
        for _ in range(5):
            before = pid_of(worker)
            crash(before, 0)
            await until(lambda: held(worker))
            took.append(await back(worker, before, *OTHERS))
            await until(lambda: watches(worker, BAD))
    # Growing pauses would be of two and of four seconds by now; a busy machine may be late once.
    assert min(took[-2:]) < BACK_WITHIN
    assert ChildPhase.FAILED not in {state.phase for state in heard.worker}
    assert {key for key, state in heard.states if state.reason == "crashes"} == {BAD}
    said = [one for one in caplog.records if "died over a camera's video" in one.message]
    assert [one.levelno for one in said] == [logging.WARNING], "once"


async def test_one_that_hangs_it_is_held_back(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has video in hand while nothing of the process answers any more."""
    monkeypatch.setattr(quarantine, "PAUSES", (60.0,))
    monkeypatch.setattr(process_module, "PING_EVERY", 0.4)
    monkeypatch.setattr(process_module, "PING_TIMEOUT", 1.0)
    async with running_worker() as (worker, heard):
        await watch_all(worker, relay)
        before = pid_of(worker)
        board = worker._board
        assert board is not None
        await stop_at_work(before, board.accused, 0, (1, 2))
        await back(worker, before, *OTHERS)
        assert held(worker)
        assert "hung" in {state.reason for state in heard.worker}


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Let whoever comes wait until it goes."""
    with suppress(OSError):
        await reader.read()
    writer.close()


async def test_several_suspects_are_tried_one_at_a_time(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cameras are being opened when it is killed: nobody can tell which of them it was."""
    monkeypatch.setattr(quarantine, "PAUSES", (0.8,))
    monkeypatch.setattr(quarantine, "TRIAL", 1.5)
    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    suspects = new_camera_key(), new_camera_key()
    tried: dict[str, float] = {}

    def on_state(key: str, state: object) -> None:
        if getattr(state, "phase", "") == "opening" and key in suspects and key in waiting:
            tried.setdefault(key, time.monotonic())

    waiting: set[str] = set()
    async with silent, running_worker(on_state=on_state) as (worker, _):
        await watch_all(worker, relay)
        for key in suspects:
            await worker.add(key, Secret(f"rtsp://127.0.0.1:{port}/x"), FULL)
        board = worker._board
        assert board is not None
        await until(lambda: board.accused() == {3, 4})
        before = pid_of(worker)
        os.kill(before, signal.SIGKILL)
        await until(lambda: all(held(worker, key) for key in suspects))
        waiting.update(suspects)
        await back(worker, before, *KEYS.values())
        await until(lambda: len(tried) == 2)
    first, second = sorted(tried.values())
    assert second - first >= 1.4


async def test_an_end_that_nobody_is_blamed_for_costs_patience() -> None:
    """Whatever it dies of may be there the next time, too."""
    async with running_worker() as (worker, _):
        took = 0.0
        for _ in range(3):
            before, started = pid_of(worker), time.monotonic()
            os.kill(before, signal.SIGKILL)
            await until(lambda before=before: worker.pid not in (None, before))  # type: ignore[misc]
            took = time.monotonic() - started
        assert took > 1.5


async def test_one_that_is_wanted_no_more_and_then_again_is_watched_at_once(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever turns its watch off and on wants it tried now."""
    monkeypatch.setattr(quarantine, "PAUSES", (60.0,))
    async with running_worker() as (worker, _):
        await watch_all(worker, relay)
        before = pid_of(worker)
        crash(before, 0)
        await until(lambda: held(worker))
        await back(worker, before, *OTHERS)
        await worker.add(BAD, relay.url(BAD, watch=True), WatchSettings(WatchMode.KEY))
        assert held(worker), "other settings are no reason"
        await worker.remove(BAD)
        await worker.add(BAD, relay.url(BAD, watch=True), FULL)
        await until(lambda: watches(worker, BAD))
