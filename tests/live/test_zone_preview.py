"""A person in a browser draws a zone: they see the camera's picture, and their rectangle on it."""

from pathlib import Path
from typing import Any

import pytest

from dev.demo.pages import Pages
from dev.home import HomeAssistantRig
from dev.home.browser import Browser
from dev.ports import free_port
from dev.simulator import CameraSpec, Simulator

pytestmark = [pytest.mark.live, pytest.mark.alone]

DOMAIN = "wyze_local"
SHOWN = "image => image.complete && image.naturalWidth > 0"
PIXELS = """async (image, spots) => {
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  return [[image.naturalWidth, image.naturalHeight], ...spots.map(([x, y]) =>
    [...pen.getImageData(x * canvas.width, y * canvas.height, 1, 1).data].slice(0, 3))];
}"""


async def set_up(home: HomeAssistantRig, link: str) -> None:
    """Set the integration up with one local camera."""
    flow = await home.client.flow(DOMAIN)
    await flow.choose("local")
    await flow.submit(networks=["127.0.0.0/8"], stream_server={"webrtc_port": free_port()})
    result = await flow.submit()
    next_flow = result["next_flow"][1]
    await home.client.rest("DELETE", f"/api/config/config_entries/subentries/flow/{next_flow}")
    flow = await home.client.flow([result["result"]["entry_id"], "camera"], "subentry")
    await flow.choose("link")
    added = await flow.submit(name="Porch", link=link)
    assert added["type"] == "create_entry", added
    await home.client.wait_for_state("camera.porch", "idle", limit=45)


async def picture(page: Any, step: str) -> Any:
    """Return the picture of the page that is shown, once it is there."""
    image = page.locator(f"{step} ha-markdown img")
    await image.wait_for()
    await page.wait_for_function(SHOWN, arg=await image.element_handle())
    return image


async def test_zones_are_seen_where_they_lie(tmp_path: Path) -> None:
    """The simulated porch at its own size; a red frame where the numbers say, and nowhere else."""
    async with (
        Simulator([CameraSpec("porch")]) as simulator,
        HomeAssistantRig(tmp_path / "config") as home,
        Browser(width=1000, height=1400) as browser,
    ):
        await set_up(home, simulator.cameras["porch"].link)
        pages = Pages(await browser.sign_in(home.url), home.url)
        await pages.open(f"config/integrations/integration/{DOMAIN}")
        row = pages.page.locator("ha-config-sub-entry-row")
        await row.get_by_role("button", name="Reconfigure camera").first.click()
        await pages.choose("Motion and clips")
        before = await picture(pages.page, "step-flow-form")
        spots = [[0.55, 0.6], [0.7, 0.3], [0.5, 0.6]]
        size, *plain = await before.evaluate(PIXELS, spots)
        assert size == [640, 360], "the camera's own, so percent are percent"
        assert max(max(spot) for spot in plain) > 100, "it is no empty grid"
        await pages.fill(name="Door", left="55", top="30", width="30", height="60")
        await pages.submit()
        await pages.arrive("Is it there?")
        size, left_edge, top_edge, outside = await (await picture(pages.page, "step-flow-menu")).evaluate(
            PIXELS, spots
        )
        for red, green, blue in (left_edge, top_edge):
            assert red > 200
            assert max(green, blue) < 120
        assert all(abs(a - b) < 40 for a, b in zip(outside, plain[2], strict=True))
        await pages.choose("Save")
        await pages.page.get_by_text("Saved. It holds from now on").wait_for()
        assert browser.problems == []
