"""Power cuts before every system call and errors at every system call: old or new, never neither."""

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.vault import KeyPlaces, Vault, VaultError
from tests.support.disks import FailingDisk, PowerCut, PowerCutDisk, Survival

ID = "ab" * 16
OLDER: dict[str, Any] = {"n": "older"}
OLD: dict[str, Any] = {"n": "old"}
NEW: dict[str, Any] = {"n": "new"}

MANY = 400
"""More system calls than any operation makes."""


@dataclass
class Scene:
    """Folders in a state from which an operation starts."""

    root: Path

    @property
    def storage(self) -> Path:
        return self.root / ".storage"

    @property
    def key(self) -> Path:
        return self.root / ".cache" / "wyze_local" / "key"

    @property
    def path(self) -> Path:
        return self.storage / "vault"

    def vault(self, **options: Any) -> Vault:
        return Vault(self.path, KeyPlaces.at(self.key), ID, **options)


def fresh(scene: Scene) -> None:
    """Nothing but the folders."""


def one_version(scene: Scene) -> None:
    scene.vault().create(OLD)


def two_versions(scene: Scene) -> None:
    scene.vault().create(OLDER)
    scene.vault().save(OLD)


def damaged(scene: Scene) -> None:
    """The current file is broken, the previous one holds the old content."""
    scene.vault().create(OLD)
    scene.vault().save(OLD)
    scene.path.write_bytes(b"broken")


@pytest.fixture
def scenes(tmp_path: Path) -> Callable[[Callable[[Scene], None]], Scene]:
    """Return what sets one scene up once and hands out fresh copies of it."""
    count = 0
    templates: dict[Callable[[Scene], None], Path] = {}

    def make(prepare: Callable[[Scene], None]) -> Scene:
        nonlocal count
        if prepare not in templates:
            root = tmp_path / prepare.__name__
            (root / ".storage").mkdir(parents=True)
            (root / ".cache" / "wyze_local").mkdir(parents=True, mode=0o700)
            prepare(Scene(root))
            templates[prepare] = root
        count += 1
        return Scene(Path(shutil.copytree(templates[prepare], tmp_path / f"copy-{count}", symlinks=True)))

    return make


def calls_of(operation: Callable[[Vault], object], scene: Scene) -> int:
    disk = PowerCutDisk(MANY, scene.storage, scene.key.parent)
    operation(scene.vault(disk=disk))
    return disk.calls


def create(vault: Vault) -> None:
    vault.create(NEW)


def save(vault: Vault) -> None:
    vault.save(NEW)


@pytest.mark.parametrize("prepare", [one_version, two_versions, damaged])
@pytest.mark.parametrize("survival", Survival)
def test_a_power_cut_during_a_save_leaves_old_or_new(scenes: Any, prepare: Any, survival: Survival) -> None:
    calls = calls_of(save, scenes(prepare))
    assert 20 < calls < MANY
    found = []
    for at in range(calls + 1):
        scene = scenes(prepare)
        disk = PowerCutDisk(at, scene.storage, scene.key.parent)
        done = False
        try:
            save(scene.vault(disk=disk))
            done = True
        except PowerCut:
            pass
        disk.settle(survival)
        loaded = scene.vault().load()
        payload = loaded.payload
        assert payload in (OLD, NEW)
        assert prepare is damaged or not loaded.recovered, "a power cut damages nothing"
        assert not done or payload == NEW, "a finished save lasts"
        found.append(payload == NEW)
        # Life goes on: the next save works, whatever the cut left behind.
        scene.vault().save({"n": "next"})
        assert scene.vault().load().payload == {"n": "next"}
    assert found == sorted(found), "once new, it stays new"
    assert found[0] is False
    assert found[-1] is True


def forget(vault: Vault) -> None:
    vault.forget(NEW)


def versions(scene: Scene) -> list[Any]:
    """Return what every file of the vault holds that can be opened, half-written ones included."""
    found = []
    for file in scene.storage.iterdir():
        with suppress(VaultError):
            found.append(Vault(file, KeyPlaces.at(scene.key), ID).load().payload)
    return found


@pytest.mark.parametrize("prepare", [one_version, two_versions, damaged])
@pytest.mark.parametrize("survival", Survival)
def test_a_power_cut_while_forgetting_leaves_old_or_nothing_of_it(
    scenes: Any, prepare: Any, survival: Survival
) -> None:
    """The old payload is whole and the call can be repeated, or no file holds it any more."""
    calls = calls_of(forget, scenes(prepare))
    assert 20 < calls < MANY
    found = []
    for at in range(calls + 1):
        scene = scenes(prepare)
        disk = PowerCutDisk(at, scene.storage, scene.key.parent)
        done = False
        try:
            forget(scene.vault(disk=disk))
            done = True
        except PowerCut:
            pass
        disk.settle(survival)
        loaded = scene.vault().load()
        assert prepare is damaged or not loaded.recovered, "a power cut damages nothing"
        assert not done or loaded.payload == NEW, "a finished call lasts"
        if loaded.payload == OLD:
            scene.vault().forget(NEW)
        assert scene.vault().load().payload == NEW
        assert all(payload == NEW for payload in versions(scene))
        found.append(loaded.payload == NEW)
    assert found == sorted(found), "once new, it stays new"
    assert found[0] is False
    assert found[-1] is True


