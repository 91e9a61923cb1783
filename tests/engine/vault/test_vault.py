"""The vault as a file among files: versions, modes, links, other entries, several writers."""

import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine.vault import KeyPlaces, Vault, VaultError
from engine.vault.envelope import MAX_FILE
from tests.support.disks import CountingDisk, tree

ID, OTHER_ID = "ab" * 16, "cd" * 16
CANARY = "CANARY7KEY7CANARY7KEY"
ONE: dict[str, Any] = {"n": 1, "uid": CANARY}
TWO: dict[str, Any] = {"n": 2, "uid": CANARY}
THREE: dict[str, Any] = {"n": 3, "uid": CANARY}


class Place:
    """Where the files of a test lie."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.storage = root / ".storage"
        self.path = self.storage / f"wyze_local.vault.{ID}"
        self.previous = self.storage / f"wyze_local.vault.{ID}.prev"
        self.other_path = self.storage / f"wyze_local.vault.{OTHER_ID}"
        self.key = root / ".cache" / "wyze_local" / "key"

    def vault(self, **options: Any) -> Vault:
        return Vault(self.path, KeyPlaces.at(self.key), ID, **options)

    def other(self) -> Vault:
        return Vault(self.other_path, KeyPlaces.at(self.key), OTHER_ID)

    def with_two_versions(self) -> Vault:
        vault = self.vault()
        vault.create(ONE)
        vault.save(TWO)
        return vault


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / ".storage").mkdir()
    return Place(tmp_path)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(VaultError) as caught:
        call()
    assert CANARY not in f"{caught.value!r}{caught.value}{caught.value.__cause__!r}"
    return caught.value.reason


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_vault_is_created_read_saved_and_removed(place: Place) -> None:
    vault = place.vault()
    assert not vault.exists()
    assert refusal(vault.load) == "vault_missing"
    assert refusal(lambda: vault.save(ONE)) == "vault_missing"
    vault.create(ONE)
    assert vault.exists()
    assert place.vault().load().payload == ONE
    vault.save(TWO)
    loaded = place.vault().load()
    assert (loaded.payload, loaded.recovered) == (TWO, False)
    vault.remove()
    assert not vault.exists()
    assert list(place.storage.iterdir()) == []
    assert place.key.exists(), "the key file belongs to the whole installation"
    vault.remove_key()
    assert not place.key.exists()
    vault.remove()
    vault.remove_key()


def test_only_the_owner_may_look(place: Place) -> None:
    before = os.umask(0)
    try:
        place.with_two_versions()
    finally:
        os.umask(before)
    for file in (place.path, place.previous, place.key):
        assert mode(file) == 0o600
    assert mode(place.key.parent) == 0o700


def test_no_file_shows_what_is_kept(place: Place) -> None:
    place.with_two_versions()
    for content in tree(place.root).values():
        assert content is None or CANARY.encode() not in content


def test_create_refuses_when_anything_is_there(place: Place) -> None:
    for where in (place.path, place.previous):
        where.write_bytes(b"whatever")
        assert refusal(lambda: place.vault().create(ONE)) == "vault_exists"
        assert where.read_bytes() == b"whatever"
        where.unlink()
        where.symlink_to("nowhere")
        assert refusal(lambda: place.vault().create(ONE)) == "vault_exists"
        where.unlink()
    assert not place.key.exists()


# Damage


def test_a_flip_at_any_place_is_recovered_from(place: Place) -> None:
    vault = place.with_two_versions()
    good = place.path.read_bytes()
    for position in range(len(good)):
        damaged = bytearray(good)
        damaged[position] ^= 1 << (position % 8)
        place.path.write_bytes(damaged)
        try:
            loaded = vault.load()
        except VaultError as err:
            # One flip turns the version into a higher one: a newer program's file is left alone.
            assert err.reason == "vault_too_new"
            assert good[position - 4 : position + 1] == b'"v":1'
        else:
            assert (loaded.payload, loaded.recovered) == (ONE, True)


def test_a_truncation_at_any_place_is_recovered_from(place: Place) -> None:
    vault = place.with_two_versions()
    good = place.path.read_bytes()
    for length in range(len(good)):
        place.path.write_bytes(good[:length])
        loaded = vault.load()
        assert (loaded.payload, loaded.recovered) == (ONE, True)


@pytest.mark.parametrize(
    "misfortune", ["missing", "folder", "symlink", "fifo", "huge", "foreign", "other key"]
)
def test_whatever_happens_to_the_current_file_the_previous_one_helps(place: Place, misfortune: str) -> None:
    vault = place.with_two_versions()
    spoil(place, misfortune)
    loaded = vault.load()
    assert (loaded.payload, loaded.recovered) == (ONE, True)


@pytest.mark.parametrize(
    ("misfortune", "reason"),
    [
        ("missing", "vault_missing"),
        ("folder", "vault_not_a_file"),
        ("symlink", "vault_not_a_file"),
        ("fifo", "vault_not_a_file"),
        ("huge", "vault_too_large"),
        ("foreign", "vault_foreign"),
        ("other key", "key_wrong"),
        ("garbage", "vault_damaged"),
    ],
)
def test_without_a_previous_version_the_cause_is_named_and_nothing_is_touched(
    place: Place, misfortune: str, reason: str
) -> None:
    vault = place.vault()
    vault.create(ONE)
    spoil(place, misfortune)
    before = tree(place.root)
    assert refusal(vault.load) == reason
    assert refusal(lambda: vault.save(TWO)) == reason
    if misfortune != "missing":
        assert refusal(lambda: vault.create(TWO)) == "vault_exists"
        assert tree(place.root) == before


def spoil(place: Place, misfortune: str) -> None:
    """Do something bad to the current file."""
    good = place.path.read_bytes()
    place.path.unlink()
    match misfortune:
        case "folder":
            place.path.mkdir()
        case "symlink":
            (place.root / "elsewhere").write_bytes(good)
            place.path.symlink_to(place.root / "elsewhere")
        case "fifo":
            os.mkfifo(place.path)
        case "huge":
            place.path.write_bytes(b" " * (MAX_FILE + 1))
        case "garbage":
            place.path.write_bytes(b"\0" * 4096)
        case "foreign":
            place.other().create(THREE)
            place.other_path.rename(place.path)
        case "other key":
            elsewhere = Vault(place.path, KeyPlaces.at(place.root / "elsewhere" / "key"), ID)
            place.path.with_name("x").write_bytes(b"")
            previous = place.previous.read_bytes() if place.previous.exists() else None
            place.previous.unlink(missing_ok=True)
            elsewhere.create(THREE)
            if previous is not None:
                place.previous.write_bytes(previous)


def test_a_save_after_a_recovery_keeps_the_damaged_file_and_the_good_one(place: Place) -> None:
    vault = place.with_two_versions()
    damaged = place.path.read_bytes()[:-1]
    place.path.write_bytes(damaged)
    vault.save(THREE)
    loaded = vault.load()
    assert (loaded.payload, loaded.recovered) == (THREE, False)
    assert place.path.with_name(f"{place.path.name}.unreadable-1").read_bytes() == damaged
    place.path.unlink()
    assert vault.load().payload == ONE


def test_a_newer_programs_file_is_left_alone(place: Place) -> None:
    vault = place.with_two_versions()
    newer = place.path.read_bytes().replace(b'"v":1', b'"v":3')
    place.path.write_bytes(newer)
    before = tree(place.root)
    assert refusal(vault.load) == "vault_too_new"
    assert refusal(lambda: vault.save(THREE)) == "vault_too_new"
    assert tree(place.root) == before


def test_a_file_is_not_read_beyond_its_limit(place: Place) -> None:
    vault = place.vault()
    vault.create(ONE)
    with place.path.open("wb") as file:
        file.truncate(1 << 40)

    class Meter(CountingDisk):
        total = 0

        def read(self, fd: int, size: int) -> bytes:
            self.total += size
            assert self.total <= 2 * MAX_FILE
            return super().read(fd, size)

    assert refusal(place.vault(disk=Meter()).load) == "vault_too_large"


def test_one_previous_version_is_kept(place: Place) -> None:
    vault = place.with_two_versions()
    vault.save(THREE)
    place.path.write_bytes(b"")
    assert vault.load().payload == TWO
    assert sorted(file.name for file in place.storage.iterdir()) == [place.path.name, place.previous.name]


def test_what_is_forgotten_is_in_neither_version(place: Place) -> None:
    vault = place.with_two_versions()
    vault.forget(THREE)
    assert vault.load().payload == THREE
    place.path.unlink()
    loaded = vault.load()
    assert (loaded.payload, loaded.recovered) == (THREE, True)


def test_what_is_forgotten_is_not_left_half_written(place: Place) -> None:
    vault = place.with_two_versions()
    left = place.path.with_name(f".{place.path.name}.new-0123456789abcdef")
    left.write_bytes(place.path.read_bytes())
    vault.forget(THREE)
    assert sorted(file.name for file in place.storage.iterdir()) == [place.path.name, place.previous.name]


def test_nothing_is_forgotten_in_a_vault_that_cannot_be_opened(place: Place) -> None:
    vault = place.with_two_versions()
    place.key.chmod(0o644)
    before = tree(place.root)
    assert refusal(lambda: vault.forget(THREE)) == "key_mode_too_wide"
    assert tree(place.root) == before


def test_files_of_two_entries_cannot_be_swapped(place: Place) -> None:
    one, two = place.vault(), place.other()
    one.create(ONE)
    two.create(TWO)
    mine, theirs = place.path.read_bytes(), place.other_path.read_bytes()
    place.path.write_bytes(theirs)
    place.other_path.write_bytes(mine)
    assert refusal(one.load) == "vault_foreign"
    assert refusal(two.load) == "vault_foreign"


def test_an_unreadable_vault_is_put_aside_and_kept(place: Place) -> None:
    vault = place.with_two_versions()
    for number in (1, 2):
        place.path.write_bytes(b"bad %d" % number)
        place.previous.write_bytes(b"bad too")
        aside = vault.quarantine()
        assert [file.name for file in aside] == [
            f"{place.path.name}.unreadable-{number}",
            f"{place.previous.name}.unreadable-{number}",
        ]
        assert aside[0].read_bytes() == b"bad %d" % number
        vault.create(THREE)
        assert vault.load().payload == THREE
    vault.remove()
    assert list(place.storage.iterdir()) == []
    assert vault.quarantine() == []


def test_a_widened_vault_is_narrowed_again(place: Place) -> None:
    vault = place.vault()
    vault.create(ONE)
    place.path.chmod(0o644)
    assert vault.load().payload == ONE
    assert mode(place.path) == 0o600


# The key file


@pytest.mark.parametrize("wide", [0o601, 0o604, 0o610, 0o620, 0o640, 0o644, 0o660, 0o666, 0o777])
def test_a_key_file_that_others_may_touch_is_refused(place: Place, wide: int) -> None:
    vault = place.with_two_versions()
    place.key.chmod(wide)
    before = tree(place.root)
    assert refusal(vault.load) == "key_mode_too_wide"
    assert refusal(lambda: vault.save(THREE)) == "key_mode_too_wide"
    assert refusal(lambda: place.other().create(THREE)) == "key_mode_too_wide"
    assert tree(place.root) == before
    assert mode(place.key) == wide, "the person should notice, not find it mended"
    place.key.chmod(0o600)
    assert vault.load().payload == TWO


@pytest.mark.parametrize("wide", [0o701, 0o710, 0o750, 0o755, 0o770, 0o777])
def test_a_key_folder_that_others_may_enter_is_refused(place: Place, wide: int) -> None:
    vault = place.with_two_versions()
    place.key.parent.chmod(wide)
    assert refusal(vault.load) == "key_mode_too_wide"


def test_narrower_modes_are_fine(place: Place) -> None:
    vault = place.with_two_versions()
    place.key.chmod(0o400)
    assert vault.load().payload == TWO


class SomebodyElse(CountingDisk):
    """The same disk, seen by another user."""

    def uid(self) -> int:
        return os.geteuid() + 1


def test_somebody_elses_key_is_refused(place: Place) -> None:
    place.with_two_versions()
    assert refusal(place.vault(disk=SomebodyElse()).load) == "key_not_ours"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_key_given_to_somebody_else_is_refused(place: Place, what: str) -> None:
    vault = place.with_two_versions()
    os.chown(place.key if what == "file" else place.key.parent, 12345, -1)
    assert refusal(vault.load) == "key_not_ours"


def test_a_missing_key_is_never_made_up_for_an_existing_vault(place: Place) -> None:
    vault = place.with_two_versions()
    vault.remove_key()
    before = tree(place.root)
    assert refusal(vault.load) == "key_missing"
    assert refusal(lambda: vault.save(THREE)) == "key_missing"
    assert tree(place.root) == before


def test_a_new_key_does_not_open_the_old_vault(place: Place) -> None:
    vault = place.with_two_versions()
    vault.remove_key()
    place.other().create(THREE)
    assert refusal(vault.load) == "key_wrong"
    assert refusal(lambda: vault.save(THREE)) == "key_wrong"


def test_every_damage_of_the_key_file_is_noticed(place: Place) -> None:
    vault = place.with_two_versions()
    good = place.key.read_bytes()
    for position in range(len(good)):
        for bit in range(8):
            damaged = bytearray(good)
            damaged[position] ^= 1 << bit
            place.key.write_bytes(damaged)
            assert refusal(vault.load) == "key_damaged"
    for length in range(len(good)):
        place.key.write_bytes(good[:length])
        assert refusal(vault.load) == "key_damaged"
    for other in (good + b"\n", b" " * 10_000, b"{}"):
        place.key.write_bytes(other)
        assert refusal(vault.load) == "key_damaged"
        assert refusal(lambda: place.other().create(THREE)) == "key_damaged"
        assert place.key.read_bytes() == other
    place.key.write_bytes(good)
    assert vault.load().payload == TWO


def test_a_damaged_key_file_is_put_aside_and_kept(place: Place) -> None:
    vault = place.with_two_versions()
    assert vault.load().payload == TWO
    place.key.write_bytes(b"damaged")
    aside = vault.quarantine_key()
    assert aside is not None
    assert (aside.name, aside.read_bytes()) == ("key.unreadable-1", b"damaged")
    assert vault.quarantine_key() is None
    vault.quarantine()
    vault.create(THREE)
    assert vault.load().payload == THREE
    vault.remove_key()
    assert list(place.key.parent.iterdir()) == []


@pytest.mark.parametrize("kind", ["symlink", "dangling", "folder", "fifo"])
def test_a_key_that_is_no_file_is_refused(place: Place, kind: str) -> None:
    vault = place.with_two_versions()
    real = place.key.with_name("real")
    place.key.rename(real)
    if kind in {"symlink", "dangling"}:
        place.key.symlink_to(real if kind == "symlink" else "nowhere")
    elif kind == "folder":
        place.key.mkdir(mode=0o700)
    else:
        os.mkfifo(place.key, 0o600)
    assert refusal(vault.load) == "key_not_a_file"
    assert refusal(lambda: place.other().create(THREE)) == "key_not_a_file"


def test_a_storage_folder_behind_a_link_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / ".storage").symlink_to("real")
    vault = Place(tmp_path).with_two_versions()
    assert vault.load().payload == TWO


def test_all_entries_of_an_installation_get_the_same_key(place: Place) -> None:
    barrier = threading.Barrier(8)

    def begin(number: int) -> None:
        vault = Vault(place.storage / f"v{number}", KeyPlaces.at(place.key), f"v{number}")
        barrier.wait(10)
        vault.create({"n": number})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(begin, range(8)))
    for number in range(8):
        assert Vault(place.storage / f"v{number}", KeyPlaces.at(place.key), f"v{number}").load().payload == {
            "n": number
        }
    assert [file.name for file in place.key.parent.iterdir()] == ["key"]


def test_the_key_that_lost_a_race_is_not_used(place: Place) -> None:
    class Late(CountingDisk):
        """Somebody else makes the key file at the last moment."""

        def link(self, source: Path, target: Path) -> None:
            if target == place.key:
                place.other().create(TWO)
            super().link(source, target)

    place.vault(disk=Late()).create(ONE)
    assert place.vault().load().payload == ONE
    assert place.other().load().payload == TWO


def test_only_one_of_several_creators_wins(place: Place) -> None:
    barrier = threading.Barrier(6)

    def begin(number: int) -> str | int:
        barrier.wait(10)
        try:
            place.vault().create({"n": number})
        except VaultError as err:
            return err.reason
        return number

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(begin, range(6)))
    winners = [result for result in results if isinstance(result, int)]
    assert len(winners) == 1
    assert set(results) - set(winners) == {"vault_exists"}
    assert place.vault().load().payload == {"n": winners[0]}


WRITER = """
import sys
from pathlib import Path
from engine.vault import KeyPlaces, Vault
vault = Vault(Path(sys.argv[1]), KeyPlaces.at(Path(sys.argv[2])), sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    vault.save({"writer": int(sys.argv[4]), "n": number})
"""


def test_two_writers_and_a_reader_never_meet_a_broken_file(place: Place) -> None:
    vault = place.vault()
    vault.create({"writer": 0, "n": 0})
    engine = Path(sys.modules["engine"].__path__[0]).parent
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, place.path, place.key, ID, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PYTHONPATH": str(engine)},
        )
        for number in (1, 2)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    seen: set[Any] = set()
    while any(writer.poll() is None for writer in writers):
        loaded = vault.load()
        assert not loaded.recovered
        seen.add(loaded.payload["writer"])
    for writer in writers:
        _, errors = writer.communicate(timeout=20)
        assert (writer.returncode, errors) == (0, b"")
    assert vault.load().payload["n"] == 39
    assert seen & {1, 2}
    assert sorted(file.name for file in place.storage.iterdir()) == [place.path.name, place.previous.name]


# What shows


def test_nothing_prints_or_logs_what_is_kept(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    vault = place.with_two_versions()
    loaded = vault.load()
    assert loaded.payload["uid"] == CANARY
    assert CANARY not in f"{loaded!r}{loaded}{vault!r}{vault}"
    place.path.write_bytes(b"x")
    vault.save(THREE)
    assert CANARY not in caplog.text


@pytest.mark.parametrize("vault_id", ["", "../x", "a b", "a\n", "x" * 65, "ü"])
def test_an_impossible_id_is_refused(place: Place, vault_id: str) -> None:
    with pytest.raises(ValueError, match="not a vault id"):
        Vault(place.path, KeyPlaces.at(place.key), vault_id)
