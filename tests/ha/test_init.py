"""Life of an entry: load, reload, unload, remove, and what follows its changes."""

import asyncio
import gc
import itertools
import threading
import time
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
import pytest

from homeassistant.components.camera import async_get_image
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.wyze_local.engine.vault import CameraRecord
from dev.simulator import CameraSpec, Simulator

from .rigging import DOMAIN, OFFER, Home, saw, view, wait_for


def go2rtc_children() -> list[psutil.Process]:
    """Return the stream servers that this process started; not theirs, which begin and end at any moment."""
    return [child for child in psutil.Process().children() if _serves(child)]


def _serves(child: psutil.Process) -> bool:
    try:
        return child.status() != psutil.STATUS_ZOMBIE and "go2rtc" in child.name()
    except psutil.NoSuchProcess:
        return False


async def test_unload_lingers_and_then_leaves_nothing(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """The stream server outlives a reload, but not the last entry for long."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    (server,) = go2rtc_children()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert go2rtc_children() == [server]
    async_fire_time_changed(hass, dt_util.utcnow().replace(year=2030))
    await wait_for(lambda: not go2rtc_children())


async def test_fifty_reloads_leave_nothing_behind(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """No task, thread, file, socket or process is left by a reload."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)

    async def reload() -> None:
        assert await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()

    for _ in range(5):
        await reload()
    before = _leftovers()
    for _ in range(50):
        await reload()
    # Right after a reload much has not begun. Where some has already, another one is looked at.
    # Twice in a row: one good moment between two bad ones proves nothing.
    async with asyncio.timeout(60):
        for _ in range(2):
            while not _nothing_more(_leftovers(), before):
                await reload()
    assert home.state("camera.porch") is not None


def _leftovers() -> tuple[int, ...]:
    gc.collect()
    process = psutil.Process()
    return (
        len([task for task in asyncio.all_tasks() if not task.done()]),
        # Home Assistant's own workers become more when more is asked at once than ever before, and stay.
        sum(not thread.name.startswith("SyncWorker") for thread in threading.enumerate()),
        process.num_fds(),
        len(process.children(recursive=True)),
    )


def _nothing_more(now: tuple[int, ...], before: tuple[int, ...]) -> bool:
    """Compare kind by kind: a task less does not make up for a socket more."""
    return all(have <= had for have, had in zip(now, before, strict=True))


async def test_removing_the_entry_deletes_vault_and_key(
    hass: HomeAssistant, home: Home, simulator: Simulator, hass_storage: dict[str, Any]
) -> None:
    """Nothing of a removed entry stays on disk."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    storage, key = Path(hass.config.path(".storage")), Path(hass.config.cache_path(DOMAIN, "key"))
    assert list(storage.glob(f"{DOMAIN}.vault.*"))
    assert key.exists()
    await wait_for(lambda: home.state("camera.porch") == "idle")
    # Written down some seconds after the camera has shown how it codes its pictures.
    await wait_for(lambda: f"{DOMAIN}.formats" in hass_storage, 30)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not list(storage.glob(f"{DOMAIN}.vault.*"))
    assert f"{DOMAIN}.formats" not in hass_storage
    assert not key.exists()


async def test_a_reload_waits_for_a_save(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """An entry that is reloaded while a camera is being saved has that camera afterwards."""
    entry = await home.set_up()
    flow = await home.camera_flow()
    vault = entry.runtime_data.vault
    saving, go_on = asyncio.Event(), asyncio.Event()
    put = vault.async_put

    async def slow_put(record: CameraRecord) -> None:
        saving.set()
        await go_on.wait()
        await put(record)

    vault.async_put = slow_put
    values = {"name": "Porch", "link": simulator.cameras["porch"].link}
    submit = asyncio.create_task(
        hass.config_entries.subentries.async_configure(flow["flow_id"], values), name="submit"
    )
    await saving.wait()
    reload = asyncio.create_task(hass.config_entries.async_reload(entry.entry_id), name="reload")
    await wait_for(lambda: entry.state is not ConfigEntryState.LOADED)
    go_on.set()
    assert (await submit)["type"] is FlowResultType.CREATE_ENTRY
    assert await reload
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_two_changes_at_once_add_a_camera_once(
    hass: HomeAssistant, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second change waits for the first, and finds the camera known."""
    entry = await home.set_up()
    coordinator = entry.runtime_data.coordinator
    added: list[str] = []
    add = coordinator.async_add

    async def slow_add(camera_key: str) -> None:
        added.append(camera_key)
        await asyncio.sleep(0)
        await add(camera_key)

    monkeypatch.setattr(coordinator, "async_add", slow_add)
    for number in range(3):
        data = {"camera_key": f"{number:032x}", "mac_hash": str(number), "model": ""}
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType(data), subentry_type="camera", title=f"Camera {number}", unique_id=None
            ),
        )
    await hass.async_block_till_done()
    assert sorted(added) == [f"{number:032x}" for number in range(3)]


