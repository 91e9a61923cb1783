"""A disk that fails for real, from the worker that writes to it to the repair; motion is told throughout."""

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local.clip_keeper import SOON
from custom_components.wyze_local.engine.model import ClipBegan, ClipFailed
from custom_components.wyze_local.engine.watch import MotionBegan
from custom_components.wyze_local.installation import ClipKeeping
from dev.simulator import Simulator
from tests.support.clips import decoded_frames
from tests.support.mounts import Mount, tmpfs

from .clip_rig import Clips, clips
from .rigging import DOMAIN, Home, wait_for
from .watch_rig import YARD, Heard, have_watched, listening

__all__ = ["clips"]

pytestmark = pytest.mark.parametrize("simulator", [[YARD]], indirect=True)

EVENTS = "event.porch_events"
LARGE = 8 << 30


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return where the disk is mounted."""
    return tmp_path / "disk"


@pytest.fixture
async def yard(
    hass: HomeAssistant, home: Home, clips: Clips, place: Path
) -> AsyncIterator[tuple[Mount, Heard]]:
    """Watch a yard with nobody in it, and keep clips on a disk of their own."""
    key = clips.key("camera.porch")
    with tmpfs(place, LARGE) as disk:
        await clips.shared.async_change_clips(ClipKeeping(folder=str(place)))
        clips.root = place
        await have_watched(home, key, clips=True)
        await wait_for(lambda: clips.shared.clips.keeper.kept is not None)
        with listening(hass, key) as heard:
            yield disk, heard


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


@pytest.mark.soak
async def test_a_disk_that_fails_is_told_and_motion_with_it(
    hass: HomeAssistant,
    home: Home,
    clips: Clips,
    simulator: Simulator,
    place: Path,
    yard: tuple[Mount, Heard],
) -> None:
    """Full, then read-only, then unmounted: each has its repair, which goes when the disk is well."""
    (disk, heard), camera = yard, simulator.cameras["porch"]
    elsewhere = Mount(place.with_name("elsewhere"))
    elsewhere.folder.mkdir()
    troubles: list[tuple[str, Callable[[], None], Callable[[], None]]] = [
        ("clips_disk_full", partial(disk.resize, 1 << 20), partial(disk.resize, LARGE)),
        ("clips_folder_read_only", disk.read_only, disk.writable),
        ("clips_folder_away", partial(disk.move, elsewhere.folder), partial(elsewhere.move, place)),
    ]
    for repair, fail, mend in troubles:
        fail()
        told = await motion_told(home, camera, heard)
        # It is the worker that meets it: no look is due.
        await wait_for(partial(failed, heard, told), 20)
        await wait_for(partial(asked_for, hass, repair), 20)
        mend()
        await well_again(hass)
        await wait_for(lambda: home.state("binary_sensor.porch_motion") == "off", 30)
    told = await motion_told(home, camera, heard)
    await wait_for(lambda: heard.of(ClipBegan), 20)
    (clip,) = heard.of(ClipBegan)
    assert clip.event_id == told
    (file,) = place.rglob("*.mp4*")
    assert await hass.async_add_executor_job(lambda: decoded_frames(file.read_bytes())) > 0
