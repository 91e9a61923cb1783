"""Clips on a network drive of sshfs, whose server dies and hangs in the middle of one. Run by hand.

    script/test --soak        # or: pytest --soak -s tests/ha/test_clip_nas.py

What was measured stands in the report, as properties of each test, and is printed with `-s`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from custom_components.wyze_local.engine.model import (
    ClipBegan,
    ClipFailed,
    ClipFinished,
    ClipName,
    ClipStill,
    Cut,
    Suffix,
)
from custom_components.wyze_local.engine.watch import MotionBegan
from custom_components.wyze_local.installation import ClipKeeping
from dev.simulator import Simulator
from tests.support.clips import decoded_frames
from tests.support.mounts import Mount, tmpfs
from tests.support.nas import Nas, nas
from tests.support.smb import Smb

from .clip_rig import Clips, clips
from .disk_rig import LARGE, asked_for, issues, motion_told, well_again
from .rigging import DOMAIN, Home, wait_for
from .watch_rig import YARD, Heard, have_watched, listening, until_watched, watching_of

__all__ = ["clips"]

pytestmark = [
    pytest.mark.soak,
    pytest.mark.alone,
    pytest.mark.parametrize("simulator", [[YARD]], indirect=True),
]

LONG = 400_000
"""Bytes of a clip some seconds after its motion: about six seconds, the time before the motion included."""
ANSWERS_WITHIN = 1.0
"""Seconds within which Home Assistant has to answer, whatever the drive does, on a machine that is busy."""


@dataclass
class Yard:
    """A yard whose clips lie on a network drive."""

    home: Home
    clips: Clips
    camera: Any
    heard: Heard
    drive: Nas
    disk: Mount
    """What lies under the drive, at its server."""
    record: Callable[[str, object], None]
    moments: dict[type, float] = field(default_factory=dict)
    """When news of a kind came last, in monotonic seconds."""
    gaps: list[float] = field(default_factory=list)
    """Seconds in which Home Assistant did nothing else, each time."""
    repaired: float = 0.0
    """When a repair was asked for, or withdrawn, in monotonic seconds."""

    @property
    def key(self) -> str:
        """The camera's key."""
        return self.clips.key("camera.porch")

    def figure(self, name: str, value: float) -> None:
        """Keep what was measured."""
        self.record(name, round(value, 3))
        print(f"{name}: {value:.3f}")

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Measure how long something takes, in seconds."""
        began = time.monotonic()
        yield
        self.figure(name, time.monotonic() - began)

    def files(self, pattern: str) -> list[Path]:
        """Return what lies at the server."""
        return sorted(self.drive.share.rglob(pattern))

    async def run(self, work: Callable[[], Any]) -> Any:
        """Do to the drive what may take a while."""
        return await self.home.hass.async_add_executor_job(work)

    async def motion(self, name: str) -> str:
        """Wait until it is quiet, send somebody, and measure until that is told; returns its id."""
        with self.timed(f"{name}_quiet_within"):
            await wait_for(lambda: self.home.state("binary_sensor.porch_motion") == "off", 30)
        with self.timed(f"{name}_within"):
            return await motion_told(self.home, self.camera, self.heard)

    async def begun(self, event_id: str, seconds: float = 20) -> ClipBegan:
        """Wait until a clip of an event has begun."""
        found: list[ClipBegan] = []

        def look() -> bool:
            found[:] = [clip for clip in self.heard.of(ClipBegan) if clip.event_id == event_id]
            return bool(found)

        await wait_for(look, seconds)
        return found[0]

    async def finished(self, clip_id: str, seconds: float = 60) -> ClipFinished:
        """Wait until a clip is whole."""
        await wait_for(lambda: any(one.clip_id == clip_id for one in self.heard.of(ClipFinished)), seconds)
        return next(one for one in self.heard.of(ClipFinished) if one.clip_id == clip_id)

    async def frames(self, clip_id: str) -> int:
        """Return how many pictures of a clip play, as it lies at the server."""
        (file,) = self.files(ClipName.parse(clip_id).file())
        return int(await self.run(partial(_frames, file)))


def _frames(file: Path) -> int:
    return decoded_frames(file.read_bytes())


@pytest.fixture
async def yard(
    hass: HomeAssistant,
    home: Home,
    clips: Clips,
    simulator: Simulator,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> AsyncIterator[Yard]:
    """Watch a yard with nobody in it, and keep clips on a network drive."""
    key, share, folder = clips.key("camera.porch"), tmp_path / "share", tmp_path / "drive"
    with (
        tmpfs(share, LARGE) as disk,
        nas(tmp_path / "nas", folder, share, **getattr(request, "param", {})) as drive,
        listening(hass, key) as heard,
    ):
        await clips.shared.async_change_clips(ClipKeeping(folder=str(drive.folder)))
        clips.root = drive.folder
        await have_watched(home, key, clips=True)
        await wait_for(lambda: clips.shared.clips.keeper.kept is not None)
        made = Yard(home, clips, simulator.cameras["porch"], heard, drive, disk, record_property)
        stop = clips.shared.watching.async_listen(
            lambda _, news: made.moments.update({type(news): time.monotonic()})
        )
        watching = asyncio.create_task(_watch(made))
        try:
            yield made
        finally:
            stop()
            watching.cancel()
            drive.go_on()


async def _watch(yard: Yard) -> None:
    """Measure for how long the loop does not come round, and when repairs come and go."""
    asked: set[str] = set()
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.02)
        yard.gaps.append(time.monotonic() - before - 0.02)
        if (now := issues(yard.home.hass)) != asked:
            asked, yard.repaired = now, time.monotonic()


@asynccontextmanager
async def client(yard: Yard) -> AsyncIterator[Any]:
    """Return the browser of somebody who may see the camera."""
    yield await yard.clips.client(await yard.clips.person("camera.porch"))


async def plays(yard: Yard, clip_id: str) -> tuple[int, bytes]:
    """Play a clip as a browser does, in parts; returns the last status and all that came."""
    path, content = f"/api/{DOMAIN}/clip/{yard.key}/{clip_id}.mp4", b""
    async with client(yard) as browser:
        while True:
            asked = {"Range": f"bytes={len(content)}-{len(content) + 199_999}"}
            async with browser.get(path, headers=asked) as answer:
                if answer.status != HTTPStatus.PARTIAL_CONTENT:
                    return answer.status, content
                content += await answer.read()


async def until_played(yard: Yard, clip_id: str) -> bytes:
    """Play a clip that has just begun; returns all that is there of it."""
    status, content = await plays(yard, clip_id)
    assert status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "its end was come to"
    return content


async def test_clips_lie_on_a_network_drive(hass: HomeAssistant, hass_admin_user: User, yard: Yard) -> None:
    """Recorded, played while they grow, finished, listed, pinned, deleted, and let go."""
    told = await motion_told(yard.home, yard.camera, yard.heard)
    clip = await yard.begun(told)
    yard.figure("begun_after_motion_was_told", yard.moments[ClipBegan] - yard.moments[MotionBegan])
    with yard.timed("first_parts_played_within"):
        content = await until_played(yard, clip.clip_id)
    assert await yard.run(lambda: decoded_frames(content)) > 30, "what came before the motion plays at once"
    assert yard.files("*.mp4.part")
    await wait_for(lambda: yard.heard.of(ClipStill), 20)
    done = await yard.finished(clip.clip_id)
    assert done.cut is Cut.NONE
    assert await yard.frames(clip.clip_id) > 100
    assert [
        file.suffix for file in yard.files(f"{ClipName.parse(clip.clip_id).file(Suffix.CLIP)[:-4]}*")
    ] == [
        ".jpg",
        ".json",
        ".mp4",
    ]
    keep = yard.clips.shared.clips
    await wait_for(lambda: [one.id for one in keep.keeper.library.names(yard.key)] == [clip.clip_id])
    place = {"media_content_id": f"media-source://{DOMAIN}/{yard.key}/{clip.clip_id}"}
    await hass.services.async_call(DOMAIN, "pin_clip", place, blocking=True)
    assert yard.files("*.pin")
    await lets_go(yard, clip.clip_id)
    await hass.services.async_call(DOMAIN, "delete_clip", place, blocking=True)
    assert not yard.files(f"{ClipName.parse(clip.clip_id).file()[:-4]}*")
    yard.figure("slowest_turn_of_the_loop", max(yard.gaps))


async def lets_go(yard: Yard, pinned: str) -> None:
    """See that what is too old or too much goes, what is pinned stays, and what is full is told."""
    keep, hass = yard.clips.shared.clips, yard.home.hass
    now = time.time()
    old, *large = [
        await yard.clips.make(yard.key, now - age, content=bytes(size))
        for age, size in ((20 * 86400.0, 1000), (300.0, 6_000_000), (200.0, 6_000_000), (100.0, 6_000_000))
    ]

    async def kept(*clip_ids: str, **changes: Any) -> None:
        keeping = replace(yard.clips.shared.installation.clips, **changes)
        await yard.clips.shared.async_change_clips(keeping)
        keep.keeper.async_look()
        await wait_for(
            lambda: {one.id for one in keep.keeper.library.names(yard.key)} == {pinned, *clip_ids}, 20
        )

    await kept(*large)
    await kept(*large[1:], gigabytes=0.0135)
    assert len(yard.files("*.mp4")) == 3, old
    # 300 MB of it have to stay free, and cannot be had by deleting.
    yard.disk.resize(200 << 20)
    keep.keeper.async_look()
    await wait_for(lambda: asked_for(hass, "clips_disk_full"), 20)
    yard.disk.resize(LARGE)
    await well_again(hass)


@dataclass(frozen=True)
class Trouble:
    """What happens to the drive in the middle of a clip, and how it is mended."""

    fail: Callable[[Nas], None]
    mend: Callable[[Nas], None]
    drive: dict[str, Any] = field(default_factory=dict)
    """What kind of drive it is."""


def mounted_anew(drive: Nas) -> None:
    """Serve and mount again, after what was mounted has ended."""
    with suppress(Exception):
        drive.detach()
    drive.serve()
    drive.mount()


TROUBLES = {
    "killed": Trouble(Nas.kill, lambda drive: drive.serve()),
    "killed_and_mount_ended": Trouble(Nas.kill, mounted_anew, {"patient": False}),
    "hung": Trouble(Nas.hang, Nas.go_on),
    "unmounted": Trouble(Nas.detach, lambda drive: drive.mount()),
    "smb_killed": Trouble(Nas.kill, lambda drive: drive.serve(), {"kind": Smb}),
    "smb_hung": Trouble(Nas.hang, Nas.go_on, {"kind": Smb}),
}


@pytest.mark.parametrize(
    ("yard", "trouble"),
    [pytest.param(one.drive, one, id=name) for name, one in TROUBLES.items()],
    indirect=["yard"],
)
async def test_a_drive_may_go_in_the_middle_of_a_clip(
    hass: HomeAssistant, hass_admin_user: User, yard: Yard, trouble: Trouble
) -> None:
    """Motion is told, a repair asks for the drive, nobody waits for it; and all is well when it is back."""
    told = await motion_told(yard.home, yard.camera, yard.heard)
    clip = await yard.begun(told)
    await wait_for(lambda: yard.files("*.mp4.part") and yard.files("*.mp4.part")[0].stat().st_size > LONG)
    yard.gaps.clear()
    pid = yard.clips.shared.watching.pid
    failed_at = time.monotonic()
    await yard.run(lambda: trouble.fail(yard.drive))
    yard.figure("bytes_at_server", yard.files("*.mp4.part")[0].stat().st_size)
    await yard.motion("motion_told_again")
    await wait_for(lambda: yard.repaired > failed_at, 90)
    yard.figure("repair_after", yard.repaired - failed_at)
    print(issues(hass))
    await nobody_waits(yard, clip.clip_id)
    assert (yard.clips.shared.watching.pid, issues(hass)) != (None, set())
    await yard.motion("motion_told_once_more")
    print(issues(hass), yard.heard.of(ClipFailed))
    yard.figure("slowest_turn_of_the_loop", max(yard.gaps))
    assert max(yard.gaps) < ANSWERS_WITHIN
    assert yard.clips.shared.watching.pid == pid, "the worker lives on"
    await yard.run(lambda: trouble.mend(yard.drive))
    with yard.timed("well_after_it_is_back"):
        await well_again(hass)
    with yard.timed("saved_after_it_is_back"):
        saved = await yard.finished(clip.clip_id)
    print(saved)
    yard.figure("saved_seconds", saved.ended - saved.started)
    assert await yard.frames(clip.clip_id) > 60
    last = await yard.begun(await yard.motion("motion_told_at_last"))
    assert (await yard.finished(last.clip_id)).cut is Cut.NONE
    assert await yard.frames(last.clip_id) > 100
    assert not yard.files("*.part")
    for file in yard.files("*.mp4"):
        assert await yard.run(partial(_frames, file)) > 0


async def test_a_drive_that_hangs_keeps_nobody_from_starting_anew(
    hass: HomeAssistant, hass_admin_user: User, yard: Yard
) -> None:
    """An entry ends and begins while its worker cannot even be killed; what that one left is saved later."""
    clip = await yard.begun(await motion_told(yard.home, yard.camera, yard.heard))
    await wait_for(lambda: yard.files("*.mp4.part") and yard.files("*.mp4.part")[0].stat().st_size > LONG)
    yard.gaps.clear()
    pid = yard.clips.shared.watching.pid
    yard.drive.hang()
    entry_id = yard.home.entry.entry_id
    with yard.timed("unloaded_within"):
        assert await hass.config_entries.async_unload(entry_id)
    # Not at once: what no entry uses lingers for a while.
    await wait_for(lambda: yard.clips.shared.watching.pid is None, 60)
    with yard.timed("begun_anew_within"):
        assert await hass.config_entries.async_setup(entry_id)
    with yard.timed("watched_again_within"):
        await until_watched(hass, yard.key, 60)
    assert watching_of(hass).pid not in (None, pid)
    with listening(hass, yard.key) as yard.heard:
        await yard.motion("motion_told_again")
        with yard.timed("repair_asked_for_within"):
            await wait_for(lambda: asked_for(hass, "clips_folder_away"), 90)
        assert max(yard.gaps) < ANSWERS_WITHIN
        yard.drive.go_on()
        with yard.timed("well_after_it_is_back"):
            await well_again(hass)
        saved = await yard.finished(clip.clip_id)
        yard.figure("saved_seconds", saved.ended - saved.started)
        assert await yard.frames(clip.clip_id) > 60
        last = await yard.begun(await yard.motion("motion_told_at_last"))
        assert (await yard.finished(last.clip_id)).cut is Cut.NONE
    assert not yard.files("*.part")


async def nobody_waits(yard: Yard, clip_id: str) -> None:
    """See that who asks for clips while the drive is away is answered, each in its time."""
    keep = yard.clips.shared.clips
    with yard.timed("listed_while_away_within"), suppress(Exception):
        await keep.async_list(yard.key)
    with yard.timed("not_played_while_away_within"):
        status, _ = await plays(yard, clip_id)
    assert status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.NOT_FOUND), status
    record = {"entity_id": "camera.porch", "seconds": 2}
    with yard.timed("not_recorded_while_away_within"), suppress(HomeAssistantError):
        await yard.home.hass.services.async_call(
            DOMAIN, "record", record, blocking=True, return_response=True
        )
