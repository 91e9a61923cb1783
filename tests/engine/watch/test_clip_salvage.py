"""What is left of a clip: cut where it is whole, and never believed; only what is ours is touched."""

import os
import re
import struct
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from engine.model import ClipDetails, ClipFinished, ClipName, ClipNews, Cut, Suffix, SystemClock
from engine.watch.finish import finish_file
from engine.watch.tables import MAX_HEAD, NotOurs, read_clip
from engine.watch.writer import Writer
from tests.support.fuzzing import Fuzz

from .camera import START, both, decoded, event, footage, once, salvage, settle, stage
from .test_clip_crowd import Hold

NAME = ClipName.parse("20270115T080000-0123abcd")


@cache
def grown(codec: str = "libx264", ahead: int = 0) -> bytes:
    """Return a clip in the middle of its life: a header and some fragments, with sound."""
    found: list[bytes] = []
    with TemporaryDirectory() as name, stage(Path(name)) as on:

        def copy(_: float) -> None:
            (part,) = on.folder.rglob("*.mp4.part")
            found.append(part.read_bytes())

        quiet = footage(codec, size="64x64", ahead=ahead)
        begin = once(8.5, lambda at: on.recorder.record(NAME.id, 20.0, at, pre_roll=0.0))
        end = once(16.5, lambda at: settle(on, at, copy))
        on.play(quiet, both(begin, end))
        on.close()
    return found[0]


def in_memory(content: bytes) -> int:
    fd = os.memfd_create("clip")
    os.write(fd, content)
    return fd


def finished(content: bytes) -> tuple[bytes, float] | None:
    """Return what becomes of a file that was left; None when nothing of it can be played."""
    fd = in_memory(content)
    try:
        try:
            whole = finish_file(fd, doubtful=True)
        except NotOurs:
            return None
        again = read_clip(fd)
        assert again.finished is not None
        assert again.seconds == pytest.approx(whole.seconds, abs=0.002)
        return os.pread(fd, 1 << 24, 0), whole.seconds
    finally:
        os.close(fd)


def boxes(content: bytes) -> list[tuple[bytes, int]]:
    """Return the outermost boxes and where each ends."""
    found, offset = [], 0
    while offset < len(content):
        length, kind = struct.unpack_from(">I4s", content, offset)
        offset += length
        found.append((kind, offset))
    return found


def test_a_clip_is_cut_after_its_last_whole_fragment(tmp_path: Path) -> None:
    content = grown()
    ends = [end for kind, end in boxes(content) if kind == b"mdat"]
    assert len(ends) > 5
    path = tmp_path / "clip.mp4"
    lengths = []
    for end, following in pairwise([*ends, len(content) + 1]):
        made = {finished(content[:cut]) for cut in (end, end + 1, following - 1)}
        (one,) = made
        assert one
        path.write_bytes(one[0])
        decoded(path)
        lengths.append(one[1])
    assert lengths == sorted(set(lengths))
    assert finished(content[: ends[0] - 1]) is None


def test_a_crash_while_it_is_finished_changes_nothing(tmp_path: Path) -> None:
    """The table is behind the media before the header in front says so; each state in between is known."""
    content = grown()
    whole = finished(content)
    assert whole
    media = boxes(content)[-1][1]
    path = tmp_path / "clip.mp4"
    for cut in (media, media + 1, media + 500, len(whole[0])):
        made = finished(content + whole[0][len(content) : cut])
        assert made == whole
    path.write_bytes(whole[0])
    decoded(path)
    assert finished(whole[0]) == whole, "a clip that is finished stays as it is"
    assert finished(whole[0][:-1]) is None, "the header in front says so only when all of it lies on the disk"


