"""The bench of clips: how soon one can be played, what ring and recording cost, and ten thousand listed.

No camera and no server: footage as a stream brings it, the recorder and the library, and this machine's disk.
"""

import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import av

from custom_components.wyze_local.engine.library import Library
from custom_components.wyze_local.engine.model import (
    ClipBegan,
    ClipDetails,
    ClipFinished,
    ClipName,
    ClipNews,
    ClipSettings,
    Suffix,
    SystemClock,
)
from custom_components.wyze_local.engine.watch.recorder import Recorder
from custom_components.wyze_local.engine.watch.writer import Writer

from .errors import BenchError
from .figures import p95

SECONDS = 60
"""Of footage: 1080p with 15 pictures a second, 2 Mbit/s, a key frame every four seconds, AAC."""
PRE_ROLL = 10.0
CAMERAS = 10
CLIPS = 10_000
PLAYABLE_MS = 150.0
RING_SHARE = 1.0
"""Percent of a processor core that the ring of one camera may take."""
SCAN_MS = 2000.0
LIST_MS = 100.0
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    title: str
    values: list[float]
    unit: str
    limit: float | None = None

    @property
    def figure(self) -> float:
        """What is held to the limit: the slow end of many, or the middle of a few."""
        return p95(self.values) if len(self.values) >= 20 else statistics.median(self.values)

    @property
    def problem(self) -> str | None:
        """What is wrong with it; None when the limit is kept or there is none."""
        if self.limit is None or self.figure <= self.limit:
            return None
        return f"{self.name}: {self.figure:.2f} {self.unit}, wanted ≤ {self.limit:g}"

    def line(self) -> str:
        """Return its line of the Markdown table."""
        limit = "–" if self.limit is None else f"≤ {self.limit:g} {self.unit}"
        found = f"{statistics.median(self.values):.2f} {self.unit} ({p95(self.values):.2f})"
        return f"| {self.title} | {found}{' ✗' if self.problem else ''} | {limit} |"


class Hands(SystemClock):
    """A clock that goes as the footage does."""

    now = 1000.0

    def monotonic(self) -> float:
        """Return the footage's time."""
        return self.now


class Camera:
    """A recorder that is shown footage."""

    def __init__(self, footage: Path, folder: Path, writer: Writer | None = None) -> None:
        """Begin with an empty ring; without a writer with one of its own."""
        self.clock = Hands()
        self.writer = writer or Writer(SystemClock())
        self.began, self.finished = threading.Event(), threading.Event()
        self.began_at = self.finished_at = 0.0
        """When that was, by the counter of performance."""
        settings = ClipSettings(folder, pre_roll=PRE_ROLL, post_roll=0, keep_free=0)
        self.recorder = Recorder(settings, self.clock, self.writer, self._tell)
        self._stream = self._shown(footage)

    def _tell(self, news: ClipNews) -> None:
        if isinstance(news, ClipBegan):
            self.began_at = time.perf_counter()
            self.began.set()
        elif isinstance(news, ClipFinished):
            self.finished_at = time.perf_counter()
            self.finished.set()

    def _shown(self, footage: Path) -> Iterator[float]:
        with av.open(str(footage)) as source:
            self.recorder.opened(source.streams.video[0], source.streams.audio[0])
            for packet in source.demux():
                if packet.pts is None or packet.time_base is None:
                    continue
                passed = packet.pts * packet.time_base.numerator / packet.time_base.denominator
                self.clock.now = 1000.0 + passed
                self.recorder.take(packet, self.clock.now)
                yield passed

    def show(self, until: float = SECONDS, trigger: float | None = None) -> None:
        """Let the recorder see footage as fast as it takes it, up to this second of it."""
        for passed in self._stream:
            if trigger is not None and passed >= trigger:
                self.recorder.trigger("bench", self.clock.now)
                trigger = None
            if passed >= until:
                return

    def close(self) -> None:
        """End, and the writer with it; raises BenchError when the disk hangs."""
        self.recorder.close()
        if not self.writer.close(30):
            raise BenchError("the disk does not answer")


