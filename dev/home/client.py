"""Speaks to the rig's Home Assistant as its frontend does: REST, websocket, flows."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=60)
FLOWS = {
    "config": "/api/config/config_entries/flow",
    "subentry": "/api/config/config_entries/subentries/flow",
    "options": "/api/config/config_entries/options/flow",
}


class ApiError(Exception):
    """Home Assistant refused."""


class Client:
    """One signed-in client; `token` is its access token."""

    def __init__(self, url: str, token: str) -> None:
        """Take the address and an access token; `connect` opens the websocket."""
        self.url = url
        self.token = token
        self._session = aiohttp.ClientSession(timeout=TIMEOUT, headers={"Authorization": f"Bearer {token}"})
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._results: dict[int, asyncio.Future[Any]] = {}
        self._events: dict[int, asyncio.Queue[Any]] = {}

    async def connect(self) -> Self:
        """Open the websocket and sign in."""
        self._socket = await self._session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0)
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": self.token})
        answer = await self._socket.receive_json()
        if answer["type"] != "auth_ok":
            raise ApiError(answer)
        self._reader = asyncio.create_task(self._read(self._socket))
        return self

    async def close(self) -> None:
        """Close everything; waiting commands fail."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader
        await self._session.close()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            answer = message.json()
            if answer["type"] == "event" and (queue := self._events.get(answer["id"])):
                queue.put_nowait(answer["event"])
            elif answer["type"] == "result" and (waiting := self._results.pop(answer["id"], None)):
                if answer["success"]:
                    waiting.set_result(answer["result"])
                else:
                    waiting.set_exception(ApiError(answer["error"]))
        for waiting in self._results.values():
            waiting.set_exception(ApiError("the connection ended"))
        self._results.clear()

    async def _send(self, number: int, kind: str, payload: Mapping[str, Any], limit: float) -> Any:
        assert self._socket is not None
        waiting = self._results[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_json({"id": number, "type": kind, **payload})
            async with asyncio.timeout(limit):
                return await waiting
        finally:
            self._results.pop(number, None)

    async def command(self, kind: str, *, limit: float = 30.0, **payload: Any) -> Any:
        """Send a websocket command and return its result; raises ApiError."""
        return await self._send(next(self._ids), kind, payload, limit)

    @contextlib.asynccontextmanager
    async def subscribe(self, kind: str, **payload: Any) -> AsyncIterator[asyncio.Queue[Any]]:
        """Send a command that yields events; they arrive in the queue while the block runs."""
        number = next(self._ids)
        queue = self._events[number] = asyncio.Queue()
        try:
            await self._send(number, kind, payload, 30.0)
            yield queue
        finally:
            del self._events[number]
            if self._socket is not None and not self._socket.closed:
                await self.command("unsubscribe_events", subscription=number)

    async def rest(self, method: str, path: str, json: Any = None) -> Any:
        """Send a REST request and return its JSON (bytes when it is something else); raises ApiError."""
        async with self._session.request(method, f"{self.url}{path}", json=json) as response:
            if response.status >= 400:
                raise ApiError(f"{method} {path}: {response.status} {await response.text()}")
            return await response.json() if response.content_type.endswith("json") else await response.read()

    async def state(self, entity_id: str) -> dict[str, Any]:
        """Return state and attributes of an entity; raises ApiError when there is none."""
        return dict(await self.rest("GET", f"/api/states/{entity_id}"))

    async def wait_for_state(self, entity_id: str, *states: str, limit: float = 30.0) -> dict[str, Any]:
        """Wait until an entity is in one of the states; raises TimeoutError, with the last one seen."""
        trigger = {"platform": "state", "entity_id": entity_id}
        async with self.subscribe("subscribe_trigger", trigger=trigger) as changes:
            seen: Any = None
            try:
                async with asyncio.timeout(limit):
                    while True:
                        with contextlib.suppress(ApiError):
                            seen = await self.state(entity_id)
                        if seen and seen["state"] in states:
                            return dict(seen)
                        await changes.get()
            except TimeoutError as err:
                raise TimeoutError(f"{entity_id} is {seen and seen['state']}, not one of {states}") from err

    async def call(self, domain: str, service: str, **data: Any) -> Any:
        """Call an action."""
        return await self.command("call_service", domain=domain, service=service, service_data=data)

    async def flow(self, handler: Any, kind: str = "config", **more: Any) -> Flow:
        """Start a flow: a domain, an entry id ("options"), or [entry id, subentry type] ("subentry")."""
        path = FLOWS[kind]
        return Flow(self, path, await self.rest("POST", path, {"handler": handler, **more}))


@dataclass
class Flow:
    """A flow in progress, and what Home Assistant last said."""

    client: Client
    path: str
    result: dict[str, Any]

    @property
    def step(self) -> str | None:
        """The step that is shown; None when the flow has ended."""
        return self.result.get("step_id")

    @property
    def errors(self) -> dict[str, str]:
        """The errors that the form shows."""
        return self.result.get("errors") or {}

    async def submit(self, **values: Any) -> dict[str, Any]:
        """Submit the form (or `next_step_id` of a menu) and return what comes next."""
        self.result = await self.client.rest("POST", f"{self.path}/{self.result['flow_id']}", values)
        return self.result

    async def choose(self, step_id: str) -> dict[str, Any]:
        """Choose an item of a menu."""
        return await self.submit(next_step_id=step_id)
