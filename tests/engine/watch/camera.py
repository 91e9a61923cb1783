"""A camera for the recorder: footage as it comes from a stream, and time that passes as it comes."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av

from engine.model import ClipNews, ClipSettings, SystemClock
from engine.watch import salvage as salvaging
from engine.watch.recorder import Recorder
from engine.watch.writer import Writer

START = 1000.0
WALL = 1_800_000_000.0
"""What the wall clock says at monotonic 0."""


class Hands(SystemClock):
    """A clock that goes as the footage does."""

    def __init__(self) -> None:
        self.now = START
        self.wall = WALL

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.wall + self.now


@cache
def footage(
    codec: str = "libx264",
    *,
    sound: str = "aac",
    size: str = "320x180",
    seconds: int = 40,
    rate: int = 10,
    gop: int = 20,
    ahead: int = 0,
) -> bytes:
    """Return footage with a key frame every two seconds; the sound is an encoder's name, or empty."""
    video = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}", "-c:v", codec]
    video += [
        "-preset",
        "ultrafast",
        "-g",
        str(gop),
        "-bf",
        str(ahead),
        "-pix_fmt",
        "yuv420p",
        "-sc_threshold",
        "0",
    ]
    if codec == "libx265":
        video += ["-x265-params", f"log-level=none:keyint={gop}:min-keyint={gop}:bframes={ahead}"]
    audio = (
        ["-f", "lavfi", "-i", f"aevalsrc=if(lt(mod(t\\,4)\\,0.2)\\,sin(2764.6*t)\\,0):d={seconds}:s=16000"]
        if sound
        else []
    )
    how = ["-c:a", sound, "-ar", "48000" if sound == "libopus" else "8000" if "law" in sound else "16000"]
    with TemporaryDirectory() as folder:
        file = Path(folder, "footage.nut")
        inputs = [*video[:4], *audio, *video[4:], *(how if sound else [])]
        subprocess.run(["ffmpeg", "-v", "error", *inputs, str(file)], check=True, timeout=100)
        return file.read_bytes()


class Stage:
    """One camera's recorder, its disk and its news."""

    def __init__(
        self,
        folder: Path,
        *,
        writer: Writer | None = None,
        tell: Callable[[ClipNews], None] | None = None,
        **settings: Any,
    ) -> None:
        values = {"pre_roll": 5.0, "post_roll": 3.0, "keep_free": 0, **settings}
        self.folder = folder
        self.clock = Hands()
        self.news: list[ClipNews] = []
        self.writer = writer or Writer(SystemClock())
        self.settings = ClipSettings(folder, **values)
        self.recorder = Recorder(self.settings, self.clock, self.writer, tell or self.news.append)

    def play(
        self, content: bytes, do: Callable[[float], None] = lambda _: None, *, late: float = 0.0
    ) -> None:
        """Let the recorder see all of it; `do` gets the seconds passed, after each packet."""
        begun = self.clock.now
        with TemporaryDirectory() as folder:
            file = Path(folder, "footage")
            file.write_bytes(content)
            with av.open(str(file)) as source:
                audio = source.streams.audio[0] if source.streams.audio else None
                self.recorder.opened(source.streams.video[0], audio)
                for packet in source.demux():
                    if packet.pts is None or packet.time_base is None:
                        continue
                    passed = float(packet.pts * packet.time_base)
                    self.clock.now = begun + passed + late
                    self.recorder.take(packet, self.clock.now)
                    do(passed)

    def close(self) -> None:
        """End all clips and wait for them."""
        self.recorder.close()
        assert self.writer.close(30)

    def of[News](self, kind: type[News]) -> list[News]:
        """Return the news of a kind."""
        return [news for news in self.news if isinstance(news, kind)]

    def clips(self) -> list[Path]:
        """Return the clips on the disk."""
        return sorted(self.folder.rglob("*.mp4"))


def decoded(path: Path, *, count: bool = False) -> dict[str, int]:
    """Return how many frames of each kind a clip has; fails at the first error in it."""
    # Without its own time base, ffmpeg would count in tenths of a second and complain of what comes closer.
    steps = ["-fps_mode", "passthrough", "-enc_time_base:v", "1:90000"]
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), *steps, "-f", "null", "-"]
    result = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    with av.open(str(path)) as clip:
        if not count:
            return {stream.type: stream.frames for stream in clip.streams}
        found: dict[str, int] = {stream.type: 0 for stream in clip.streams}
        for packet in clip.demux():
            found[packet.stream.type] += 1 if packet.size else 0
        return found


@contextmanager
def stage(folder: Path, **settings: Any) -> Iterator[Stage]:
    """Set a stage up, and take it down."""
    made = Stage(folder, **settings)
    try:
        yield made
    finally:
        made.writer.close(30)


def once(moment: float, do: Callable[[float], None]) -> Callable[[float], None]:
    """Do something the first time so much has passed."""
    done: list[float] = []

    def look(passed: float) -> None:
        if passed >= moment and not done:
            done.append(passed)
            do(START + passed)

    return look


def both(*parts: Callable[[float], None]) -> Callable[[float], None]:
    def do(passed: float) -> None:
        for part in parts:
            part(passed)

    return do


def event(on: Stage, begins: float, ends: float, name: str = "event") -> Callable[[float], None]:
    return both(
        once(begins, lambda at: on.recorder.trigger(name, at)),
        once(ends, lambda _: on.recorder.release(START + ends)),
    )


def settle(on: Stage, at: float = START, then: Callable[[float], None] = lambda _: None) -> None:
    """Do something once the disk's thread has done all it was given."""
    done = threading.Event()
    assert on.writer.put(done.set)
    assert done.wait(30)
    then(at - START)


def salvage(folder: Path, tell: Callable[[ClipNews], None]) -> None:
    """Save what is left in all of a camera's folder."""
    for day in salvaging.days_of(folder):
        salvaging.salvage(folder, day, tell, lambda *_: set())
