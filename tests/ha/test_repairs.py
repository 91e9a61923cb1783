"""Vaults that cannot be opened: repairs, starting over, and what happens once the cause is mended."""

from pathlib import Path
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.wyze_local.engine.vault import CameraRecord, KeyPlaces, Vault, records_from_payload
from custom_components.wyze_local.repairs import VaultRepairFlow
from dev.simulator import CameraSpec, Simulator

from .rigging import DOMAIN, Home, view, wait_for


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
    Vault(_vault(hass, home), KeyPlaces.at(Path(hass.config.cache_path(DOMAIN, "key"))), "another").create(
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
    payload = Vault(_vault(hass, home), KeyPlaces.at(key), home.entry.data["vault_id"]).load().payload
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


async def test_a_camera_that_go2rtc_holds_is_watched_over_once_its_keys_are_there(
    hass: HomeAssistant, home: Home, shut: ConfigSubentry
) -> None:
    """Also when nothing but the vault has changed: the form that opened it came to nothing."""
    data = {**shut.data, "engine": "go2rtc"}
    hass.config_entries.async_update_subentry(home.entry, shut, data=data)
    await hass.async_block_till_done()
    flow = await home.camera_flow("change", subentry_id=shut.subentry_id)
    result = await home.submit(flow, {"name": "Porch", "ip_address": "nonsense"})
    assert result["errors"] == {"ip_address": "address_not_an_address"}
    await wait_for(lambda: home.state("camera.porch") == "idle", 30)
    viewer = await view(home.entry.runtime_data.coordinator.stream_url(shut.data["camera_key"]).reveal())
    try:
        await wait_for(lambda: home.state("sensor.porch_connection") == "live", 30)
    finally:
        viewer.kill()
        await viewer.wait()


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


async def test_a_key_that_comes_back_in_time_is_used(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """Whoever finds the key file while the page is open loses nothing by the button on it."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    assert await hass.config_entries.async_unload(entry.entry_id)
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    found = key.rename(key.with_name("found"))
    assert await hass.config_entries.async_setup(entry.entry_id)
    flow = VaultRepairFlow(entry)
    flow.hass = hass
    page: Any = await flow.async_step_init()
    assert page["step_id"] == "start_over"
    found.rename(key)
    await flow.async_step_start_over({})
    await hass.async_block_till_done()
    await wait_for(lambda: home.state("camera.porch") == "idle", 20)
