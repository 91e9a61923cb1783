"""The folder of the clips on real file systems: full, read-only, gone, unmounted; and back again."""

import asyncio
import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local import clip_keeper, clips as clips_module
from custom_components.wyze_local.cameras import async_change_camera
from custom_components.wyze_local.clips import ClipsAway
from custom_components.wyze_local.engine.model import ClipFailed, ClipFinished, Sound, Trouble
from custom_components.wyze_local.installation import ClipKeeping
from custom_components.wyze_local.shared import DATA_SHARED
from tests.support.away import away

from .clip_rig import Clips, clips, held
from .rigging import DOMAIN, wait_for

__all__ = ["clips"]

DAY = 24 * 3600.0
MINUTE = 61.0
HOUR = 3601.0


def mount(*options: str) -> None:
    """Mount something, as root."""
    subprocess.run(["mount", *options], check=True, timeout=10)


def unmount(folder: Path) -> None:
    """Unmount it."""
    subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=10)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Put a disk of a size at a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield
    finally:
        unmount(folder)


def issues(hass: HomeAssistant) -> set[str]:
    """Return which repairs are asked for because of clips."""
    return {name for domain, name in ir.async_get(hass).issues if domain == DOMAIN and "clips" in name}


async def looked(hass: HomeAssistant) -> None:
    """Wait until the keeper has looked, if it is about to."""
    await hass.async_block_till_done()
    looking = hass.data[DATA_SHARED].clips.keeper._looking
    if looking is not None:
        async with asyncio.timeout(20):
            await asyncio.wait({looking})


async def later(hass: HomeAssistant, seconds: float) -> None:
    """Let time pass for the keeper, and wait until it has looked."""
    # Time that passes in the middle of a look would be the disk's not answering.
    await looked(hass)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await looked(hass)


async def choose(clips: Clips, folder: Path, **more: Any) -> None:
    """Choose a folder as the options do."""
    keeping = replace(clips.shared.installation.clips, folder=str(folder), **more)
    await clips.shared.async_change_clips(keeping)
    clips.root = folder
    await looked(clips.hass)


async def folder_of(clips: Clips) -> Path:
    """Return where the worker is told to write the porch's clips, once there is a place for them."""
    clips.shared.clips.keeper.async_want()
    await wait_for(lambda: clips.shared.clips.keeper.usable)
    folder = await clips.shared.clips.async_folder(clips.key("camera.porch"))
    assert folder is not None
    return folder


def finished(clip_id: str) -> ClipFinished:
    """Return what the worker says of a clip that is whole."""
    return ClipFinished(clip_id, "event", 0.0, 4.0, 1000, Sound.NONE, still=True)


def failed(reason: Trouble) -> ClipFailed:
    """Return what the worker says of a clip that is not."""
    return ClipFailed(None, "event", reason)


async def test_no_folder_is_made_before_a_clip_is_to_be_kept(hass: HomeAssistant, clips: Clips) -> None:
    """Whoever watches nothing finds no folder of ours; nor is anything wrong."""
    await later(hass, HOUR)
    assert not clips.root.exists()
    assert issues(hass) == set()
    folder = await folder_of(clips)
    assert folder.parent == clips.root
    assert folder.is_dir()
    assert issues(hass) == set()


async def test_the_oldest_go_when_they_are_too_old_or_too_many(
    hass: HomeAssistant, clips: Clips, hass_admin_user: User
) -> None:
    """When we start, after each clip, and hourly; pinned ones stay."""
    key, now = clips.key("camera.porch"), dt_util.utcnow().timestamp()
    keep = clips.shared.clips
    old, pinned = await clips.make(key, now - 15 * DAY), await clips.make(key, now - 16 * DAY)
    new = [await clips.make(key, now - n, content=b"x" * 60_000_000) for n in range(3)]
    await hass.services.async_call(
        DOMAIN, "pin_clip", {"media_content_id": f"media-source://{DOMAIN}/{key}/{pinned}"}, blocking=True
    )
    await later(hass, HOUR)
    assert {clip.id for clip in await keep.async_list(key)} == {*new, pinned}
    assert old not in {clip.id for clip in await keep.async_list(key)}
    await choose(clips, clips.root, gigabytes=0.13)
    assert {clip.id for clip in await keep.async_list(key)} == {*new[:2], pinned}
    another = await clips.make(key, now + 1, content=b"x" * 60_000_000)
    keep.async_heard(key, finished(another))
    await looked(hass)
    assert {clip.id for clip in await keep.async_list(key)} == {another, new[0], pinned}


async def test_what_went_is_not_shown_as_the_last_event_either(hass: HomeAssistant, clips: Clips) -> None:
    """Its picture goes with it: the days that a person chose are for all of it."""
    key, now, image = clips.key("camera.porch"), dt_util.utcnow().timestamp(), "image.porch_last_event"
    await clips.make(key, now - 12 * DAY)
    # Without one of today the clock is not believed.
    await clips.make(key, now, still=None)
    async_change_camera(hass, clips.home.entry, key, watch="key")
    await wait_for(lambda: clips.home.state(image) not in (None, "unavailable"))
    await choose(clips, clips.root, days=13)
    assert clips.home.state(image) != "unavailable"
    await choose(clips, clips.root, days=11)
    await wait_for(lambda: clips.home.state(image) == "unavailable", 2)


