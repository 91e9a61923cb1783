"""Sound of any kind made what a camera's speaker takes, by an ffmpeg of the relay's, and said in real time.

The sound comes in pieces and goes through pipes: nothing of it has a name or an address here, and when the
relay is gone, however that came, ffmpeg reads an end and ends.
"""

import asyncio
import contextlib
from typing import NamedTuple

from ..child import wait_for
from ..lan import Codec, Talk
from ..model import Clock, EngineError
from . import ffmpeg
from .formats import AAC_SAMPLES

WAITING = 4
"""Pieces of the sound that wait to be coded; whoever sends more waits for room."""

STUCK = 30.0
"""Seconds without anything to say after which it counts as hung, or as never coming."""

LATE = 0.5
"""Seconds by which it may be late and catch up; a longer gap stays one, as nobody can speak faster."""

TAIL = 0.4
"""Seconds that the way stays open after the last of it was due: cameras play some of it later."""

PIECE = 1024
"""Bytes of a piece of G.711 or samples, as go2rtc cuts it."""

_HEADER = 7
_KINDS = "aac,aiff,flac,matroska,mov,mp3,ogg,wav"
"""What can be read: sound only, and nothing that leads to other files or addresses."""

_READ = (
    *("-format_whitelist", _KINDS, "-analyzeduration", "100000", "-probesize", "1000000"),
    # Pictures and texts in it are not even looked at.
    *("-vn", "-sn", "-dn", "-threads", "1"),
    *("-i", "pipe:0", "-map", "0:a:0", "-map_metadata", "-1"),
)
_CODERS = {
    Codec.PCMU: ("-f", "mulaw"),
    Codec.PCMA: ("-f", "alaw"),
    Codec.PCM: ("-f", "s16le"),
    Codec.AAC: ("-c:a", "aac", "-b:a", "32k", "-f", "adts"),
}
_SAMPLE_BYTES = {Codec.PCMU: 1, Codec.PCMA: 1, Codec.PCM: 2}


class _Piece(NamedTuple):
    data: bytes
    seconds: float
    """How long it lasts."""


class Speech:
    """Something to say."""

    def __init__(self, ffmpeg: str, clock: Clock) -> None:
        """Take the path of ffmpeg, empty where there is none."""
        self._ffmpeg = ffmpeg
        self._clock = clock
        self._sound: asyncio.Queue[bytes] = asyncio.Queue(WAITING)

    async def feed(self, data: bytes) -> None:
        """Take the next piece of the sound once there is room for it; an empty one is the end."""
        await self._sound.put(data)

    async def say(self, talk: Talk) -> None:
        """Say all of it; nothing is left when this ends, however that came.

        Raises EngineError: `no_ffmpeg`, `sound_unsupported` for what the camera's speaker takes,
        `sound_unreadable`, `sound_stuck`; LanError when the camera is gone.
        """
        process = await self._start(talk)
        assert process.stdin is not None
        assert process.stdout is not None
        filling = asyncio.create_task(self._fill(process.stdin), name="relay speech")
        try:
            await self._pass_on(process.stdout, talk)
        finally:
            filling.cancel()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.gather(filling, return_exceptions=True)
            await process.wait()

    async def _start(self, talk: Talk) -> asyncio.subprocess.Process:
        if (coder := _CODERS.get(talk.codec)) is None:
            raise EngineError("no such coder", reason="sound_unsupported")
        form = ("-ac", str(talk.channels), "-ar", str(talk.sample_rate))
        try:
            return await ffmpeg.start(self._ffmpeg, *_READ, *form, *coder, "-flush_packets", "1", "pipe:1")
        except OSError:
            raise EngineError("no ffmpeg", reason="no_ffmpeg") from None

    async def _fill(self, pipe: asyncio.StreamWriter) -> None:
        """Give ffmpeg all of the sound, for as long as it reads."""
        with contextlib.suppress(ConnectionError):
            while data := await self._sound.get():
                pipe.write(data)
                await pipe.drain()
        pipe.close()
        # Whoever goes on sending must not wait for somebody who has read enough.
        while await self._sound.get():
            pass

    async def _pass_on(self, pipe: asyncio.StreamReader, talk: Talk) -> None:
        """Send each piece when its turn has come."""
        due: float | None = None
        while (piece := await self._next(pipe, talk)) is not None:
            now = self._clock.monotonic()
            if due is None or now - due > LATE:
                due = now
            await self._clock.sleep(max(0.0, due - now))
            talk.send(piece.data)
            due += piece.seconds
        if due is None:
            raise EngineError("nothing that could be heard", reason="sound_unreadable")
        await self._clock.sleep(max(0.0, due + TAIL - self._clock.monotonic()))

    async def _next(self, pipe: asyncio.StreamReader, talk: Talk) -> _Piece | None:
        coming = asyncio.ensure_future(_cut(pipe, talk))
        try:
            if await wait_for(self._clock, coming, STUCK):
                return coming.result()
            raise EngineError("nothing comes", reason="sound_stuck")
        finally:
            coming.cancel()


async def _cut(pipe: asyncio.StreamReader, talk: Talk) -> _Piece | None:
    """Cut off of what ffmpeg writes what fits into a datagram; None at the end."""
    if (size := _SAMPLE_BYTES.get(talk.codec)) is None:
        try:
            head = await pipe.readexactly(_HEADER)
            rest = await pipe.readexactly(((head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5) - _HEADER)
        except asyncio.IncompleteReadError:
            return None
        return _Piece(head + rest, AAC_SAMPLES / talk.sample_rate)
    try:
        data = await pipe.readexactly(PIECE)
    except asyncio.IncompleteReadError as err:
        data = err.partial
    return _Piece(data, len(data) / size / talk.channels / talk.sample_rate) if data else None
