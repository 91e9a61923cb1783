"""A telephone with Home Assistant's app, as Home Assistant knows it: it registers, and gets notifications."""

import asyncio
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Notification:
    """What arrived."""

    title: str
    message: str
    data: dict[str, Any]
    """What the app makes more of: `image`, `video`, `tag` …"""
    wall: float
    """Unix time of its arrival in seconds."""


class Phone:
    """A phone while the `async with` block runs; its vendor's push service is a server on loopback."""

    def __init__(self, name: str = "Phone") -> None:
        """Choose what it is called."""
        self.name = name
        self.notifications: list[Notification] = []
        """What arrived, oldest first."""
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._url = ""

    async def __aenter__(self) -> Self:
        """Be reachable."""
        app = web.Application()
        app.add_routes([web.post("/push", self._push)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/push"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Be gone."""
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def registration(self) -> dict[str, Any]:
        """What the app sends to `/api/mobile_app/registrations`."""
        return {
            "app_id": "phone",
            "app_name": "Phone",
            "app_version": "1",
            "app_data": {"push_token": "phone", "push_url": self._url},
            "device_id": f"phone-{self.name}",
            "device_name": self.name,
            "manufacturer": "Phone",
            "model": "Phone",
            "os_name": "Phone",
            "os_version": "1",
            "supports_encryption": False,
        }

    async def until(self, count: int, limit: float) -> list[Notification]:
        """Wait until so many notifications have arrived; raises TimeoutError."""
        async with asyncio.timeout(limit):
            while len(self.notifications) < count:
                self._news.clear()
                await self._news.wait()
        return self.notifications

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.notifications.append(
            Notification(body.get("title", ""), body["message"], body.get("data", {}), time.time())
        )
        self._news.set()
        return web.json_response({}, status=201)
