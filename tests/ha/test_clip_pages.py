"""Deleting and keeping clips as a person does it: through the pages of the options."""

import asyncio
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.wyze_local import clip_pages, clip_shelf, clips as clips_module
from custom_components.wyze_local.engine.model import ClipBegan, ClipName, Suffix
from custom_components.wyze_local.installation import ClipKeeping
from dev.simulator import CameraSpec
from tests.support.mounts import tmpfs

from .clip_rig import NOON, Clips, clips, held

__all__ = ["clips"]

pytestmark = pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("hall")]], indirect=True)

DAY = 86400.0


def labels(page: Any, field: str) -> dict[str, str]:
    """Return what a choice on a page offers: titles, and what stands for them."""
    selector = next(value for key, value in page["data_schema"].schema.items() if key == field)
    return {one["label"]: one["value"] for one in selector.config["options"]}


def clock(at: float) -> str:
    """Return the time of day that Home Assistant shows for a moment."""
    return f"{dt_util.as_local(dt_util.utc_from_timestamp(at)):%H:%M:%S}"


class Pages:
    """A person at the options' pages."""

    def __init__(self, clips: Clips) -> None:
        self._manager, self._entry = clips.hass.config_entries.options, clips.home.entry
        self.page: Any = None

    async def open(self) -> Any:
        """Go to the clips."""
        self.page = await self._manager.async_init(self._entry.entry_id)
        assert self.page["menu_options"] == ["settings", "clips"]
        return await self.go("clips")

    async def go(self, way: str) -> Any:
        """Choose from a menu."""
        return await self.submit(next_step_id=way)

    async def submit(self, **values: Any) -> Any:
        """Submit a page; returns the next one."""
        self.page = await self._manager.async_configure(self.page["flow_id"], values)
        return self.page

    async def choose(self, field: str, title: str) -> Any:
        """Submit a page that asks for one thing."""
        return await self.submit(**{field: labels(self.page, field)[title]})

    async def on_the_day(self, camera: str) -> Any:
        """Go to the clips of a camera, on the newest day unless said."""
        await self.open()
        if self.page["step_id"] == "clips":
            await self.submit(
                camera=next(
                    value
                    for title, value in labels(self.page, "camera").items()
                    if title.startswith(f"{camera} ")
                )
            )
        if self.page["step_id"] == "clips_day":
            await self.submit(day=next(iter(labels(self.page, "day").values())))
        return self.page


def files(clips: Clips, clip_id: str) -> set[str]:
    """Return the endings of what lies on the disk of a clip."""
    stem = ClipName.parse(clip_id).file().removesuffix(Suffix.CLIP)
    return {file.name.removeprefix(stem) for file in clips.root.rglob(f"{stem}*")}


async def test_a_clip_is_deleted_and_no_longer_listed(clips: Clips, hass_admin_user: User) -> None:
    """By camera, day and clip, after a page that says how many go; all that lies beside it goes with it."""
    assert await async_setup_component(clips.hass, "config", {})
    porch, pages = clips.key("camera.porch"), Pages(clips)
    other = await clips.make(porch, NOON)
    gone = await clips.make(porch, NOON + 60, kinds=("motion", "person"), origin="local")
    await clips.make(porch, NOON - DAY)
    await clips.make(clips.key("camera.hall"), NOON)
    page = await pages.open()
    assert list(labels(page, "camera")) == ["Hall (1)", "Porch (3)"]
    page = await pages.choose("camera", "Porch (3)")
    newest, before = labels(page, "day")
    assert (newest[-4:], before[-4:]) == (" (2)", " (1)")
    page = await pages.choose("day", newest)
    title = f"{clock(NOON + 60)} · Motion, Person (seen here) · 4 s"
    assert list(labels(page, "which")) == [title, clock(NOON)]
    page = await pages.submit(which=[gone], every=False, do="delete")
    assert page["step_id"] == "clips_delete"
    assert page["description_placeholders"] == {
        "camera": "Porch",
        "clips": f"- {title}",
        "count": "1",
        "pinned": "0",
    }
    assert files(clips, gone) == {".mp4", ".jpg", ".json"}, "nothing happened yet"
    page = await pages.submit()
    assert page["description_placeholders"] == {"done": "Deleted: 1"}
    assert page["menu_options"] == ["clips_day", "clips", "clips_end"]
    assert files(clips, gone) == set()
    assert files(clips, other) == {".mp4", ".jpg"}
    day = dt_util.as_local(dt_util.utc_from_timestamp(NOON)).date().isoformat()
    asker = await clips.socket(hass_admin_user)
    assert await asker.titles(f"{porch}/{day}") == [clock(NOON)]
    assert not (await asker.resolve(f"{porch}/{gone}"))["success"]
    options = clips.home.entry.options
    page = await pages.go("clips_end")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert clips.home.entry.options == options
    # Somebody who may control the camera, but is no administrator, gets no page at all.
    client = await clips.client(await clips.person("camera.porch"))
    start = {"handler": clips.home.entry.entry_id}
    async with client.post("/api/config/config_entries/options/flow", json=start) as answer:
        assert answer.status == HTTPStatus.UNAUTHORIZED


