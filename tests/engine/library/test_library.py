"""The library on a real disk: what is listed, what is touched, and what goes first."""

import errno
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from engine.library import Library, LibraryError
from engine.model import ClipDetails, ClipName, InvalidField, Suffix, Trouble
from tests.support.away import away

KEY, OTHER = "0a1b2c" + "0" * 26, "ffffff" + "0" * 26
NOW = time.time()
DAY = 86400

Put = Callable[..., ClipName]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "clips")


@pytest.fixture
def put(tmp_path: Path, library: Library) -> Put:
    """Lay a clip down as the worker does."""
    library.make_root()

    def lay(age: float = 0, key: str = KEY, *, size: int = 1000, pinned: bool = False) -> ClipName:
        name = ClipName.new(NOW - age)
        folder = library.camera_folder(key, "Front door")
        name.path(folder).parent.mkdir(exist_ok=True)
        name.path(folder).write_bytes(bytes(size))
        name.path(folder, Suffix.STILL).write_bytes(b"still")
        told = ClipDetails(started=NOW - age - 8, ended=NOW - age + 12, event_id="e")
        name.path(folder, Suffix.DETAILS).write_bytes(told.to_bytes())
        library.added(key, name.id)
        if pinned:
            library.pin(key, name.id, pinned=True)
        return name

    return lay


def test_a_camera_keeps_its_folder_when_it_gets_another_name(library: Library) -> None:
    library.make_root()
    first = library.camera_folder(KEY, "Front Döör / Straße 1!")
    assert first.name == "front_door_strae_1-0a1b2c"
    assert library.camera_folder(KEY, "Back door") == first
    assert library.camera_folder(OTHER, "../..").name == "camera-ffffff"
    with pytest.raises(InvalidField):
        library.camera_folder("../../etc", "x")


def test_whoever_asks_for_a_new_camera_s_folder_at_the_same_moment_gets_it(library: Library) -> None:
    """One who did not would keep no clips of the camera until something changed."""
    library.make_root()
    with ThreadPoolExecutor(8) as threads:
        for number in range(50):
            ask = partial(library.camera_folder, f"{number:032x}"[::-1], "Porch")
            asked = [threads.submit(ask) for _ in range(8)]
            assert len({one.result() for one in asked}) == 1


def test_clips_are_listed_newest_first_with_what_is_known(library: Library, put: Put, tmp_path: Path) -> None:
    old, new, other = put(3600), put(60), put(0, OTHER)
    for each in (library, Library(tmp_path / "clips")):
        assert each.scan() == 3
        assert each.names(KEY) == [new, old]
        assert each.names(OTHER) == [other]
        (clip,) = each.clips(KEY, NOW - 100)
        assert (clip.id, clip.still, clip.pinned) == (new.id, True, False)
        assert clip.details
        assert clip.details.ended - clip.started == 20
    assert library.find(OTHER, new.id) is None
    assert library.find(KEY, "../" + new.id) is None


def test_what_is_learnt_later_is_written_down(library: Library, put: Put, tmp_path: Path) -> None:
    name = put()
    assert library.note(KEY, name.id, origin="both", kinds=("motion", "person"), score=0.5)
    assert library.note(KEY, name.id, zones=("door",))
    fresh = Library(tmp_path / "clips")
    fresh.scan()
    clip = fresh.find(KEY, name.id)
    assert clip
    assert clip.details
    assert (clip.details.origin, clip.details.kinds, clip.details.zones) == (
        "both",
        ("motion", "person"),
        ("door",),
    )
    assert clip.details.event_id == "e", "what the worker told stays"
    with pytest.raises(InvalidField):
        library.note(KEY, name.id, origin="x" * 100)
    assert not library.note(KEY, ClipName.new(NOW).id, origin="both")


