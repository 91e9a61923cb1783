"""The media browser: cameras, days and clips for whoever may see them, and each of them plays."""

import shutil
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from homeassistant.auth.models import User
from homeassistant.components.media_player import async_process_play_media_url
from homeassistant.components.media_source import Unresolvable, async_browse_media, async_resolve_media
from homeassistant.components.webhook import async_register
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.wyze_local import media_source
from custom_components.wyze_local.engine.model import ClipName, Suffix
from dev.simulator import CameraSpec
from tests.support.clips import JPEG, clip_bytes

from .clip_rig import NOON, Clips, clips, midday

__all__ = ["clips", "midday"]

pytestmark = pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("hall")]], indirect=True)

HOUR = 3600.0
DAY = 24 * HOUR


def local(at: float) -> datetime:
    """Return a moment in Home Assistant's time zone."""
    return dt_util.as_local(dt_util.utc_from_timestamp(at))


@pytest.mark.usefixtures("midday")
async def test_what_was_seen_is_found_by_camera_and_day(
    hass: HomeAssistant, clips: Clips, hass_admin_user: User
) -> None:
    """The newest first, with the time, what it was, who says so, and a still."""
    porch = clips.key("camera.porch")
    now = dt_util.utcnow().timestamp()
    await clips.make(porch, now - 40 * DAY)
    await clips.make(porch, now - 40 * DAY + 60)
    seen = await clips.make(porch, now - 5, kinds=("motion", "person"), origin="both", score=0.5)
    await clips.make(porch, now - 9, kinds=("motion",), origin="local", still=None)
    await hass.services.async_call(
        "wyze_local", "pin_clip", {"media_content_id": f"media-source://wyze_local/{porch}/{seen}"}, True
    )
    asker = await clips.socket(hass_admin_user)
    assert await asker.titles() == ["Hall", "Porch"]
    old = local(now - 40 * DAY).date().isoformat()
    assert await asker.titles(porch) == ["Today (2)", f"{old} (2)"]
    answer = await asker.browse(f"{porch}/{local(now).date().isoformat()}")
    first, second = answer["result"]["children"]
    assert first["title"] == (
        f"{local(now - 5):%H:%M:%S} · Motion, Person (seen here, and told by the vendor) · 4 s · pinned"
    )
    assert second["title"] == f"{local(now - 9):%H:%M:%S} · Motion (seen here) · 4 s"
    assert first["thumbnail"] == f"/api/wyze_local/still/{porch}/{seen}.jpg"
    assert second["thumbnail"] is None
    assert (first["can_play"], first["media_class"], first["media_content_type"]) == (
        True,
        "video",
        "video/mp4",
    )
    client = await clips.client(hass_admin_user)
    async with client.get(first["thumbnail"]) as sent:
        assert await sent.read() == JPEG


