"""Where clips lie and how long: an option of the installation, checked before anything is kept."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from custom_components.wyze_local.installation import SIGNAL_CLIPS, ClipKeeping, InstallationStore
from custom_components.wyze_local.shared import async_get_shared
from tests.support.mounts import ext4, tmpfs

from .rigging import Home, open_options, view, wait_for

AS_BEFORE = {"clips_days": 14, "clips_gigabytes": 10}


async def options(hass: HomeAssistant, home: Home, **clips: Any) -> dict[str, Any]:
    """Submit the options with other values in the section about clips."""
    flow = await open_options(hass, home.entry)
    values = {**home.networks_input(), "clips": {**AS_BEFORE, **clips}}
    result = await hass.config_entries.options.async_configure(flow["flow_id"], values)
    await hass.async_block_till_done()
    return dict(result)


def typed_clips(page: Any) -> dict[str, Any]:
    """Return what the section about clips shows."""
    part = next(part for field, part in page["data_schema"].schema.items() if field == "clips")
    return {str(field): (field.description or {}).get("suggested_value") for field in part.schema.schema}


async def kept(hass: HomeAssistant) -> ClipKeeping:
    """Return what a restart would find."""
    return (await InstallationStore(hass).async_load()).clips


async def test_another_folder_and_other_limits(hass: HomeAssistant, home: Home, tmp_path: Path) -> None:
    """The last folder of the path is made, whoever keeps clips hears of it, and a restart finds it."""
    await home.set_up()
    heard: list[ClipKeeping] = []
    async_dispatcher_connect(hass, SIGNAL_CLIPS, heard.append)
    folder = tmp_path / "nas" / "clips"
    folder.parent.mkdir()
    result = await options(hass, home, clips_folder=f" {folder}/ ", clips_days=3, clips_gigabytes=2.5)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert folder.is_dir()
    assert list(folder.iterdir()) == [], "what was written to try it is gone"
    wanted = ClipKeeping(f"{folder}/", 3, 2.5)
    assert heard == [wanted]
    assert await kept(hass) == (await async_get_shared(hass)).installation.clips == wanted
    assert wanted.path(hass) == folder
    page = await open_options(hass, home.entry)
    assert typed_clips(page) == wanted.data()


async def test_an_empty_folder_is_a_place_of_our_own(hass: HomeAssistant, home: Home, tmp_path: Path) -> None:
    await home.set_up()
    place = Path(hass.config.path("wyze_local_clips"))
    page = await open_options(hass, home.entry)
    placeholders = page["description_placeholders"]
    assert placeholders is not None
    assert placeholders["own_place"] == str(place)
    await options(hass, home, clips_folder=str(tmp_path / "clips"))
    result = await options(hass, home)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert await kept(hass) == ClipKeeping()
    assert place.is_dir()


async def test_nothing_is_interrupted(hass: HomeAssistant, home: Home, porch: Any, tmp_path: Path) -> None:
    """The camera's session and the stream server go on while the folder changes."""
    data = home.entry.runtime_data
    key = next(iter(data.vault.records))
    viewer = await view(data.shared.relaying.source(key).reveal())
    await wait_for(lambda: home.state("camera.porch") == "streaming")
    before, server = porch.counters.handshakes, data.shared.server.state
    await options(hass, home, clips_folder=str(tmp_path / "clips"))
    assert home.entry.runtime_data is data, "it was not loaded anew"
    assert data.shared.server.state == server
    assert porch.counters.handshakes == before
    assert viewer.returncode is None
    viewer.kill()
    await viewer.wait()


