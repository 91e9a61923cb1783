"""A disk that fails for real, from the worker that writes to it to the repair; motion is told throughout."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.model import ClipBegan
from custom_components.wyze_local.installation import ClipKeeping
from dev.simulator import Simulator
from tests.support.clips import decoded_frames
from tests.support.mounts import Mount, tmpfs

from .clip_rig import Clips, clips
from .disk_rig import LARGE, asked_for, failed, motion_told, well_again
from .rigging import Home, wait_for
from .watch_rig import YARD, Heard, have_watched, listening

__all__ = ["clips"]

pytestmark = pytest.mark.parametrize("simulator", [[YARD]], indirect=True)


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