async def test_clips_are_kept_for_ever_and_no_longer(clips: Clips) -> None:
    """A pinned one says so and outlives all others; a whole page is taken without ticking each."""
    porch, pages = clips.key("camera.porch"), Pages(clips)
    first, second = await clips.make(porch, NOON), await clips.make(porch, NOON + 60)
    await pages.on_the_day("Porch")
    page = await pages.submit(which=[first], every=False, do="pin")
    assert (page["step_id"], page["menu_options"]) == ("clips_done", ["clips_day", "clips_end"])
    assert page["description_placeholders"] == {"done": "Pinned: 1"}
    assert (".pin" in files(clips, first), ".pin" in files(clips, second)) == (True, False)
    page = await pages.go("clips_day")
    assert list(labels(page, "which")) == [clock(NOON + 60), f"{clock(NOON)} · pinned"]
    page = await pages.submit(which=[], every=True, do="delete")
    told = page["description_placeholders"]
    assert told["clips"] == f"- {clock(NOON + 60)}\n- {clock(NOON)} · pinned"
    assert (told["count"], told["pinned"]) == ("2", "1")
    keep = partial(clips.shared.clips.keeper.library.keep, days=1e6, gigabytes=0)
    await clips.hass.async_add_executor_job(keep)
    assert (files(clips, first), files(clips, second)) == ({".mp4", ".jpg", ".pin"}, set())
    await pages.on_the_day("Porch")
    await pages.submit(which=[first], every=False, do="unpin")
    assert files(clips, first) == {".mp4", ".jpg"}


async def test_what_was_pinned_or_went_meanwhile(clips: Clips) -> None:
    """What somebody pinned since the question is asked about again; what is gone is not counted."""
    porch, pages = clips.key("camera.porch"), Pages(clips)
    kept, gone = await clips.make(porch, NOON), await clips.make(porch, NOON + 60)
    page = await pages.on_the_day("Porch")
    page = await pages.submit(which=[], every=False, do="delete")
    assert page["errors"] == {"base": "clips_none_chosen"}
    await pages.submit(which=[kept, gone], every=False, do="delete")
    await clips.act("pin_clip", porch, kept)
    await clips.act("delete_clip", porch, gone)
    page = await pages.submit()
    assert (page["step_id"], page["errors"]) == ("clips_delete", {"base": "clips_pinned_meanwhile"})
    told = page["description_placeholders"]
    assert (told["count"], told["pinned"]) == ("1", "1")
    assert ".mp4" in files(clips, kept)
    page = await pages.submit()
    assert page["description_placeholders"] == {"done": "Deleted: 1"}
    assert page["menu_options"] == ["clips_end"], "nobody is led to where nothing is"
    assert files(clips, kept) == set()


async def test_only_what_was_shown_is_deleted(clips: Clips) -> None:
    """A clip that was still being recorded when the page came is not among all that it lists."""
    porch, hall, pages = clips.key("camera.porch"), clips.key("camera.hall"), Pages(clips)
    shown = await clips.make(porch, NOON)
    growing = ClipName.new(NOON + 60, "ffffffff").id
    clips.shared.clips.async_heard(porch, ClipBegan(growing, "event", NOON + 60, 1))
    page = await pages.on_the_day("Porch")
    assert list(labels(page, "which").values()) == [shown]
    # It is finished, and another camera has a clip of the same name.
    clips.made = 0xFFFFFFFE
    assert await clips.make(porch, NOON + 60) == growing
    clips.made = 0
    same = await clips.make(hall, NOON)
    assert same == shown
    clips.shared.clips._growing.forget()
    page = await pages.submit(which=[], every=True, do="delete")
    assert page["description_placeholders"]["count"] == "1"
    await pages.submit()
    assert [clip.id for clip in await clips.shared.clips.async_list(porch)] == [growing]
    assert [clip.id for clip in await clips.shared.clips.async_list(hall)] == [same]


