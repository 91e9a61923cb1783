"""What is left of a frame for the detector, whatever a camera sends."""

import av
import numpy as np
import pytest

from engine.model import Sensitivity
from engine.watch.detector import Detector
from engine.watch.picture import HEIGHT, WIDTH, picture_of


def frame(width: int, height: int, form: str, rgb: tuple[int, int, int] = (90, 140, 60)) -> av.VideoFrame:
    plain = np.empty((height, width, 3), np.uint8)
    plain[:] = rgb
    return av.VideoFrame.from_ndarray(plain, format="rgb24").reformat(format=form)


@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p", "nv12", "yuv422p", "yuv420p10le", "gray", "rgb24"])
@pytest.mark.parametrize("size", [(2560, 1440), (640, 360), (480, 640), (160, 88), (18, 10)])
def test_any_frame_becomes_one_picture(size: tuple[int, int], form: str) -> None:
    picture = picture_of(frame(*size, form))
    assert picture.luma.shape == (HEIGHT, WIDTH)
    assert picture.luma.dtype == np.uint8
    assert picture.luma.std() < 2


def test_night_vision_has_no_colour() -> None:
    assert picture_of(frame(640, 360, "yuv420p", (120, 120, 120))).colour < 1.5
    assert picture_of(frame(640, 360, "gray")).colour < 1.5
    assert picture_of(frame(640, 360, "yuv420p")).colour > 1.5


def test_a_pixel_is_the_mean_of_those_under_it() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (720, 1280, 1), np.uint8).repeat(3, axis=2)
    luma = picture_of(av.VideoFrame.from_ndarray(noise, format="rgb24")).luma
    assert luma.std() < 12
    assert abs(float(luma.mean()) - 126) < 4


def test_a_camera_may_change_its_resolution() -> None:
    detector = Detector(Sensitivity.MEDIUM)
    sizes = [(640, 360)] * 40 + [(1920, 1080)] * 40 + [(360, 640)] * 20
    looks = [
        detector.look(picture_of(frame(*size, "yuv420p")), number / 5) for number, size in enumerate(sizes)
    ]
    assert not any(look.moving for look in looks)