@pytest.mark.parametrize(
    ("inside", "error"),
    [
        ("www/clips", "public"),
        ("www", "public"),
        (".storage/clips", "home_assistants"),
        (".cache/clips", "home_assistants"),
        ("custom_components", "home_assistants"),
        ("backups/clips", "home_assistants"),
        (".", "home_assistants"),
        ("..", "home_assistants"),
        ("media/../www/x", "public"),
        ("missing/clips", "parent_missing"),
        ("configuration.yaml", "not_a_folder"),
        ("configuration.yaml/clips", "parent_missing"),
    ],
)
async def test_a_folder_for_no_clips_is_refused(
    hass: HomeAssistant, home: Home, inside: str, error: str
) -> None:
    """Each with its own words; nothing is kept and nothing is made."""
    await home.set_up()
    config = Path(hass.config.config_dir)
    for name in ("www", ".cache", "backups", "media"):
        (config / name).mkdir(exist_ok=True)
    (config / "configuration.yaml").write_text("")
    before = sorted(config.rglob("*"))
    result = await options(hass, home, clips_folder=f"{config}/{inside}", clips_days=3)
    assert result["errors"] == {"base": f"clips_folder_{error}"}
    assert await kept(hass) == ClipKeeping()
    assert sorted(config.rglob("*")) == before
    assert typed_clips(result) == {
        "clips_folder": f"{config}/{inside}",
        "clips_days": 3,
        "clips_gigabytes": 10,
    }
    manager = hass.config_entries.options
    mended = await manager.async_configure(result["flow_id"], home.networks_input())
    assert mended["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("typed", ["clips", "media/clips", "~/clips", "/mnt/a\nb", "/" + "x" * 600, "/a\0b"])
async def test_what_is_no_path_is_refused(hass: HomeAssistant, home: Home, typed: str) -> None:
    await home.set_up()
    result = await options(hass, home, clips_folder=typed)
    assert result["errors"] == {"base": "clips_folder_not_absolute"}


async def test_a_link_is_what_it_leads_to(hass: HomeAssistant, home: Home, tmp_path: Path) -> None:
    """A link elsewhere that ends in the folder everybody sees is no way around."""
    await home.set_up()
    public = Path(hass.config.config_dir) / "www"
    public.mkdir()
    (tmp_path / "link").symlink_to(public)
    result = await options(hass, home, clips_folder=str(tmp_path / "link" / "clips"))
    assert result["errors"] == {"base": "clips_folder_public"}
    assert list(public.iterdir()) == []


async def test_the_folder_everybody_sees_may_be_a_link_itself(
    hass: HomeAssistant, home: Home, tmp_path: Path
) -> None:
    """Whoever types where it leads to is refused as well."""
    await home.set_up()
    shown = tmp_path / "shown"
    shown.mkdir()
    (Path(hass.config.config_dir) / "www").symlink_to(shown)
    result = await options(hass, home, clips_folder=str(shown / "clips"))
    assert result["errors"] == {"base": "clips_folder_public"}
    assert list(shown.iterdir()) == []


async def test_a_folder_that_is_gone_keeps_nobody_from_other_options(
    hass: HomeAssistant, home: Home, tmp_path: Path
) -> None:
    """The NAS is away: the days and everything else can be changed all the same."""
    await home.set_up()
    (tmp_path / "nas").mkdir()
    folder = str(tmp_path / "nas" / "clips")
    await options(hass, home, clips_folder=folder)
    (tmp_path / "nas").rename(tmp_path / "away")
    result = await options(hass, home, clips_folder=folder, clips_days=5)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert await kept(hass) == ClipKeeping(folder, 5)


async def test_a_full_disk_is_refused(hass: HomeAssistant, home: Home, tmp_path: Path) -> None:
    await home.set_up()
    with tmpfs(tmp_path / "disk", 64 << 10) as disk:
        (disk.folder / "clips").mkdir()
        with pytest.raises(OSError, match="No space"):
            (disk.folder / "full").write_bytes(b"x" * 100_000)
        result = await options(hass, home, clips_folder=str(disk.folder / "clips"))
        assert result["errors"] == {"base": "clips_folder_full"}
        assert list((disk.folder / "clips").iterdir()) == [], "what was written to try it is gone"


async def test_a_read_only_disk_is_refused(hass: HomeAssistant, home: Home, tmp_path: Path) -> None:
    await home.set_up()
    with tmpfs(tmp_path / "disk", 64 << 10) as disk:
        (disk.folder / "clips").mkdir()
        disk.read_only()
        for name in ("clips", "new"):
            result = await options(hass, home, clips_folder=str(disk.folder / name))
            assert result["errors"] == {"base": "clips_folder_read_only"}


async def test_a_disk_that_hangs_keeps_nobody_waiting(
    hass: HomeAssistant, home: Home, tmp_path: Path
) -> None:
    """A NAS that went away: the form comes back, and the folder before stays."""
    await home.set_up()
    with ext4(tmp_path / "disk") as disk:
        (disk.folder / "clips").mkdir()
        disk.freeze()
        try:
            async with asyncio.timeout(30):
                result = await options(hass, home, clips_folder=str(disk.folder / "clips"))
        finally:
            disk.thaw()
        assert result["errors"] == {"base": "clips_folder_no_answer"}
        assert await kept(hass) == ClipKeeping()
        await wait_for(lambda: not list((disk.folder / "clips").iterdir()))


async def test_a_folder_that_may_not_be_written_is_refused(
    hass: HomeAssistant, home: Home, tmp_path: Path
) -> None:
    await home.set_up()
    result = await options(hass, home, clips_folder="/proc/clips")
    assert result["errors"]["base"] in {"clips_folder_not_permitted", "clips_folder_io_error"}