@pytest.mark.parametrize("survival", Survival)
def test_a_power_cut_during_a_create_leaves_all_or_nothing(scenes: Any, survival: Survival) -> None:
    calls = calls_of(create, scenes(fresh))
    for at in range(calls + 1):
        scene = scenes(fresh)
        disk = PowerCutDisk(at, scene.storage, scene.key.parent)
        done = False
        try:
            create(scene.vault(disk=disk))
            done = True
        except PowerCut:
            pass
        disk.settle(survival)
        vault = scene.vault()
        if vault.exists():
            assert vault.load().payload == NEW
        else:
            assert not done, "a finished create lasts"
            vault.create(NEW)
            assert vault.load().payload == NEW


@pytest.mark.parametrize("prepare", [one_version, two_versions])
def test_a_power_cut_while_a_vault_is_put_aside_loses_nothing(scenes: Any, prepare: Any) -> None:
    calls = calls_of(Vault.quarantine, scenes(prepare))
    for at in range(calls + 1):
        scene = scenes(prepare)
        before = {file.read_bytes() for file in scene.storage.iterdir()}
        disk = PowerCutDisk(at, scene.storage, scene.key.parent)
        with suppress(PowerCut):
            scene.vault(disk=disk).quarantine()
        assert {file.read_bytes() for file in scene.storage.iterdir()} == before


REASONS = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "not_permitted",
    errno.EIO: "io_error",
}


@pytest.mark.parametrize("code", REASONS)
@pytest.mark.parametrize("prepare", [two_versions, damaged])
@pytest.mark.parametrize("operation", [save, forget])
def test_an_error_at_any_call_is_named_and_loses_nothing(
    scenes: Any, operation: Any, prepare: Any, code: int
) -> None:
    calls = calls_of(operation, scenes(prepare))
    for at in range(calls):
        scene = scenes(prepare)
        disk = FailingDisk(at, code)
        try:
            operation(scene.vault(disk=disk))
        except VaultError as err:
            assert err.reason in {REASONS[code], "vault_damaged"}
        assert disk.failed
        assert scene.vault().load().payload in (OLD, NEW)
        assert not list(scene.storage.glob(".*")), "no half-written file stays behind"


@pytest.mark.parametrize("operation", [create, save])
def test_a_full_disk_says_so(scenes: Any, operation: Any) -> None:
    scene = scenes(fresh if operation is create else two_versions)
    disk = FailingDisk(0, errno.ENOSPC, kinds=frozenset({"write"}), once=False)
    with pytest.raises(VaultError) as caught:
        operation(scene.vault(disk=disk))
    assert caught.value.reason == "disk_full"
    if operation is save:
        loaded = scene.vault().load()
        assert (loaded.payload, loaded.recovered) == (OLD, False)
        assert sorted(file.name for file in scene.storage.iterdir()) == ["vault", "vault.prev"]
    else:
        assert list(scene.storage.iterdir()) == []
        assert not scene.key.exists()
        create(scene.vault())


@pytest.mark.parametrize("code", REASONS)
def test_an_error_at_any_call_of_a_create_leaves_all_or_nothing(scenes: Any, code: int) -> None:
    calls = calls_of(create, scenes(fresh))
    for at in range(calls):
        scene = scenes(fresh)
        try:
            create(scene.vault(disk=FailingDisk(at, code)))
        except VaultError as err:
            assert err.reason in set(REASONS.values())
        vault = scene.vault()
        if not vault.exists():
            vault.create(NEW)
        assert vault.load().payload == NEW


def test_what_a_crash_left_is_swept_when_it_is_stale(scenes: Any) -> None:
    scene = scenes(two_versions)
    calls = calls_of(save, scenes(two_versions))
    for at in range(calls):
        disk = PowerCutDisk(at, scene.storage, scene.key.parent)
        try:
            save(scene.vault(disk=disk))
        except PowerCut:
            continue
    left = list(scene.storage.glob(".*"))
    assert left
    scene.vault().save(OLD)
    assert list(scene.storage.glob(".*")) == left, "they could be another writer's"
    for file in left:
        os.utime(file, (0, 0))
    scene.vault().save(OLD)
    assert not list(scene.storage.glob(".*"))
