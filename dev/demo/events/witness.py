"""What Home Assistant says while somebody walks by: everything on its bus, by Home Assistant's own clock."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from dev.home import Client

type Event = dict[str, Any]


class Witness:
    """Everything that happened since it began to listen."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._heard: list[tuple[float, Event]] = []
        self._news = asyncio.Event()

    @contextlib.asynccontextmanager
    async def listen(self, client: Client) -> AsyncIterator[None]:
        """Listen while the block runs."""
        async with client.subscribe("subscribe_events") as events:
            task = asyncio.create_task(self._take(events))
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _take(self, events: asyncio.Queue[Event]) -> None:
        while True:
            event = await events.get()
            self._heard.append((datetime.fromisoformat(event["time_fired"]).timestamp(), event))
            self._news.set()

    async def first(
        self, kind: str, wanted: Callable[[Any], bool], *, since: float, limit: float
    ) -> tuple[float, Any] | None:
        """Return when such an event was fired since a Unix time, and its data; None after `limit` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while True:
                    self._news.clear()
                    for at, event in self._heard:
                        if event["event_type"] == kind and at >= since and wanted(event["data"]):
                            return at, event["data"]
                    await self._news.wait()
        return None

    async def state(
        self, entity_id: str, state: str | None, *, since: float, limit: float
    ) -> tuple[float, Any] | None:
        """Return when an entity came to say something (None: something new), and all that it says."""

        def wanted(data: Any) -> bool:
            new, old = data["new_state"], data["old_state"]
            if data["entity_id"] != entity_id or new is None or old is None or new["state"] == old["state"]:
                return False
            return state in (None, new["state"])

        found = await self.first("state_changed", wanted, since=since, limit=limit)
        return found and (found[0], found[1]["new_state"])