def measure(times: int) -> list[Row]:
    """Measure everything, the trigger so many times. Blocks for a minute."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        footage = make_footage(folder)
        # First, while nothing has been freed that could be used again.
        memory = _memory(footage, folder)
        return [_playable(footage, folder, times), *_costs(footage, folder), memory, *_library(folder)]


def make_footage(folder: Path) -> Path:
    """Make what every camera shows; blocks for some seconds."""
    file = folder / "footage.nut"
    video = ["-f", "lavfi", "-i", f"testsrc2=s=1920x1080:r=15:d={SECONDS}"]
    audio = ["-f", "lavfi", "-i", f"sine=d={SECONDS}:r=16000", "-c:a", "aac", "-ar", "16000"]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "2M", "-maxrate", "2M", "-bufsize", "4M"]
    coding += ["-g", "60", "-bf", "0", "-pix_fmt", "yuv420p"]
    subprocess.run(["ffmpeg", "-v", "error", *video, *audio, *coding, str(file)], check=True, timeout=300)
    return file


def _playable(footage: Path, folder: Path, times: int) -> Row:
    values = []
    for _ in range(times):
        with tempfile.TemporaryDirectory(dir=folder) as name:
            camera = Camera(footage, Path(name))
            camera.show(until=30)
            started = time.perf_counter()
            camera.recorder.trigger("bench", camera.clock.now)
            if not camera.began.wait(10):
                raise BenchError("no clip began")
            values.append((time.perf_counter() - started) * 1000)
            _decodes(next(Path(name).rglob("*.mp4.part")))
            camera.close()
    title = f"motion → its clip can be played, {PRE_ROLL:g} s before it included"
    return Row("playable", title, values, "ms", PLAYABLE_MS)


def _decodes(part: Path) -> None:
    """Have another reader see the time before the motion; raises BenchError."""
    with av.open(str(part), format="mp4") as clip:
        pictures = sum(1 for _ in clip.decode(video=0))
    if pictures < PRE_ROLL * 15:
        raise BenchError(f"only {pictures} pictures can be played")


def _costs(footage: Path, folder: Path) -> list[Row]:
    def plain() -> None:
        with av.open(str(footage)) as source:
            for _ in source.demux():
                continue

    def decode() -> None:
        with av.open(str(footage)) as source:
            source.streams.video[0].thread_type = "NONE"
            for _ in source.decode(video=0):
                continue

    def ring() -> None:
        camera = Camera(footage, folder)
        camera.show()
        camera.close()

    def record() -> None:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            camera = Camera(footage, Path(name))
            camera.show(trigger=0.5)
            camera.close()

    return [
        Row("demux", "reading packets, of a core", _shares(plain), "%"),
        Row("decode", "reading and decoding all pictures", _shares(decode), "%"),
        Row("ring", "reading packets, and keeping what came before", _shares(ring), "%", RING_SHARE),
        Row("record", "the same, while a clip is written (its still included)", _shares(record), "%"),
    ]


def _shares(call: Callable[[], None]) -> list[float]:
    """Return which part of a processor core footage takes that comes as fast as it was taken, in percent."""
    found = []
    for _ in range(5):
        started = time.process_time()
        call()
        found.append((time.process_time() - started) / SECONDS * 100)
    return found


def _memory(footage: Path, folder: Path) -> Row:
    before = _resident()
    cameras = [Camera(footage, folder) for _ in range(CAMERAS)]
    for camera in cameras:
        camera.show()
    grown = (_resident() - before) / 1e6
    for camera in cameras:
        camera.close()
    return Row("memory", f"memory of {CAMERAS} cameras' rings, {PRE_ROLL:g} s each", [grown], "MB")


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def _library(folder: Path) -> list[Row]:
    root = folder / "library"
    library = Library(root)
    library.make_root()
    key = "0a1b2c" + "0" * 26
    camera = library.camera_folder(key, "Bench")
    now = time.time()
    for number in range(CLIPS):
        name = ClipName.new(now - number * 120)
        day = name.path(camera).parent
        day.mkdir(exist_ok=True)
        for suffix in (Suffix.CLIP, Suffix.STILL):
            name.path(camera, suffix).write_bytes(b"bench")
        told = ClipDetails(name.at.timestamp(), name.at.timestamp() + 20, "bench")
        name.path(camera, Suffix.DETAILS).write_bytes(told.to_bytes())
    scans, lists, days = [], [], []
    for _ in range(5):
        fresh = Library(root)
        scans.append(_took(fresh.scan))
        lists.append(_took(partial(fresh.names, key)))
        days.append(_took(partial(fresh.clips, key, now - 86400)))
    return [
        Row("scan", f"finding {CLIPS:,} clips on the disk", scans, "ms", SCAN_MS),
        Row("names", f"listing {CLIPS:,} clips", lists, "ms", LIST_MS),
        Row("day", "listing a day of 720 clips with all that is known, the first time", days, "ms", SCAN_MS),
    ]


def _took(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def table(rows: list[Row]) -> str:
    """Return the table for people, in Markdown."""
    head = "| clips of a 1080p camera, median (p95) | measured | limit |\n|---|---|---|"
    return "\n".join([head, *(row.line() for row in rows)])


def as_dict(rows: list[Row]) -> dict[str, Any]:
    """Return the figures in the shape of their line of JSON."""
    problems = [row.problem for row in rows if row.problem]
    figures = {
        row.name: {"median": round(statistics.median(row.values), 3), "unit": row.unit} for row in rows
    }
    return {"bench": "clips", "ok": not problems, "figures": figures, "failures": problems}
