"""What the media browser shows while the disk is slow, hangs, or is being looked through; and what grows."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.wyze_local import clip_keeper, clips as clips_module
from custom_components.wyze_local.clip_ids import ClipPlace
from custom_components.wyze_local.engine.model import (
    ClipBegan,
    ClipFailed,
    ClipFinished,
    ClipName,
    ClipStill,
    Sound,
    Suffix,
    Trouble,
)
from custom_components.wyze_local.installation import ClipKeeping
from dev.simulator import CameraSpec
from tests.support.mounts import tmpfs

from .clip_rig import Asker, Clips, clips, held, midday
from .rigging import DOMAIN, wait_for

__all__ = ["clips", "midday"]

pytestmark = [
    pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("hall")]], indirect=True),
    pytest.mark.usefixtures("midday"),
]

SOON = 10.0
"""Seconds within which who waits for no disk is answered, also on a busy machine; who does, waits longer."""


async def have_place(clips: Clips) -> None:
    """Have clips kept, and wait until it is known which there are."""
    keeper = clips.shared.clips.keeper
    keeper.async_want()
    await wait_for(lambda: keeper.usable and keeper.kept is not None)


async def leave(clips: Clips, tmp_path: Path) -> None:
    """Choose another folder."""
    (tmp_path / "other").mkdir()
    await clips.shared.async_change_clips(ClipKeeping(folder=str(tmp_path / "other")))


async def come_back(clips: Clips, folder: Path) -> None:
    """Choose one, perhaps again: nothing is known of what lies there."""
    await clips.shared.async_change_clips(ClipKeeping(folder=str(folder)))


def finished(clip_id: str) -> ClipFinished:
    """Return what the worker says of a clip that is whole."""
    return ClipFinished(clip_id, "event", 0.0, 4.0, 1000, Sound.NONE, still=True)


def now() -> float:
    """Return the time of day."""
    return dt_util.utcnow().timestamp()


async def listed(asker: Asker, camera_key: str) -> list[str]:
    """Open a camera and its newest day, soon; returns the titles of the clips without their times."""
    async with asyncio.timeout(SOON):
        (day, *_) = (await asker.browse(camera_key))["result"]["children"]
        titles = await asker.titles(day["media_content_id"].partition(f"{DOMAIN}/")[2])
    return [title.partition(" · ")[2] for title in titles]


async def test_a_look_through_the_folder_keeps_nobody_waiting(
    hass: HomeAssistant, clips: Clips, hass_admin_user: User
) -> None:
    """However long it takes: clips are listed, played, pinned, deleted, and new ones come."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    await have_place(clips)
    first = await clips.make(key, now(), origin="local", kinds=("motion",))
    asker = await clips.socket(hass_admin_user)
    # No look gets anywhere, whichever thread it runs in.
    with keep.keeper.library._looking:
        keep.keeper.async_look(anew=True)
        await hass.async_block_till_done()
        assert await listed(asker, key) == ["Motion (seen here) · 4 s"]
        async with asyncio.timeout(SOON):
            await keep.async_pin(ClipPlace(key, first), pinned=True)
            assert (await asker.resolve(f"{key}/{first}"))["success"]
            another = await clips.make(key, now(), still=None)
            keep.async_heard(key, finished(another))
            await keep.async_delete(ClipPlace(key, first))
        assert await listed(asker, key) == [""]
    await wait_for(lambda: keep.keeper._looking is not None and keep.keeper._looking.done())
    assert [clip.id for clip in await keep.async_list(key)] == [another]