def test_a_file_of_the_right_length_that_holds_nothing_is_not_believed() -> None:
    """Some file systems have the length of a file after a power cut, and not what was written."""
    content = bytearray(grown())
    found = boxes(bytes(content))
    media = [(found[number - 1][1], end) for number, (kind, end) in enumerate(found) if kind == b"mdat"]
    begin, end = media[3]
    content[begin + 8 + 100 : end] = bytes(end - begin - 108)
    made = finished(bytes(content))
    whole = finished(grown()[: media[2][1]])
    assert made
    assert whole
    assert made[1] == whole[1]


@pytest.mark.parametrize(("codec", "ahead"), [("libx264", 2), ("libx265", 0), ("libx265", 2)])
def test_nothing_whole_is_taken_for_broken(tmp_path: Path, codec: str, ahead: int) -> None:
    """A picture of HEVC that no other needs begins with a byte of zero, as an unwritten place does."""
    content = grown(codec, ahead)
    found = boxes(content)
    ends = [end for kind, end in found if kind == b"mdat"]
    if (codec, ahead) == ("libx265", 2):
        media = b"".join(content[found[number - 1][1] + 8 : end] for number, (_, end) in enumerate(found))
        assert re.search(rb"\x00\x00..\x00\x01", media, re.DOTALL), "such pictures are in it"
    path = tmp_path / "clip.mp4"
    lengths = []
    for end in ends:
        made = finished(content[: end + 100])
        assert made
        path.write_bytes(made[0])
        decoded(path)
        lengths.append(made[1])
    assert lengths == sorted(set(lengths)), "no fragment is lost"
    hole = bytearray(content)
    begin = found[[end for _, end in found].index(ends[3]) - 1][1] + 8
    hole[begin + 100 : ends[3]] = bytes(ends[3] - begin - 100)
    cut = finished(bytes(hole))
    assert cut
    assert cut[1] == lengths[2]


def test_mutants_of_clips_are_cut_or_refused(fuzz: Fuzz) -> None:
    content = grown()
    other = bytearray(content)
    struct.pack_into(">I", other, boxes(content)[1][1], 0x7FFFFFFF)
    with fuzz.share("clips left behind", 50, limit=MAX_HEAD, megabytes=96) as share:
        while share.more:
            finished(share.mutator.any([content, bytes(other)]))


def test_mutants_of_headers_are_cut_or_refused(fuzz: Fuzz) -> None:
    content = grown()
    found = boxes(content)
    begin, end = found[1][1], found[2][1]
    header, head = content[:begin], content[begin:end]
    with fuzz.share("headers of clips", 50, limit=MAX_HEAD) as share:
        while share.more:
            place = share.mutator.chance.random()
            before = share.mutator.any([header]) if place < 0.5 else header
            middle = share.mutator.any([head]) if place >= 0.5 else head
            finished(before + middle + content[end : found[6][1]])


def test_truncated_clips_play(fuzz: Fuzz, tmp_path: Path) -> None:
    content, path = grown(), tmp_path / "clip.mp4"
    played = 0
    with fuzz.share("truncated clips", 2, limit=MAX_HEAD) as share:
        while share.more:
            share.mutator.any([b""])
            made = finished(content[: share.mutator.chance.randrange(len(content))])
            if made:
                path.write_bytes(made[0])
                decoded(path)
                played += 1
    assert played


def laid(folder: Path, content: bytes = b"", name: ClipName = NAME) -> Path:
    path = name.path(folder, Suffix.CLIP_PART)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content or grown())
    return path


def test_what_is_saved_is_told_with_what_was_known(tmp_path: Path) -> None:
    laid(tmp_path)
    told = ClipDetails(1e9 + 0.5, 1e9 + 0.5, "event", 2, cut=Cut.SALVAGED)
    NAME.path(tmp_path, Suffix.DETAILS).write_bytes(told.to_bytes())
    NAME.path(tmp_path, Suffix.STILL).write_bytes(b"still")
    news: list[ClipNews] = []
    salvage(tmp_path, news.append)
    (clip,) = news
    assert isinstance(clip, ClipFinished)
    assert (clip.clip_id, clip.event_id, clip.started) == (NAME.id, "event", 1e9 + 0.5)
    assert (clip.still, clip.cut) == (True, Cut.SALVAGED)
    assert 6 < clip.ended - clip.started < 10
    decoded(NAME.path(tmp_path))
    after = ClipDetails.from_bytes(NAME.path(tmp_path, Suffix.DETAILS).read_bytes())
    assert (after.part, after.ended) == (2, clip.ended)


