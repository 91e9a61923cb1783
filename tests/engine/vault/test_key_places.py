"""Key files at a place of the person's choice: Docker secrets, systemd credentials, and what is refused."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from engine.vault import KeyPlace, KeyPlaces, Vault, VaultError
from engine.vault.keyfile import InstallationKey
from tests.support.disks import CountingDisk

ID = "ab" * 16
LINE = "0123456789abcdef" * 4
NOBODY = 65534


class Place:
    """A vault whose key file lies at a place that the person chose."""

    def __init__(self, root: Path, *, disk: CountingDisk | None = None) -> None:
        self.storage = root / ".storage"
        self.storage.mkdir()
        self.folder = root / "secrets"
        self.folder.mkdir(mode=0o755)
        self.key = self.folder / "wyze"
        self.disk = disk

    def vault(self) -> Vault:
        places = KeyPlaces(KeyPlace(self.key, chosen=True))
        return Vault(self.storage / "vault", places, ID, disk=self.disk)

    def hand_over(self, content: str = LINE, mode: int = 0o444) -> None:
        """Put a file there as somebody else would."""
        self.key.unlink(missing_ok=True)
        self.key.write_text(content)
        self.key.chmod(mode)

    def refusal(self) -> str:
        with pytest.raises(VaultError) as caught:
            self.vault().load()
        return caught.value.reason


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.hand_over()
    place.vault().create({"n": 1})
    return place


def test_a_missing_file_is_written_for_us_alone(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.vault().create({"n": 1})
    assert stat.S_IMODE(place.key.stat().st_mode) == 0o600
    assert place.vault().load().payload == {"n": 1}
    assert InstallationKey.decode(place.key.read_bytes())


def test_no_folder_is_made_there(tmp_path: Path) -> None:
    """A typing error in the path is no new place."""
    place = Place(tmp_path)
    place.folder.rmdir()
    with pytest.raises(VaultError) as caught:
        place.vault().create({"n": 1})
    assert caught.value.reason == "key_folder_missing"
    assert not place.folder.exists()


@pytest.mark.parametrize("folder", ["/run", "/dev", "/var/run"])
def test_no_key_is_written_where_it_would_not_last(tmp_path: Path, folder: str) -> None:
    """Of a container's /run nothing outlives the container, and the vaults would be lost with it."""
    place = Place(tmp_path)
    place.key = Path(folder) / f"wyze-local-{os.getpid()}"
    with pytest.raises(VaultError) as caught:
        place.vault().create({"n": 1})
    assert caught.value.reason == "key_place_volatile"
    assert not place.key.exists()
    assert not list(place.storage.iterdir())


@pytest.mark.parametrize(
    "content", [LINE, LINE.upper(), f"{LINE}\n", InstallationKey(bytes(32)).encode().decode()]
)
def test_a_line_of_digits_or_a_key_file_of_ours_is_read(tmp_path: Path, content: str) -> None:
    place = Place(tmp_path)
    place.hand_over(content)
    place.vault().create({"n": 1})
    assert place.vault().load().payload == {"n": 1}
    assert place.key.read_text() == content, "it is theirs"


@pytest.mark.parametrize(
    "content", ["", LINE[:-1], f"{LINE}0", f"{LINE}\n\n", f" {LINE}", "x" * 64, "x" * 5000]
)
def test_anything_else_is_no_key(place: Place, content: str) -> None:
    place.hand_over(content)
    assert place.refusal() == "key_damaged"


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o440, 0o444, 0o404])
def test_modes_that_secrets_are_handed_over_with_are_taken(place: Place, mode: int) -> None:
    """What only its owner may read, and what others may read but nobody may write."""
    place.hand_over(mode=mode)
    assert place.vault().load().payload == {"n": 1}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o666, 0o604, 0o620, 0o602])
def test_a_file_that_just_lies_there_for_all_is_not(place: Place, mode: int) -> None:
    place.hand_over(mode=mode)
    assert place.refusal() == "key_mode_too_wide"


def test_a_folder_in_which_others_could_swap_it_is_not(place: Place) -> None:
    for mode in (0o777, 0o775, 0o1777):
        place.folder.chmod(mode)
        assert place.refusal() == "key_mode_too_wide"
    place.folder.chmod(0o500)
    assert place.vault().load().payload == {"n": 1}


def test_somebody_else_s_file_is_not(place: Place) -> None:
    os.chown(place.key, NOBODY, NOBODY)
    assert place.refusal() == "key_not_ours"
    os.chown(place.key, 0, 0)
    os.chown(place.folder, NOBODY, NOBODY)
    assert place.refusal() == "key_not_ours"


class ServiceDisk(CountingDisk):
    """Acts for a service that does not run as the superuser."""

    def uid(self) -> int:
        return NOBODY


def test_the_superuser_s_file_is_taken_by_a_service(tmp_path: Path) -> None:
    """As systemd hands credentials over: owned by root, readable by an access list."""
    place = Place(tmp_path, disk=ServiceDisk())
    place.hand_over(mode=0o440)
    place.vault().create({"n": 1})
    assert place.vault().load().payload == {"n": 1}


def test_at_our_own_place_nothing_of_this_holds(tmp_path: Path) -> None:
    place = Place(tmp_path)
    own = Vault(place.storage / "own", KeyPlaces.at(place.key), ID)
    place.folder.chmod(0o700)
    own.create({"n": 1})
    shutil.copy(place.key, place.folder / "copy")
    place.hand_over(LINE, 0o600)
    with pytest.raises(VaultError) as caught:
        own.load()
    assert caught.value.reason == "key_damaged", "no line of digits"
    place.hand_over((place.folder / "copy").read_text(), 0o444)
    with pytest.raises(VaultError) as caught:
        own.load()
    assert caught.value.reason == "key_mode_too_wide"


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_file_is_refused(place: Place, kind: str) -> None:
    place.key.rename(place.folder / "real")
    if kind == "link":
        place.key.symlink_to(place.folder / "real")
    elif kind == "folder":
        place.key.mkdir()
    else:
        os.mkfifo(place.key)
    assert place.refusal() == "key_not_a_file"


def test_a_chosen_file_outlives_the_last_vault(place: Place) -> None:
    place.vault().remove()
    place.vault().remove_key()
    assert place.key.read_text() == LINE
