"""The browser's reader of frame numbers reads what the other one reads."""

import base64
import io
import os
import random
import shutil
from pathlib import Path

import av
import pytest
from playwright.async_api import async_playwright

from dev.simulator import Picture, Scene, footage
from dev.simulator.barcode import BITS, CELLS, ROW_HEIGHT, cells

pytestmark = pytest.mark.live

SCRIPT = Path(__file__).parents[2] / "dev" / "simulator" / "barcode.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
DRAW = """({rows, width, height, rowHeight, count}) => rows.map((row) => {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  context.fillStyle = "#888";
  context.fillRect(0, 0, width, height);
  row.forEach((bit, i) => {
    context.fillStyle = bit ? "#ebebeb" : "#101010";
    context.fillRect((width * i) / count, 0, width / count, height * rowHeight);
  });
  return decodeFrameNumber(canvas);
})"""
LOAD = """async (urls) => {
  const numbers = [];
  for (const url of urls) {
    const image = new Image();
    image.src = url;
    await image.decode();
    numbers.push(decodeFrameNumber(image));
  }
  return numbers;
}"""


def spoilt(row: list[int], at: int) -> list[int]:
    """Return a row with one cell wrong."""
    return [bit ^ (index == at) for index, bit in enumerate(row)]


async def stills() -> tuple[list[str], list[int]]:
    """Return some coded pictures as data URLs, and their numbers."""
    frames = await footage.load_video(Picture(scene=Scene.PORCH, seconds=4))
    decoder = av.CodecContext.create("h264", "r")
    pictures = [p for frame in frames for p in decoder.decode(av.Packet(frame.payload))]
    urls = []
    for picture in pictures[::7]:
        file = io.BytesIO()
        picture.to_image().save(file, "PNG")  # type: ignore[no-untyped-call]
        urls.append("data:image/png;base64," + base64.b64encode(file.getvalue()).decode())
    return urls, list(range(len(pictures)))[::7]


async def test_browser_reads_frame_numbers(socket_enabled: None) -> None:
    """Any number in any size; none where a cell is wrong; those of real footage."""
    chance = random.Random(7)
    numbers = [0, 1, 2**BITS - 1, *(chance.getrandbits(BITS) for _ in range(20))]
    rows = [cells(number) for number in numbers]
    bad = [spoilt(row, at % CELLS) for at, row in enumerate(rows)]
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    urls, expected = await stills()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = await browser.new_page()
        await page.add_script_tag(path=SCRIPT)
        for width, height in ((640, 360), (1280, 720), (353, 288)):
            size = {"width": width, "height": height, "rowHeight": ROW_HEIGHT, "count": CELLS}
            assert await page.evaluate(DRAW, {"rows": rows, **size}) == numbers
            assert await page.evaluate(DRAW, {"rows": bad, **size}) == [None] * len(bad)
        assert await page.evaluate(LOAD, urls) == expected
        await browser.close()
