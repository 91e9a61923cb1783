"""The cloud is late, then it hangs and drips; Home Assistant restarts, and a person asks how the line is."""

import time

from .outage import clean
from .story import Story
from .town import minutes

LATE_S = 6.0
"""Seconds that a late answer takes: more than is good, and less than is too much."""
OFFLINE_S = 60.0
"""Seconds after a person asked within which the line is known to be down."""


async def cloud_slow(story: Story) -> None:
    """Play it."""
    told = f"The cloud takes {LATE_S:g} seconds for its list."
    async with story.act("late", told, {"changes": 0}) as act:
        began, before = time.time(), await story.town.newest_call()
        await story.vendor("faults/slow", endpoint="devices", times=1, seconds=LATE_S)
        await story.asked(2, "devices", since=before, limit=LATE_S + minutes(40))
        act["changes"] = story.changes("uplink", began)
    await story.vendor("resume")
    await story.vendor("faults/drip", endpoint="devices", seconds=1)
    await story.vendor("faults/hang", endpoint="user")
    await story.restart(
        "restarted", "The cloud sends a byte a second, or nothing at all. Home Assistant restarts."
    )
    limits = {"offline_s": OFFLINE_S}
    async with story.act("hanging", "Somebody presses “check the cloud now”.", limits) as act:
        began = time.time()
        await story.press("check_cloud")
        act["offline_s"] = await story.until("uplink", "offline", since=began, limit=OFFLINE_S)
        await story.audience.picture("cloud-slow-hanging")
    await clean(story, "The cloud answers as it should.", distrusted=False)
