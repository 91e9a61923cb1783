"""Key file, recovery passphrase, rotation and restore, as a person meets them."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.wyze_local.diagnostics import async_get_config_entry_diagnostics
from custom_components.wyze_local.engine.model import Secret
from custom_components.wyze_local.engine.vault import VaultError
from custom_components.wyze_local.entry_vault import EntryVault
from custom_components.wyze_local.in_backup import key_in_backup
from custom_components.wyze_local.keys import DATA_KEYS, async_get_keys, vault_path
from dev.simulator import Simulator

from .rigging import DOMAIN, Home, open_options, wait_for

WORDS = "CANARY horse battery"
OTHER_WORDS = "another CANARY battery"
LINE = "0123456789abcdef" * 4


def _own_key(hass: HomeAssistant) -> Path:
    return Path(hass.config.cache_path(DOMAIN, "key"))


async def _options(hass: HomeAssistant, home: Home, **keys: Any) -> dict[str, Any]:
    """Submit the options form as it is shown, but for other values in its section about the vault."""
    flow = await open_options(hass, home.entry)
    assert flow["data_schema"] is not None
    values = _shown(flow["data_schema"].schema)
    values["keys"].update(keys)
    if "passphrase" in keys:
        values["keys"].setdefault("passphrase_again", keys["passphrase"])
    return dict(await hass.config_entries.options.async_configure(flow["flow_id"], values))


def _shown(fields: Any) -> dict[str, Any]:
    """Return the values that a form shows, its sections included."""
    shown: dict[str, Any] = {}
    for field, part in fields.items():
        if isinstance(part, section):
            shown[str(field)] = _shown(part.schema.schema)
        elif field.description and "suggested_value" in field.description:
            shown[str(field)] = field.description["suggested_value"]
    return shown


class Repair:
    """The repair of an entry's vault, as the frontend follows it."""

    def __init__(self, hass: HomeAssistant, home: Home, client: Any) -> None:
        self._issue_id = f"vault_unreadable_{home.entry.entry_id}"
        self._hass = hass
        self._client = client
        self._flow_id = ""

    @property
    def issue(self) -> ir.IssueEntry | None:
        return ir.async_get(self._hass).async_get_issue(DOMAIN, self._issue_id)

    async def begin(self) -> dict[str, Any]:
        given = {"handler": DOMAIN, "issue_id": self._issue_id}
        answer = await (await self._client.post("/api/repairs/issues/fix", json=given)).json()
        self._flow_id = answer["flow_id"]
        return dict(answer)

    async def submit(self, **values: Any) -> dict[str, Any]:
        url = f"/api/repairs/issues/fix/{self._flow_id}"
        answer: dict[str, Any] = await (await self._client.post(url, json=values)).json()
        await self._hass.async_block_till_done()
        return answer


@pytest.fixture
async def repair(hass: HomeAssistant, home: Home, simulator: Simulator, hass_client: Any) -> Repair:
    """Return the repair of a home with one camera that plays."""
    await async_setup_component(hass, "repairs", {})
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    return Repair(hass, home, await hass_client())


async def _restart(hass: HomeAssistant, home: Home) -> None:
    """Load the entry as the next start of Home Assistant would."""
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    hass.data.pop(DATA_KEYS, None)
    await async_get_keys(hass).async_finish()
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await hass.async_block_till_done()


async def _on_another_machine(hass: HomeAssistant, home: Home, *, key: bool) -> None:
    """Do what a restored backup does: all of the configuration but the cache; perhaps another key there."""
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    shutil.rmtree(_own_key(hass).parent)
    if key:
        other = EntryVault(hass, "e" * 32)
        await other.async_create()
        vault_path(hass, "e" * 32).unlink()
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await hass.async_block_till_done()


