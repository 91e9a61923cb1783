"""The picture of a camera's zones: whatever the still is, an SVG comes of it that does what it says."""

import base64
import io
import re
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, strategies as st
from PIL import Image

from custom_components.wyze_local.engine.model import Zone
from custom_components.wyze_local.zone_picture import draw_zones, jpeg_size

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> Element:
    """Return the elements of a picture of our own making."""
    return fromstring(svg)  # noqa: S314


def jpeg(width: int, height: int, **options: bool) -> bytes:
    """Return a picture of that size."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(out, "JPEG", **options)
    return out.getvalue()


@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (1296, 1728), (1, 1)])
@pytest.mark.parametrize("progressive", [False, True])
def test_the_size_is_read_from_the_header(size: tuple[int, int], progressive: bool) -> None:
    assert jpeg_size(jpeg(*size, progressive=progressive)) == size


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda data: b"\xff\xd8" + data))
def test_no_still_is_too_odd(data: bytes) -> None:
    size = jpeg_size(data)
    assert size is None or min(size) > 0
    parsed(draw_zones(data, ()))


def test_a_cut_picture_ends_the_search() -> None:
    whole = jpeg(640, 360)
    for length in range(len(whole)):
        assert jpeg_size(whole[:length]) in (None, (640, 360))
    assert jpeg_size(b"\xff\xd8" + b"\xff\xe0\x00\x00" * 100_000) is None


def test_zones_lie_where_they_were_typed() -> None:
    still = jpeg(800, 600)
    zones = [Zone("Door", 0.25, 0.5, 0.5, 0.25), Zone("Gate", 0, 0, 1, 1)]
    tree = parsed(draw_zones(still, zones))
    assert tree.get("viewBox") == "0 0 800 600"
    image = tree.find(f"{SVG}image")
    assert image is not None
    assert base64.b64decode(image.get("href", "").partition(",")[2]) == still, "it is the still itself"
    boxes = [
        [float(box.get(side, "nan")) for side in ("x", "y", "width", "height")]
        for box in tree.findall(f"{SVG}rect[@stroke]")
    ]
    assert boxes == [[200, 300, 400, 150], [0, 0, 800, 600]]
    texts = {text.text for text in tree.findall(f"{SVG}text")}
    assert {"Door", "Gate", "10", "50", "90"} <= texts


def test_without_a_still_there_is_the_grid() -> None:
    tree = parsed(draw_zones(None, [Zone("Door", 0, 0, 1, 1)]))
    assert tree.find(f"{SVG}image") is None
    assert len(tree.findall(f"{SVG}path")) == 9


@given(st.text(min_size=1, max_size=40).filter(str.isprintable))
def test_a_name_is_text_and_nothing_else(name: str) -> None:
    text = draw_zones(None, [Zone(name, 0, 0, 1, 1)])
    assert name in {one.text for one in parsed(text).findall(f"{SVG}text")}
    assert set(re.findall(r"<(\w+)", text)) == {"svg", "rect", "path", "text"}
