"""The bench of a normal day: how often a vendor account with ten cameras is asked for, counted by the cloud.

The engine's own session against the fake cloud over TLS, at the pace of the integration's coordinator. Time
is put forward: a week passes in seconds.
"""

import asyncio
import random
from collections import Counter
from typing import Any

import aiohttp

from custom_components.wyze_local.engine.cloud import CloudClient, CloudSession, Hosts, LogIn, SignedIn
from custom_components.wyze_local.engine.model import Account, DeveloperKey, Secret, Tokens
from custom_components.wyze_local.engine.uplink import Policy
from dev.simulator.cloud import Device, FakeCloud

from .errors import BenchError

CAMERAS = 10
LIMIT = 150
"""Calls a day."""
DAY = 86_400.0
PASSWORD = "a bench's password"  # noqa: S105 - opens nothing but the fake cloud of this bench


class CloudTime:
    """The engine's Clock, by the fake cloud's: who sleeps puts it forward."""

    def __init__(self, cloud: FakeCloud) -> None:
        """Take a cloud."""
        self._cloud = cloud

    def monotonic(self) -> float:
        """Return the cloud's time."""
        return self._cloud.clock.now()

    def time(self) -> float:
        """Return the cloud's time."""
        return self._cloud.clock.now()

    async def sleep(self, seconds: float) -> None:
        """Put it forward."""
        self._cloud.clock.advance(seconds)
        await asyncio.sleep(0)


async def measure(days: int, seed: int) -> dict[str, Any]:
    """Let days pass; returns the figures in the shape of their line of JSON. Raises BenchError."""
    rng, pace = random.Random(seed), Policy()
    async with FakeCloud() as cloud, aiohttp.ClientSession() as http:
        devices = [Device.elsewhere(f"Camera {number}", "WYZE_CAKP2JFUS") for number in range(CAMERAS)]
        user = cloud.add_user("bench@example.org", PASSWORD, devices=devices)
        client = CloudClient(
            http, hosts=Hosts(**cloud.hosts()), tls=cloud.tls_context(), clock=CloudTime(cloud), rng=rng
        )
        key = DeveloperKey(Secret(user.key.key_id), Secret(user.key.api_key))
        login = LogIn(Secret(user.email), Secret(PASSWORD), key, Secret("bench"))
        signed_in = await client.log_in(login)
        if not isinstance(signed_in, SignedIn):
            raise BenchError("the fake cloud wants a second factor")
        account = Account(signed_in.user_id, login.email, key, 0, login.phone_id, signed_in.tokens)
        session = CloudSession(client, account, on_tokens=_keep)
        end = cloud.clock.now() + days * DAY
        while cloud.clock.now() < end:
            found = await session.cameras()
            if len(found.cameras) != CAMERAS:
                raise BenchError(f"the list has {len(found.cameras)} cameras")
            cloud.clock.advance(pace.next_poll(rng))
        await session.close()
        calls = Counter(call.endpoint for call in cloud.calls())
    per_day = {name: round(count / days, 1) for name, count in sorted(calls.items()) if name != "login"}
    total = round(sum(per_day.values()), 1)
    failures = [] if total <= LIMIT else [f"{total} calls a day, wanted ≤ {LIMIT}"]
    return {
        "bench": "day",
        "ok": not failures,
        "seed": seed,
        "days": days,
        "calls_a_day": per_day,
        "total": total,
        "failures": failures,
    }


async def _keep(_tokens: Tokens) -> None:
    """Keep nothing: this session ends with the bench."""


def table(found: dict[str, Any]) -> str:
    """Return the table for people, in Markdown."""
    parts = ", ".join(f"{name} {count}" for name, count in found["calls_a_day"].items())
    head = f"| vendor calls a day, {CAMERAS} cameras, over {found['days']} days | measured | limit |"
    return f"{head}\n|---|---|---|\n| {parts} | {found['total']} | ≤ {LIMIT} |"