async def test_what_somebody_else_brings_or_takes_is_noticed(hass: HomeAssistant, clips: Clips) -> None:
    """Within an hour: the folder is the person's."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    clip_id = await clips.make(key)
    (folder,) = (entry for entry in clips.root.iterdir() if entry.is_dir())
    folder.rename(clips.root.parent / "elsewhere")
    await choose(clips, clips.root, days=3650)
    await later(hass, HOUR)
    assert await keep.async_list(key) == []
    (clips.root.parent / "elsewhere").rename(folder)
    await later(hass, HOUR)
    assert [clip.id for clip in await keep.async_list(key)] == [clip_id]


async def test_a_drive_that_is_not_mounted_is_not_written_beside(
    hass: HomeAssistant, clips: Clips, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its empty folder stays empty; the repair goes when it is back, and so is everything on it."""
    drive, place, keep = tmp_path / "drive", tmp_path / "nas", clips.shared.clips
    key = clips.key("camera.porch")
    drive.mkdir()
    place.mkdir()
    mount("--bind", str(drive), str(place))
    try:
        await choose(clips, place, days=3650)
        await folder_of(clips)
        clip_id = await clips.make(key)
    finally:
        unmount(place)
    heard: list[bool] = []
    keep.keeper.async_listen(lambda: heard.append(keep.keeper.usable))
    keep.async_heard(key, failed(Trouble.NO_FOLDER))
    await looked(hass)
    assert issues(hass) == {"clips_folder_away"}
    assert await keep.async_folder(key) is None
    for _ in range(3):
        await later(hass, MINUTE)
        keep.async_heard(key, failed(Trouble.NO_FOLDER))
        await looked(hass)
    assert list(place.iterdir()) == []
    assert caplog.text.count("Clips cannot be kept") <= 2
    mount("--bind", str(drive), str(place))
    try:
        await later(hass, MINUTE)
        assert issues(hass) == set()
        assert heard == [False, True]
        assert (await folder_of(clips)).parent == place
        assert [clip.id for clip in await keep.async_list(key)] == [clip_id]
    finally:
        unmount(place)


async def test_an_emptied_folder_is_taken_again_with_its_mark(
    hass: HomeAssistant, clips: Clips, tmp_path: Path
) -> None:
    """As the repair says."""
    place = tmp_path / "mine"
    place.mkdir()
    await choose(clips, place)
    await folder_of(clips)
    subprocess.run(["find", str(place), "-mindepth", "1", "-delete"], check=True, timeout=10)
    await later(hass, HOUR)
    assert issues(hass) == {"clips_folder_away"}
    (place / ".wyze_local").touch()
    await later(hass, MINUTE)
    assert issues(hass) == set()


async def test_a_chosen_folder_that_is_missing_is_not_made(
    hass: HomeAssistant, clips: Clips, tmp_path: Path
) -> None:
    """It lies on a disk that is away, most likely."""
    place = tmp_path / "disk" / "clips"
    place.mkdir(parents=True)
    await choose(clips, place)
    await folder_of(clips)
    place.parent.rename(tmp_path / "unplugged")
    await later(hass, HOUR)
    assert issues(hass) == {"clips_folder_missing"}
    assert not place.exists()
    (tmp_path / "unplugged").rename(place.parent)
    await later(hass, MINUTE)
    assert issues(hass) == set()


