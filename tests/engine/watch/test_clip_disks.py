"""Disks that get full, are read-only, lost or stuck: it is said, nothing broken stays, and it works again."""

import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from engine.library import Library
from engine.model import ClipBegan, ClipFailed, ClipFinished, Cut, Suffix, Trouble
from engine.watch import writer as writer_module
from tests.support.mounts import ext4, tmpfs

from .camera import Stage, both, decoded, event, footage, once, settle, stage

SIZES = range(4096, 1_300_000, 61_440)


def whole_or_gone(folder: Path) -> None:
    """Whatever lies there under a final name plays; nothing else of a clip is left."""
    for path in folder.rglob("*"):
        if path.is_dir():
            continue
        assert path.suffix in (".mp4", ".jpg", ".json"), path
        if path.suffix == ".mp4":
            decoded(path)
        else:
            assert path.with_suffix(".mp4").exists(), path


def works_again(on: Stage) -> None:
    """Record another event and have it whole."""
    before = len(on.of(ClipFinished))
    on.play(footage(), event(on, 21.5, 25.0, "again"))
    settle(on)
    last = on.of(ClipFinished)[-1]
    assert (len(on.of(ClipFinished)), last.event_id, last.cut) == (before + 1, "again", Cut.NONE)


def test_a_disk_may_get_full_at_any_write(tmp_path: Path) -> None:
    seen = set()
    for size in SIZES:
        with tmpfs(tmp_path / "disk", size) as disk, stage(disk.folder) as on:
            on.play(footage(), event(on, 21.5, 27.0))
            settle(on)
            failed = on.of(ClipFailed)
            finished = on.of(ClipFinished)
            assert [news.reason for news in failed] in ([], [Trouble.DISK_FULL]), size
            assert failed or [news.cut for news in finished] == [Cut.NONE], size
            whole_or_gone(disk.folder)
            assert len(on.clips()) == len(finished), size
            seen.add((bool(failed), bool(finished)))
            disk.resize(8 << 20)
            works_again(on)
            whole_or_gone(disk.folder)
            on.close()
    assert seen == {(True, False), (True, True), (False, True)}, "each way it may end was met"


def test_a_disk_may_have_no_room_for_another_file(tmp_path: Path) -> None:
    for inodes in range(1, 7):
        with tmpfs(tmp_path / "disk", 8 << 20, inodes) as disk, stage(disk.folder) as on:
            on.play(footage(), event(on, 21.5, 27.0))
            settle(on)
            whole_or_gone(disk.folder)
            assert all(news.reason is Trouble.DISK_FULL for news in on.of(ClipFailed))
            assert len(on.of(ClipFailed)) + len(on.of(ClipFinished)) > 0
            disk.resize(8 << 20)
            works_again(on)
            on.close()


def test_a_disk_may_get_full_while_others_fill_it(tmp_path: Path) -> None:
    def fill(_: float) -> None:
        with (tmp_path / "disk" / "others").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    with tmpfs(tmp_path / "disk", 8 << 20) as disk, stage(disk.folder) as on:
        on.play(footage(), both(event(on, 21.5, 30.0), once(26.0, lambda at: settle(on, at, fill))))
        settle(on)
        (failed,) = on.of(ClipFailed)
        (finished,) = on.of(ClipFinished)
        assert failed.reason is Trouble.DISK_FULL
        assert finished.cut is Cut.TROUBLE
        assert 6 < finished.ended - finished.started < 12, "what was there is kept, without its very last"
        (clip,) = on.clips()
        decoded(clip)
        on.close()


