"""The API's socket lies where nobody else gets in, and nothing is left of it, even after a violent death."""

import stat
from pathlib import Path

import pytest

from engine.stream import StartFailed
from engine.stream.folder import MAX_SOCKET_PATH, PREFIX, PrivateFolder


def test_the_folder_is_private_and_goes_away(tmp_path: Path) -> None:
    folder = PrivateFolder.make((tmp_path,))
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert Path(folder.socket).parent == folder.path
    Path(folder.socket).touch()
    folder.remove()
    assert list(tmp_path.iterdir()) == []


def test_two_owners_do_not_disturb_each_other(tmp_path: Path) -> None:
    first = PrivateFolder.make((tmp_path,))
    second = PrivateFolder.make((tmp_path,))
    assert first.path.is_dir()
    first.remove()
    assert second.path.is_dir()
    second.remove()


def test_what_a_killed_owner_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    abandoned = tmp_path / f"{PREFIX}dead"
    abandoned.mkdir()
    (abandoned / "api").touch()
    not_ours = tmp_path / f"{PREFIX}kept"
    not_ours.mkdir()
    (not_ours / "precious").touch()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "api").touch()
    (tmp_path / f"{PREFIX}link").symlink_to(outside)
    PrivateFolder.make((tmp_path,)).remove()
    assert not abandoned.exists()
    assert (not_ours / "precious").exists()
    assert (outside / "api").exists()


def test_a_base_that_will_not_do_is_passed_over(tmp_path: Path) -> None:
    too_long = tmp_path / ("x" * MAX_SOCKET_PATH)
    too_long.mkdir()
    folder = PrivateFolder.make((too_long, tmp_path / "missing", tmp_path))
    assert folder.path.parent == tmp_path
    folder.remove()
    with pytest.raises(StartFailed) as caught:
        PrivateFolder.make((too_long,))
    assert caught.value.reason == "no_private_folder"


def test_the_usual_places_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "relative/nonsense")
    folder = PrivateFolder.make()
    assert len(folder.socket.encode()) <= MAX_SOCKET_PATH
    folder.remove()
