"""Clips over HTTP: for whoever may see the camera at that moment, in parts, and nothing but clips."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient
from yarl import URL

from homeassistant.auth.models import User
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.wyze_local.engine.model import ClipName, Suffix
from dev.simulator import CameraSpec
from tests.support.clips import JPEG, clip_bytes, playable_seconds

from .clip_rig import NOON, Clips, clips

__all__ = ["clips"]

type Client = TestClient[Any, Any]

TWO = pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("hall")]], indirect=True)
pytestmark = TWO


def url(camera_key: str, clip_id: str) -> str:
    """Return where a clip is served."""
    return f"/api/wyze_local/clip/{camera_key}/{clip_id}.mp4"


def still(camera_key: str, clip_id: str) -> str:
    """Return where its still is served."""
    return f"/api/wyze_local/still/{camera_key}/{clip_id}.jpg"


async def status(client: Client, path: str, **options: Any) -> int:
    """Return how a request is answered."""
    async with client.get(path, **options) as answer:
        return answer.status


async def test_a_clip_and_its_still_are_sent_to_who_may_see_the_camera(clips: Clips) -> None:
    """As what they are, for this browser only, and not to be kept without asking again."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    client = await clips.client(await clips.person("camera.porch"))
    async with client.get(url(key, clip_id)) as answer:
        assert answer.status == HTTPStatus.OK
        assert answer.content_type == "video/mp4"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        etag = answer.headers["ETag"]
        assert await answer.read() == clip_bytes()
    assert await status(client, url(key, clip_id), headers={"If-None-Match": etag}) == HTTPStatus.NOT_MODIFIED
    async with client.get(still(key, clip_id)) as answer:
        assert (answer.status, answer.content_type) == (HTTPStatus.OK, "image/jpeg")
        assert await answer.read() == JPEG


async def test_nobody_else_gets_anything(clips: Clips, hass_client_no_auth: ClientSessionGenerator) -> None:
    """Not whoever may see another camera only, and not whoever is not signed in."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    client = await clips.client(await clips.person("camera.hall", "sensor.porch_connection"))
    stranger = await hass_client_no_auth()
    for path in (url(key, clip_id), still(key, clip_id)):
        assert await status(client, path) == HTTPStatus.FORBIDDEN
        async with client.head(path) as answer:
            assert answer.status == HTTPStatus.FORBIDDEN
        assert await status(stranger, path) == HTTPStatus.UNAUTHORIZED
    # Not even whether there is a clip.
    assert await status(client, url(key, ClipName.new(NOON, "ffffffff").id)) == HTTPStatus.FORBIDDEN
    # A camera key that nobody has, whose first digits are the porch's.
    assert await status(client, url(key[:6].ljust(32, "0"), clip_id)) == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, -1),
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=1000-", 1000, -1),
        ("bytes=-100", -100, -1),
        ("bytes=-99999999", 0, -1),
        ("bytes=5-99999999", 5, -1),
    ],
)
async def test_parts_are_sent_to_who_seeks(clips: Clips, asked: str, first: int, last: int) -> None:
    """Exactly the bytes that were asked for, and which ones they are."""
    key = clips.key("camera.porch")
    content = clip_bytes()
    clip_id = await clips.make(key)
    client = await clips.client(await clips.person("camera.porch"))
    start, end = first % len(content), last % len(content)
    async with client.get(url(key, clip_id), headers={"Range": asked}) as answer:
        assert answer.status == HTTPStatus.PARTIAL_CONTENT
        assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{len(content)}"
        assert await answer.read() == content[start : end + 1]


async def test_of_what_is_not_there_no_part_is_sent(clips: Clips) -> None:
    """What lies beyond the end is refused; what is no range gets the whole, and so does an old copy."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    client = await clips.client(await clips.person("camera.porch"))
    size = len(clip_bytes())
    async with client.get(url(key, clip_id), headers={"Range": f"bytes={size}-"}) as answer:
        assert answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        assert answer.headers["Content-Range"] == f"bytes */{size}"
    for odd in ("bytes=9-2", "bytes=-", "pages=1-2", "bytes=0-1,5-6", "bytes=" + "9" * 5000 + "-"):
        assert await status(client, url(key, clip_id), headers={"Range": odd}) in (200, 416), odd
    old = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert await status(client, url(key, clip_id), headers=old) == HTTPStatus.OK


async def test_who_asks_first_is_told_how_long_it_is(clips: Clips) -> None:
    """Some cast devices send HEAD before they play."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    client = await clips.client(await clips.person("camera.porch"))
    async with client.head(url(key, clip_id)) as answer:
        assert answer.status == HTTPStatus.OK
        assert answer.headers["Content-Length"] == str(len(clip_bytes()))
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert await answer.read() == b""
    # The connection is of use afterwards.
    assert await status(client, url(key, clip_id)) == HTTPStatus.OK


async def test_a_clip_that_still_grows_is_sent_as_far_as_it_plays(clips: Clips) -> None:
    """It is whole up to there, and nobody keeps a copy of it."""
    key = clips.key("camera.porch")
    whole = clip_bytes()
    clip_id = await clips.make(key, content=whole[: len(whole) * 2 // 3], suffix=Suffix.CLIP_PART, still=None)
    client = await clips.client(await clips.person("camera.porch"))
    async with client.get(url(key, clip_id)) as answer:
        assert answer.status == HTTPStatus.OK
        assert answer.headers["Cache-Control"] == "private, no-store"
        sent = await answer.read()
    assert 1 <= playable_seconds(sent) <= 3
    assert await status(client, still(key, clip_id)) == HTTPStatus.NOT_FOUND


async def test_a_signature_has_the_rights_of_whoever_had_it_made(
    hass: HomeAssistant, clips: Clips, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """And it has them at the moment of use: with the rights it goes, and with the user."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    stranger = await hass_client_no_auth()
    person = await clips.person("camera.porch")

    def signed(token_id: str, path: str = url(key, clip_id)) -> str:
        return async_sign_path(hass, path, timedelta(hours=1), refresh_token_id=token_id)

    path = signed((await clips.token(person)).id)
    assert await status(stranger, path) == HTTPStatus.OK
    async with stranger.head(path) as answer:
        assert answer.status == HTTPStatus.OK
    other = signed((await clips.token(await clips.person("camera.hall"))).id)
    assert await status(stranger, other) == HTTPStatus.FORBIDDEN
    # A signature of one path opens no other.
    elsewhere = signed((await clips.token(person)).id, url(key, ClipName.new(NOON, "ffffffff").id))
    forged = f"{url(key, clip_id)}?{elsewhere.partition('?')[2]}"
    assert await status(stranger, forged) == HTTPStatus.UNAUTHORIZED
    await hass.auth.async_update_user(person, group_ids=[])
    assert await status(stranger, path) == HTTPStatus.FORBIDDEN
    await hass.auth.async_deactivate_user(person)
    assert await status(stranger, path) == HTTPStatus.UNAUTHORIZED


