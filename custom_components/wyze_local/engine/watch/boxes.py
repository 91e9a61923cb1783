"""The boxes of an MP4 file, written; and the two kinds of header that our clips have in their lives.

While it is written, a clip is a header without samples and one fragment (`moof`, `mdat`) after the other.
When it is finished, a table of all samples is put behind them, and the header in front becomes a part of the
media: then it is an ordinary file that every player knows the length of, and no byte of it has moved.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

MOVIE_SCALE = 1000
"""Ticks per second of what concerns the whole clip."""
KEY_FLAGS, OTHER_FLAGS = 0x02000000, 0x01010000
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_ENGLISH_UNKNOWN = 0x55C4  # "und"


@dataclass(frozen=True, slots=True)
class Track:
    """What is known of a track before it has any sample."""

    video: bool
    scale: int
    """Ticks per second."""
    entry: bytes
    """The sample entry: a whole box that says how samples are decoded."""
    width: int = 0
    height: int = 0


@dataclass(slots=True)
class Samples:
    """The samples of a track, in the order in which they are decoded. Times are in ticks of the track."""

    start: int = 0
    """When the first is decoded."""
    durations: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)
    """From decoding to showing."""
    keys: list[int] = field(default_factory=list)
    """The numbers of the samples that need no other, from 1."""
    chunks: list[tuple[int, int]] = field(default_factory=list)
    """Where in the file samples lie one after the other, and how many."""

    @property
    def duration(self) -> int:
        """How long all of them last together."""
        return sum(self.durations)


def box(kind: bytes, *content: bytes) -> bytes:
    """Return a box."""
    inside = b"".join(content)
    return struct.pack(">I4s", len(inside) + 8, kind) + inside


def full(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    """Return a box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def file_type() -> bytes:
    """Return the first box of every clip."""
    return box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2iso5iso6mp41")


def empty_header(tracks: Sequence[Track]) -> bytes:
    """Return the header of a clip whose samples follow in fragments."""
    traks = [_trak(number, track, Samples(), 0) for number, track in enumerate(tracks, 1)]
    extends = (full(b"trex", 0, 0, struct.pack(">5I", n, 1, 0, 0, 0)) for n in range(1, len(tracks) + 1))
    return box(b"moov", _mvhd(0, len(tracks)), *traks, box(b"mvex", *extends))


def full_header(tracks: Sequence[Track], samples: Sequence[Samples]) -> bytes:
    """Return the header of a finished clip."""
    traks, longest = [], 0
    for number, (track, table) in enumerate(zip(tracks, samples, strict=True), 1):
        traks.append(_trak(number, track, table, table.start))
        longest = max(longest, _in_movie(table.start + table.duration, track.scale))
    return box(b"moov", _mvhd(longest, len(tracks)), *traks)


def fragment(sequence: int, parts: Sequence[FragmentPart]) -> bytes:
    """Return a fragment: a few samples of each track, with all that is needed to play them."""
    length = len(_moof(sequence, parts, 0))
    media = [data for part in parts for data in part.samples]
    head = struct.pack(">I4s", sum(map(len, media)) + 8, b"mdat")
    # In one go: what a clip takes to begin is mostly the copying of what came before it.
    return b"".join((_moof(sequence, parts, length + 8), head, *media))


@dataclass(frozen=True, slots=True)
class FragmentPart:
    """The samples of one track in a fragment."""

    track: int
    """Its number, from 1."""
    start: int
    samples: Sequence[bytes]
    durations: Sequence[int]
    delays: Sequence[int]
    keys: Sequence[bool]


def _moof(sequence: int, parts: Sequence[FragmentPart], first: int) -> bytes:
    """Return the head of a fragment; the media begins so many bytes behind its own beginning."""
    trafs = []
    for part in parts:
        rows = (
            struct.pack(">IIIi", duration, len(data), KEY_FLAGS if key else OTHER_FLAGS, delay)
            for data, duration, delay, key in zip(
                part.samples, part.durations, part.delays, part.keys, strict=True
            )
        )
        trafs.append(
            box(
                b"traf",
                full(b"tfhd", 0, 0x020000, struct.pack(">I", part.track)),
                full(b"tfdt", 1, 0, struct.pack(">Q", part.start)),
                full(b"trun", 1, 0xF01, struct.pack(">Ii", len(part.samples), first), *rows),
            )
        )
        first += sum(map(len, part.samples))
    return box(b"moof", full(b"mfhd", 0, 0, struct.pack(">I", sequence)), *trafs)


