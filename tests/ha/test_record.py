"""Record now: of a watched camera, played while it grows and when it is whole, by whoever asked for it."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local.clips import RECORDED
from custom_components.wyze_local.engine.model import ClipBegan, ClipFinished
from tests.support.clips import decoded_frames

from .clip_rig import Clips, clips
from .rigging import DOMAIN, Home, wait_for
from .watch_rig import YARD, have_watched, listening

__all__ = ["clips"]

pytestmark = pytest.mark.parametrize("simulator", [[YARD]], indirect=True)


async def record(hass: HomeAssistant, user: User, **data: Any) -> Any:
    """Ask for a recording as a person does; returns the answer for the porch."""
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "record",
        {"entity_id": "camera.porch", **data},
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id),
    )
    return answer["camera.porch"]


def clip_issues(hass: HomeAssistant) -> set[str]:
    """Return which repairs are asked for because of clips."""
    return {name for domain, name in ir.async_get(hass).issues if domain == DOMAIN and "clips" in name}


async def test_a_recording_plays_while_it_grows_and_when_it_is_whole(
    hass: HomeAssistant, home: Home, clips: Clips
) -> None:
    """And what plays is whole each time."""
    key = clips.key("camera.porch")
    await have_watched(home, key, clips=False)
    assert not clips.root.exists(), "nobody wants clips yet"
    person = await clips.person("camera.porch")
    client, asker = await clips.client(person), await clips.socket(person)
    with listening(hass, key) as heard:
        told = await record(hass, person, seconds=5)
        assert heard.of(ClipBegan), "it was said to begin before it did"
        place = f"{key}/{told['clip_id']}"
        assert told == {
            "clip_id": told["clip_id"],
            "media_content_id": f"media-source://{DOMAIN}/{place}",
        }
        (day,) = (await asker.browse(key))["result"]["children"]
        (title,) = await asker.titles(day["media_content_id"].partition(f"{DOMAIN}/")[2])
        assert title.endswith("· being recorded")
        sizes = set()
        async with asyncio.timeout(60):
            while not heard.of(ClipFinished):
                answer = await asker.resolve(place)
                if answer["success"]:
                    async with client.get(answer["result"]["url"]) as sent:
                        assert sent.status == HTTPStatus.OK
                        content = await sent.read()
                    if len(content) not in sizes and b"moof" in content:
                        await hass.async_add_executor_job(decoded_frames, content)
                    sizes.add(len(content))
                await asyncio.sleep(0.1)
    assert len(sizes) > 1, "it was never seen growing"
    await wait_for(lambda: not any(clips.root.rglob("*.part")))
    answer = await asker.resolve(place)
    async with client.get(answer["result"]["url"]) as sent:
        assert await hass.async_add_executor_job(decoded_frames, await sent.read()) >= 5 * 10
    (day,) = (await asker.browse(key))["result"]["children"]
    (clip,) = (await asker.browse(day["media_content_id"].partition(f"{DOMAIN}/")[2]))["result"]["children"]
    assert clip["media_content_id"] == told["media_content_id"]


async def test_too_many_at_once_are_refused(hass: HomeAssistant, home: Home, clips: Clips) -> None:
    """And those that run go on."""
    key = clips.key("camera.porch")
    await have_watched(home, key, clips=False)
    assert not clips.root.exists(), "nobody wants clips yet"
    person = await clips.person("camera.porch")
    with listening(hass, key) as heard:
        begun = {(await record(hass, person, seconds=12))["clip_id"] for _ in range(4)}
        with pytest.raises(HomeAssistantError, match="Try again when one of them is finished"):
            await record(hass, person, seconds=12)
        await wait_for(lambda: len(heard.of(ClipFinished)) == 4, 60)
    assert {clip.clip_id for clip in heard.of(ClipFinished)} == begun


async def test_what_came_before_is_in_a_recording_though_no_motion_is_kept(
    hass: HomeAssistant, home: Home, clips: Clips
) -> None:
    """It waits in memory while no folder is wanted by anybody."""
    key = clips.key("camera.porch")
    await have_watched(home, key, clips=False)
    person = await clips.person("camera.porch")
    # The time before has to have passed.
    with listening(hass, key) as heard:
        await record(hass, person, seconds=4)
        await wait_for(lambda: heard.of(ClipFinished), 30)
        await record(hass, person, seconds=1, pre_roll=3)
        await wait_for(lambda: len(heard.of(ClipFinished)) == 2, 30)
    clip = heard.of(ClipFinished)[1]
    # It ends with a picture, and begins with one.
    assert clip.ended - clip.started >= 4 - 0.1


async def test_without_a_place_for_it_one_is_told(hass: HomeAssistant, home: Home, clips: Clips) -> None:
    """Where to look for what is wrong; and not for ever, since no motion is to be kept."""
    key = clips.key("camera.porch")
    # Something else lies where the folder would be.
    clips.root.parent.mkdir(parents=True, exist_ok=True)
    clips.root.write_bytes(b"")
    await have_watched(home, key, clips=False)
    assert clip_issues(hass) == set()
    person = await clips.person("camera.porch")
    with pytest.raises(HomeAssistantError, match="does not answer"):
        await record(hass, person, seconds=5)
    assert clip_issues(hass) == {"clips_folder_missing"}
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=RECORDED + 1))
    await wait_for(lambda: clip_issues(hass) == set())
    clips.root.unlink()
    assert (await record(hass, person, seconds=1))["clip_id"]


async def test_only_who_keeps_motion_hears_of_the_folder(
    hass: HomeAssistant, home: Home, clips: Clips
) -> None:
    """A camera that is watched without clips asks for none; and with the last that does, its repair goes."""
    key = clips.key("camera.porch")
    clips.root.parent.mkdir(parents=True, exist_ok=True)
    clips.root.write_bytes(b"")
    await have_watched(home, key, clips=False)
    clips.shared.clips.keeper.async_look(anew=True)
    await hass.async_block_till_done(wait_background_tasks=False)
    assert clip_issues(hass) == set()
    await have_watched(home, key, clips=True)
    await wait_for(lambda: clip_issues(hass) == {"clips_folder_missing"})
    await have_watched(home, key, clips=False)
    await wait_for(lambda: clip_issues(hass) == set())
    await have_watched(home, key, clips=True)
    await wait_for(lambda: clip_issues(hass) == {"clips_folder_missing"})
    await have_watched(home, key, "off")
    await wait_for(lambda: clip_issues(hass) == set())
