"""An event that goes on in further clips: each of them says what was seen, also what the cloud says later."""

import asyncio
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.events import Hint, Kind
from custom_components.wyze_local.engine.model import ClipBegan, ClipFinished, ClipName, Cut, Sound
from custom_components.wyze_local.engine.watch import MotionBegan, MotionEnded, WatchNews

from .clip_rig import NOON, Clips, clips

__all__ = ["clips"]


async def until_told(clips: Clips, key: str, wanted: dict[str, tuple[Any, ...]]) -> None:
    """Wait until it is kept beside each clip whose word it is, and what happened."""
    found: dict[str, tuple[Any, ...]] = {}
    try:
        async with asyncio.timeout(20):
            while found != wanted:
                await asyncio.sleep(0.01)
                listed = await clips.shared.clips.async_list(key)
                found = {one.id: (one.details.origin, *one.details.kinds) for one in listed if one.details}
    except TimeoutError:
        pytest.fail(f"{found}")


async def test_each_clip_of_a_long_event_says_what_was_seen(hass: HomeAssistant, clips: Clips) -> None:
    """One clip holds five minutes at most, and a camera that reconnects begins another."""
    key = clips.key("camera.porch")

    def hear(*news: WatchNews) -> None:
        for one in news:
            clips.shared.watching._listeners.async_news(key, one)

    def finished(clip_id: str, cut: Cut) -> ClipFinished:
        at = ClipName.parse(clip_id).at.timestamp()
        return ClipFinished(clip_id, "e1", at, at + 300, 1000, Sound.NONE, True, cut)

    hear(MotionBegan("e1", NOON, 0.5, (), None))
    first = await clips.make(key, NOON)
    hear(ClipBegan(first, "e1", NOON, 1), finished(first, Cut.LONGEST))
    second = await clips.make(key, NOON + 300)
    hear(ClipBegan(second, "e1", NOON + 300, 2), finished(second, Cut.NONE))
    hear(MotionEnded("e1", NOON + 400, 0.5, (), None))
    await until_told(clips, key, dict.fromkeys((first, second), ("local", "motion")))
    hint = Hint("vendor", NOON + 400, frozenset({Kind.PERSON}))
    clips.home.entry.runtime_data.events.camera(key).async_hint(hint, hint.kinds)
    await until_told(clips, key, dict.fromkeys((first, second), ("both", "motion", "person")))


async def test_a_clip_that_ends_during_a_reload_is_told_after_it(hass: HomeAssistant, clips: Clips) -> None:
    """Once: an automation that waits for it must not wait in vain, nor run twice."""
    key, entry_id = clips.key("camera.porch"), clips.home.entry.entry_id
    told: list[dict[str, Any]] = []
    hass.bus.async_listen("wyze_local_clip", lambda event: told.append(dict(event.data)))
    clip_id = await clips.make(key, NOON)
    assert await hass.config_entries.async_unload(entry_id)
    whole = ClipFinished(clip_id, None, NOON, NOON + 4, 1000, Sound.NONE, still=True)
    clips.shared.watching._listeners.async_news(key, whole)
    assert await hass.config_entries.async_setup(entry_id)
    await hass.async_block_till_done()
    assert [one["clip"] for one in told] == [f"media-source://wyze_local/{key}/{clip_id}"]
    assert told[0]["device_id"]
    assert await hass.config_entries.async_reload(entry_id)
    await hass.async_block_till_done()
    assert len(told) == 1