def _in_movie(ticks: int, scale: int) -> int:
    return (ticks * MOVIE_SCALE + scale // 2) // scale


def _mvhd(duration: int, tracks: int) -> bytes:
    times = struct.pack(">4I", 0, 0, MOVIE_SCALE, duration)
    return full(
        b"mvhd",
        0,
        0,
        times,
        struct.pack(">IH10x", 0x10000, 0x100),
        _MATRIX,
        bytes(24),
        struct.pack(">I", tracks + 1),
    )


def _trak(number: int, track: Track, samples: Samples, start: int) -> bytes:
    length = _in_movie(samples.duration, track.scale)
    offset = _in_movie(start, track.scale)
    head = struct.pack(">5I", 0, 0, number, 0, offset + length)
    place = struct.pack(">8xhhHH", 0, 0 if track.video else 1, 0 if track.video else 0x100, 0)
    size = struct.pack(">II", track.width << 16, track.height << 16)
    handler, name = (b"vide", b"Video\0") if track.video else (b"soun", b"Sound\0")
    media = full(b"vmhd", 0, 1, bytes(8)) if track.video else full(b"smhd", 0, 0, bytes(4))
    here = box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1), full(b"url ", 0, 1)))
    times = struct.pack(">4IHH", 0, 0, track.scale, samples.duration, _ENGLISH_UNKNOWN, 0)
    return box(
        b"trak",
        full(b"tkhd", 0, 3, head, place, _MATRIX, size),
        _edits(offset, length, samples.delays[0] if samples.delays else 0),
        box(
            b"mdia",
            full(b"mdhd", 0, 0, times),
            full(b"hdlr", 0, 0, bytes(4), handler, bytes(12), name),
            box(b"minf", media, here, _tables(track, samples)),
        ),
    )


def _edits(offset: int, length: int, delay: int) -> bytes:
    """Let a track begin later than the clip, and with its first sample, however late that is shown."""
    if not offset and not delay:
        return b""
    rows = [struct.pack(">IiI", offset, -1, 0x10000)] if offset else []
    rows.append(struct.pack(">IiI", length, delay, 0x10000))
    return box(b"edts", full(b"elst", 0, 0, struct.pack(">I", len(rows)), *rows))


def _tables(track: Track, samples: Samples) -> bytes:
    count = len(samples.sizes)
    tables = [
        full(b"stsd", 0, 0, struct.pack(">I", 1), track.entry),
        _pairs(b"stts", 0, ">II", samples.durations),
    ]
    if any(samples.delays):
        tables.append(_pairs(b"ctts", 1, ">Ii", samples.delays))
    if track.video and count:
        tables.append(_numbers(b"stss", samples.keys))
    tables += [
        _chunks(samples.chunks),
        full(b"stsz", 0, 0, struct.pack(f">II{count}I", 0, count, *samples.sizes)),
        _numbers(b"stco", [offset for offset, _ in samples.chunks]),
    ]
    return box(b"stbl", *tables)


def _pairs(kind: bytes, version: int, form: str, values: Iterable[int]) -> bytes:
    """Return a table of values and how often each comes in a row."""
    rows: list[list[int]] = []
    for value in values:
        if rows and rows[-1][1] == value:
            rows[-1][0] += 1
        else:
            rows.append([1, value])
    return full(kind, version, 0, struct.pack(">I", len(rows)), *(struct.pack(form, *row) for row in rows))


def _numbers(kind: bytes, values: Sequence[int]) -> bytes:
    return full(kind, 0, 0, struct.pack(f">I{len(values)}I", len(values), *values))


def _chunks(chunks: Sequence[tuple[int, int]]) -> bytes:
    """Return how many samples each chunk has, said again only where it changes."""
    rows: list[tuple[int, int]] = []
    for number, (_, count) in enumerate(chunks, 1):
        if not rows or rows[-1][1] != count:
            rows.append((number, count))
    return full(
        b"stsc",
        0,
        0,
        struct.pack(">I", len(rows)),
        *(struct.pack(">III", first, count, 1) for first, count in rows),
    )