async def test_a_clip_plays_in_the_browser_and_on_a_cast_device(
    hass: HomeAssistant,
    clips: Clips,
    hass_admin_user: User,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Through an address that is signed for whoever plays it, and needs nothing else."""
    porch = clips.key("camera.porch")
    clip_id = await clips.make(porch)
    stranger = await hass_client_no_auth()
    answer = await (await clips.socket(hass_admin_user)).resolve(f"{porch}/{clip_id}")
    assert answer["result"]["mime_type"] == "video/mp4"
    assert "authSig=" in answer["result"]["url"]
    async with stranger.get(answer["result"]["url"]) as sent:
        assert await sent.read() == clip_bytes()
    # As an automation has it played, on a device that cannot sign in.
    media = await async_resolve_media(hass, f"media-source://wyze_local/{porch}/{clip_id}", "media_player.tv")
    async with stranger.get(async_process_play_media_url(hass, media.url, allow_relative_url=True)) as sent:
        assert await sent.read() == clip_bytes()
    assert media.path is not None
    assert media.path.read_bytes() == clip_bytes()


async def test_one_sees_what_one_may_see(clips: Clips) -> None:
    """Other cameras are not listed, not opened and not played."""
    porch, hall = clips.key("camera.porch"), clips.key("camera.hall")
    seen, hidden = await clips.make(porch), await clips.make(hall)
    asker = await clips.socket(await clips.person("camera.porch"))
    assert await asker.titles() == ["Porch"]
    day = local(NOON).date().isoformat()
    assert len(await asker.titles(f"{porch}/{day}")) == 1
    for identifier in (hall, f"{hall}/{day}"):
        answer = await asker.browse(identifier)
        assert (answer["success"], answer["error"]["message"]) == (False, "There is no such clip")
    answer = await asker.resolve(f"{hall}/{hidden}")
    assert answer["error"] == {"code": "resolve_media_failed", "message": "There is no such clip"}
    assert (await asker.resolve(f"{porch}/{seen}"))["success"]


async def test_rights_that_were_withdrawn_are_gone_at_once(hass: HomeAssistant, clips: Clips) -> None:
    """The same open browser shows nothing any more."""
    porch = clips.key("camera.porch")
    clip_id = await clips.make(porch)
    person = await clips.person("camera.porch")
    asker = await clips.socket(person)
    assert await asker.titles() == ["Porch"]
    await hass.auth.async_update_user(person, group_ids=[])
    assert await asker.titles() == []
    assert not (await asker.resolve(f"{porch}/{clip_id}"))["success"]


async def test_of_many_the_newest_are_listed(
    clips: Clips, hass_admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how many are not."""
    monkeypatch.setattr(media_source, "MAX_CLIPS", 3)
    monkeypatch.setattr(media_source, "MAX_DAYS", 2)
    porch = clips.key("camera.porch")
    for n in range(4):
        await clips.make(porch, NOON + n, content=b"", still=None)
        await clips.make(porch, NOON - n * DAY, content=b"", still=None)
    asker = await clips.socket(hass_admin_user)
    days = (await asker.browse(porch))["result"]
    assert (len(days["children"]), days["not_shown"]) == (2, 2)
    day = (await asker.browse(f"{porch}/{local(NOON).date().isoformat()}"))["result"]
    assert [child["title"] for child in day["children"]] == [f"{local(NOON + n):%H:%M:%S}" for n in (3, 2, 1)]
    assert day["not_shown"] == 2


async def test_every_day_that_is_one_can_be_opened(clips: Clips, hass_admin_user: User) -> None:
    """Also one without any clip."""
    asker = await clips.socket(hass_admin_user)
    for day in ("1971-01-01", "2026-03-29", "9998-12-31"):
        assert await asker.titles(f"{clips.key('camera.porch')}/{day}") == []


@pytest.mark.parametrize(
    "identifier",
    [
        "../..",
        "x",
        "{key}/..",
        "{key}/2026-02-31",
        "{key}/x/y",
        "{key}/9999-12-31",
        "{key}/0001-01-01",
        "{key}/",
        "0" * 32,
        "{key}//",
    ],
)
async def test_what_is_none_of_ours_is_refused(clips: Clips, hass_admin_user: User, identifier: str) -> None:
    """In words of ours, whatever was asked for."""
    asker = await clips.socket(hass_admin_user)
    word = identifier.format(key=clips.key("camera.porch"))
    for answer in (await asker.browse(word), await asker.resolve(word)):
        assert answer["error"]["message"] == "There is no such clip"


async def test_a_clip_that_is_gone_says_so(clips: Clips, hass_admin_user: User) -> None:
    """Whether it was deleted here or by somebody else on the disk."""
    porch = clips.key("camera.porch")
    clip_id = await clips.make(porch)
    asker = await clips.socket(hass_admin_user)
    shutil.rmtree(next(entry for entry in clips.root.iterdir() if entry.is_dir()))
    assert (await asker.resolve(f"{porch}/{clip_id}"))["error"]["message"] == "There is no such clip"


async def test_a_folder_that_is_away_says_so(hass: HomeAssistant, clips: Clips) -> None:
    """Not that nothing was ever seen."""
    porch = clips.key("camera.porch")
    clip_id = await clips.make(porch)
    clips.root.rename(clips.root.with_name("unmounted"))
    with pytest.raises(Unresolvable, match="does not answer"):
        await async_resolve_media(hass, f"media-source://wyze_local/{porch}/{clip_id}", None)


async def test_a_clip_that_still_grows_can_be_played(
    hass: HomeAssistant, clips: Clips, hass_admin_user: User
) -> None:
    """An automation tells of it when it begins."""
    porch = clips.key("camera.porch")
    clip_id = await clips.make(porch, suffix=Suffix.CLIP_PART, still=None)
    asker = await clips.socket(hass_admin_user)
    answer = await asker.resolve(f"{porch}/{clip_id}")
    client = await clips.client(hass_admin_user)
    async with client.get(answer["result"]["url"]) as sent:
        assert sent.status == HTTPStatus.OK
    media = await async_resolve_media(hass, f"media-source://wyze_local/{porch}/{clip_id}", None)
    # Nobody is to read half a fragment from the disk.
    assert media.path is None


async def test_the_clips_of_a_camera_that_is_gone_stay(
    hass: HomeAssistant, clips: Clips, hass_admin_user: User
) -> None:
    """Under the name it had when they were made; for those only who may see everything."""
    porch = clips.key("camera.porch")
    clip_id = await clips.make(porch)
    watcher = await clips.socket(await clips.person("camera.porch", "camera.hall"))
    (subentry,) = (one for one in clips.home.entry.subentries.values() if one.title == "Porch")
    hass.config_entries.async_remove_subentry(clips.home.entry, subentry.subentry_id)
    await hass.async_block_till_done()
    asker = await clips.socket(hass_admin_user)
    assert await asker.titles() == ["Hall", "porch"]
    assert await watcher.titles() == ["Hall"]
    everything: Any = await async_browse_media(hass, "media-source://wyze_local")
    left = everything.children[1].identifier
    assert len(await asker.titles(left)) == 1
    assert (await asker.resolve(f"{left}/{clip_id}"))["success"]
    assert ClipName.parse(clip_id)


async def test_home_assistant_itself_shows_no_clip_to_anybody(
    hass: HomeAssistant, clips: Clips, tmp_path: Path
) -> None:
    """Its own media browser asks nobody's rights to a camera: no clip may be in what it lists."""
    await clips.make(clips.key("camera.porch"))
    (tmp_path / "media").mkdir(exist_ok=True)
    (tmp_path / "media" / "holiday.mp4").write_bytes(clip_bytes())
    asker = await clips.socket(await clips.person("camera.hall"))
    listed: list[str] = []
    shelves = ["media-source://media_source"]
    while shelves:
        answer = await asker.ask("media_source/browse_media", media_content_id=shelves.pop())
        for child in answer["result"]["children"]:
            (shelves if child["can_expand"] else listed).append(child["media_content_id"])
    assert listed == ["media-source://media_source/local/holiday.mp4"]


async def test_a_webhook_is_nobody(
    hass: HomeAssistant, clips: Clips, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Whoever knows its address need not be logged in: what it sets off sees no clip."""
    porch = clips.key("camera.porch")
    place = f"media-source://wyze_local/{porch}/{await clips.make(porch)}"

    async def answer(hass: HomeAssistant, _webhook_id: str, _request: web.Request) -> web.Response:
        shelf = await async_browse_media(hass, "media-source://wyze_local")
        try:
            media = await async_resolve_media(hass, place, "media_player.tv")
        except Unresolvable:
            return web.json_response([child.title for child in shelf.children or ()])
        return web.Response(text=media.url)

    assert await async_setup_component(hass, "webhook", {})
    async_register(hass, "test", "Test", "known-to-many", answer)
    stranger = await hass_client_no_auth()
    async with stranger.post("/api/webhook/known-to-many") as told:
        assert await told.text() == "[]"
    # What nobody from outside set off is Home Assistant's own.
    assert (await async_resolve_media(hass, place, "media_player.tv")).url