async def test_a_disk_that_hangs_hides_no_clip_that_is_known(
    clips: Clips, hass_admin_user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is told of one, and was not read yet, is left out for once."""
    key = clips.key("camera.porch")
    await have_place(clips)
    await clips.make(key, now(), origin="local", kinds=("motion",))
    asker = await clips.socket(hass_admin_user)
    await leave(clips, tmp_path)
    await come_back(clips, clips.root)
    await clips.shared.clips.keeper.async_known()
    threads = clips.shared.clips._threads
    with (
        held(threads._library),
        held(threads._looks),
        held(threads._files, 4),
        monkeypatch.context() as soon,
    ):
        soon.setattr(clips_module, "TOLD_WITHIN", 0.2)
        assert await listed(asker, key) == [""]
        assert await asker.titles() == ["Hall", "Porch"]
    assert await listed(asker, key) == ["Motion (seen here) · 4 s"]


async def test_it_is_not_said_that_there_is_nothing_before_that_is_known(
    hass: HomeAssistant,
    clips: Clips,
    hass_admin_user: User,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """After a start, or when another folder was chosen."""
    key, keep, old = clips.key("camera.porch"), clips.shared.clips, clips.root
    await have_place(clips)
    await clips.make(key, now(), still=None)
    asker = await clips.socket(hass_admin_user)
    await leave(clips, tmp_path)
    clips.shared.installation = replace(clips.shared.installation, clips=ClipKeeping(folder=str(old)))
    assert keep.keeper.root == old
    with held(keep._threads._looks), monkeypatch.context() as soon:
        soon.setattr(clip_keeper, "KNOWN_WITHIN", 0.5)
        keep.keeper.async_look()
        answer = await asker.browse(key)
        assert "does not answer" in answer["error"]["message"]
    assert await listed(asker, key) == [""]


async def test_a_folder_that_cannot_be_written_to_shows_what_lies_there(
    hass: HomeAssistant, clips: Clips, hass_admin_user: User, tmp_path: Path
) -> None:
    """Only new clips cannot come."""
    key, place, keep = clips.key("camera.porch"), tmp_path / "disk", clips.shared.clips
    with tmpfs(place, 8 << 30) as disk:
        await come_back(clips, place)
        clips.root = place
        await have_place(clips)
        await clips.make(key, now(), still=None)
        await leave(clips, tmp_path)
        disk.read_only()
        await come_back(clips, place)
        await wait_for(lambda: keep.keeper.trouble == "folder_read_only")
        assert await listed(await clips.socket(hass_admin_user), key) == [""]


async def test_what_grows_is_listed_from_its_beginning_to_its_end(
    clips: Clips, hass_admin_user: User
) -> None:
    """And never twice, nor missing in between, however long the library takes to have it."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    await have_place(clips)
    asker = await clips.socket(hass_admin_user)
    clip_id = ClipName.new(now(), "00000001").id
    keep.async_heard(key, ClipBegan(clip_id, "event", now(), 1))
    assert await listed(asker, key) == ["being recorded"]
    (day,) = (await asker.browse(key))["result"]["children"]
    assert (day["title"], day["thumbnail"]) == ("Today (1)", None)
    assert await asker.titles(clips.key("camera.hall")) == []
    keep.async_heard(key, ClipStill(clip_id, "event", now()))
    (day,) = (await asker.browse(key))["result"]["children"]
    assert day["thumbnail"] == f"/api/wyze_local/still/{key}/{clip_id}.jpg"
    assert await clips.make(key, ClipName.parse(clip_id).at.timestamp(), suffix=Suffix.CLIP) == clip_id
    with held(keep._threads._library):
        keep.async_heard(key, finished(clip_id))
        assert len(await listed(asker, key)) == 1
    async with asyncio.timeout(20):
        while await listed(asker, key) != [""]:
            await asyncio.sleep(0.01)
    await keep.async_delete(ClipPlace(key, clip_id))
    assert await asker.titles(key) == []


async def test_what_grows_is_not_listed_when_nothing_can_come_of_it(
    clips: Clips, hass_admin_user: User
) -> None:
    """When it failed, or the folder is gone."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    await have_place(clips)
    asker = await clips.socket(hass_admin_user)
    first, second = (ClipName.new(now(), token).id for token in ("0000000a", "0000000b"))
    for clip_id in (first, second):
        keep.async_heard(key, ClipBegan(clip_id, "event", now(), 1))
    assert await listed(asker, key) == ["being recorded"] * 2
    keep.async_heard(key, ClipFailed(first, "event", Trouble.UNPLAYABLE))
    assert await listed(asker, key) == ["being recorded"]
    await clips.shared.async_change_clips(ClipKeeping(folder=str(clips.root.parent / "missing" / "x")))
    assert keep._growing.of(key) == []
