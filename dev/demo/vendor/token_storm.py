"""December 2019: the vendor logs everybody out, and makes all cameras restart."""

import asyncio
import time

from .story import Story
from .town import minutes

NOTICED_S = minutes(18) + 2 * minutes(10) + 4.0
"""At the next list, and after as many renewals as are tried."""
MOST_REFRESHES = 3
AWAY_S = 4.0
BACK_S = 5.0
SIGNED_IN_S = 45.0
"""Two log-ins of one installation are half a minute apart, whatever the patience."""


async def token_storm(story: Story) -> None:
    """Play it."""
    limits = {"signed_out_s": NOTICED_S, "refreshes": MOST_REFRESHES, "log_ins": 0, "too_many_requests": 0}
    async with story.act("logged_out", "The vendor logs everybody out.", limits) as act:
        began, before = time.time(), await story.town.newest_call()
        await story.vendor("invalidate")
        act["signed_out_s"] = await story.until("account", "signed_out", since=began, limit=NOTICED_S)
        # Lists that would be due now are not asked for any more.
        await asyncio.sleep(minutes(30))
        calls = [call["endpoint"] for call in await story.town.calls(since=before)]
        act |= {"refreshes": calls.count("refresh"), "log_ins": calls.count("login")}
        act["requests"] = len(await story.town.asked_to_sign_in())
        act["too_many_requests"] = abs(act["requests"] - 1)
        await story.audience.picture("token-storm-logged-out")
    await story.interrupt()
    told = "All cameras restart at once, as the vendor made them do."
    async with story.act("cameras_restarted", told, {"back_s": BACK_S}) as act:
        for camera in story.town.simulator.cameras:
            await story.town.simulator.trouble(camera.name, "reboot", away=AWAY_S)
        act["back_s"] = await story.audience.back_after(time.time() + AWAY_S, limit=30.0)
        await story.audience.picture("token-storm-cameras-restarted")
        await story.town.arrive()
    await story.watch()
    limits = {"signed_in_s": SIGNED_IN_S, "requests": 0}
    async with story.act("signed_in", "The person signs in again.", limits) as act:
        began = time.time()
        await story.town.sign_in_again()
        act["signed_in_s"] = await story.until("account", "signed_in", since=began, limit=SIGNED_IN_S)
        act["requests"] = len(await story.town.asked_to_sign_in())
        await story.audience.picture("token-storm-signed-in")