def test_deleting_takes_everything_of_the_clip(library: Library, put: Put, tmp_path: Path) -> None:
    name, stays = put(3 * DAY, pinned=True), put()
    assert library.path(KEY, name.id)
    assert library.delete(KEY, name.id)
    assert library.names(KEY) == [stays]
    assert library.path(KEY, name.id) is None
    assert not library.delete(KEY, name.id)
    assert not [path for path in tmp_path.rglob("*") if name.token in path.name]
    assert not (library.camera_folder(KEY, "") / name.day).exists(), "an empty day goes with its last clip"


def test_the_oldest_go_and_pinned_ones_stay(library: Library, put: Put) -> None:
    pinned = put(30 * DAY, pinned=True)
    put(20 * DAY)
    middle, new = put(2 * DAY, size=5000), put(0, size=5000)
    kept = library.keep(days=14, gigabytes=1, keep_free=0)
    assert (kept.deleted, kept.clips, kept.short) == (1, 3, False)
    assert library.names(KEY) == [new, middle, pinned]
    kept = library.keep(days=14, gigabytes=7000 / 1e9, keep_free=0)
    assert library.names(KEY) == [new, pinned], (
        "size counts all cameras and pinned ones, and takes the oldest"
    )
    assert kept.bytes <= 7000


def test_a_pin_outlives_a_restart_and_can_be_taken_out(library: Library, put: Put, tmp_path: Path) -> None:
    name, _ = put(30 * DAY, pinned=True), put()
    fresh = Library(tmp_path / "clips")
    fresh.scan()
    assert fresh.keep(days=1, gigabytes=1, keep_free=0).deleted == 0
    assert fresh.pin(KEY, name.id, pinned=False)
    assert fresh.keep(days=1, gigabytes=1, keep_free=0).deleted == 1


def _tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_foreign_files_are_never_touched(library: Library, put: Put, tmp_path: Path) -> None:
    put(30 * DAY)
    root = tmp_path / "clips"
    camera = library.camera_folder(KEY, "")
    outside = tmp_path / "outside"
    token = "210324_0123abcd.mp4"
    for folder in (
        outside,
        outside / "2020-01-01",
        root / "2020-01-01",
        root / "holiday" / "2020-01-01",
        root / "Door-0a1b2c" / "2020-01-01",
        camera / "2020-02-31",
        camera / "album",
        camera / "2020-01-02",
    ):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / token).write_bytes(b"foreign")
        os.utime(folder / token, (0, 0))
    day = camera / "2020-01-02"
    (day / token).rename(day / "mine.mp4")
    (day / f"{token}.bak").write_bytes(b"foreign")
    (day / token).symlink_to(outside / token)
    (day / "000000_0123abcd.mp4").mkdir()
    (day / "000001_0123abcd.json").symlink_to(outside / token)
    (camera / "2020-01-03").symlink_to(outside)
    (root / "linked-ffffff").symlink_to(outside)
    before = _tree(tmp_path)
    fresh = Library(root)
    assert fresh.scan() == 1
    assert fresh.keep(days=1, gigabytes=0, keep_free=0).deleted == 1
    gone = before - _tree(tmp_path)
    assert all(f"{ClipName.new(NOW - 30 * DAY).day}" in path for path in gone), gone
    assert len(gone) == 4
    with pytest.raises(LibraryError):
        fresh.camera_folder(OTHER, "linked")


def test_a_link_put_in_a_clips_place_is_not_handed_out(library: Library, put: Put, tmp_path: Path) -> None:
    name = put()
    path = library.path(KEY, name.id)
    assert path
    secret = tmp_path / "secret"
    secret.write_text("secret")
    path.unlink()
    path.symlink_to(secret)
    assert library.path(KEY, name.id) is None
    day, away = path.parent, tmp_path / "away"
    day.rename(away)
    day.symlink_to(away)
    with pytest.raises(LibraryError):
        library.delete(KEY, name.id)
    assert (away / name.file(Suffix.STILL)).exists()


