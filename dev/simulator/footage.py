"""Pictures and sound to send: made once with ffmpeg, kept under `.cache/footage`, shared by cameras."""

import asyncio
import functools
import hashlib
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from .coding import Cutter, FootageError, VideoFrame, coded
from .scenes import drawn
from .specs import Audio, Picture, Video

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "footage"
_RECIPE = 1
"""Counted up when the commands below change, so that old files are not used."""
_ENCODE_LIMIT = 180.0
_SOUND_SECONDS = 8
_TONE = "0.05*sin(2*PI*220*t)+0.3*sin(2*PI*880*t)*lt(mod(t,1),0.12)"


@dataclass(frozen=True, slots=True)
class Sound:
    """A loop of coded sound."""

    codec: int
    rate: int
    samples: int
    """Samples in each packet."""
    packets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Footage:
    """What one camera sends, over and over."""

    frames: tuple[VideoFrame, ...]
    fps: int
    sound: Sound | None
    walk_from: int = 0
    """The frame, a key frame, from which on the loop is played on demand only; 0: it has no such part."""
    somebody_from: int = 0
    """The first frame of that part in which somebody is to be seen."""


@dataclass(frozen=True, slots=True)
class _SoundFormat:
    """How a kind of sound is made and cut."""

    codec: int
    rate: int
    samples: int
    arguments: tuple[str, ...]
    packet_size: int = 0
    """Bytes of a packet; 0 when packets bear their own length (ADTS)."""


_SOUNDS = {
    Audio.PCMU: _SoundFormat(0x89, 8000, 320, ("-c:a", "pcm_mulaw", "-f", "mulaw"), 320),
    Audio.PCMA: _SoundFormat(0x8A, 8000, 320, ("-c:a", "pcm_alaw", "-f", "alaw"), 320),
    Audio.PCM: _SoundFormat(0x8C, 16000, 320, ("-c:a", "pcm_s16le", "-f", "s16le"), 640),
    Audio.AAC: _SoundFormat(0x90, 16000, 1024, ("-c:a", "aac", "-b:a", "32k", "-f", "adts")),
}


async def load_video(picture: Picture) -> tuple[VideoFrame, ...]:
    """Return the frames of a loop, made when they are not there yet; raises FootageError."""
    source = await asyncio.to_thread(drawn, picture)
    arguments = [*source, *coded(picture)]
    path = await _made(arguments, picture.video, picture.file)
    return await asyncio.to_thread(_read_video, path, picture.video)


async def load_sound(audio: Audio) -> Sound | None:
    """Return a loop of sound, a beep a second over a quiet tone; raises FootageError."""
    if audio is Audio.NONE:
        return None
    how = _SOUNDS[audio]
    tone = f"aevalsrc='{_TONE}':s={how.rate}:d={_SOUND_SECONDS}"
    path = await _made(["-f", "lavfi", "-i", tone, "-ac", "1", *how.arguments], audio)
    return await asyncio.to_thread(_read_sound, path, audio)


async def _made(arguments: list[str], suffix: str, origin: Path | None = None) -> Path:
    """Return the file that ffmpeg makes from the arguments, from the cache when it is there."""
    path = await asyncio.to_thread(_place, arguments, suffix, origin)
    if not await asyncio.to_thread(path.exists):
        await _encode(arguments, path)
    return path


def _place(arguments: list[str], suffix: str, origin: Path | None) -> Path:
    """Return where the result of a command lies. A file it starts from counts by its content."""
    marks = [str(_RECIPE), *arguments]
    if origin:
        if not origin.is_file():
            raise FootageError(f"there is no video file {origin}")
        with origin.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        marks = [content if mark == str(origin) else mark for mark in marks]
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE / f"{hashlib.sha256('\0'.join(marks).encode()).hexdigest()[:20]}.{suffix}"


async def _encode(arguments: list[str], path: Path) -> None:
    """Run ffmpeg into a file of its own, which takes its place when it is whole."""
    if not shutil.which("ffmpeg"):
        raise FootageError("ffmpeg is not installed, and the simulator makes its pictures with it")
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    process = await asyncio.create_subprocess_exec(
        "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *arguments, str(part),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_ENCODE_LIMIT):
            _, errors = await process.communicate()
        if process.returncode:
            raise FootageError(f"ffmpeg failed: {errors.decode(errors='replace').strip()[-500:]}")
        await asyncio.to_thread(part.replace, path)
    except TimeoutError:
        raise FootageError(f"ffmpeg was not done within {_ENCODE_LIMIT:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await asyncio.to_thread(part.unlink, missing_ok=True)


@functools.lru_cache(maxsize=32)
def _read_video(path: Path, video: Video) -> tuple[VideoFrame, ...]:
    """Read and cut a loop."""
    cutter = Cutter(video)
    return (*cutter.feed(path.read_bytes()), *cutter.finish())


def _adts(data: bytes) -> list[bytes]:
    """Split AAC into its frames."""
    packets = []
    while len(data) >= 7:
        size = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
        packets.append(data[:size])
        data = data[size:]
    return packets


@functools.lru_cache(maxsize=8)
def _read_sound(path: Path, audio: Audio) -> Sound:
    """Cut sound into packets."""
    how = _SOUNDS[audio]
    data = path.read_bytes()
    if how.packet_size:
        whole = len(data) - len(data) % how.packet_size
        packets = [data[at : at + how.packet_size] for at in range(0, whole, how.packet_size)]
    else:
        packets = _adts(data)
    return Sound(how.codec, how.rate, how.samples, tuple(packets))
