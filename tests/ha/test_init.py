"""Life of an entry: load, reload, unload, remove, and vaults that cannot be opened."""

import asyncio
import gc
import threading
import time
from pathlib import Path
from types import MappingProxyType

import psutil
import pytest

from homeassistant.components.camera import async_get_image
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.wyze_local.engine.vault import CameraRecord, Vault, records_from_payload
from dev.simulator import CameraSpec, Simulator

from .rigging import DOMAIN, OFFER, Home, view, wait_for


def go2rtc_children() -> list[psutil.Process]:
    """Return the stream servers that this process started."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "go2rtc" in child.name()
    ]


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
    before = _leftovers(hass)
    for _ in range(50):
        await reload()
    # Twice in a row: one good moment between two bad ones proves nothing.
    for _ in range(2):
        await wait_for(lambda: _nothing_more(_leftovers(hass), before), 30)
    assert home.state("camera.porch") is not None


def _leftovers(hass: HomeAssistant) -> tuple[int, ...]:
    gc.collect()
    process = psutil.Process()
    return (
        len([task for task in asyncio.all_tasks() if not task.done()]),
        threading.active_count(),
        process.num_fds(),
        len(process.children(recursive=True)),
    )


def _nothing_more(now: tuple[int, ...], before: tuple[int, ...]) -> bool:
    """Compare kind by kind: a task less does not make up for a socket more."""
    return all(have <= had for have, had in zip(now, before, strict=True))


async def test_removing_the_entry_deletes_vault_and_key(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """Nothing of a removed entry stays on disk."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    storage, key = Path(hass.config.path(".storage")), Path(hass.config.cache_path(DOMAIN, "key"))
    assert list(storage.glob(f"{DOMAIN}.vault.*"))
    assert key.exists()
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not list(storage.glob(f"{DOMAIN}.vault.*"))
    assert not key.exists()


def _vault(hass: HomeAssistant, home: Home) -> Path:
    return Path(hass.config.path(".storage", f"{DOMAIN}.vault.{home.entry.data['vault_id']}"))


def _lose_vault(hass: HomeAssistant, home: Home) -> None:
    for path in _vault(hass, home).parent.glob(f"{DOMAIN}.vault.*"):
        path.unlink()


def _spoil_vault(hass: HomeAssistant, home: Home) -> None:
    for path in _vault(hass, home).parent.glob(f"{DOMAIN}.vault.*"):
        path.write_bytes(path.read_bytes()[:-40])


def _lose_key(hass: HomeAssistant, home: Home) -> None:
    Path(hass.config.cache_path(DOMAIN, "key")).unlink()


def _spoil_key(hass: HomeAssistant, home: Home) -> None:
    Path(hass.config.cache_path(DOMAIN, "key")).write_text("not a key")


def _swap_vault(hass: HomeAssistant, home: Home) -> None:
    """Put the vault of another entry of the same installation in its place."""
    _lose_vault(hass, home)
    Vault(_vault(hass, home), Path(hass.config.cache_path(DOMAIN, "key")), "another").create(
        {"schema": 1, "cameras": []}
    )


@pytest.mark.parametrize("harm", [_lose_vault, _spoil_vault, _lose_key, _spoil_key, _swap_vault])
async def test_a_vault_that_cannot_be_opened_is_a_repair_and_ids_stay(
    hass: HomeAssistant, home: Home, simulator: Simulator, harm: object, hass_client: object
) -> None:
    """The entry loads, the repair names the cameras, entities stay, a link brings the camera back."""
    assert callable(harm)
    await async_setup_component(hass, "repairs", {})
    entry = await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    registry = er.async_get(hass)
    before = registry.async_get("camera.porch")
    assert before is not None
    assert await hass.config_entries.async_unload(entry.entry_id)
    harm(hass, home)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert home.state("camera.porch") == "unavailable"
    assert home.state("sensor.porch_connection") == "keys_missing"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"vault_unreadable_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert "Porch" in issue.translation_placeholders["cameras"]

    client = await hass_client()  # type: ignore[operator]
    flow = await (
        await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue.issue_id})
    ).json()
    assert flow["step_id"] == "start_over"
    done = await (await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})).json()
    assert done["type"] == "create_entry", done
    await hass.async_block_till_done()
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"vault_unreadable_{entry.entry_id}") is None
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"camera_keys_missing_{entry.entry_id}") is not None

    flow = await home.camera_flow(subentry_id=subentry.subentry_id)
    result = await home.submit(flow, {"name": "Porch", "link": simulator.cameras["porch"].link})
    assert result["reason"] == "reconfigure_successful"
    await wait_for(lambda: home.state("camera.porch") == "idle")
    after = registry.async_get("camera.porch")
    assert after is not None
    assert after.unique_id == before.unique_id
    assert after.id == before.id
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"camera_keys_missing_{entry.entry_id}") is None


async def test_a_mode_mended_by_hand_needs_no_new_vault(
    hass: HomeAssistant, home: Home, simulator: Simulator, hass_client: object
) -> None:
    """Too wide a mode stops the vault, says so, and costs nothing once mended."""
    await async_setup_component(hass, "repairs", {})
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    key.chmod(0o644)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"vault_unreadable_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_key == "vault_unreadable_by_hand"
    key.chmod(0o600)
    client = await hass_client()  # type: ignore[operator]
    done = await (
        await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue.issue_id})
    ).json()
    assert done["type"] == "create_entry"
    await wait_for(lambda: home.state("camera.porch") == "idle")


