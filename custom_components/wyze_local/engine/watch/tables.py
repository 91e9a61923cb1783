"""A clip as it lies on the disk, read back: its tracks, its samples, and up to where it is whole.

Read by what was just written and by what a crash left, so it believes nothing: a fragment counts when it is
exactly of the form in which we write them and all of it is there.
"""

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .boxes import KEY_FLAGS, MOVIE_SCALE, Samples, Track

MAX_HEAD = 1 << 20
"""Longest header of a clip or a fragment that is read, in bytes."""
MAX_SAMPLES = 500_000
MAX_TICKS = 0xFFFFFFFF
MAX_BYTES = 0xF0000000
"""Longest clip, so that all places in it are 32-bit numbers."""


class NotOurs(Exception):
    """A file, or a part of one, that has not the form in which clips are written."""


@dataclass(slots=True)
class Whole:
    """What is whole of a clip."""

    tracks: list[Track]
    header: int
    """Where the header begins."""
    end: int
    """Where the last whole fragment ends."""
    finished: float | None = None
    """How many seconds a clip lasts that is finished already, and only has to be given its name."""
    fragments: list[Fragment] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long it lasts, from its beginning to the end of its last picture or sound."""
        if self.finished is not None:
            return self.finished
        lengths = zip(self.tracks, self.samples(), strict=True)
        return max((table.start + table.duration) / track.scale for track, table in lengths)

    def samples(self) -> list[Samples]:
        """Return all samples of each track."""
        tables = [Samples() for _ in self.tracks]
        for piece in self.fragments:
            for run in piece.runs:
                _add(tables[run.track], run)
        return tables


@dataclass(frozen=True, slots=True)
class Run:
    """The samples of one track in a fragment."""

    track: int
    """Its number, from 0."""
    start: int
    offset: int
    rows: list[tuple[int, int, int, int]]
    """Duration, size, flags and delay of each."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One fragment: where it begins, and what it holds."""

    offset: int
    end: int
    runs: list[Run]


def _add(table: Samples, run: Run) -> None:
    if not table.sizes:
        table.start = run.start
    elif (gap := run.start - table.start - table.duration) > 0:
        # The last sample of the fragment before lasts until this one begins.
        table.durations[-1] += gap
    table.chunks.append((run.offset, len(run.rows)))
    for duration, size, flags, delay in run.rows:
        table.durations.append(duration)
        table.sizes.append(size)
        table.delays.append(delay)
        if flags == KEY_FLAGS:
            table.keys.append(len(table.sizes))


def read_clip(fd: int) -> Whole:
    """Read an open file; raises NotOurs when not even one fragment is whole, OSError."""
    size = min(os.fstat(fd).st_size, MAX_BYTES)
    boxes = _top(fd, size)
    offset, length, kind = next(boxes, (0, 0, b""))
    if kind != b"ftyp":
        raise NotOurs
    header, length, kind = next(boxes, (0, 0, b""))
    if kind == b"mdat":
        return _finished(fd, header, boxes, size)
    if kind != b"moov":
        raise NotOurs
    tracks = read_tracks(_read(fd, header + 8, length - 8))
    whole = Whole(tracks, header, header + length)
    count, ends = 0, dict[int, int]()
    head: tuple[int, int] | None = None
    for offset, length, kind in boxes:
        if kind == b"moof" and head is None:
            head = offset, length
        elif kind == b"mdat" and head is not None:
            try:
                piece = _fragment(fd, head, offset + 8, offset + length, len(tracks))
            except NotOurs:
                break
            count += sum(len(run.rows) for run in piece.runs)
            if count > MAX_SAMPLES or not _follows(ends, piece):
                break
            whole.fragments.append(piece)
            whole.end, head = piece.end, None
        else:
            break
    if not whole.fragments:
        raise NotOurs
    return whole


def keep_certain(fd: int, whole: Whole) -> None:
    """Drop the fragments from the first on whose pictures are not made of units; raises NotOurs, OSError."""
    if any(track.video and track.entry[4:8] not in _HEADS for track in whole.tracks):
        raise NotOurs
    for number, piece in enumerate(whole.fragments):
        tracks = ((run, whole.tracks[run.track]) for run in piece.runs)
        if not all(_of_units(fd, run, _HEADS[track.entry[4:8]]) for run, track in tracks if track.video):
            del whole.fragments[number:]
            break
    if not whole.fragments:
        raise NotOurs
    whole.end = whole.fragments[-1].end


def _of_units(fd: int, run: Run, may_begin: Callable[[bytes], bool]) -> bool:
    """Tell whether the lengths inside each picture lead exactly to its end."""
    offset = run.offset
    for _, size, _, _ in run.rows:
        end = offset + size
        while offset < end:
            head = os.pread(fd, 6, offset)
            if not may_begin(head[4:]):
                return False
            offset += 4 + int.from_bytes(head[:4])
        if offset != end:
            return False
    return True


def _begins_h264(head: bytes) -> bool:
    """Tell whether a unit of H.264 may begin so: zeros are what an unwritten place holds."""
    return bool(head) and head[0] != 0 and not head[0] & 0x80


