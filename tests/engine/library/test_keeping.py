"""What may go, and what must stay when a clock is wrong or a file system gives nothing back."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.library import Kept, Library
from engine.library.index import Entry
from engine.library.retention import let_go
from engine.model import ClipName, Suffix, SystemClock, space_to_keep
from tests.support.mounts import tmpfs

KEY = "0a1b2c" + "0" * 26
HOUR, DAY = 3600.0, 86400.0
SIZE = 1 << 20
GB = 1_000_000_000

Lay = Callable[[float], ClipName]


class Hands(SystemClock):
    """A clock that somebody sets: what the wall says, and what has passed."""

    def __init__(self) -> None:
        self.wall = time.time()
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def time(self) -> float:
        return self.wall

    def go(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += seconds
        self.passed += seconds


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def library(tmp_path: Path, clock: Hands) -> Iterator[Library]:
    with tmpfs(tmp_path / "disk", 64 * SIZE) as disk:
        made = Library(disk.folder / "clips", clock)
        made.make_root()
        yield made


@pytest.fixture
def lay(library: Library, clock: Hands) -> Lay:
    """Lay a clip down that is so many seconds old."""

    def put(age: float) -> ClipName:
        name = ClipName.new(clock.wall - age)
        path = name.path(library.camera_folder(KEY, "Front door"))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(SIZE))
        library.added(KEY, name.id)
        return name

    return put


def make_room(library: Library, missing: float) -> Kept:
    """Have as many bytes freed as are missing, by what the file system says now."""
    found = os.statvfs(library.camera_folder(KEY, ""))
    free = found.f_bavail * found.f_frsize
    # The library asks for a tenth more than has to stay free.
    return library.keep(days=1000, gigabytes=1, keep_free=int((free + missing) / 1.1))


def clips(count: int) -> list[Entry]:
    return [Entry("door-0a1b2c", ClipName.new(1e9 + number), 1000, False, False) for number in range(count)]


def test_for_want_of_space_no_more_goes_than_is_missing() -> None:
    gone: list[Entry] = []

    def delete(entry: Entry) -> bool:
        gone.append(entry)
        return True

    everything = clips(100)
    kept = let_go(everything, before=0.0, most=1 << 60, missing=2500, delete=delete)
    assert gone == everything[:3], "the file system is not asked again: many free later, or never"
    assert (kept.deleted, kept.freed, kept.short) == (3, 3000, False)


def test_nothing_goes_for_space_that_all_clips_would_not_make() -> None:
    kept = let_go(clips(100), before=0.0, most=1 << 60, missing=100_001, delete=lambda _: True)
    assert (kept.deleted, kept.clips, kept.short) == (0, 100, True)
    kept = let_go(clips(100), before=0.0, most=90_000, missing=100_001, delete=lambda _: True)
    assert (kept.deleted, kept.clips, kept.short) == (10, 90, True), "what is too much goes all the same"


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """Keep what is deleted on the disk, as a snapshot does: a file that is open takes its space."""
    files: list[int] = []
    yield lambda path: files.append(os.open(path, os.O_RDONLY))
    for file in files:
        os.close(file)


def test_clips_stay_where_deleting_makes_no_room(
    library: Library, lay: Lay, clock: Hands, held: Callable[[Path], None]
) -> None:
    for age in range(20):
        name = lay(age * 60.0)
        held(name.path(library.camera_folder(KEY, "")))
    assert make_room(library, 2.5 * SIZE).deleted == 3
    for _ in range(9):
        clock.go(60)
        kept = make_room(library, 2.5 * SIZE)
        assert (kept.deleted, kept.short) == (0, True)
    clock.go(60)
    assert make_room(library, 0.5 * SIZE).deleted == 1, "later it is tried again"
    clock.go(601)
    assert make_room(library, 0.5 * SIZE).deleted == 0, "and then not so soon"


def test_room_is_made_again_and_again_where_it_helps(library: Library, lay: Lay) -> None:
    for age in range(20):
        lay(age * 60.0)
    for _ in range(5):
        kept = make_room(library, 1.5 * SIZE)
        assert (kept.deleted, kept.short) == (2, False)


def test_an_old_clip_goes_by_a_steady_clock(library: Library, lay: Lay, clock: Hands) -> None:
    old, new = lay(15 * DAY), lay(HOUR)
    assert library.names(KEY) == [new, old]
    assert library.keep(days=14, gigabytes=1, keep_free=0).deleted == 1
    for _ in range(13 * 24):
        clock.go(HOUR)
        library.keep(days=14, gigabytes=1, keep_free=0)
    assert library.names(KEY) == [new]
    clock.go(2 * DAY)
    library.keep(days=14, gigabytes=1, keep_free=0)
    assert library.names(KEY) == [], "nobody makes clips any more; those that are there grow old all the same"


def test_a_clock_that_jumps_deletes_nothing(library: Library, lay: Lay, clock: Hands) -> None:
    names = [lay(age * HOUR) for age in range(5)]
    library.keep(days=14, gigabytes=1, keep_free=0)
    clock.wall += 300 * DAY
    for _ in range(20):
        # What is recorded meanwhile bears the wrong time, and proves nothing.
        names.append(lay(0.0))
        assert library.keep(days=14, gigabytes=1, keep_free=0).deleted == 0
        clock.go(HOUR)
    clock.wall -= 300 * DAY
    for _ in range(20):
        assert library.keep(days=14, gigabytes=1, keep_free=0).deleted == 0
        clock.go(HOUR)
    assert library.names(KEY) == sorted(names, key=lambda name: (name.at, name.token), reverse=True)


def test_a_clock_that_is_wrong_from_the_start_deletes_nothing(
    library: Library, lay: Lay, clock: Hands
) -> None:
    for age in range(5):
        lay(age * HOUR)
    clock.wall += 300 * DAY
    fresh = Library(library.camera_folder(KEY, "").parent, clock)
    fresh.scan()
    for _ in range(23):
        assert fresh.keep(days=14, gigabytes=1, keep_free=0).deleted == 0
        lay(0.0)
        fresh.scan()
        clock.go(HOUR)
    assert fresh.keep(days=14, gigabytes=1, keep_free=0).deleted == 0
    clock.go(2 * HOUR)
    assert fresh.keep(days=14, gigabytes=1, keep_free=0).deleted == 5, "after a day it is the right time"


@pytest.mark.parametrize(
    ("disk", "keeps"), [(GB, GB // 2), (20 * GB, GB), (100 * GB, 5 * GB), (8000 * GB, 5 * GB)]
)
def test_a_large_disk_need_not_stay_emptier_than_a_middling_one(disk: int, keeps: int) -> None:
    assert space_to_keep(disk) == keeps


def test_what_nobody_finishes_goes_after_a_day_of_lying_there(
    library: Library, lay: Lay, clock: Hands
) -> None:
    """However old it says it is: a worker that comes back after days still saves what it left."""
    folder = library.camera_folder(KEY, "")
    left, growing, whole = lay(9 * DAY), lay(8 * DAY), lay(HOUR)
    for name in (left, growing):
        name.path(folder).rename(name.path(folder, Suffix.CLIP_PART))
        name.path(folder, Suffix.DETAILS).write_bytes(b"{}")
    os.utime(left.path(folder, Suffix.CLIP_PART), (0, 0))
    for hour in range(24):
        library.scan()
        assert left.path(folder, Suffix.CLIP_PART).exists()
        with growing.path(folder, Suffix.CLIP_PART).open("ab") as file:
            file.write(bytes(hour + 1))
        clock.go(HOUR)
    clock.go(1)
    library.scan()
    assert not list((folder / left.day).iterdir())
    assert growing.path(folder, Suffix.CLIP_PART).exists()
    assert library.names(KEY) == [whole]