@pytest.fixture
async def shut(hass: HomeAssistant, home: Home, simulator: Simulator) -> ConfigSubentry:
    """Return the camera of an entry whose vault was shut at the start; the cause is gone since."""
    entry = await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    key.chmod(0o644)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not entry.runtime_data.vault.is_open
    assert home.state("sensor.porch_connection") == "keys_missing"
    key.chmod(0o600)
    return subentry


TWO = pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("garden")]], indirect=True)


def _sealed(hass: HomeAssistant, home: Home) -> dict[str, CameraRecord]:
    """Return what lies in the vault's file."""
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    payload = Vault(_vault(hass, home), key, home.entry.data["vault_id"]).load().payload
    return {record.camera.key: record for record in records_from_payload(payload)}


@TWO
async def test_adding_a_camera_to_a_shut_vault_keeps_the_others_keys(
    hass: HomeAssistant, home: Home, simulator: Simulator, shut: ConfigSubentry
) -> None:
    """Whoever writes first opens the vault; then all of its cameras are taken up, without a reload."""
    before = _sealed(hass, home)
    garden = await home.add(simulator.cameras["garden"].link, "Garden")
    assert _sealed(hass, home).keys() == {shut.data["camera_key"], garden.data["camera_key"]}
    assert _sealed(hass, home)[shut.data["camera_key"]].token == before[shut.data["camera_key"]].token
    await wait_for(lambda: home.state("camera.porch") == home.state("camera.garden") == "idle")
    assert not _issues(hass)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await wait_for(lambda: home.state("camera.porch") == home.state("camera.garden") == "idle")


async def test_a_vault_that_is_still_shut_takes_nothing(
    hass: HomeAssistant, home: Home, simulator: Simulator, shut: ConfigSubentry
) -> None:
    """What cannot be opened is not written; the message names the cause and the file stays as it is."""
    Path(hass.config.cache_path(DOMAIN, "key")).chmod(0o640)
    content = _vault(hass, home).read_bytes()
    flow = await home.camera_flow(subentry_id=shut.subentry_id)
    result = await home.submit(flow, {"name": "Porch", "link": simulator.cameras["porch"].link})
    assert result["errors"] == {"base": "vault_key_mode_too_wide"}
    flow = await home.camera_flow("change", subentry_id=shut.subentry_id)
    result = await home.submit(flow, {"name": "Front"})
    assert result["errors"] == {"base": "vault_key_mode_too_wide"}
    assert _vault(hass, home).read_bytes() == content
    assert len(_issues(hass)) == 1


async def test_changing_a_camera_of_a_shut_vault_keeps_its_restream(
    hass: HomeAssistant, home: Home, simulator: Simulator, shut: ConfigSubentry
) -> None:
    """A new link for a camera whose keys were there all the time does not rename its restream."""
    token = _sealed(hass, home)[shut.data["camera_key"]].token
    flow = await home.camera_flow(subentry_id=shut.subentry_id)
    result = await home.submit(flow, {"name": "Porch", "link": simulator.cameras["porch"].link})
    assert result["reason"] == "reconfigure_successful"
    assert _sealed(hass, home)[shut.data["camera_key"]].token == token
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert not _issues(hass)


@TWO
async def test_removing_a_camera_from_a_shut_vault_erases_its_keys_only(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """A removal opens the vault too, and who was removed before that goes with it."""
    entry = await home.set_up()
    porch = await home.add(simulator.cameras["porch"].link)
    garden = await home.add(simulator.cameras["garden"].link, "Garden")
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    key.chmod(0o644)
    assert await hass.config_entries.async_reload(entry.entry_id)
    hass.config_entries.async_remove_subentry(entry, porch.subentry_id)
    await hass.async_block_till_done()
    key.chmod(0o600)
    assert len(_sealed(hass, home)) == 2, "nothing could be erased yet"
    attic = await home.add(simulator.cameras["porch"].link, "Attic")
    await hass.async_block_till_done()
    assert _sealed(hass, home).keys() == {garden.data["camera_key"], attic.data["camera_key"]}
    hass.config_entries.async_remove_subentry(entry, garden.subentry_id)
    await hass.async_block_till_done()
    assert _sealed(hass, home).keys() == {attic.data["camera_key"]}


async def test_a_removal_opens_a_shut_vault(hass: HomeAssistant, home: Home, shut: ConfigSubentry) -> None:
    """The keys of a removed camera are erased at once, whoever opened the vault."""
    hass.config_entries.async_remove_subentry(home.entry, shut.subentry_id)
    await hass.async_block_till_done()
    assert not _sealed(hass, home)
    assert not _issues(hass)


def _issues(hass: HomeAssistant) -> list[str]:
    """Return what the integration asks to be repaired."""
    return [issue_id for domain, issue_id in ir.async_get(hass).issues if domain == DOMAIN]


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


async def test_the_previous_version_is_used_when_the_vault_is_damaged(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """A damaged file costs nothing as long as the previous version knows the camera."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    await home.entry.runtime_data.vault.async_put(next(iter(home.entry.runtime_data.vault.records.values())))
    _vault(hass, home).write_bytes(b"{}")
    await hass.config_entries.async_reload(entry.entry_id)
    await wait_for(lambda: home.state("camera.porch") == "idle")


@pytest.mark.parametrize("simulator", [[CameraSpec(f"cam{n:02}") for n in range(30)]], indirect=True)
async def test_thirty_cameras_load_within_five_seconds(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """An entry with thirty cameras loads fast, and all of them are proven soon, gently."""
    entry = await home.set_up()
    for name, camera in simulator.cameras.items():
        await home.add(camera.link, name)
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
        assert await viewer.wait() == 0
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