def _begins_hevc(head: bytes) -> bool:
    """Tell whether a unit of HEVC may begin so. Its first byte may be 0; its layer in time is never."""
    return len(head) == 2 and not head[0] & 0x80 and head[1] & 7 != 0


_HEADS = {b"avc1": _begins_h264, b"hvc1": _begins_hevc}
"""By the kind of a track's sample entry."""


def _follows(ends: dict[int, int], piece: Fragment) -> bool:
    """Tell whether no track goes back in time, and all times fit the tables of a finished clip."""
    for run in piece.runs:
        last = run.start + sum(row[0] for row in run.rows)
        if run.start < ends.get(run.track, 0) or last > MAX_TICKS:
            return False
        ends[run.track] = last
    return True


def _finished(fd: int, media: int, boxes: Iterator[tuple[int, int, bytes]], size: int) -> Whole:
    offset, length, kind = next(boxes, (0, 0, b""))
    if kind != b"moov" or offset + length != size:
        raise NotOurs
    moov = _read(fd, offset + 8, length - 8)
    head = _child(moov, b"mvhd")
    if len(head) < 20:
        raise NotOurs
    ticks: int = struct.unpack_from(">I", head, 16)[0]
    return Whole(read_tracks(moov), media, size, finished=ticks / MOVIE_SCALE)


def _top(fd: int, size: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield the outermost boxes that are whole: offset, length and kind."""
    offset = 0
    while offset + 8 <= size:
        head = os.pread(fd, 8, offset)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        if length < 8 or offset + length > size:
            return
        yield offset, length, kind
        offset += length


def _read(fd: int, offset: int, length: int) -> bytes:
    if length > MAX_HEAD:
        raise NotOurs
    data = os.pread(fd, length, offset)
    if len(data) != length:
        raise NotOurs
    return data


def children(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the boxes inside a box; raises NotOurs when they do not fill it."""
    found, offset = [], 0
    while offset < len(data):
        if offset + 8 > len(data):
            raise NotOurs
        length, kind = struct.unpack_from(">I4s", data, offset)
        if length < 8 or offset + length > len(data):
            raise NotOurs
        found.append((kind, data[offset + 8 : offset + length]))
        offset += length
    return found


def _child(data: bytes, *path: bytes) -> bytes:
    for kind in path:
        data = next((content for name, content in children(data) if name == kind), b"")
    return data


def read_tracks(moov: bytes) -> list[Track]:
    """Read the tracks of a header; raises NotOurs."""
    tracks = []
    try:
        for kind, trak in children(moov):
            if kind == b"trak":
                handler = _child(trak, b"mdia", b"hdlr")[8:12]
                (scale,) = struct.unpack_from(">I", _child(trak, b"mdia", b"mdhd"), 12)
                width, height = struct.unpack_from(">II", _child(trak, b"tkhd"), 76)
                entry = _child(trak, b"mdia", b"minf", b"stbl", b"stsd")[8:]
                if handler not in (b"vide", b"soun") or not scale or len(children(entry)) != 1:
                    raise NotOurs
                tracks.append(Track(handler == b"vide", scale, entry, width >> 16, height >> 16))
    except struct.error:
        raise NotOurs from None
    if [track.video for track in tracks] not in ([True], [True, False]):
        raise NotOurs
    return tracks


def _fragment(fd: int, head: tuple[int, int], media: int, end: int, tracks: int) -> Fragment:
    """Read a fragment whose media lies between two places; raises NotOurs."""
    offset, length = head
    parts = children(_read(fd, offset + 8, length - 8))
    if not parts or parts[0][0] != b"mfhd" or any(kind != b"traf" for kind, _ in parts[1:]):
        raise NotOurs
    runs = []
    place = media
    for _, traf in parts[1:]:
        run = _run(traf, offset)
        if run.offset != place or not run.rows or not 0 <= run.track < tracks:
            raise NotOurs
        place += sum(row[1] for row in run.rows)
        runs.append(run)
    if place != end or not runs or len({run.track for run in runs}) != len(runs):
        raise NotOurs
    return Fragment(offset, end, runs)


def _run(traf: bytes, base: int) -> Run:
    (head, tfhd), (time, tfdt), (table, trun) = _three(children(traf))
    try:
        flags, track = struct.unpack(">II", tfhd)
        version, start = struct.unpack(">IQ", tfdt)
        form, count, first = struct.unpack_from(">IIi", trun)
        if len(trun) != 12 + 16 * count:
            raise NotOurs
        rows = list(struct.iter_unpack(">IIIi", trun[12:]))
    except struct.error:
        raise NotOurs from None
    if (head, time, table) != (b"tfhd", b"tfdt", b"trun"):
        raise NotOurs
    if (flags, version, form) != (0x020000, 0x01000000, 0x01000F01):
        raise NotOurs
    return Run(track - 1, start, base + first, rows)


def _three(found: list[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    if len(found) != 3:
        raise NotOurs
    return tuple(found)
