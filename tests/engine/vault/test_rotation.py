"""Another key for all vaults: power cuts before every system call, and every vault opens afterwards."""

import errno
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from engine.model import Secret
from engine.vault import KeyChange, KeyPlace, KeyPlaces, Settled, Vault, VaultError
from engine.vault.disk import Disk
from tests.support.disks import CountingDisk, FailingDisk, PowerCut, PowerCutDisk, Survival, tree

IDS = ("ab" * 16, "cd" * 16)
WORDS = Secret("correct horse battery")
MANY = 2000


class Installation:
    """Two vaults of one key, the first with a passphrase; and what the setting says of places."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.storage = root / ".storage"
        self.own = KeyPlace(root / ".cache" / "wyze_local" / "key")
        self.chosen = KeyPlace(root / "secrets" / "wyze", chosen=True)
        self.places = KeyPlaces(self.own)

    def set_up(self) -> None:
        self.storage.mkdir(parents=True)
        self.own.path.parent.mkdir(parents=True, mode=0o700)
        self.chosen.path.parent.mkdir(mode=0o700)
        for number, vault in enumerate(self.vaults()):
            vault.create({"n": -1})
            if not number:
                vault.set_passphrase(WORDS)
            vault.save({"n": number})

    def disk(self, at: int) -> PowerCutDisk:
        return PowerCutDisk(at, self.storage, self.own.path.parent, self.chosen.path.parent)

    def vaults(self, disk: Disk | None = None) -> list[Vault]:
        return [Vault(self.storage / name, self.places, name, disk=disk) for name in IDS]

    def change(self, disk: Disk | None = None) -> KeyChange:
        return KeyChange(self.places, disk=disk)

    def check(self) -> None:
        """Every vault opens, from its current version, and holds what it held."""
        for number, vault in enumerate(self.vaults()):
            loaded = vault.load()
            assert (loaded.payload, loaded.recovered) == ({"n": number}, False)
            assert loaded.has_passphrase is (number == 0)

    def key_ids(self) -> set[str]:
        return {vault.key_id() for vault in self.vaults()}


def rotate(home: Installation, disk: Disk | None = None) -> Settled:
    return home.change(disk).rotate(home.vaults(disk))


def move(home: Installation, disk: Disk | None = None) -> Settled:
    """Move the key as the hall does: key file, setting, vaults, setting, old file."""
    if home.places.current != home.chosen:
        KeyChange(KeyPlaces(home.chosen), disk=disk).prepare()
        home.places = KeyPlaces(home.chosen, (home.own,))
    settled = home.change(disk).settle(home.vaults(disk))
    if not settled.left:
        home.places = KeyPlaces(home.chosen)
        home.change(disk).drop(home.own)
    return settled


type Operation = Callable[..., Settled]


@pytest.fixture
def installations(tmp_path: Path) -> Callable[[], Installation]:
    """Return what hands out copies of an installation that was set up once."""
    template = Installation(tmp_path / "template")
    template.set_up()
    count = 0

    def make() -> Installation:
        nonlocal count
        count += 1
        root = Path(shutil.copytree(template.root, tmp_path / f"copy-{count}"))
        return Installation(root)

    return make


@pytest.mark.parametrize("operation", [rotate, move])
def test_all_vaults_get_another_key(installations: Any, operation: Operation) -> None:
    home = installations()
    before = home.key_ids()
    old_key = home.own.path.read_bytes()
    assert operation(home) == Settled(vaults=2, left=0)
    home.check()
    assert len(home.key_ids()) == 1
    assert not home.key_ids() & before
    keys = [file for file in home.root.rglob("*") if file.is_file() and file.parent != home.storage]
    assert keys == [home.places.current.path], "one key file, and no other"
    assert old_key not in [file.read_bytes() for file in keys]
    # The old key opens no version of any vault any more.
    home.own.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.own.path.write_bytes(old_key)
    home.own.path.chmod(0o600)
    for name in IDS:
        for version in (name, f"{name}.prev"):
            with pytest.raises(VaultError) as caught:
                Vault(home.storage / version, KeyPlaces(home.own), name).load()
            assert caught.value.reason == "key_wrong"


@pytest.mark.parametrize("operation", [rotate, move])
@pytest.mark.parametrize("survival", Survival)
def test_a_power_cut_at_any_moment_shuts_no_vault(
    installations: Any, operation: Operation, survival: Survival
) -> None:
    whole = installations()
    counted = whole.disk(MANY)
    operation(whole, counted)
    assert 100 < counted.calls < MANY
    for at in range(counted.calls + 1):
        home = installations()
        disk = home.disk(at)
        with suppress(PowerCut):
            operation(home, disk)
        disk.settle(survival)
        home.check()
        # The next start finishes it, or there was nothing to finish yet.
        if home.places.current == home.chosen:
            assert move(home).left == 0
        else:
            assert home.change().settle(home.vaults()) == Settled(vaults=2, left=0)
        home.check()
        assert len(home.key_ids()) == 1
        if at % 10:
            continue
        # And what goes on afterwards goes well.
        assert rotate(home) == Settled(vaults=2, left=0)
        home.check()
        for vault in home.vaults():
            vault.save(vault.load().payload)


@pytest.mark.parametrize("at_share", [0.3, 0.6, 0.9])
def test_the_passphrase_opens_it_wherever_the_power_went(installations: Any, at_share: float) -> None:
    whole = installations()
    counted = whole.disk(MANY)
    rotate(whole, counted)
    home = installations()
    disk = home.disk(int(counted.calls * at_share))
    with suppress(PowerCut):
        rotate(home, disk)
    disk.settle(Survival.NOTHING)
    elsewhere = KeyPlaces.at(home.root / "elsewhere" / "key")
    assert Vault(home.storage / IDS[0], elsewhere, IDS[0]).recover(WORDS).payload == {"n": 0}


@pytest.mark.parametrize("operation", [rotate, move])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_an_error_at_any_call_shuts_no_vault(installations: Any, operation: Operation, code: int) -> None:
    whole = installations()
    counted = CountingDisk()
    operation(whole, counted)
    for at in range(counted.calls):
        home = installations()
        with suppress(VaultError):
            operation(home, FailingDisk(at, code))
        home.check()
        if at % 5:
            continue
        operation(home)
        home.check()
        assert len(home.key_ids()) == 1


def test_a_rotation_that_would_lose_a_vault_does_not_begin(installations: Any) -> None:
    home = installations()
    (home.storage / IDS[1]).write_bytes(b"broken")
    (home.storage / f"{IDS[1]}.prev").write_bytes(b"broken")
    before = tree(home.root)
    with pytest.raises(VaultError) as caught:
        rotate(home)
    assert caught.value.reason == "vault_damaged"
    assert tree(home.root) == before


def test_a_vault_that_nobody_would_miss_stops_nothing(installations: Any) -> None:
    home = installations()
    first, second = home.vaults()
    for version in (IDS[1], f"{IDS[1]}.prev"):
        (home.storage / version).write_bytes(b"broken")
    assert home.change().rotate([first], also=[second]) == Settled(vaults=1, left=0)
    assert not home.own.next.path.exists()
    assert first.load().payload == {"n": 0}


def test_the_old_place_is_kept_for_a_vault_that_does_not_open(installations: Any) -> None:
    """A vault that is shut today may open tomorrow, with the key that it was sealed with."""
    home = installations()
    whole = (home.storage / IDS[1]).read_bytes()
    for version in (IDS[1], f"{IDS[1]}.prev"):
        (home.storage / version).write_bytes(b"broken")
    assert move(home) == Settled(vaults=1, left=1)
    assert home.own.path.exists()
    (home.storage / IDS[1]).write_bytes(whole)
    home.check()
    assert move(home) == Settled(vaults=2, left=0)
    assert not home.own.path.exists()
    home.check()


def test_the_old_key_stays_while_a_vault_needs_it(installations: Any) -> None:
    """A rotation was cut short, and at the next start one vault does not open for a while."""
    whole = installations()
    counted = whole.disk(MANY)
    rotate(whole, counted)
    home = installations()
    with suppress(PowerCut):
        rotate(home, home.disk(counted.calls // 2))
    assert home.own.next.path.exists()
    kept = {version: (home.storage / version).read_bytes() for version in (IDS[1], f"{IDS[1]}.prev")}
    for version in kept:
        (home.storage / version).write_bytes(b"broken")
    assert home.change().settle(home.vaults()) == Settled(vaults=1, left=1)
    for version, content in kept.items():
        (home.storage / version).write_bytes(content)
    home.check()
    assert home.change().settle(home.vaults()) == Settled(vaults=2, left=0)
    assert not home.own.next.path.exists()
    home.check()


def test_a_key_file_that_cannot_be_replaced_is_found_out_first(installations: Any) -> None:
    """A mounted secret refuses at once, before any vault has another key."""

    class Mounted(Disk):
        def replace(self, source: Path, target: Path) -> None:
            if target == home.own.path:
                raise OSError(errno.EBUSY, "busy")
            super().replace(source, target)

    home = installations()
    before = tree(home.root)
    with pytest.raises(VaultError):
        rotate(home, Mounted())
    assert tree(home.root) == before


def test_a_broken_next_key_stops_no_rotation(installations: Any) -> None:
    home = installations()
    home.own.next.path.write_text("no key")
    home.own.next.path.chmod(0o600)
    home.check()
    assert rotate(home) == Settled(vaults=2, left=0)
    home.check()


def test_both_places_may_hold_the_same_key(installations: Any) -> None:
    """Whoever copied the key file and then names the copy keeps the key."""
    home = installations()
    shutil.copy(home.own.path, home.chosen.path)
    before = home.key_ids()
    assert move(home) == Settled(vaults=2, left=0)
    assert home.key_ids() == before
    home.check()
    assert not home.own.path.exists()
