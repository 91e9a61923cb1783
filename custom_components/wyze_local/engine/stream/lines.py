"""What go2rtc prints, line by line: understood, cleaned of secrets, remembered for a while, logged."""

import json
import logging
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Clock
from .redact import Redactor

KEPT_LINES = 200
MAX_LINE = 4096
"""Bytes of one line that are looked at."""

MAX_SHOWN = 400
"""Characters of one line that are kept."""

REPEAT_SECONDS = 60.0
"""An identical line is passed on once in this time."""

FORGET_SECONDS = 600.0
BURST_SECONDS = 10.0
BURST_SHOWN = 40
"""Lines that are passed on in so many seconds."""

BURST_READ = 500
"""Lines that are cleaned and kept in that time: a flood must not keep Home Assistant busy."""

DUMP_LINES = 16
"""Lines that are kept of what a crash prints after saying why: thousands of others would push that out."""

LAST_WORDS = DUMP_LINES + 1
"""Lines of one process's crash that no flood before them keeps back: they say why it died."""

_LOST = (b"[DROP]", b"[OOO]", b"[SIZE]")
_SHOWN_FIELDS = ("message", "error", "addr")
_LOUD = frozenset({"warn", "error", "fatal", "panic"})
# What a camera does is the coordinator's to tell, and that we hung up is no news; here it is only detail.
_NO_NEWS = re.compile(r"streams: |wyze: |\[rtsp\]|\[webrtc\]|read udp|read tcp|write unix|i/o timeout|EOF")
_CRASH = re.compile(r"^(?:fatal error|panic|SIG[A-Z]{2,6}|runtime|launch): ")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as go2rtc meant it. May hold secrets: never log it, never keep it."""

    level: str
    message: str
    error: str = ""
    addr: str = ""

    @property
    def text(self) -> str:
        """The parts that are worth reading, in one line."""
        return " ".join(part for part in (self.level, self.message, self.error, self.addr) if part)


class LineFilter:
    """Takes the raw output of one go2rtc after the other."""

    def __init__(self, redactor: Redactor, clock: Clock, logger: logging.Logger) -> None:
        """Take what cleans the lines, and where they go."""
        self._redactor = redactor
        self._clock = clock
        self._logger = logger
        self._kept: deque[str] = deque(maxlen=KEPT_LINES)
        self._seen: dict[str, tuple[float, int]] = {}
        self._burst_from = float("-inf")
        self._burst_read = 0
        self._burst_shown = 0
        self._dump_left: int | None = None
        self._last_words = LAST_WORDS
        self.lost: int = 0
        """How many lines told of lost or late pieces of pictures."""

    def last(self, count: int) -> tuple[str, ...]:
        """Return the last lines, cleaned, oldest first."""
        return tuple(self._kept)[-count:]

    def feed(self, line: bytes) -> Entry | None:
        """Take one line without its end; returns what it says, or None when it says nothing."""
        line = line[:MAX_LINE].strip()
        if not line:
            return None
        if line.startswith(_LOST):
            self.lost += 1
            return None
        entry = _parse(line)
        self._note(entry)
        return entry

    def begin(self) -> None:
        """Begin anew with the lines of another process, whatever flood the one before ended with."""
        self._burst_from = float("-inf")
        self._dump_left = None
        self._last_words = LAST_WORDS

    def _note(self, entry: Entry) -> None:
        """Keep a line and pass it on, as long as there are not too many."""
        if self._is_deep_in_a_dump(entry):
            return
        now = self._clock.monotonic()
        if now - self._burst_from >= BURST_SECONDS:
            self._burst_from, self._burst_read, self._burst_shown = now, 0, 0
            self._seen = {text: seen for text, seen in self._seen.items() if now - seen[0] < FORGET_SECONDS}
        self._burst_read += 1
        if not (heard := self._is_last_word()) and self._burst_read > BURST_READ:
            return
        clean = _UNPRINTABLE.sub("?", self._redactor.redact(entry.text))[:MAX_SHOWN]
        self._kept.append(clean)
        self._pass_on(entry, clean, now, heard=heard)

    def _is_deep_in_a_dump(self, entry: Entry) -> bool:
        if entry.level != "raw":
            self._dump_left = None
        elif _CRASH.match(entry.message):
            self._dump_left = DUMP_LINES
        elif self._dump_left is not None:
            self._dump_left -= 1
        return self._dump_left is not None and self._dump_left < 0

    def _is_last_word(self) -> bool:
        if self._dump_left is None or self._last_words == 0:
            return False
        self._last_words -= 1
        return True

    def _pass_on(self, entry: Entry, clean: str, now: float, *, heard: bool) -> None:
        since, repeats = self._seen.get(clean, (float("-inf"), 0))
        if now - since < REPEAT_SECONDS:
            self._seen[clean] = (since, repeats + 1)
            return
        self._burst_shown += 1
        if self._burst_shown > BURST_SHOWN and not heard:
            return
        self._seen[clean] = (now, 0)
        level = logging.WARNING if _is_loud(entry) else logging.DEBUG
        suffix = f" ({repeats} times more before)" if repeats else ""
        self._logger.log(level, "go2rtc: %s%s", clean, suffix)


def _is_loud(entry: Entry) -> bool:
    if entry.level == "raw":
        return _CRASH.match(entry.message) is not None
    return entry.level in _LOUD and not _NO_NEWS.search(f"{entry.message} {entry.error}")


def _parse(line: bytes) -> Entry:
    """Return what a line says; anything but a log record of go2rtc's own is `raw`."""
    text = line.decode(errors="replace")
    if line.startswith(b"{"):
        try:
            record = json.loads(text)
        except ValueError, RecursionError:
            record = None
        if isinstance(record, dict):
            return Entry(_field(record, "level") or "raw", *(_field(record, name) for name in _SHOWN_FIELDS))
    return Entry("raw", text)


def _field(record: Mapping[str, object], name: str) -> str:
    value = record.get(name, "")
    return value if isinstance(value, str) else ""