REFUSED = {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST}
ODD = [
    "..",
    "../secret",
    "%2e%2e",
    "%2e%2e%2fsecret",
    "..%2f..%2fsecret",
    "/etc/passwd",
    "~",
    "",
    "\x00",
    ".",
]


@pytest.mark.parametrize("odd", ODD)
async def test_nothing_in_an_address_is_a_path(clips: Clips, tmp_path: Path, odd: str) -> None:
    """Not in the place of the camera, nor of the clip, nor of both."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    (clips.root.parent / "secret.mp4").write_bytes(b"secret")
    client = await clips.client(await clips.person("camera.porch"))
    for word in {odd.replace("\0", "%00"), quote(odd, safe=""), quote(odd, safe="%")}:
        for path in (
            url(key, word),
            url(word, clip_id),
            url(word, word),
            url(key, clip_id + word) if word else url(key, ""),
            url(key, f"{clip_id}/{word}x"),
        ):
            async with client.get(URL(path, encoded=True)) as answer:
                assert answer.status in REFUSED, path
                assert b"secret" not in await answer.read()


@pytest.mark.parametrize("steps", [1, 2, 3])
async def test_a_link_in_the_folder_is_not_followed(clips: Clips, tmp_path: Path, steps: int) -> None:
    """Whoever may write there, on a NAS for example, gets no file of this machine sent."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    client = await clips.client(await clips.person("camera.porch"))
    (folder,) = (entry for entry in clips.root.iterdir() if entry.is_dir())
    name = ClipName.parse(clip_id)
    place = Path(folder.name, name.day, name.file())
    real = clips.root.joinpath(*place.parts[:steps])
    moved = tmp_path / "moved"
    real.rename(moved)
    assert await status(client, url(key, clip_id)) == HTTPStatus.NOT_FOUND
    real.symlink_to(moved)
    assert (clips.root / place).read_bytes() == clip_bytes()
    assert await status(client, url(key, clip_id)) == HTTPStatus.NOT_FOUND
    assert await status(client, still(key, clip_id)) in (HTTPStatus.NOT_FOUND, HTTPStatus.OK)
    real.unlink()
    moved.rename(real)
    assert await status(client, url(key, clip_id)) == HTTPStatus.OK


async def test_the_clips_of_a_camera_that_is_gone_are_for_those_who_may_see_all(
    hass: HomeAssistant, clips: Clips, hass_read_only_user: User
) -> None:
    """They stay, and nobody knows any more whose rights they had."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    person, all_seeing = await clips.person("camera.porch"), await clips.client(hass_read_only_user)
    client = await clips.client(person)
    (subentry,) = (one for one in clips.home.entry.subentries.values() if one.title == "Porch")
    hass.config_entries.async_remove_subentry(clips.home.entry, subentry.subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get("camera.porch") is None
    for known_as in (key, key[:6].ljust(32, "0")):
        assert await status(client, url(known_as, clip_id)) == HTTPStatus.FORBIDDEN
        assert await status(all_seeing, url(known_as, clip_id)) == HTTPStatus.OK


async def test_a_folder_that_is_gone_is_said_to_be_away(clips: Clips) -> None:
    """Not that there is no such clip: it may come back with the disk."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    client = await clips.client(await clips.person("camera.porch"))
    clips.root.rename(clips.root.with_name("unmounted"))
    assert await status(client, url(key, clip_id)) == HTTPStatus.SERVICE_UNAVAILABLE
    clips.root.with_name("unmounted").rename(clips.root)
    assert await status(client, url(key, clip_id)) == HTTPStatus.OK


async def test_many_at_once_get_their_own(clips: Clips) -> None:
    """And what is open is closed again, also of those who hang up."""
    key = clips.key("camera.porch")
    long = clip_bytes() * 40
    ids = [await clips.make(key, NOON + n, content=long[n:]) for n in range(8)]
    client = await clips.client(await clips.person("camera.porch"))
    before = _open_clips()

    async def get(n: int) -> None:
        async with client.get(url(key, ids[n])) as answer:
            assert await answer.read() == long[n:]

    async def hang_up(n: int) -> None:
        async with client.get(url(key, ids[n])) as answer:
            await answer.content.readany()
            answer.close()

    await asyncio.gather(*(get(n) for n in range(8)), *(hang_up(n) for n in range(8)))
    async with asyncio.timeout(20):
        while _open_clips() > before:
            await asyncio.sleep(0.02)


def _open_clips() -> int:
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found += ".mp4" in str(entry.readlink())
        except OSError:
            continue
    return found
