"""September 2023: a cache between people and the vendor hands out what it kept, whoever asks."""

import time

from .outage import clean, repair
from .story import Story
from .town import NEIGHBOUR, minutes

NOTICED_S = minutes(18) + 1.5
FROZEN_S = 2 * minutes(18) + 6.0


async def web_cache(story: Story) -> None:
    """Play it."""
    limits = {"watch_s": NOTICED_S}
    async with story.act("cached", "A cache answers: our own list, an hour old.", limits) as act:
        began = time.time()
        await story.vendor("faults/stale", endpoint="devices")
        act["watch_s"] = await story.until("trust", "watch", "frozen", since=began, limit=NOTICED_S)
    limits = {"frozen_s": FROZEN_S, "repair_s": FROZEN_S}
    told = "The cache mixes people up: it hands out the neighbour's list and profile."
    async with story.act("strangers", told, limits) as act:
        began = time.time()
        await story.vendor("resume")
        for endpoint in ("devices", "user"):
            await story.vendor("faults/wrong_account", endpoint=endpoint, other=NEIGHBOUR)
            await story.vendor("faults/from_cache", endpoint=endpoint)
        act["frozen_s"] = await story.until("trust", "frozen", since=began, limit=FROZEN_S)
        await repair(story, act, began)
    await clean(story, "The cache is switched off.")
