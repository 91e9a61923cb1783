"""Sounds that were made to do harm: they end as no sound at all, and what reads them has bounds."""

import io
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from engine.relay.formats import AudioFormat
from tests.support.announcing import RATE, Announcement
from tests.support.relay import Rig, rtsp_rig
from tests.support.tones import tone


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rtsp_rig() as made:
        await made.live()
        made.channel.hub.formats = replace(made.channel.hub.formats, audio=AudioFormat("pcmu", RATE))
        yield made


def bombs() -> dict[str, bytes]:
    """Return sounds that say of themselves what nobody should believe, each with nothing behind it."""
    huge = (0x7000_0000).to_bytes(4, "little")
    moov = b"moov" + b"\x7f\xff\xff\xffstsz" + bytes(8) + b"\x7f\xff\xff\xff"
    return {
        "a format without end": b"RIFF" + huge + b"WAVEfmt " + huge + b"\1\0\1\0" + bytes(4096),
        "a table without end": b"\0\0\0\x18ftypM4A " + bytes(12) + b"\x7f\xff\xff\xff" + moov + bytes(4096),
        "a picture without end": b"fLaC\x06\xff\xff\xff" + bytes(4096),
        "a title without end": b"ID3\4\0\0\x7f\x7f\x7f\x7fAPIC\x7f\x7f\x7f\x00\0\0" + bytes(4096),
        "emptiness without end": b"\x1a\x45\xdf\xa3\x80" + b"\xec\x80" * 200_000,
    }


@pytest.mark.parametrize("file", bombs().values(), ids=bombs().keys())
async def test_a_sound_that_says_too_much_of_itself_is_none(rig: Rig, file: bytes) -> None:
    assert await Announcement(rig, file).fails() == "sound_unreadable"
    assert not rig.camera.heard


async def test_a_picture_in_a_sound_is_not_even_looked_at(rig: Rig) -> None:
    """A song with a cover of a hundred megapixels is heard like any other."""
    cover = b"image/png\0\3\0" + (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (10_000).to_bytes(4) * 2 + b"\x08\x06\0\0\0" + bytes(8000)
    )
    frame = b"APIC" + (len(cover) + 1).to_bytes(4) + b"\0\0\0" + cover
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    announcement = Announcement(rig, b"ID3\3\0\0" + size + frame + song())
    await announcement.ends()
    await announcement.task
    assert len(rig.camera.heard) == pytest.approx(RATE // 2, abs=RATE // 5)


def song() -> bytes:
    """Return half a second of a tone as MP3."""
    file = io.BytesIO()
    with av.open(io.BytesIO(tone(500, 0.5, 32000)), "r") as wav, av.open(file, "w", format="mp3") as out:
        stream = out.add_stream("mp3", rate=32000)
        for frame in [*wav.decode(audio=0), None]:
            out.mux(stream.encode(frame))
    return file.getvalue()


HUNGRY = """#!{python}
import sys
sound = sys.stdin.buffer.read()
try:
    {meal}
except (MemoryError, OSError):
    sys.exit(1)
sys.stdout.buffer.write(sound)
"""


@pytest.mark.parametrize(
    ("meal", "reason"),
    [
        ("pass", ""),
        ("bytearray(1 << 29)", "sound_unreadable"),
        ("open({path!r}, 'wb', buffering=0).write(b'x')", "sound_unreadable"),
    ],
)
async def test_what_reads_a_sound_has_bounds(rig: Rig, tmp_path: Path, meal: str, reason: str) -> None:
    """Whatever it is brought to, it gets no more memory, and writes no file."""
    program = tmp_path / "ffmpeg"
    meal = meal.format(path=str(tmp_path / "written"))
    program.write_text(HUNGRY.format(python=sys.executable, meal=meal))
    program.chmod(0o700)
    announcement = Announcement(rig, b"sound" * 10, str(program))
    if reason:
        assert await announcement.fails() == reason
    else:
        await announcement.ends()
        await announcement.task
    assert bytes(rig.camera.heard) == (b"" if reason else b"sound" * 10)
