"""The figures of script/bench live: frames are counted and timed as they came, and a broken limit is told."""

import pytest

from dev.benchmarks.live.frames import Seen, arrivals, numbers, shares, slice_of
from dev.benchmarks.live.openings import moving_ms
from dev.benchmarks.live.rows import Report, Row, at_most, difference, ratios, worst
from dev.benchmarks.live.viewer import depacketise
from dev.simulator import Sent
from dev.simulator.coding import VideoFrame

LOOP, GOP, MS = 60, 30, 1_000_000
START = b"\0\0\0\1"
PARAMETERS = [b"\x67\x4d\x00\x1f", b"\x68\xee\x3c\x80"]


def slices(number: int) -> bytes:
    """Return the slice of a picture, a key frame's at the beginning of each group."""
    return bytes([0x65 if number % GOP == 0 else 0x41]) + number.to_bytes(2) * 700 + b"\x80"


def sent(count: int) -> list[Sent]:
    """Return what a camera logs that sends a frame every 100 ms and begins its loop anew."""
    return [
        Sent(sequence, (sequence - 1) % LOOP, (sequence - 1) % GOP == 0, sequence * 100 * MS, float(sequence))
        for sequence in range(1, count + 1)
    ]


def seen(entry: Sent, late_ms: float) -> Seen:
    """Return the arrival of a frame."""
    return Seen(entry.frame, entry.monotonic_ns + int(late_ms * MS))


def test_every_frame_is_found_in_its_own_round_of_the_loop() -> None:
    log = sent(3 * LOOP)
    late = arrivals(log, [seen(entry, 7.5) for entry in log])
    assert late == {entry.sequence: 7.5 for entry in log}


def test_a_frame_seen_twice_counts_as_it_came_first_and_scraps_count_as_nothing() -> None:
    log = sent(5)
    scraps = Seen(None, log[3].monotonic_ns)
    early = Seen(log[4].frame, log[4].monotonic_ns - MS)
    assert arrivals(log, [seen(log[2], 3.0), seen(log[2], 50.0), scraps, early]) == {3: 3.0}


def test_what_lacks_a_frame_before_it_cannot_be_shown() -> None:
    """Until the next key frame, however many more arrive."""
    log = sent(LOOP)
    whole = {entry.sequence for entry in log}
    assert shares(log, whole) == (100.0, 100.0)
    assert shares(log, whole - {log[10].sequence}) == pytest.approx((100 * 59 / 60, 100 * 40 / 60))
    assert shares(log, whole - {log[GOP].sequence}) == pytest.approx((100 * 59 / 60, 50.0))


def test_a_window_counts_from_its_first_key_frame() -> None:
    log = sent(LOOP)[10:]
    assert shares(log, {entry.sequence for entry in log[20:]}) == (100.0, 100.0)
    assert shares(log[:5], ()) == (0.0, 0.0)


def test_a_picture_is_known_however_it_was_cut() -> None:
    """By its slice alone: parameters beside it come and go on the way."""
    loop = [
        VideoFrame(b"".join(START + unit for unit in [*PARAMETERS, slices(number)]), key=number % GOP == 0)
        for number in range(LOOP)
    ]
    known = numbers(loop)
    assert len(known) == LOOP
    unit = slices(7)
    parts = [unit[1:500], unit[500:1000], unit[1000:]]
    marks = (0x80, 0, 0x40)
    units: list[bytes] = []
    for part, mark in zip(parts, marks, strict=True):
        depacketise(bytes([unit[0] & 0xE0 | 28, mark | unit[0] & 0x1F]) + part, units)
    assert known[slice_of(units)] == 7
    together = b"\x78" + b"".join(len(part).to_bytes(2) + part for part in [*PARAMETERS, slices(30)])
    units = []
    depacketise(together, units)
    assert known[slice_of(units)] == 30
    units = []
    depacketise(slices(31), units)
    assert known[slice_of(units)] == 31
    assert slice_of(PARAMETERS) == b""


def test_a_first_picture_that_stands_still_does_not_move() -> None:
    def frame(at: float, number: int | None) -> dict[str, object]:
        return {"at": at, "number": number, "visible": True}

    frames = [frame(1100.0, None), frame(1150.0, 4), frame(1200.0, 4), frame(1300.0, 5)]
    report = {"clicked": 1000.0, "views": [{"player": "video", "frames": frames}]}
    assert moving_ms(report) == 300.0
    assert moving_ms({**report, "views": [{"player": "video", "frames": frames[:3]}]}) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "decide", "bound", "figure", "kept"),
    [
        ([100, 300], [1000, 1000], ratios, 0.35, 0.2, True),
        ([100, 200], [1000, None], ratios, 0.35, 0.1, True),
        ([100, None], [1000, 1000], ratios, 0.35, None, False),
        ([1.0, None], [1.0, 1.0], difference, 10, None, False),
        ([12.0, 13.0], [2.0, 3.0], difference, 10, 10.0, True),
        ([4000, 6000], [None, None], worst, 5000, 6000, False),
        ([4000, None], [None, None], worst, 5000, None, False),
        ([], [], ratios, 1, None, False),
    ],
)
def test_a_limit_is_kept_or_the_report_says_so(
    ours: list[float | None],
    theirs: list[float | None],
    decide: object,
    bound: float,
    figure: float | None,
    kept: bool,
) -> None:
    """Where something of ours never came, nothing is kept."""
    limit = at_most(bound, f"≤ {bound}")
    row = Row("case", "a case", "ms", ours, theirs, decide, "{:.2f}", limit)  # type: ignore[arg-type]
    report = Report(1, 2, rows=[row])
    assert row.figure == (None if figure is None else pytest.approx(figure))
    assert report.as_dict()["ok"] is kept
    assert bool(report.problems) is not kept
    assert ("✗" in report.tables()) is not kept


def test_what_never_came_is_told_as_never() -> None:
    limit = at_most(5000, "≤ 5 s")
    away = Row("away", "back again", "ms", [400, 500], [None, None], worst, "{:.0f} ms", limit)
    half = Row("half", "half", "ms", [400, None], [1.0, 1.0], ratios, "{:.0f}")
    report = Report(1, 2, rows=[away, half])
    lines = report.tables().splitlines()
    assert lines[2] == "| back again, ms | 450 (500) | never | 500 ms | ≤ 5 s |"
    assert "never 1 of 2" in lines[3]
    assert report.as_dict()["cases"]["away"]["theirs"] == {"n": 2, "never": 2}


def test_processes_have_a_table_of_their_own() -> None:
    parts = {"1 streaming": {"relay": {"cpu": 2.04, "mb": 43.2}, "go2rtc": {"cpu": 0.6, "mb": 38.0}}}
    lines = Report(1, 2, parts=parts).tables().splitlines()
    assert lines[-3:] == [
        "| CPU % of a core / MB | relay | go2rtc |",
        "|---|---|---|",
        "| 1 streaming | 2.0 / 43 | 0.6 / 38 |",
    ]