def test_nothing_is_written_through_a_link(library: Library, tmp_path: Path) -> None:
    """Whoever may write to the folder must not have us write elsewhere."""
    library.make_root()
    root, foreign = tmp_path / "clips", tmp_path / "foreign"
    foreign.write_text("foreign")
    for name in (".wyze_local", f".wyze_local-{os.getpid()}"):
        (root / name).symlink_to(foreign)
    (root / ".mark").symlink_to(tmp_path / "made")
    assert library.check(0) is None
    for name in (".wyze_local", ".mark"):
        assert not library.has(name)
        with pytest.raises(LibraryError):
            library.put(name, b"mark")
    assert foreign.read_text() == "foreign"
    assert sorted(tmp_path.iterdir()) == [root, foreign]
    library.put("new", b"mark")
    assert library.has("new")
    with pytest.raises(LibraryError):
        library.put("new", b"other")
    assert (root / "new").read_bytes() == b"mark"
    assert len(list(root.iterdir())) == 4, "nothing is left of the check"


@pytest.mark.parametrize("content", [b"{", b"x" * 10_000, b'{"version": 1}', None])
def test_odd_details_only_lose_what_they_told(
    library: Library, put: Put, tmp_path: Path, content: bytes | None
) -> None:
    name = put()
    path = name.path(library.camera_folder(KEY, ""), Suffix.DETAILS)
    path.unlink()
    if content is None:
        os.mkfifo(path)
    else:
        path.write_bytes(content)
    fresh = Library(tmp_path / "clips")
    fresh.scan()
    (clip,) = fresh.clips(KEY)
    assert clip.details is None
    assert clip.started == int(NOW)


def test_what_a_crash_left_without_a_clip_goes_in_time(library: Library, put: Put) -> None:
    name = put()
    folder = library.camera_folder(KEY, "")
    name.path(folder).unlink()
    library.scan()
    assert name.path(folder, Suffix.STILL).exists(), "the clip may be about to get its name"
    for suffix in (Suffix.STILL, Suffix.DETAILS):
        os.utime(name.path(folder, suffix), (NOW - 7200, NOW - 7200))
    part = name.path(folder, Suffix.CLIP_PART)
    part.write_bytes(b"being written")
    library.scan()
    assert name.path(folder, Suffix.STILL).exists(), "the clip is being written"
    part.unlink()
    library.scan()
    assert not list((folder / name.day).iterdir())


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    library = Library(tmp_path / "nas" / "clips")
    assert library.check() is Trouble.NO_FOLDER
    for call in (library.make_root, library.scan, lambda: library.camera_folder(KEY, "x")):
        with pytest.raises(LibraryError) as caught:
            call()
        assert caught.value.reason == Trouble.NO_FOLDER
        assert str(tmp_path) not in str(caught.value)


def test_a_drive_that_refuses_is_not_taken_for_one_that_is_not_there(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with away(tmp_path, errno.EIO) as drive:
        assert library.check() is Trouble.DISK_ERROR
        drive.error = errno.ESTALE
        assert library.check() is Trouble.NO_FOLDER
    assert library.check(0) is None


def test_names_of_a_day_are_in_utc(library: Library, put: Put) -> None:
    name = put()
    path = library.path(KEY, name.id)
    assert path
    assert path.parent.name == f"{datetime.fromtimestamp(NOW, UTC):%Y-%m-%d}"


def test_what_happens_during_a_look_is_newer_than_what_it_saw(library: Library, put: Put) -> None:
    """A look may take minutes on a NAS: what came meanwhile stays listed, what went does not come back."""
    gone, stays = put(120), put(60)
    index = library._index
    seen = index.all()
    index.begin()
    came = put(1)
    library.delete(KEY, gone.id)
    library.pin(KEY, stays.id, pinned=True)
    index.fill(seen)
    assert library.names(KEY) == [came, stays]
    assert [clip.pinned for clip in library.clips(KEY)] == [False, True]
    library.scan()
    assert library.names(KEY) == [came, stays]
