"""Actions about clips: for whoever may control the camera, all or nothing, and said when they fail."""

from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized

from custom_components.wyze_local.engine.model import Secret, Suffix, WatchMode
from custom_components.wyze_local.engine.watch import WatchError
from custom_components.wyze_local.settings import CameraSettings
from dev.simulator import CameraSpec

from .clip_rig import NOON, Clips, clips
from .rigging import DOMAIN, wait_for

__all__ = ["clips"]

pytestmark = pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("hall")]], indirect=True)


def content_id(camera_key: str, clip_id: str) -> str:
    """Return what automations call a clip."""
    return f"media-source://{DOMAIN}/{camera_key}/{clip_id}"


async def act(hass: HomeAssistant, action: str, user: User | None = None, **data: Any) -> Any:
    """Have something done, by a user or by Home Assistant itself."""
    context = Context(user_id=user.id if user else None)
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, context=context)


def files(clips: Clips) -> list[str]:
    """Return the names of all files of clips."""
    return sorted(
        path.name for path in clips.root.rglob("*") if path.suffix in {".mp4", ".jpg", ".json", ".pin"}
    )


async def test_a_clip_is_deleted_with_all_that_belongs_to_it(hass: HomeAssistant, clips: Clips) -> None:
    """And no other; also one that is pinned, since a person says so."""
    key = clips.key("camera.porch")
    gone, kept = await clips.make(key, kinds=("motion",)), await clips.make(key, NOON + 60)
    await act(hass, "pin_clip", media_content_id=content_id(key, gone))
    assert len(files(clips)) == 6
    await act(hass, "delete_clip", media_content_id=content_id(key, gone))
    assert [clip.id for clip in await clips.shared.clips.async_list(key)] == [kept]
    assert len(files(clips)) == 2
    with pytest.raises(ServiceValidationError, match="no such clip"):
        await act(hass, "delete_clip", media_content_id=content_id(key, gone))


async def test_a_clip_that_still_grows_says_so(hass: HomeAssistant, clips: Clips) -> None:
    """Who was told its name by the event must not hear that there is no such clip."""
    key = clips.key("camera.porch")
    growing = await clips.make(key, suffix=Suffix.CLIP_PART)
    for action in ("delete_clip", "pin_clip"):
        with pytest.raises(ServiceValidationError, match="still being recorded"):
            await act(hass, action, media_content_id=content_id(key, growing))


async def test_a_pin_comes_and_goes(hass: HomeAssistant, clips: Clips) -> None:
    """Of several clips at once."""
    key = clips.key("camera.porch")
    ids = [await clips.make(key, NOON + n) for n in range(2)]
    both = [content_id(key, one) for one in ids]
    await act(hass, "pin_clip", media_content_id=both)
    assert [clip.pinned for clip in await clips.shared.clips.async_list(key)] == [True, True]
    await act(hass, "pin_clip", media_content_id=both[0], pinned=False)
    assert [clip.pinned for clip in await clips.shared.clips.async_list(key)] == [True, False]


async def test_nothing_happens_to_clips_of_cameras_one_may_not_control(
    hass: HomeAssistant, clips: Clips
) -> None:
    """Nor to the others of the same call; to see a camera is not enough."""
    porch, hall = clips.key("camera.porch"), clips.key("camera.hall")
    mine, other = await clips.make(porch), await clips.make(hall, NOON + 1)
    user = await clips.person("camera.porch")
    onlooker = await clips.person("camera.porch", policy=("read",))
    before = files(clips)
    for who, what in (
        (user, [content_id(porch, mine), content_id(hall, other)]),
        (onlooker, [content_id(porch, mine)]),
        # The same folder by a key that is nobody's.
        (user, [content_id(porch[:6].ljust(32, "0"), mine)]),
    ):
        for action in ("delete_clip", "pin_clip"):
            with pytest.raises(Unauthorized):
                await act(hass, action, who, media_content_id=what)
    assert files(clips) == before
    await act(hass, "delete_clip", user, media_content_id=content_id(porch, mine))
    assert len(files(clips)) == len(before) - 2


@pytest.mark.parametrize(
    "odd",
    ["", "x", "media-source://other/{key}/{clip}", "media-source://wyze_local/{key}/../{clip}", "{key}"],
)
async def test_what_is_no_clip_is_refused(hass: HomeAssistant, clips: Clips, odd: str) -> None:
    """Before anything happens to the others of the call."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    with pytest.raises(ServiceValidationError):
        await act(
            hass,
            "delete_clip",
            media_content_id=[content_id(key, clip_id), odd.format(key=key, clip=clip_id)],
        )
    assert len(files(clips)) == 2


async def test_a_folder_that_is_away_is_said(hass: HomeAssistant, clips: Clips) -> None:
    """Not that there is no such clip."""
    key = clips.key("camera.porch")
    clip_id = await clips.make(key)
    clips.root.rename(clips.root.with_name("unmounted"))
    with pytest.raises(HomeAssistantError, match="does not answer"):
        await act(hass, "pin_clip", media_content_id=content_id(key, clip_id))


async def test_what_is_not_watched_cannot_be_recorded(hass: HomeAssistant, clips: Clips) -> None:
    """And one is told what to do about it; whoever may not control the camera is told nothing."""
    call: dict[str, Any] = {"entity_id": "camera.porch", "seconds": 5}
    with pytest.raises(ServiceValidationError, match=r"camera\.porch is not watched"):
        await act(hass, "record", **call)
    with pytest.raises(Unauthorized):
        await act(hass, "record", await clips.person("camera.hall"), **call)
    with pytest.raises(Unauthorized):
        await act(hass, "record", await clips.person("camera.porch", policy=("read",)), **call)


async def test_one_is_told_why_nothing_was_recorded(hass: HomeAssistant, clips: Clips) -> None:
    """In words, with what to do next; each reason has its own."""
    key, watching = clips.key("camera.porch"), clips.shared.watching

    async def nowhere() -> Secret:
        raise WatchError(reason="watch_fault")

    watching.async_watch(key, nowhere, CameraSettings(watch=WatchMode.KEY, clips=False))
    await wait_for(lambda: watching.worker.phase == "ready", 20)
    call: dict[str, Any] = {"entity_id": "camera.porch", "seconds": 5}
    with pytest.raises(HomeAssistantError, match="has not been given its stream yet"):
        await act(hass, "record", **call)
    await watching.async_stop()
    with pytest.raises(HomeAssistantError, match="does not run at this moment"):
        await act(hass, "record", **call)
