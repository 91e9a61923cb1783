"""The burned-in frame number: readable, and never read where there is none."""

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from dev.simulator import FootageError, Picture, Scene, Video, footage
from dev.simulator.barcode import BITS, CELLS, ROW_HEIGHT, cells, decode_frame_number

type Array = npt.NDArray[np.uint8]


def draw(bits: list[int], width: int = 640, height: int = 360, white: int = 235, black: int = 16) -> Array:
    """Return a grey picture with a row of cells."""
    picture = np.full((height, width), 120, np.uint8)
    rows = round(height * ROW_HEIGHT)
    for index, bit in enumerate(bits):
        picture[:rows, width * index // CELLS : width * (index + 1) // CELLS] = white if bit else black
    return picture


@given(st.integers(0, 2**BITS - 1), st.sampled_from([(640, 360), (1920, 1080), (320, 180), (353, 288)]))
def test_every_number_is_read(number: int, size: tuple[int, int]) -> None:
    """In any size, in grey and in colour, with weak contrast."""
    grey = draw(cells(number), *size)
    assert decode_frame_number(grey) == number
    assert decode_frame_number(np.stack([grey] * 3, axis=-1)) == number
    assert decode_frame_number(draw(cells(number), *size, white=170, black=60)) == number


@given(st.integers(0, 2**BITS - 1), st.integers(0, CELLS - 1))
def test_a_wrong_cell_is_noticed(number: int, at: int) -> None:
    """One cell misread makes no other number."""
    bits = cells(number)
    bits[at] ^= 1
    assert decode_frame_number(draw(bits)) is None


@pytest.mark.parametrize("value", [0, 128, 255])
def test_plain_pictures_have_no_number(value: int) -> None:
    """Neither a uniform picture nor noise nor an empty one is a number."""
    assert decode_frame_number(np.full((360, 640), value, np.uint8)) is None
    noise = np.random.default_rng(value).integers(0, 255, (360, 640, 3), dtype=np.uint8)
    assert decode_frame_number(noise) is None
    assert decode_frame_number(np.zeros((0, 0), np.uint8)) is None


@pytest.mark.parametrize("scene", [Scene.PORCH, Scene.QUIET])
@pytest.mark.parametrize("video", Video)
async def test_footage_shows_its_numbers(video: Video, scene: Scene) -> None:
    """Each picture of a loop shows its own number after real coding; key frames come as ordered."""
    picture = Picture(video=video, scene=scene, seconds=4)
    frames = await footage.load_video(picture)
    assert [i for i, frame in enumerate(frames) if frame.key] == [0, 30]
    decoder = av.CodecContext.create("h264" if video is Video.H264 else "hevc", "r")
    packets = [av.Packet(frame.payload) for frame in frames]
    pictures = [p for packet in (*packets, None) for p in decoder.decode(packet)]
    assert [decode_frame_number(p.to_ndarray(format="gray")) for p in pictures] == list(range(60))
    sps = frames[0].payload[4]
    assert (sps & 0x1F == 7) if video is Video.H264 else (sps >> 1 & 0x3F == 32)


async def test_a_video_file_can_be_shown(tmp_path: Path) -> None:
    """A local file becomes a loop with numbers of its own; a missing one is said so."""
    clip = tmp_path / "clip.h264"
    frames = await footage.load_video(Picture(seconds=4))
    clip.write_bytes(b"".join(frame.payload for frame in frames[30:]))
    copy = await footage.load_video(Picture(seconds=2, width=320, height=240, file=clip))
    decoder = av.CodecContext.create("h264", "r")
    packets = [av.Packet(frame.payload) for frame in copy]
    pictures = [p for packet in (*packets, None) for p in decoder.decode(packet)]
    assert [decode_frame_number(p.to_ndarray(format="gray")) for p in pictures] == list(range(30))
    assert (pictures[0].width, pictures[0].height) == (320, 240)
    with pytest.raises(FootageError, match="no video file"):
        await footage.load_video(Picture(file=tmp_path / "nothing.mp4"))