def test_what_cannot_be_played_goes_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    for content in (b"x", grown()[:30], grown()[: boxes(grown())[1][1]]):
        laid(tmp_path, content)
        NAME.path(tmp_path, Suffix.DETAILS).write_bytes(b"{}")
        NAME.path(tmp_path, Suffix.STILL).write_bytes(b"still")
        NAME.path(tmp_path, Suffix.STILL_PART).write_bytes(b"sti")
        salvage(tmp_path, lambda _: None)
        assert not list((tmp_path / NAME.day).iterdir())


def test_foreign_files_and_links_are_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    folder = tmp_path / "camera-0a1b2c"
    day = folder / NAME.day
    for each in (outside, folder, day, folder / "album"):
        each.mkdir()
    foreign = [
        *(outside / NAME.file(Suffix.CLIP_PART), folder / "album" / NAME.file(Suffix.CLIP_PART)),
        *(folder / NAME.file(Suffix.CLIP_PART), day / "holiday.mp4.part", day / "080000_0123ABCD.mp4.part"),
    ]
    for path in foreign:
        path.write_bytes(b"foreign")
    (day / NAME.file(Suffix.CLIP_PART)).symlink_to(foreign[0])
    (folder / "2027-01-16").symlink_to(outside)
    os.mkfifo(day / "080001_0123abcd.mp4.part")
    before = sorted(tmp_path.rglob("*"))
    salvage(folder, lambda _: None)
    assert sorted(tmp_path.rglob("*")) == before
    assert all(path.read_bytes() == b"foreign" for path in foreign)


def test_a_clip_that_somebody_still_writes_is_left_alone(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.play(footage(), once(30.5, lambda at: on.recorder.trigger("event", at)))
        settle(on, START)
        (part,) = tmp_path.rglob("*.mp4.part")
        salvage(tmp_path, lambda _: None)
        assert part.exists()
        on.close()
        decoded(on.clips()[0])


def test_what_could_not_be_saved_is_tried_again(tmp_path: Path) -> None:
    part = laid(tmp_path)
    other = laid(tmp_path, name=ClipName.parse("20270115T080001-0123abcd"))
    in_the_way = NAME.path(tmp_path, Suffix.DETAILS_PART)
    in_the_way.mkdir()
    with stage(tmp_path) as on:
        settle(on)
        settle(on)
        assert part.exists()
        assert not other.exists(), "one does not keep the others from it"
        in_the_way.rmdir()
        on.play(footage(), event(on, 21.5, 25.0))
        settle(on)
        on.close()
        assert not part.exists()
        decoded(NAME.path(tmp_path))


def test_a_folder_of_many_days_is_no_disk_that_hangs(tmp_path: Path) -> None:
    """Each day is a piece of work of its own, so a clip of now need not wait for all of them."""
    days = [ClipName.new(1_800_000_000.0 + 86400 * number, "0123abcd") for number in range(20)]
    for name in days:
        laid(tmp_path, name=name)
    writer, between, busy = Writer(SystemClock()), list[int](), Hold()
    # What is put meanwhile comes before the days, which are found only then.
    busy.on(writer)
    with stage(tmp_path, writer=writer) as on:

        def look() -> None:
            between.append(len(list(tmp_path.rglob("*.part"))))
            if between[-1]:
                on.writer.put(look)

        on.writer.put(look)
        busy.end()
        while not between or between[-1]:
            settle(on)
        assert between == sorted(between, reverse=True)
        assert len(between) > 1, "other work is done in between"
        on.close()