def test_space_that_others_need_is_left(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk", 8 << 20) as disk, stage(disk.folder, keep_free=9 << 20) as on:
        on.play(footage(), event(on, 21.5, 25.0))
        on.close()
        assert [news.reason for news in on.of(ClipFailed)] == [Trouble.NO_SPACE_TO_KEEP]
        assert not list(disk.folder.iterdir())


def test_a_drive_that_does_not_say_how_large_it_is_is_not_full(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk", 0) as disk, stage(disk.folder, keep_free=None) as on:
        assert os.statvfs(disk.folder).f_blocks == 0
        assert Library(disk.folder).check() is None
        on.play(footage(), event(on, 21.5, 25.0))
        on.close()
        assert [news.cut for news in on.of(ClipFinished)] == [Cut.NONE]


def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk", 8 << 20) as disk, stage(disk.folder) as on:
        disk.read_only()
        on.play(footage(), event(on, 21.5, 25.0))
        settle(on)
        assert [news.reason for news in on.of(ClipFailed)] == [Trouble.READ_ONLY]
        disk.writable()
        works_again(on)
        on.close()


def test_a_nas_may_be_unmounted_while_it_is_written_to(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk", 8 << 20) as disk:
        folder = disk.folder / "camera-0a1b2c"
        folder.mkdir()
        with stage(folder) as on:
            on.play(footage(), both(event(on, 21.5, 25.0), once(23.0, lambda _: disk.detach())))
            settle(on)
            on.play(footage(), event(on, 21.5, 25.0, "second"))
            settle(on)
            assert [news.reason for news in on.of(ClipFailed) if news.event_id == "second"] == [
                Trouble.NO_FOLDER
            ]
            assert not list(disk.folder.iterdir()), "nothing is written beside the NAS"
            folder.mkdir()
            works_again(on)
            on.close()


def test_a_disk_may_die_while_it_is_written_to(tmp_path: Path) -> None:
    with ext4(tmp_path / "disk") as disk, stage(disk.folder) as on:
        on.play(
            footage(),
            both(event(on, 21.5, 30.0), once(25.0, lambda at: settle(on, at, lambda _: disk.die()))),
        )
        settle(on)
        assert on.of(ClipBegan)
        assert [news.reason for news in on.of(ClipFailed)] == [Trouble.DISK_ERROR]
        on.close()
    with tmpfs(tmp_path / "disk2", 8 << 20) as disk, stage(disk.folder) as on:
        works_again(on)
        on.close()


def test_a_disk_that_hangs_does_not_stop_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slowest = 0.0

    def measure(do: Callable[[], None]) -> None:
        nonlocal slowest
        started = time.monotonic()
        do()
        slowest = max(slowest, time.monotonic() - started)

    with ext4(tmp_path / "disk") as disk, stage(disk.folder) as on:

        def freeze(_: float) -> None:
            disk.freeze()
            # A disk that is well may take longer than that for one piece of work, before and afterwards.
            monkeypatch.setattr(writer_module, "STALLED_AFTER", 0.5)

        on.play(footage(), both(event(on, 21.5, 30.0), once(25.0, lambda at: settle(on, at, freeze))))
        deadline = time.monotonic() + 20
        while not on.of(ClipFailed):
            assert time.monotonic() < deadline
            measure(lambda: on.play(footage(), event(on, 21.5, 25.0, "second")))
        assert {news.reason for news in on.of(ClipFailed)} == {Trouble.STALLED}
        assert slowest < 10, "a whole event went by while the disk hung"
        assert on.writer.stalled
        disk.thaw()
        settle(on)
        assert not on.writer.stalled
        monkeypatch.undo()
        whole_or_gone(disk.folder)
        works_again(on)
        on.close()
        whole_or_gone(disk.folder)


def test_what_waits_for_the_disk_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING", 500_000)
    with ext4(tmp_path / "disk") as disk, stage(disk.folder) as on:
        disk.freeze()
        for number in range(4):
            on.play(footage(), event(on, 21.5, 25.0, str(number)))
        assert {news.reason for news in on.of(ClipFailed)} == {Trouble.STALLED}
        disk.thaw()
        settle(on)
        whole_or_gone(disk.folder)
        on.close()


def test_a_drive_may_rename_no_file_that_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of Windows' kind: nor for whoever has it open."""
    rename = os.rename

    def unless_open(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        place = os.path.realpath(f"/proc/self/fd/{src_dir_fd}/{source}")
        if any(os.path.realpath(fd) == place for fd in Path("/proc/self/fd").iterdir()):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        rename(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "rename", unless_open)
    with stage(tmp_path) as on:
        on.play(footage(), event(on, 21.5, 25.0))
        settle(on)
        assert [news.cut for news in on.of(ClipFinished)] == [Cut.NONE]
        assert not on.of(ClipFailed)
        whole_or_gone(tmp_path)
        on.close()


def test_a_clip_is_never_put_over_another(tmp_path: Path) -> None:
    clip_id = "20270115T080000-0123abcd"
    with stage(tmp_path) as on:
        on.play(footage(), once(20.5, lambda at: on.recorder.record(clip_id, 3.0, at)))
        settle(on)
        (clip,) = on.clips()
        before = clip.read_bytes()
        on.play(footage(), once(20.5, lambda at: on.recorder.record(clip_id, 3.0, at)))
        on.close()
        assert [news.reason for news in on.of(ClipFailed)] == [Trouble.NAME_TAKEN]
        assert clip.read_bytes() == before
        assert not list(tmp_path.rglob(f"*{Suffix.CLIP_PART}"))
