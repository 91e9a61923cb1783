"""Record now: of a watched camera, played while it grows and when it is whole, by whoever asked for it."""

import asyncio
from http import HTTPStatus
from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError

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


async def test_a_recording_plays_while_it_grows_and_when_it_is_whole(
    hass: HomeAssistant, home: Home, clips: Clips
) -> None:
    """And what plays is whole each time."""
    key = clips.key("camera.porch")
    await have_watched(home, key, clips=False)
    await wait_for(lambda: clips.shared.clips.keeper.usable)
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
    await wait_for(lambda: clips.shared.clips.keeper.usable)
    person = await clips.person("camera.porch")
    with listening(hass, key) as heard:
        begun = {(await record(hass, person, seconds=12))["clip_id"] for _ in range(4)}
        with pytest.raises(HomeAssistantError, match="Try again when one of them is finished"):
            await record(hass, person, seconds=12)
        await wait_for(lambda: len(heard.of(ClipFinished)) == 4, 60)
    assert {clip.clip_id for clip in heard.of(ClipFinished)} == begun


async def test_without_a_place_for_it_one_is_told(hass: HomeAssistant, home: Home, clips: Clips) -> None:
    """Where to look for what is wrong."""
    key = clips.key("camera.porch")
    # Something else lies where the folder would be.
    clips.root.parent.mkdir(parents=True, exist_ok=True)
    clips.root.write_bytes(b"")
    await have_watched(home, key, clips=False)
    await wait_for(lambda: clips.shared.clips.keeper.trouble is not None)
    person = await clips.person("camera.porch")
    with pytest.raises(HomeAssistantError, match="does not answer"):
        await record(hass, person, seconds=5)