@pytest.mark.alone
@pytest.mark.parametrize("simulator", [[CameraSpec(f"cam{n:02}") for n in range(30)]], indirect=True)
async def test_thirty_cameras_load_within_five_seconds(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """An entry with thirty cameras loads fast, and all of them are proven soon, gently."""
    entry = await home.set_up()
    # Ten windows at a time: all of them wait for their turn to dial.
    for some in itertools.batched(simulator.cameras.items(), 10, strict=True):
        await asyncio.gather(*(home.add(camera.link, name) for name, camera in some))
    assert len(entry.subentries) == 30
    assert await hass.config_entries.async_unload(entry.entry_id)
    started = time.monotonic()
    assert await hass.config_entries.async_setup(entry.entry_id)
    took = time.monotonic() - started
    print(f"30 cameras loaded in {took:.2f} s")
    assert took < 5


async def test_narrower_networks_end_a_camera_outside(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """A camera that is outside now is not dialled any more, says so, and comes back with its network."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    coordinator = entry.runtime_data.coordinator
    hass.config_entries.async_update_entry(entry, options={"networks": ["192.0.2.0/24"]})
    await hass.async_block_till_done()
    assert home.state("camera.porch") == "unavailable"
    assert home.state("sensor.porch_connection") == "outside_networks"
    assert not await coordinator.server.streams()
    before = simulator.cameras["porch"].counters.dials
    with pytest.raises(HomeAssistantError):
        await async_get_image(hass, "camera.porch")
    assert simulator.cameras["porch"].counters.dials == before
    hass.config_entries.async_update_entry(entry, options={"networks": ["127.0.0.0/8"]})
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_keys_of_a_camera_removed_meanwhile_are_dropped(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """A camera that was removed while the entry was not loaded leaves no key behind."""
    entry = await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert not entry.runtime_data.vault.records


async def test_a_reload_costs_a_viewer_nothing(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """Whoever watches goes on watching through a reload, on the same camera connection."""
    entry = await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    camera_key = subentry.data["camera_key"]
    url = entry.runtime_data.coordinator.server.restream_url(camera_key).reveal()
    viewer = await view(url, frames=120)
    await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
    dials = simulator.cameras["porch"].counters.dials
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert await hass.config_entries.async_reload(entry.entry_id)
    async with asyncio.timeout(30):
        assert await saw(viewer) == 120
    assert simulator.cameras["porch"].counters.dials == dials


@pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("garden")]], indirect=True)
async def test_after_a_death_of_the_stream_server_open_players_are_made_anew(
    hass: HomeAssistant, home: Home, simulator: Simulator, hass_ws_client: WebSocketGenerator
) -> None:
    """The state of a camera with a viewer goes away and comes back; one without viewers is left alone."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await home.add(simulator.cameras["garden"].link, "Garden")
    await wait_for(lambda: home.state("camera.porch") == home.state("camera.garden") == "idle", 20)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {"type": "camera/webrtc/offer", "entity_id": "camera.porch", "offer": OFFER}
    )
    async with asyncio.timeout(15):
        while (message := await client.receive_json())["type"] != "event" or (
            message["event"]["type"] != "answer"
        ):
            pass
    gone: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if event.data["new_state"] is None:
            gone.append(event.data["entity_id"])

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    (server,) = go2rtc_children()
    server.kill()
    await wait_for(lambda: gone and home.state("camera.porch") not in (None, "unavailable"), 20)
    assert gone == ["camera.porch"]