@pytest.mark.parametrize("key", [False, True], ids=["no key there", "another key there"])
async def test_a_restored_backup_opens_by_its_passphrase(
    hass: HomeAssistant, home: Home, repair: Repair, key: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Three steps: the menu, the passphrase, done. Entities stay; the vault is this machine's then."""
    registry = er.async_get(hass)
    before = registry.async_get("camera.porch")
    result = await _options(hass, home, has_passphrase=True, passphrase=WORDS)
    assert result["type"] == "create_entry", result
    await _on_another_machine(hass, home, key=key)
    assert home.state("sensor.porch_connection") == "keys_missing"
    menu = await repair.begin()
    assert (menu["type"], menu["step_id"]) == ("menu", "key_lost")
    assert "Porch" in menu["description_placeholders"]["cameras"]
    form = await repair.submit(next_step_id="passphrase")
    assert form["step_id"] == "passphrase"
    wrong = await repair.submit(passphrase=OTHER_WORDS)
    assert wrong["errors"] == {"base": "vault_passphrase_wrong"}
    done = await repair.submit(passphrase=WORDS)
    assert done["type"] == "create_entry", done
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert repair.issue is None
    assert registry.async_get("camera.porch") == before
    await _restart(hass, home)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert home.entry.runtime_data.vault.has_passphrase, "it opens the next restore, too"
    assert "CANARY" not in caplog.text


async def test_whoever_forgot_the_passphrase_starts_over(
    hass: HomeAssistant, home: Home, repair: Repair
) -> None:
    """The menu leads to the empty vault as well; cameras keep their entities."""
    await home.entry.runtime_data.vault.async_set_passphrase(Secret(WORDS))
    await _on_another_machine(hass, home, key=False)
    await repair.begin()
    form = await repair.submit(next_step_id="start_over")
    assert form["step_id"] == "start_over"
    assert (await repair.submit())["type"] == "create_entry"
    assert repair.issue is None
    assert not home.entry.runtime_data.vault.has_passphrase
    assert home.state("camera.porch") == "unavailable"


async def test_a_damaged_key_file_gives_way_to_the_passphrase(
    hass: HomeAssistant, home: Home, repair: Repair
) -> None:
    """It is put aside, and a new one takes its place."""
    await home.entry.runtime_data.vault.async_set_passphrase(Secret(WORDS))
    _own_key(hass).write_text("no key")
    await _restart(hass, home)
    await repair.begin()
    await repair.submit(next_step_id="passphrase")
    assert (await repair.submit(passphrase=WORDS))["type"] == "create_entry"
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert _own_key(hass).with_name("key.unreadable-1").read_text() == "no key"


async def test_a_mode_is_mended_by_hand_and_costs_nothing(
    hass: HomeAssistant, home: Home, repair: Repair
) -> None:
    """Neither passphrase nor a new beginning is offered for what a chmod mends."""
    await home.entry.runtime_data.vault.async_set_passphrase(Secret(WORDS))
    _own_key(hass).chmod(0o644)
    await _restart(hass, home)
    assert repair.issue is not None
    assert repair.issue.translation_key == "vault_unreadable_by_hand"
    assert (await repair.begin())["step_id"] == "by_hand"
    assert (await repair.submit())["step_id"] == "by_hand", "still the same"
    _own_key(hass).chmod(0o600)
    assert (await repair.submit())["type"] == "create_entry"
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_the_options_set_change_and_remove_a_passphrase(
    hass: HomeAssistant, home: Home, repair: Repair
) -> None:
    """Nothing typed leaves it as it is; too short a one is named; no tick removes it."""
    vault = home.entry.runtime_data.vault
    assert (await _options(hass, home, has_passphrase=True))["errors"] == {
        "base": "vault_passphrase_too_short"
    }
    short = await _options(hass, home, has_passphrase=True, passphrase="eleven char")
    assert short["errors"] == {"base": "vault_passphrase_too_short"}
    slip = await _options(hass, home, has_passphrase=True, passphrase=WORDS, passphrase_again=OTHER_WORDS)
    assert slip["errors"] == {"base": "passphrase_differs"}
    assert not vault.has_passphrase
    assert (await _options(hass, home, has_passphrase=True, passphrase=WORDS))["type"] == "create_entry"
    assert vault.has_passphrase
    sealed = vault_path(hass, home.entry.data["vault_id"]).read_bytes()
    assert (await _options(hass, home))["type"] == "create_entry"
    assert vault_path(hass, home.entry.data["vault_id"]).read_bytes() == sealed, "untouched"
    assert (await _options(hass, home, passphrase=OTHER_WORDS))["type"] == "create_entry"
    with pytest.raises(VaultError):
        await EntryVault(hass, home.entry.data["vault_id"]).async_recover(Secret(WORDS))
    assert (await _options(hass, home, has_passphrase=False))["type"] == "create_entry"
    assert not vault.has_passphrase
    assert "CANARY" not in str(home.entry.options)


async def test_the_passphrase_is_in_no_file_and_no_log(
    hass: HomeAssistant, home: Home, repair: Repair, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither set nor tried it leaves a trace."""
    await _options(hass, home, has_passphrase=True, passphrase=WORDS)
    await _on_another_machine(hass, home, key=False)
    await repair.begin()
    await repair.submit(next_step_id="passphrase")
    await repair.submit(passphrase=WORDS)
    await hass.async_block_till_done()
    for file in Path(hass.config.config_dir).rglob("*"):
        if file.is_file():
            assert b"CANARY" not in file.read_bytes(), file
    report = await async_get_config_entry_diagnostics(hass, home.entry)
    assert report["vault"]["passphrase"] is True
    assert "CANARY" not in f"{report}{caplog.text}"


@pytest.fixture
def secrets_folder(tmp_path: Path) -> Path:
    """Return a folder outside the configuration, as one is mounted for secrets."""
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    return folder


async def test_the_key_moves_to_a_docker_secret_and_back(
    hass: HomeAssistant, home: Home, repair: Repair, secrets_folder: Path
) -> None:
    """The vault follows at once and after a start; of the place before nothing stays."""
    secret = secrets_folder / "wyze"
    secret.write_text(f"{LINE}\n")
    secret.chmod(0o444)
    assert (await _options(hass, home, key_path=str(secret)))["type"] == "create_entry"
    assert not _own_key(hass).exists()
    report = await async_get_config_entry_diagnostics(hass, home.entry)
    assert report["vault"]["key_place"] == "chosen"
    assert report["vault"]["key_in_backup"] == "no"
    assert str(secret) not in str(report)
    await _restart(hass, home)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert (await _options(hass, home, key_path=""))["type"] == "create_entry"
    assert secret.read_text() == f"{LINE}\n", "it is theirs"
    secret.unlink()
    await _restart(hass, home)
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_a_key_is_written_where_there_is_none(
    hass: HomeAssistant, home: Home, repair: Repair, secrets_folder: Path
) -> None:
    """For its owner only, and never into a folder that does not exist."""
    missing = await _options(hass, home, key_path=str(secrets_folder / "none" / "key"))
    assert missing["errors"] == {"base": "vault_key_folder_missing"}
    assert _own_key(hass).exists()
    assert (await _options(hass, home, key_path=str(secrets_folder / "key")))["type"] == "create_entry"
    assert (secrets_folder / "key").stat().st_mode & 0o777 == 0o600
    await _restart(hass, home)
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_no_key_goes_where_backups_go(
    hass: HomeAssistant, home: Home, repair: Repair, secrets_folder: Path
) -> None:
    """Not directly, not through a link, and not by a path that is none."""
    config = Path(hass.config.config_dir)
    (secrets_folder / "link").symlink_to(config)
    for path, error in {
        config / "key": "key_path_in_backup",
        config / ".storage" / "key": "key_path_in_backup",
        config / ".cache" / ".." / "key": "key_path_in_backup",
        secrets_folder / "link" / "key": "key_path_in_backup",
        "relative/key": "key_path_not_absolute",
        f"{secrets_folder}/": "key_path_not_absolute",
    }.items():
        assert (await _options(hass, home, key_path=str(path)))["errors"] == {"base": error}
    assert (await _options(hass, home, key_path=str(_own_key(hass))))["type"] == "create_entry"
    assert not async_get_keys(hass).places.current.chosen


async def test_a_bad_secret_is_named_and_changes_nothing(
    hass: HomeAssistant, home: Home, repair: Repair, secrets_folder: Path
) -> None:
    """The key stays where it is until the new one can be read."""
    secret = secrets_folder / "wyze"
    secret.write_text(LINE)
    secret.chmod(0o644)
    result = await _options(hass, home, key_path=str(secret))
    assert result["errors"] == {"base": "vault_key_mode_too_wide"}
    secret.chmod(0o600)
    secret.write_text("no key")
    assert (await _options(hass, home, key_path=str(secret)))["errors"] == {"base": "vault_key_damaged"}
    await _restart(hass, home)
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_a_found_copy_of_the_key_opens_a_shut_vault_at_once(
    hass: HomeAssistant, home: Home, repair: Repair, secrets_folder: Path
) -> None:
    """Whoever names the copy of a lost key file needs neither repair nor restart."""
    shutil.copy(_own_key(hass), secrets_folder / "copy")
    await _on_another_machine(hass, home, key=True)
    assert home.state("sensor.porch_connection") == "keys_missing"
    assert (await _options(hass, home, key_path=str(secrets_folder / "copy")))["type"] == "create_entry"
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert repair.issue is None


async def test_a_restore_where_the_chosen_place_does_not_exist_has_a_way_on(
    hass: HomeAssistant, home: Home, repair: Repair, secrets_folder: Path
) -> None:
    """The setting came with the backup, the mounted folder did not; the options lead to another place."""
    await home.entry.runtime_data.vault.async_set_passphrase(Secret(WORDS))
    await _options(hass, home, key_path=str(secrets_folder / "key"))
    shutil.rmtree(secrets_folder)
    await _restart(hass, home)
    assert home.state("sensor.porch_connection") == "keys_missing"
    await repair.begin()
    await repair.submit(next_step_id="passphrase")
    stuck = await repair.submit(passphrase=WORDS)
    assert stuck["errors"] == {"base": "vault_key_folder_missing"}
    assert (await _options(hass, home, key_path=""))["type"] == "create_entry"
    assert (await repair.submit(passphrase=WORDS))["type"] == "create_entry"
    await wait_for(lambda: home.state("camera.porch") == "idle")
    await _restart(hass, home)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert not async_get_keys(hass).places.before, "nobody needs the place that is gone"


async def test_a_start_finishes_what_a_crash_interrupted(
    hass: HomeAssistant, home: Home, repair: Repair, secrets_folder: Path
) -> None:
    """The setting was written, no vault was sealed anew yet: the old place is still known."""
    secret = secrets_folder / "wyze"
    secret.write_text(LINE)
    secret.chmod(0o400)
    whole = {path: path.read_bytes() for path in vault_path(hass, "").parent.glob(f"{DOMAIN}.vault.*")}
    key = _own_key(hass).read_bytes()
    keys = async_get_keys(hass)
    # The vault cannot be read during the move, as if the power had gone before its turn.
    for path in whole:
        path.write_bytes(b"{}")
    await keys.async_move(str(secret))
    for path, content in whole.items():
        path.write_bytes(content)
    assert _own_key(hass).read_bytes() == key
    await _restart(hass, home)
    assert not _own_key(hass).exists()
    assert not async_get_keys(hass).places.before
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def _rotate(hass: HomeAssistant, **options: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, "rotate_key", {}, blocking=True, return_response=True, **options
    )


async def test_an_administrator_changes_the_key_of_all_vaults(
    hass: HomeAssistant, home: Home, repair: Repair, hass_read_only_user: User
) -> None:
    """The answer says how many; a vault that a config flow just made is sealed anew as well."""
    await home.entry.runtime_data.vault.async_set_passphrase(Secret(WORDS))
    stray = EntryVault(hass, "f" * 32)
    await stray.async_create()
    before = _own_key(hass).read_bytes()
    with pytest.raises(Unauthorized):
        await _rotate(hass, context=Context(user_id=hass_read_only_user.id))
    assert _own_key(hass).read_bytes() == before
    assert await _rotate(hass) == {"vaults": 1}
    assert _own_key(hass).read_bytes() != before
    await EntryVault(hass, "f" * 32).async_load()
    await _restart(hass, home)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert home.entry.runtime_data.vault.has_passphrase


async def test_no_key_is_changed_while_a_vault_is_shut(
    hass: HomeAssistant, home: Home, repair: Repair
) -> None:
    """The message says why, and everything stays as it was."""
    before = _own_key(hass).read_bytes()
    for path in vault_path(hass, "").parent.glob(f"{DOMAIN}.vault.*"):
        path.write_bytes(b"{}")
    with pytest.raises(HomeAssistantError) as caught:
        await _rotate(hass)
    assert caught.value.translation_key == "key_not_rotated"
    assert caught.value.translation_placeholders == {"reason": "vault damaged"}
    assert _own_key(hass).read_bytes() == before


async def test_cameras_saved_during_a_rotation_are_sealed_under_the_new_key(
    hass: HomeAssistant, home: Home, repair: Repair
) -> None:
    """Vault and key file are touched by one at a time."""
    vault = home.entry.runtime_data.vault
    (record,) = vault.records.values()
    for _ in range(3):
        rotation = hass.async_create_task(_rotate(hass))
        await vault.async_put(record)
        await rotation
    # Whoever changes the key holds this for as long as it takes.
    async with async_get_keys(hass).lock:
        saving = hass.async_create_task(vault.async_put(record))
        assert not (await asyncio.wait({saving}, timeout=1))[0]
    await saving
    await _restart(hass, home)
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_where_backups_would_hold_the_key(hass: HomeAssistant) -> None:
    """By Home Assistant's own list inside the configuration; beside it Supervisor may be asked to pack."""
    config = Path(hass.config.config_dir)
    assert key_in_backup(hass, config / ".cache" / "wyze_local" / "key") == "no"
    assert key_in_backup(hass, config / ".storage" / "key") == "yes"
    assert key_in_backup(hass, config / "deep" / ".cache" / "key") == "yes"
    assert key_in_backup(hass, Path("/ssl/wyze.key")) == "no"
    hass.config.components.add("hassio")
    assert key_in_backup(hass, Path("/ssl/wyze.key")) == "unknown"
    assert key_in_backup(hass, Path("/run/secrets/wyze")) == "no"
