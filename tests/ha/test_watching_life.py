"""What is wanted of the watch is done in the end, whatever comes in between."""

import asyncio
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local import watch_giving
from custom_components.wyze_local.cameras import async_change_camera
from custom_components.wyze_local.engine.model import ClipBegan, ClipFinished, ClipSettings, Secret, WatchMode
from custom_components.wyze_local.engine.watch import WatchError
from custom_components.wyze_local.settings import CameraSettings
from custom_components.wyze_local.shared import DATA_SHARED

from .rigging import Home, wait_for
from .watch_rig import YARD, have_watched, key_of, listening, until_watched, watching_of, workers

pytestmark = pytest.mark.parametrize("simulator", [[YARD]], indirect=True)


async def test_who_begins_while_it_ends_is_watched_all_the_same(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """An entry may be loaded while the last one is still being unloaded."""
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key)
    before = watching.pid
    ending = asyncio.create_task(watching.async_stop())
    async with asyncio.timeout(10):
        # At the first moment at which it ends: soon after, it might be over.
        while watching.pid is not None:
            await asyncio.sleep(0)
    assert not ending.done()
    watching.async_begin()
    await ending
    await wait_for(lambda: watching.pid not in (None, before), 30)
    await until_watched(hass, key, 40)
    assert workers() == {watching.pid}


async def test_a_mistake_in_between_is_not_the_end_of_a_wish(
    hass: HomeAssistant, home: Home, porch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again some seconds later."""
    monkeypatch.setattr(watch_giving, "RETRY", 0.5)
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key)
    find, faults = watching.find_place, [LookupError()]

    async def find_at_last(camera_key: str) -> ClipSettings | None:
        if faults:
            raise faults.pop()
        return await find(camera_key)

    watching.find_place = find_at_last
    async_change_camera(hass, home.entry, key, watch="key")
    await wait_for(lambda: not faults)
    await wait_for(lambda: watching.state(key).mode == "key", 30)


async def test_who_cannot_be_found_delays_nobody(hass: HomeAssistant, home: Home, porch: Any) -> None:
    """Neither the others nor what is wanted of the same camera next."""
    key, watching = key_of(home), watching_of(hass)
    asked: list[str] = []
    wanted = CameraSettings(watch=WatchMode.FULL, clips=False)

    def nowhere(name: str) -> Any:
        async def source() -> Secret:
            asked.append(name)
            await asyncio.Event().wait()
            raise AssertionError

        return source

    dead = [f"{number:032x}" for number in range(10)]
    for name in dead:
        watching.async_watch(name, nowhere(name), wanted)
    await wait_for(lambda: len(asked) == len(dead))
    await have_watched(home, key, clips=False)
    watching.async_watch(key, nowhere(key), wanted)
    await wait_for(lambda: key in asked)
    for name in (*dead, key):
        watching.async_leave(name)
    await wait_for(lambda: not workers())
    await wait_for(lambda: not watching._worker.states)


async def test_who_records_is_not_undone_by_an_older_order(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """A disk that comes back is told of while what was wanted without it is still on its way."""
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key)
    await hass.data[DATA_SHARED].clips.async_ready_to_record()
    find, asked, late = watching.find_place, asyncio.Event(), asyncio.Event()

    async def without_a_disk(_camera_key: str) -> ClipSettings | None:
        asked.set()
        await late.wait()
        return None

    watching.find_place = without_a_disk
    watching.async_renew()
    await asyncio.wait_for(asked.wait(), 10)
    watching.find_place = find
    with listening(hass, key) as heard:
        clip_id = await watching.async_record(key, 1.0, 0.0)
        late.set()
        await wait_for(lambda: heard.of(ClipFinished), 20)
        assert [clip.clip_id for clip in heard.of(ClipFinished)] == [clip_id]
        porch.motion(1.5)
        await wait_for(lambda: [clip for clip in heard.of(ClipBegan) if clip.event_id], 15)


async def test_who_records_waits_for_no_second_try(
    hass: HomeAssistant, home: Home, porch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream that cannot be found is tried again later; whoever asked hears of it now."""
    monkeypatch.setattr(watch_giving, "RETRY", 60.0)
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key, clips=False)

    async def nowhere() -> Secret:
        raise WatchError(reason="no_picture")

    watching.async_watch(key, nowhere, CameraSettings(watch=WatchMode.FULL, clips=False))
    async with asyncio.timeout(20):
        await watching.async_record(key, 1.0)
