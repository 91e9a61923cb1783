"""What go2rtc prints is counted, cleaned, bounded; nothing it prints can flood or forge our log."""

import json
import logging
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, strategies as st

from engine.model import Secret
from engine.stream.lines import BURST_SHOWN, KEPT_LINES, LAST_WORDS, MAX_LINE, MAX_SHOWN, LineFilter
from engine.stream.redact import Redactor
from tests.support.clock import FakeClock

LOGGER = logging.getLogger("tests.stream.lines")
ENR = "canary/enr+value"


class Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append((record.levelno, record.getMessage()))


@pytest.fixture
def records() -> Iterator[Records]:
    handler = Records()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    yield handler
    LOGGER.removeHandler(handler)


def lines(clock: FakeClock | None = None) -> LineFilter:
    redactor = Redactor()
    redactor.add([Secret(ENR)])
    return LineFilter(redactor, clock or FakeClock(), LOGGER)


def record(level: str, message: str = "", **fields: str) -> bytes:
    return json.dumps({"level": level, "message": message, **fields}).encode()


def test_pieces_lost_on_the_way_are_counted_and_not_logged(records: Records) -> None:
    taken = lines()
    for line in (b"[DROP] ch=0x05 #7 INCOMPLETE: got 1/9 pkts", b"[OOO] ch=0x05 #8 reset", b"[SIZE] ch=0x05"):
        assert taken.feed(line) is None
    assert (taken.lost, taken.last(5), records.seen) == (3, (), [])


def test_a_line_is_understood_before_it_is_cleaned_and_kept_after(records: Records) -> None:
    taken = lines()
    entry = taken.feed(record("warn", "[odd] trouble", error=f"for {ENR}", url=f"wyze://x?enr={ENR}"))
    assert entry is not None
    assert (entry.level, entry.message, entry.error) == ("warn", "[odd] trouble", f"for {ENR}")
    assert taken.last(5) == ("warn [odd] trouble for ***",)
    assert records.seen == [(logging.WARNING, "go2rtc: warn [odd] trouble for ***")]


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (record("info", "go2rtc"), logging.DEBUG),
        (record("error", "[api] listen", error="no"), logging.WARNING),
        (record("error", error="streams: wyze: connect failed: discovery timeout"), logging.DEBUG),
        (record("warn", error="EOF", url="x"), logging.DEBUG),
        (record("error", error="write unix /tmp/x/api->@: write: broken pipe"), logging.DEBUG),
        (b"fatal error: concurrent map read and map write", logging.WARNING),
        (b"panic: runtime error: index out of range", logging.WARNING),
        (b"SIGABRT: abort", logging.WARNING),
        (b"goroutine 17 [running]:", logging.DEBUG),
        (b"runtime.futex(0x16b8c78, 0x80)", logging.DEBUG),
    ],
)
def test_only_what_is_go2rtcs_own_trouble_is_loud(records: Records, line: bytes, level: int) -> None:
    lines().feed(line)
    assert [seen for seen, _ in records.seen] == [level]


async def test_an_identical_line_is_passed_on_once_a_minute(records: Records) -> None:
    clock = FakeClock()
    taken = lines(clock)
    for _ in range(500):
        taken.feed(record("warn", "the same"))
    await clock.advance(61)
    taken.feed(record("warn", "the same"))
    assert [text for _, text in records.seen] == [
        "go2rtc: warn the same",
        "go2rtc: warn the same (499 times more before)",
    ]


async def test_a_flood_of_different_lines_is_cut_off_and_let_through_again_later(records: Records) -> None:
    clock = FakeClock()
    taken = lines(clock)
    for n in range(10_000):
        taken.feed(f"line {n}".encode())
    assert len(records.seen) == BURST_SHOWN
    await clock.advance(11)
    taken.feed(b"calm again")
    assert records.seen[-1][1] == "go2rtc: raw calm again"
    assert len(taken.last(10_000)) == KEPT_LINES


def test_a_flood_hides_neither_what_it_says_nor_who_comes_after(records: Records) -> None:
    """A crash ends in thousands of lines; the next process still has to be heard."""
    taken = lines()
    for n in range(5000):
        taken.feed(f"goroutine {n}".encode())
    assert taken.feed(record("info", "[rtsp] listen")) is not None
    assert "rtsp" not in " ".join(taken.last(1000))
    taken.begin()
    taken.feed(record("info", "[api] listen"))
    assert taken.last(1) == ("info [api] listen",)


def test_the_reason_of_a_crash_outlasts_the_stacks_that_follow(records: Records) -> None:
    taken = lines()
    taken.feed(b"fatal error: concurrent map read and map write")
    for n in range(5000):
        taken.feed(f"goroutine {n} [running]:".encode())
    taken.feed(record("info", "go2rtc"))
    kept = taken.last(1000)
    assert kept[0] == "raw fatal error: concurrent map read and map write"
    assert kept[-1] == "info go2rtc"
    assert len(kept) < 20


def test_why_a_process_died_is_told_after_any_flood_and_once(records: Records) -> None:
    taken = lines()
    for n in range(5000):
        taken.feed(f"line {n}".encode())
    taken.feed(b"fatal error: concurrent map read and map write")
    taken.feed(b"streams.Get()")
    assert taken.last(2) == ("raw fatal error: concurrent map read and map write", "raw streams.Get()")
    assert records.seen[-2] == (
        logging.WARNING,
        "go2rtc: raw fatal error: concurrent map read and map write",
    )
    before = len(records.seen)
    for n in range(5000):
        taken.feed(f"panic: {n}".encode())
    assert len(records.seen) - before < LAST_WORDS, "nor is that a way to flood"
    taken.begin()
    for n in range(5000):
        taken.feed(f"line {n}".encode())
    taken.feed(b"panic: another one")
    assert taken.last(1) == ("raw panic: another one",)


def test_a_flood_costs_next_to_nothing() -> None:
    taken = lines()
    # By the processor's time: what else the machine does is no matter.
    started = time.thread_time()
    for _ in range(100_000):
        taken.feed(b"y")
    assert time.thread_time() - started < 1.5


def test_a_line_cannot_forge_another(records: Records) -> None:
    taken = lines()
    taken.feed(record("warn", "one\nWARNING homeassistant: two\r\x1b[31m\u202e"))
    (kept,) = taken.last(5)
    assert kept.isprintable()
    assert kept.isascii()


@given(st.binary(max_size=3000))
def test_any_bytes_whatever_are_digested(junk: bytes) -> None:
    taken = lines()
    taken.feed(junk)
    taken.feed(b"{" + junk)
    taken.feed(b'{"level":' + junk + b"}")
    for kept in taken.last(5):
        assert kept.isprintable()
        assert len(kept) <= MAX_SHOWN


@pytest.mark.parametrize(
    "line", [b"[" * 8000, b"{" * 8000, b'{"a":' * 1500 + b"1" + b"}" * 1500, b"[1]", b'{"level":7}']
)
def test_odd_documents_are_raw_lines(line: bytes) -> None:
    entry = lines().feed(line)
    assert entry is not None
    assert entry.level == "raw"


def test_a_secret_cut_by_the_limit_of_a_line_never_shows(records: Records) -> None:
    """Wherever a line is cut, what is shown ends long before."""
    taken = lines()
    for lead in range(MAX_LINE - 20, MAX_LINE + 2):
        taken.feed(b"x" * lead + ENR.encode() * 3)
    assert all("canary" not in kept for kept in taken.last(200))
