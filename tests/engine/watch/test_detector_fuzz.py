"""The detector takes whatever a camera may send: black, white, garbled, frozen, after long silences."""

import math

import numpy as np
from hypothesis import given, strategies as st

from engine.model import Sensitivity, Zone
from engine.watch.detector import Detector
from engine.watch.episodes import Episodes
from engine.watch.look import Change, Look
from engine.watch.picture import HEIGHT, WIDTH, Picture

ZONES = (Zone("a", 0.0, 0.0, 0.3, 1.0), Zone("b", 0.2, 0.2, 0.05, 0.05), Zone("c", 0.95, 0.95, 0.05, 0.05))


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Return a picture of some kind: one shade, noise, stripes, halves, or a block on any of them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    kind = draw(st.sampled_from(["shade", "noise", "stripes", "halves"]))
    shade = draw(st.sampled_from([0, 1, 16, 128, 235, 254, 255]))
    luma = np.full((HEIGHT, WIDTH), shade, np.uint8)
    if kind == "noise":
        luma = rng.integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8)
    elif kind == "stripes":
        luma[:, :: draw(st.integers(1, 9))] = 255 - shade
    elif kind == "halves":
        luma[: draw(st.integers(0, HEIGHT))] = 255 - shade
    if draw(st.booleans()):
        row, column = draw(st.integers(0, HEIGHT - 1)), draw(st.integers(0, WIDTH - 1))
        luma[row : row + 20, column : column + 30] = draw(st.integers(0, 255))
    return Picture(luma, draw(st.floats(0, 256)))


def check(look: Look, zones: tuple[Zone, ...]) -> None:
    assert math.isfinite(look.score)
    assert (look.box is not None) is look.moving is (look.score > 0)
    assert set(look.zones) <= {zone.name for zone in zones}
    assert bool(look.zones) is (look.moving and bool(zones))
    if look.moving:
        assert look.change is Change.NONE
        assert 0 < look.score < 1
    if look.box is not None:
        assert look.box.left >= 0
        assert look.box.top >= 0
        assert look.box.width > 0
        assert look.box.height > 0
        assert look.box.left + look.box.width <= 1 + 1e-9
        assert look.box.top + look.box.height <= 1 + 1e-9


@given(
    st.sampled_from(Sensitivity),
    st.sampled_from([(), ZONES]),
    st.booleans(),
    st.lists(st.tuples(pictures(), st.sampled_from([0.0, 0.01, 0.2, 1.0, 4.0, 3600.0])), max_size=25),
)
def test_any_pictures_at_any_times(
    sensitivity: Sensitivity, zones: tuple[Zone, ...], key_frames: bool, sent: list[tuple[Picture, float]]
) -> None:
    detector, episodes, at, running = (
        Detector(sensitivity, zones, key_frames=key_frames),
        Episodes(),
        100.0,
        False,
    )
    with np.errstate(all="raise", under="ignore"):
        for picture, passed in sent:
            at += passed
            look = detector.look(picture, at)
            check(look, zones)
            for episode in episodes.take(look, at):
                # They begin, grow and end in this order, and never in the future.
                kind = type(episode).__name__
                assert running is (kind != "Began")
                running = kind != "Ended"
                assert episode.at <= at


@given(st.integers(0, 255), st.integers(0, 255))
def test_one_shade_after_another_is_the_light(first: int, second: int) -> None:
    detector = Detector(Sensitivity.HIGH)
    shades = [first] * 18 + [second] * 15
    for number, shade in enumerate(shades):
        picture = Picture(np.full((HEIGHT, WIDTH), shade, np.uint8), 5.0)
        assert not detector.look(picture, number / 5).moving
