"""What Home Assistant says: every change of the entities that are followed, with its time."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from dev.home import Client

type Event = dict[str, Any]

WELL = frozenset({"live", "ready", "on_demand", "checking", "unknown", "unavailable", "gone"})
"""States of a connection sensor that tell of no trouble; all others say what is wrong."""


class States:
    """The changes of the connection sensors since it began to look."""

    def __init__(self) -> None:
        """Begin with none."""
        self.changes: list[tuple[float, str, str]] = []
        """Unix time, entity id, state; "gone" for an entity without one."""
        self._news = asyncio.Event()

    @property
    def _kind(self) -> dict[str, str]:
        """What it listens to."""
        return {"event_type": "state_changed"}

    @contextlib.asynccontextmanager
    async def follow(self, client: Client) -> AsyncIterator[None]:
        """Look through a client's eyes while the block runs."""
        async with client.subscribe("subscribe_events", **self._kind) as events:
            task = asyncio.create_task(self._take(events))
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _take(self, events: asyncio.Queue[Event]) -> None:
        while True:
            event = await events.get()
            self._note(time.time(), event)

    def _note(self, at: float, event: Event) -> None:
        """Take note of what has happened."""
        data = event["data"]
        entity_id = str(data["entity_id"])
        if self._follows(entity_id):
            new = data["new_state"]
            self.changes.append((at, entity_id, new["state"] if new else "gone"))
            self._news.set()

    def _follows(self, entity_id: str) -> bool:
        return entity_id.endswith("_connection")

    def since(self, moment: float, entity_id: str) -> list[tuple[float, str]]:
        """Return the times and states of a sensor's changes since a moment."""
        return [(at, state) for at, entity, state in self.changes if entity == entity_id and at >= moment]

    async def wait(
        self, entity_id: str, wanted: Callable[[str], bool], *, since: float, limit: float
    ) -> tuple[float, str] | None:
        """Wait for a change to a wanted state; returns when and to which, None after `limit` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while True:
                    self._news.clear()
                    for at, state in self.since(since, entity_id):
                        if wanted(state):
                            return at, state
                    await self._news.wait()
        return None


def tells_trouble(state: str) -> bool:
    """Tell whether a connection sensor's state says that something is wrong."""
    return state not in WELL
