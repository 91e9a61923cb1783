"""Cameras that are watched: motion is seen, nobody counts as a viewer for it, and nothing is left behind."""

import asyncio
import logging
import os
import signal
import sys
import time
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from custom_components.wyze_local import watching as watching_module
from custom_components.wyze_local.cameras import async_change_camera
from custom_components.wyze_local.clip_ids import ClipPlace
from custom_components.wyze_local.engine.model import ClipBegan, ClipFinished, ClipName, ClipOwner
from custom_components.wyze_local.engine.watch import MotionBegan, MotionEnded, WatchPhase
from custom_components.wyze_local.report import make_report
from custom_components.wyze_local.shared import DATA_SHARED
from tests.support.crashing import stop_at_rest

from .rigging import Home, view, wait_for
from .watch_rig import YARD, have_watched, key_of, listening, until_watched, watching_of, workers

pytestmark = pytest.mark.parametrize("simulator", [[YARD]], indirect=True)


async def test_motion_is_told_of_and_nobody_counts_as_a_viewer(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """The camera stays idle for everybody, while its stream is read all the time."""
    key = key_of(home)
    assert workers() == set(), "nobody wants anything watched, so nothing runs for it"
    with listening(hass, key) as heard:
        await have_watched(home, key)
        porch.motion(1.5)
        await wait_for(lambda: heard.of(MotionBegan), 10)
        await wait_for(lambda: heard.of(MotionEnded), 30)
        (began,), (ended,) = heard.of(MotionBegan), heard.of(MotionEnded)
    assert began.event_id == ended.event_id
    late = began.at - porch.walks[0].began.wall
    print(f"seen {late:.2f} s after it was sent")
    assert -0.5 < late < 3
    assert home.state("camera.porch") == "idle"
    assert home.state("sensor.porch_connection") == "ready"
    relay = hass.data["wyze_local"].relaying.camera_state(key)
    assert (relay.phase, relay.readers) == ("live", 0)


async def test_who_looks_besides_counts(hass: HomeAssistant, home: Home, porch: Any) -> None:
    await have_watched(home, key_of(home))
    url = home.entry.runtime_data.coordinator.server.restream_url(key_of(home)).reveal()
    viewer = await view(url)
    try:
        await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
    finally:
        viewer.kill()
        await viewer.wait()
    await wait_for(lambda: home.state("camera.porch") == "idle", 15)
    assert len(porch.sessions) == 1, "and the watch goes on, on the same session"


async def test_a_worker_that_is_killed_is_back_and_watches_on(
    hass: HomeAssistant, home: Home, porch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A crash costs one line in the log, and a moment."""
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key)
    before, board = watching.pid, watching._worker._board
    assert before is not None
    assert board is not None
    # In the midst of the camera's work, that would be blamed.
    await stop_at_rest(before, board.accused)
    os.kill(before, signal.SIGKILL)
    started = time.monotonic()
    await wait_for(lambda: watching.pid not in (None, before))
    back = time.monotonic() - started
    await until_watched(hass, key)
    print(f"back after {back:.2f} s")
    assert watching.worker.restarts == 1
    told = [record for record in caplog.records if "watch worker" in record.message]
    assert [record.levelname for record in told if record.levelno > logging.DEBUG] == ["WARNING"]
    with listening(hass, key) as heard:
        porch.motion(1.5)
        await wait_for(lambda: heard.of(MotionBegan), 10)


async def test_changes_restart_nothing(hass: HomeAssistant, home: Home, porch: Any) -> None:
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key)
    before = watching.pid
    with listening(hass, key) as heard:
        await have_watched(home, key, sensitivity="high")
        await have_watched(home, key, "key")
        await wait_for(lambda: watching.state(key).mode == "key", 10)
        assert WatchPhase.STALLED not in {state.phase for state in heard.states}
    assert watching.pid == before
    assert len(porch.sessions) == 1


async def test_off_ends_it(hass: HomeAssistant, home: Home, porch: Any) -> None:
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key)
    with listening(hass, key) as heard:
        await have_watched(home, key, "off")
        await wait_for(lambda: not workers(), 10)
    assert heard.states[-1].phase is WatchPhase.OFF
    assert watching.state(key).phase is WatchPhase.OFF
    await wait_for(lambda: not porch.sessions, 45)


async def test_nothing_outlives_home_assistant(hass: HomeAssistant, home: Home, porch: Any) -> None:
    await have_watched(home, key_of(home))
    assert len(workers()) == 1
    await hass.async_stop(force=True)
    assert workers() == set()


async def test_a_reload_goes_on_with_the_same_worker(hass: HomeAssistant, home: Home, porch: Any) -> None:
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key)
    before = watching.pid
    await hass.config_entries.async_reload(home.entry.entry_id)
    await until_watched(hass, key)
    assert watching.pid == before
    assert len(porch.sessions) == 1


async def test_a_still_is_the_workers(hass: HomeAssistant, home: Home, porch: Any) -> None:
    """No program decodes besides the worker, and the still is as old as its key frame."""
    key = key_of(home)
    await have_watched(home, key)
    coordinator = home.entry.runtime_data.coordinator
    stills = coordinator.stills(key)
    assert stills is not None
    watching = watching_of(hass)
    async with asyncio.timeout(30):
        while True:
            before = (await watching.async_still(key)).jpeg
            taken = await stills.take()
            assert taken is not None
            assert 0 <= time.time() - taken.taken_at < 5
            # A key frame may have come meanwhile; another program's picture is never the same.
            if taken.jpeg in (before, (await watching.async_still(key)).jpeg):
                break
            await asyncio.sleep(0.1)
    assert taken.jpeg.startswith(b"\xff\xd8")


async def test_motion_is_kept_as_a_clip(hass: HomeAssistant, home: Home, porch: Any) -> None:
    """It begins before the motion, and lies where the library finds it."""
    key = key_of(home)
    await have_watched(home, key)
    with listening(hass, key) as heard:
        porch.motion(1.5)
        await wait_for(lambda: heard.of(ClipFinished), 40)
        (began,), (finished,) = heard.of(MotionBegan), heard.of(ClipFinished)
    assert finished.event_id == began.event_id
    assert finished.started < began.at
    clips = hass.data[DATA_SHARED].clips

    async def listed() -> list[str]:
        # While it is taken in, it is still listed as one that grows.
        return [clip.name.id for clip in await clips.async_list(key) if not clip.growing]

    async with asyncio.timeout(10):
        while await listed() != [finished.clip_id]:
            await asyncio.sleep(0.05)
    path = await clips.async_path(ClipPlace(key, finished.clip_id))
    assert path is not None
    assert path.is_file()
    owner = ClipOwner(await clips.mark.async_get())
    assert owner.mark
    assert owner.wrote(ClipName.parse(finished.clip_id)), "the worker knows whose clips it writes"


async def test_somebody_may_record_at_any_time(hass: HomeAssistant, home: Home, porch: Any) -> None:
    key = key_of(home)
    await have_watched(home, key, "key", clips=False)
    await wait_for(lambda: watching_of(hass).state(key).phase is WatchPhase.WATCHING)
    await hass.data[DATA_SHARED].clips.async_ready_to_record()
    with listening(hass, key) as heard:
        clip_id = await watching_of(hass).async_record(key, 2.0, 1.0)
        await wait_for(lambda: heard.of(ClipFinished), 20)
        (finished,) = heard.of(ClipFinished)
        assert (finished.clip_id, finished.event_id) == (clip_id, None)
        porch.motion(1.0)
        await wait_for(lambda: heard.of(MotionBegan), 10)
        assert not [clip for clip in heard.of(ClipBegan) if clip.event_id], "motion is not kept"


async def test_what_the_watch_takes_is_shown_to_who_wants_to_see_it(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """A sensor that is off by default, and the diagnostics."""
    sensor = "sensor.porch_watch_for_motion"
    er.async_get(hass).async_update_entity(sensor, disabled_by=None)
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert home.state(sensor) == "off"
    await have_watched(home, key_of(home))
    await wait_for(lambda: (found := hass.states.get(sensor)) and found.attributes["rate"] > 1, 20)
    state = hass.states.get(sensor)
    assert state is not None
    assert (state.state, state.attributes["mode"], state.attributes["reason"]) == ("watching", "full", None)
    assert 0 < state.attributes["cost"] < 50
    report = make_report(hass, home.entry, hass.data[DATA_SHARED]).view()
    assert (report["worker"]["phase"], report["worker"]["cameras"]) == ("ready", 1)
    assert report["cameras"][0]["watch"]["phase"] == "watching"


async def test_a_worker_that_does_not_start_is_said_once(
    hass: HomeAssistant,
    home: Home,
    porch: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """However often it is tried; what a person does not want to read any more stays away."""
    caplog.set_level(logging.DEBUG)
    key, watching, issues = key_of(home), watching_of(hass), ir.async_get(hass)
    monkeypatch.setattr(watching_module, "RETRY", 0.05)

    def tries() -> int:
        return sum("watch worker is starting" in one.getMessage() for one in caplog.records)

    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nonexistent/python")
        async_change_camera(hass, home.entry, key, watch="full")
        await wait_for(lambda: issues.async_get_issue("wyze_local", "watch_failing") is not None)
        ir.async_ignore_issue(hass, "wyze_local", "watch_failing", True)
        seen = tries()
        await wait_for(lambda: tries() > seen + 3)
        issue = issues.async_get_issue("wyze_local", "watch_failing")
        assert issue is not None
        assert issue.dismissed_version is not None
        assert (watching.state(key).phase, watching.state(key).reason) == ("stalled", "watch_down")
        warnings = [
            one for one in caplog.records if one.levelno >= logging.WARNING and "watch worker" in one.message
        ]
        assert len(warnings) == 1
    await until_watched(hass, key)
    assert issues.async_get_issue("wyze_local", "watch_failing") is None


async def test_a_worker_that_keeps_dying_is_a_repair_and_costs_no_picture(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """Until it lives again; the camera itself can be looked at as usual."""
    key, watching, issues = key_of(home), watching_of(hass), ir.async_get(hass)
    await have_watched(home, key)
    assert watching.pid is not None
    assert watching._worker._board is not None
    # In the midst of the camera's work, that would be blamed, and the first end would be none of the five.
    await stop_at_rest(watching.pid, watching._worker._board.accused)
    for _ in range(5):
        # All others before they are given the camera.
        await wait_for(workers, 15)
        (pid,) = workers()
        os.kill(pid, signal.SIGKILL)
        await wait_for(lambda pid=pid: pid not in workers(), 15)  # type: ignore[misc]
    await wait_for(lambda: watching.worker.phase == "failed")
    assert issues.async_get_issue("wyze_local", "watch_failing") is not None
    assert (watching.state(key).phase, watching.state(key).reason) == ("stalled", "watch_down")
    assert home.state("camera.porch") == "idle"
    stills = home.entry.runtime_data.coordinator.stills(key)
    assert stills is not None
    assert await stills.take() is not None, "by go2rtc then"
    await wait_for(lambda: watching.worker.phase == "ready", 20)
    assert issues.async_get_issue("wyze_local", "watch_failing") is None
    await until_watched(hass, key)
