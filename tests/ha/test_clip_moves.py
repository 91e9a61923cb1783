"""Leaving a folder of clips for another, also one that hangs; and nobody left who wants clips."""

import asyncio
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local import clips as clips_module
from custom_components.wyze_local.clip_ids import ClipPlace
from custom_components.wyze_local.clips import ClipsAway
from custom_components.wyze_local.clips_form import async_check_clips
from custom_components.wyze_local.const import LINGER_SECONDS
from custom_components.wyze_local.installation import SIGNAL_CLIPS, ClipKeeping

from .clip_rig import NOON, Clips, clips, held
from .rigging import DOMAIN, wait_for

__all__ = ["clips"]

DAY = 24 * 3600.0


def issues(hass: HomeAssistant) -> set[str]:
    """Return which repairs are asked for because of clips."""
    return {name for domain, name in ir.async_get(hass).issues if domain == DOMAIN and "clips" in name}


def heard_of(clips: Clips) -> list[bool]:
    """Return what the worker is told from now on: whether there is a place for clips."""
    heard: list[bool] = []
    keeper = clips.shared.clips.keeper
    keeper.async_listen(lambda: heard.append(keeper.usable))
    return heard


async def have_place(clips: Clips) -> None:
    """Have clips kept."""
    clips.shared.clips.keeper.async_want()
    await wait_for(lambda: clips.shared.clips.keeper.usable)


@pytest.mark.parametrize("asked", [False, True])
async def test_a_drive_that_hangs_can_be_left(
    hass: HomeAssistant, clips: Clips, tmp_path: Path, *, asked: bool
) -> None:
    """All that waits for it goes on waiting; a healthy folder is tried, taken and used without it."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    await have_place(clips)
    answers, place = threading.Event(), tmp_path / "local"
    for threads, count in ((keep._threads._library, 1), (keep._threads._files, 4)):
        for _ in range(count):
            threads.submit(answers.wait)
    heard = heard_of(clips)
    try:
        keep.keeper.async_look()
        async with asyncio.timeout(15):
            typed = {"clips_folder": str(place), "clips_days": 14, "clips_gigabytes": 10}
            assert await async_check_clips(hass, typed) == {}
            keeping = ClipKeeping(folder=str(place))
            if asked:
                # While the options are written down, a camera or a browser asks where clips lie.
                clips.shared.installation = replace(clips.shared.installation, clips=keeping)
                assert keep.keeper.root == place
                async_dispatcher_send(hass, SIGNAL_CLIPS, keeping)
            else:
                await clips.shared.async_change_clips(keeping)
            assert heard[0] is False
            await wait_for(lambda: keep.keeper.usable)
            folder = await keep.async_folder(key)
            assert await keep.async_list(key) == []
        assert folder is not None
        assert folder.parent == place
        assert issues(hass) == set()
    finally:
        answers.set()


async def test_nothing_more_is_written_into_a_folder_that_was_left(
    hass: HomeAssistant, clips: Clips, tmp_path: Path
) -> None:
    """Also when the new one is no good."""
    await have_place(clips)
    heard = heard_of(clips)
    await clips.shared.async_change_clips(ClipKeeping(folder=str(tmp_path / "missing" / "clips")))
    assert heard == [False]
    await wait_for(lambda: issues(hass) == {"clips_folder_missing"})
    assert await clips.shared.clips.async_folder(clips.key("camera.porch")) is None


async def test_a_look_at_a_folder_that_was_left_says_nothing_of_the_new_one(
    hass: HomeAssistant, clips: Clips, tmp_path: Path
) -> None:
    """While the options are written down somebody asks where clips lie, and the one so far answers late."""
    keep, place = clips.shared.clips, tmp_path / "missing" / "clips"
    await have_place(clips)
    await wait_for(lambda: keep.keeper._looking is None or keep.keeper._looking.done())
    heard = heard_of(clips)
    with held(keep._threads._library):
        keep.keeper.async_look()
        clips.shared.installation = replace(clips.shared.installation, clips=ClipKeeping(folder=str(place)))
        assert keep.keeper.root == place
    await wait_for(lambda: issues(hass) == {"clips_folder_missing"})
    assert heard == [False]


async def test_whoever_goes_too_soon_leaves_no_file_open(
    hass: HomeAssistant, clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that ends its request while the file is being opened, or a disk that is late."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    place = ClipPlace(key, await clips.make(key, NOON))

    def still_open() -> list[str]:
        found = []
        for entry in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                found.append(entry.readlink().name)
        return [name for name in found if place.clip_id[-8:] in name]

    def close(found: Any) -> None:
        # Some are quick enough all the same.
        keep.close(found[0] if isinstance(found, tuple) else found)

    with monkeypatch.context() as soon:
        soon.setattr(clips_module, "WAIT", 0.0)
        for _ in range(100):
            for opening in (keep.async_open, keep.async_open_still):
                with suppress(ClipsAway):
                    close(await opening(place))
    for _ in range(100):
        asked = asyncio.ensure_future(keep.async_open(place))
        await asyncio.sleep(0)
        asked.cancel()
        with suppress(asyncio.CancelledError):
            close(await asked)
    await wait_for(lambda: not still_open())


async def test_without_entries_the_folder_is_left_alone(hass: HomeAssistant, clips: Clips) -> None:
    """All are switched off: nothing is deleted any more, until one is back."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    await have_place(clips)
    await hass.config_entries.async_unload(clips.home.entry.entry_id)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=LINGER_SECONDS + 1))
    await wait_for(lambda: clips.shared.server is None)
    await wait_for(lambda: not keep.keeper.usable)
    now = dt_util.utcnow().timestamp()
    await clips.make(key, now)
    old = ClipPlace(key, await clips.make(key, now - 30 * DAY))
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=2))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await keep.async_path(old) is not None
    assert await hass.config_entries.async_setup(clips.home.entry.entry_id)
    await wait_for(lambda: not any(clips.root.rglob(f"*{old.clip_id[-8:]}.mp4")))


async def test_entries_that_start_side_by_side_start_it_once(hass: HomeAssistant, clips: Clips) -> None:
    """And nothing of it is left when it stops."""
    keeper = clips.shared.clips.keeper
    await keeper.async_stop()
    await asyncio.gather(keeper.async_start(), keeper.async_start())
    await have_place(clips)
    await keeper.async_stop()
    assert not hass.data["dispatcher"].get(SIGNAL_CLIPS)
