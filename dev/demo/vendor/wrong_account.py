"""Whatever is asked, the vendor takes us for somebody else; and Home Assistant restarts meanwhile."""

import time

from .outage import clean, repair
from .story import Story
from .town import NEIGHBOUR, minutes

FROZEN_S = minutes(18) + 1.5
"""The first answer is enough: it comes with the next list."""


async def wrong_account(story: Story) -> None:
    """Play it."""
    limits = {"frozen_s": FROZEN_S, "repair_s": FROZEN_S, "answers": 1}
    told = "The vendor takes us for our neighbour: their profile, and the whole list of their cameras."
    async with story.act("strangers", told, limits) as act:
        began = time.time()
        await story.vendor("faults/wrong_account", other=NEIGHBOUR)
        # A list that came a moment before was the right one.
        before = await story.town.newest_call()
        act["frozen_s"] = await story.until("trust", "frozen", since=began, limit=FROZEN_S)
        act["answers"] = len(await story.town.calls("devices", since=before))
        await repair(story, act, began)
    await story.restart("restarted", "Home Assistant restarts, and the vendor still lies.")
    await clean(story, "The vendor knows us again.")
