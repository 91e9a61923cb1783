"""Disks that fail for real, in a Home Assistant that keeps clips on them."""

import contextlib
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local.clip_keeper import SOON
from custom_components.wyze_local.engine.model import ClipFailed
from custom_components.wyze_local.engine.watch import MotionBegan

from .rigging import DOMAIN, Home, wait_for
from .watch_rig import Heard

EVENTS = "event.porch_events"
LARGE = 8 << 30
"""Bytes of a disk with more than enough room."""


def issues(hass: HomeAssistant) -> set[str]:
    """Return which repairs are asked for because of clips."""
    return {name for domain, name in ir.async_get(hass).issues if domain == DOMAIN and "clips" in name}


def asked_for(hass: HomeAssistant, repair: str) -> bool:
    """Tell whether this repair and no other is asked for."""
    return issues(hass) == {repair}


def failed(heard: Heard, event_id: str) -> bool:
    """Tell whether the worker said of an event that it could not be kept."""
    return any(clip.event_id == event_id for clip in heard.of(ClipFailed))


async def motion_told(home: Home, camera: Any, heard: Heard) -> str:
    """Let somebody walk through the picture, and wait until automations hear of it; returns its id."""
    before, seen = home.hass.states.get(EVENTS), len(heard.of(MotionBegan))
    camera.motion(1.0)
    await wait_for(lambda: len(heard.of(MotionBegan)) > seen, 20)
    await wait_for(lambda: home.hass.states.get(EVENTS) != before, 5)
    return str(heard.of(MotionBegan)[-1].event_id)


async def well_again(hass: HomeAssistant) -> None:
    """Wait until nothing is wrong any more, with the looks that come every minute."""
    for _ in range(10):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=SOON + 1))
        with contextlib.suppress(TimeoutError):
            await wait_for(lambda: issues(hass) == set(), 3)
            return
    assert issues(hass) == set()