async def test_a_day_of_very_many_clips_comes_in_parts(clips: Clips, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first, each with its own clips, and no more parts than can be looked over."""
    monkeypatch.setattr(clip_shelf, "CLIPS_OF_A_PAGE", 2)
    monkeypatch.setattr(clip_shelf, "MOST_PAGES", 2)
    monkeypatch.setattr(clip_pages, "NAMED_AT_MOST", 1)
    porch, pages = clips.key("camera.porch"), Pages(clips)
    # The page before the deletion is Markdown: a picture from elsewhere would tell on its reader.
    foreign = "![x](https://example.com/x.png)"
    for n in range(5):
        await clips.make(porch, NOON + n * 60, still=None, kinds=(foreign,), origin=foreign)
    await clips.make(porch, NOON + 300, event_id=None)
    page = await pages.open()
    newest, second = labels(page, "day")
    assert newest.endswith(f" (2) · {clock(NOON + 240)[:5]}–{clock(NOON + 300)[:5]}")
    assert second.endswith(f" (2) · {clock(NOON + 120)[:5]}–{clock(NOON + 180)[:5]}")
    page = await pages.choose("day", newest)
    recorded, strange = labels(page, "which")
    assert recorded == f"{clock(NOON + 300)} · Recorded on request · 4 s"
    assert strange == f"{clock(NOON + 240)} · 4 s"
    await pages.open()
    page = await pages.choose("day", second)
    assert list(labels(page, "which")) == [f"{clock(NOON + 180)} · 4 s", f"{clock(NOON + 120)} · 4 s"]
    page = await pages.submit(which=[], every=True, do="delete")
    assert page["description_placeholders"]["clips"] == f"- {clock(NOON + 180)} · 4 s\n- …"


async def test_a_disk_that_refuses_is_said(clips: Clips, tmp_path: Path) -> None:
    """Nothing is called deleted that is still there; once the disk is well, the same page goes on."""
    porch, pages, place = clips.key("camera.porch"), Pages(clips), tmp_path / "disk"
    with tmpfs(place, 8 << 30) as disk:
        await clips.shared.async_change_clips(ClipKeeping(folder=str(place)))
        clips.root = place
        clip_id = await clips.make(porch, NOON)
        await pages.on_the_day("Porch")
        await pages.submit(which=[clip_id], every=False, do="delete")
        disk.read_only()
        page = await pages.submit()
        assert (page["step_id"], page["errors"]) == ("clips_delete", {"base": "clips_away"})
        assert files(clips, clip_id) == {".mp4", ".jpg"}
        disk.writable()
        page = await pages.submit()
        assert page["description_placeholders"] == {"done": "Deleted: 1"}
        assert files(clips, clip_id) == set()


async def test_a_disk_that_hangs_keeps_nobody_waiting(clips: Clips, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said after a while; whoever presses twice, or deletes elsewhere meanwhile, does no harm."""
    porch, pages = clips.key("camera.porch"), Pages(clips)
    made = [await clips.make(porch, NOON + n * 60) for n in range(3)]
    await pages.on_the_day("Porch")
    await pages.submit(which=made[:2], every=False, do="delete")
    with held(clips.shared.clips._threads._library):
        with monkeypatch.context() as soon:
            soon.setattr(clips_module, "WAIT", 0.2)
            page = await pages.submit()
        assert page["errors"] == {"base": "clips_away"}
        assert ".mp4" in files(clips, made[0])
        elsewhere = clips.hass.async_create_task(clips.act("delete_clip", porch, made[0]))
        presses = [clips.hass.async_create_task(pages.submit()) for _ in range(2)]
        await asyncio.sleep(0)
    await asyncio.gather(elsewhere, return_exceptions=True)
    assert {page["step_id"] for page in await asyncio.gather(*presses)} == {"clips_done"}
    assert [clip.id for clip in await clips.shared.clips.async_list(porch)] == [made[2]]