async def test_a_folder_that_cannot_be_written_to_is_told_once(
    hass: HomeAssistant, clips: Clips, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log once, however often it is met; the repair goes by itself."""
    place, keep = tmp_path / "disk", clips.shared.clips
    with small_disk(place, "8g"):
        await choose(clips, place)
        await folder_of(clips)
        mount("-o", "remount,ro", str(place))
        for _ in range(3):
            keep.async_heard("porch", failed(Trouble.READ_ONLY))
            await looked(hass)
            await later(hass, MINUTE)
        assert issues(hass) == {"clips_folder_read_only"}
        assert caplog.text.count("Clips cannot be kept") == 1
        mount("-o", "remount,rw", str(place))
        await later(hass, MINUTE)
        assert issues(hass) == set()
        assert caplog.text.count("Clips can be kept again") == 1


async def test_a_full_disk_is_told(hass: HomeAssistant, clips: Clips, tmp_path: Path) -> None:
    """What has to stay free for others counts as full."""
    place = tmp_path / "disk"
    with small_disk(place, "100m"):
        await choose(clips, place)
        # It may be written to: the worker says what it can do.
        await folder_of(clips)
        await looked(hass)
        assert issues(hass) == {"clips_disk_full"}
        mount("-o", "remount,size=8g", str(place))
        await later(hass, MINUTE)
        assert issues(hass) == set()


async def test_a_disk_that_refuses_clips_is_not_believed_until_one_is_whole(
    hass: HomeAssistant, clips: Clips
) -> None:
    """A quota, for example, is nothing that a look shows."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    await folder_of(clips)
    keep.async_heard(key, failed(Trouble.DISK_FULL))
    for _ in range(3):
        await later(hass, MINUTE)
        assert issues(hass) == {"clips_disk_full"}
    keep.async_heard(key, finished(await clips.make(key, dt_util.utcnow().timestamp())))
    await looked(hass)
    assert issues(hass) == set()


async def test_a_disk_that_does_not_answer_holds_nobody(
    hass: HomeAssistant, clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks is told in time, and a repair asks for it."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    await folder_of(clips)
    await looked(hass)
    clip_id = await clips.make(key)
    place = {"media_content_id": f"media-source://{DOMAIN}/{key}/{clip_id}"}
    # What has to succeed again may take its time: a busy machine is no disk that hangs.
    with held(keep._threads._library), monkeypatch.context() as soon:
        soon.setattr(clip_keeper, "WAIT", 0.5)
        soon.setattr(clips_module, "WAIT", 0.5)
        with pytest.raises(HomeAssistantError, match="does not answer"):
            await hass.services.async_call(DOMAIN, "delete_clip", place, blocking=True)
        await later(hass, HOUR)
        assert issues(hass) == {"clips_folder_away"}
    await later(hass, MINUTE)
    assert issues(hass) == set()


async def test_a_drive_that_refuses_everything_is_told_as_what_it_is(
    hass: HomeAssistant, clips: Clips, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As a NAS does whose server died: it is neither missing nor empty, and that is said once."""
    place, keep = tmp_path / "nas", clips.shared.clips
    key = clips.key("camera.porch")
    place.mkdir()
    with away(place, errno.EIO):
        await choose(clips, place)
        with pytest.raises(ClipsAway):
            await keep.async_names(key)
        keep.keeper.async_want()
        await looked(hass)
        keep.async_heard(key, failed(Trouble.DISK_ERROR))
        await later(hass, MINUTE)
        assert issues(hass) == {"clips_folder_away"}
    assert caplog.text.count("Clips cannot be kept") == 1
    await later(hass, MINUTE)
    assert issues(hass) == set()
    assert await keep.async_names(key) == ([], [])


async def test_no_clip_lies_where_everybody_sees_it(hass: HomeAssistant, clips: Clips) -> None:
    """Nor in our own place, if that was made a link to there; and one that was laid later is noticed."""
    public = Path(hass.config.config_dir) / "www"
    public.mkdir()
    clips.root.symlink_to(public)
    keep = clips.shared.clips
    keep.keeper.async_want()
    await looked(hass)
    assert issues(hass) == {"clips_folder_public"}
    assert await keep.async_folder(clips.key("camera.porch")) is None
    assert list(public.iterdir()) == []
    clips.root.unlink()
    await later(hass, MINUTE)
    assert issues(hass) == set()
    assert (await folder_of(clips)).parent == clips.root
    public.rmdir()
    public.symlink_to(clips.root)
    await later(hass, HOUR)
    assert issues(hass) == {"clips_folder_public"}
    assert not keep.keeper.usable


async def test_clips_stay_when_the_last_entry_goes(hass: HomeAssistant, clips: Clips, tmp_path: Path) -> None:
    """Nothing is asked for any more, and nothing is deleted."""
    key = clips.key("camera.porch")
    place = tmp_path / "disk"
    place.mkdir()
    await choose(clips, place, days=3650)
    await folder_of(clips)
    await clips.make(key)
    clips.shared.clips.async_heard(key, failed(Trouble.DISK_FULL))
    assert issues(hass) == {"clips_disk_full"}
    # A look leaves nothing, but tries to write.
    await looked(hass)
    before = sorted(place.rglob("*"))
    await hass.config_entries.async_remove(clips.home.entry.entry_id)
    await looked(hass)
    assert issues(hass) == set()
    await clips.shared.async_change_clips(ClipKeeping(folder=str(place), days=1))
    await later(hass, HOUR)
    assert sorted(place.rglob("*")) == before


async def test_another_folder_is_followed_at_once(hass: HomeAssistant, clips: Clips, tmp_path: Path) -> None:
    """The clips in the old one stay there and are not shown any more."""
    key, keep = clips.key("camera.porch"), clips.shared.clips
    clips.root.mkdir(parents=True)
    await choose(clips, clips.root, days=3650)
    await folder_of(clips)
    clip_id = await clips.make(key)
    old = clips.root
    place = tmp_path / "other"
    place.mkdir()
    await choose(clips, place)
    assert await keep.async_list(key) == []
    assert (await folder_of(clips)).parent == place
    await choose(clips, old)
    await wait_for(lambda: keep.keeper.usable)
    assert [clip.id for clip in await keep.async_list(key)] == [clip_id]
