"""Sound for browsers: they cannot play AAC by WebRTC, so an ffmpeg of the relay's codes it anew, as Opus.

It runs only while somebody listens, one for all listeners of a camera. Sound goes in and out through pipes:
nothing of it has an address, and when the relay is gone, however that came, ffmpeg reads an end and ends.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable

from ..child import ProtocolError
from ..model import Clock
from .ffmpeg import start
from .formats import AAC_SAMPLES, AudioFormat, adts
from .gop import Sample
from .ogg import OggOpus

OPUS = AudioFormat("opus", 48000)
"""What comes out."""

HUNG = 5.0
"""Seconds of sound without any answer after which it counts as hung."""

RETRY = 1.0
"""Seconds until the next try, times how often it failed in a row."""

TRIES = 3
"""After so many failures in a row it is not offered any more …"""

FORGIVEN = 600.0
"""… for so many seconds."""

_CHUNK = 65536
_LOGGER = logging.getLogger(__name__)
_OPTIONS = (
    # Otherwise it first collects a second of sound. Without its buffer it would lose what it looked at.
    *("-fflags", "+bitexact", "-probesize", "32", "-analyzeduration", "0"),
    *("-f", "aac", "-i", "pipe:0", "-map", "0:a:0", "-map_metadata", "-1", "-ac", "1"),
    *("-c:a", "libopus", "-application", "lowdelay", "-frame_duration", "20", "-b:a", "32k"),
    # A page for each piece, at once.
    *("-f", "ogg", "-page_duration", "20000", "-flush_packets", "1", "pipe:1"),
)


class Coder:
    """One ffmpeg, and what it has not answered yet."""

    def __init__(self, process: asyncio.subprocess.Process, deliver: Callable[[Sample], None]) -> None:
        """Own a process that was just started."""
        self._process = process
        self._deliver = deliver
        self._format: AudioFormat | None = None
        self._pieces: deque[tuple[float, float]] = deque()
        self._fed = 0.0
        self.heard = 0
        """Pieces that came out."""

    @classmethod
    async def start(cls, ffmpeg: str, deliver: Callable[[Sample], None]) -> Coder:
        """Start one; raises OSError."""
        return cls(await start(ffmpeg, *_OPTIONS), deliver)

    def take(self, sample: Sample) -> None:
        """Feed it AAC; one that hangs, or would have to begin anew, is ended."""
        audio, pipe = sample.format, self._process.stdin
        assert pipe is not None
        if not isinstance(audio, AudioFormat) or self._format not in (None, audio):
            return self.kill()
        if self._pieces and self._fed - self._pieces[0][0] > HUNG:
            return self.kill()
        if pipe.is_closing():
            return None
        self._format = audio
        self._pieces.append((self._fed, sample.at))
        self._fed += len(sample.units) * AAC_SAMPLES / audio.rate
        pipe.write(b"".join(adts(unit, audio) for unit in sample.units))
        return None

    async def run(self) -> None:
        """Deliver what comes out, until it ends."""
        assert self._process.stdout is not None
        pages = OggOpus()
        try:
            while data := await self._process.stdout.read(_CHUNK):
                for packet in pages.feed(data):
                    self.heard += 1
                    self._deliver(Sample(OPUS, True, (packet.data,), self._when(packet.at)))
        except ProtocolError:
            _LOGGER.warning("ffmpeg wrote something that is not Opus")
        finally:
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End it at once: nothing of it is to be kept."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def _when(self, at: float) -> float:
        """Return the moment of our clock for so many seconds of what was fed."""
        pieces = self._pieces
        while len(pieces) > 1 and pieces[1][0] <= at:
            pieces.popleft()
        start, moment = pieces[0]
        return moment + at - start


class OpusMaker:
    """One camera's AAC as Opus, while anybody wants it."""

    def __init__(
        self,
        ffmpeg: str,
        clock: Clock,
        *,
        deliver: Callable[[Sample], None],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the path of ffmpeg, empty where there is none; `on_change` is told when `able` changes."""
        self._ffmpeg = ffmpeg
        self._clock = clock
        self._deliver = deliver
        self._on_change = on_change
        self._failures = 0
        self._failed_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._coder: Coder | None = None

    @property
    def able(self) -> bool:
        """Whether it can be offered."""
        hopeless = self._failures >= TRIES and self._clock.monotonic() - self._failed_at < FORGIVEN
        return bool(self._ffmpeg) and not hopeless

    def want(self, wanted: bool) -> None:
        """Run or end, as somebody listens or nobody does."""
        if wanted and (self._task is None or self._task.done()) and self.able:
            self._task = asyncio.create_task(self._run(), name="relay opus")
        elif not wanted and self._task is not None:
            task, self._task = self._task, None
            self._coder = None
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            task.cancel()

    def take(self, sample: Sample) -> None:
        """Take the camera's next sound; nothing happens while nobody listens."""
        if self._coder is not None:
            self._coder.take(sample)

    async def close(self) -> None:
        """End; nothing is left."""
        self.want(wanted=False)
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _run(self) -> None:
        while self.able:
            await self._code()
            await self._clock.sleep(RETRY * self._failures)
        self._on_change()

    async def _code(self) -> None:
        """Run one ffmpeg to its end, which nobody asked for."""
        coder: Coder | None = None
        try:
            coder = self._coder = await Coder.start(self._ffmpeg, self._deliver)
            await coder.run()
        except OSError:
            pass
        finally:
            # Whoever wants it next may have begun meanwhile.
            if self._coder is coder:
                self._coder = None
        self._failures = 1 if coder is not None and coder.heard else self._failures + 1
        self._failed_at = self._clock.monotonic()
        _LOGGER.debug("ffmpeg has ended while somebody listened")
