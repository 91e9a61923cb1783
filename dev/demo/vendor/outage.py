"""16 February 2024: the cloud dies, Home Assistant restarts, and the cloud comes back with mixed-up ids."""

import asyncio
import time

from .story import Story
from .town import NEIGHBOUR, minutes

NOTICED_S = minutes(3 * 18) + 1.0
"""Three lists, each a fifth late at the most, and the calls themselves."""
MIXED_S = 25.0
CLEAN_S = minutes(75) + 3.0
"""After an hour without a bad answer, at the list that the line's recovery brings; and what calls take."""


async def outage(story: Story) -> None:
    """Play it."""
    async with story.act("healthy", "The cloud is well, and asked for its list every quarter of an hour."):
        await story.asked(2, "devices", since=await story.town.newest_call(), limit=minutes(45))
    limits = {"offline_s": NOTICED_S, "calls": 15}
    async with story.act("dead", "The cloud dies: first it has faults, then nothing answers.", limits) as act:
        began = time.time()
        await story.vendor("faults/broken", status=503, times=1)
        await story.vendor("faults/code", code=1000, message="server error", times=1)
        await story.vendor("faults/reset")
        act["offline_s"] = await story.until("uplink", "offline", since=began, limit=NOTICED_S)
        # Long enough for the vendor to be one who may come back wrong.
        await asyncio.sleep(minutes(40))
        await story.audience.picture("outage-dead")
    await story.vendor("refuse")
    await story.restart("restarted", "Home Assistant restarts while nothing listens at the vendor's.")
    limits = {"frozen_s": MIXED_S, "repair_s": MIXED_S}
    told = "The cloud is back and mixes people up: strangers' keys for our cameras, then their cameras."
    async with story.act("mixed_up", told, limits) as act:
        began = time.time()
        await story.vendor("resume")
        for number, fault in enumerate(("mixed_ids", "mixed", "wrong_account")):
            await story.vendor(f"faults/{fault}", endpoint="devices", after=number, times=1, other=NEIGHBOUR)
        act["recovering_s"] = await story.until("uplink", "recovering", since=began, limit=MIXED_S)
        act["frozen_s"] = await story.until("trust", "frozen", since=began, limit=MIXED_S)
        await repair(story, act, began)
    # The last wrong answer is the one that froze.
    await clean(story, "The cloud's answers are right again.", since=began + (act["frozen_s"] or 0.0))


async def repair(story: Story, act: dict[str, object], began: float) -> None:
    """Note when the person was told that answers are not theirs, and look at it."""
    at = await story.repaired("cloud_not_yours", "create", since=began, limit=MIXED_S)
    act["repair_s"] = at
    await story.audience.picture(f"{story.name}-lied-to")
    if at is not None:
        await story.audience.repair(f"{story.name}-repair")


async def clean(story: Story, told: str, *, since: float | None = None, distrusted: bool = True) -> None:
    """Let all be well, and see how soon after the last wrong answer it is believed (None: as of now)."""
    limits = {"online_s": CLEAN_S, "normal_s": CLEAN_S}
    if distrusted:
        limits["withdrawn_s"] = CLEAN_S
    async with story.act("clean", told, limits) as act:
        began = since or time.time()
        await story.vendor("resume")
        act["online_s"] = await story.until("uplink", "online", since=began, limit=CLEAN_S)
        act["normal_s"] = await story.until("trust", "normal", since=began, limit=CLEAN_S)
        if distrusted:
            act["withdrawn_s"] = await story.repaired("cloud_not_yours", "remove", since=began, limit=CLEAN_S)
        await story.audience.picture(f"{story.name}-clean")
