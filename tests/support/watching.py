"""A whole watch worker for tests, and what spoils a stream on its way to it."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

from engine.child import ChildState
from engine.model import Secret, SystemClock
from engine.watch import WatchNews, WatchState, WatchWorker


@dataclass
class Heard:
    """What a worker has told."""

    news: list[tuple[str, WatchNews]] = field(default_factory=list)
    states: list[tuple[str, WatchState]] = field(default_factory=list)
    worker: list[ChildState] = field(default_factory=list)

    def of(self, kind: type) -> list[Any]:
        """Return the news of a kind."""
        return [news for _, news in self.news if isinstance(news, kind)]


@asynccontextmanager
async def running_worker(**options: Any) -> AsyncIterator[tuple[WatchWorker, Heard]]:
    """Run a worker."""
    heard = Heard()
    worker = WatchWorker(
        **{
            "clock": SystemClock(),
            "rng": random.Random(5),
            "on_news": lambda key, news: heard.news.append((key, news)),
            "on_state": lambda key, state: heard.states.append((key, state)),
            "on_worker": heard.worker.append,
            **options,
        }
    )
    await worker.start()
    try:
        yield worker, heard
    finally:
        await worker.stop()


async def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until something is true; fails after the limit."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


class Spoiler:
    """Stands between a stream and who reads it, and changes what passes."""

    def __init__(
        self,
        upstream: Secret,
        spoil: Callable[[bytes], bytes | None],
        describe: Callable[[bytes], bytes] = bytes,
    ) -> None:
        """Pass packets on as `spoil` returns them; None hangs up. `describe` spoils what answers bring."""
        address, _, rest = upstream.reveal().removeprefix("rtsp://").partition("/")
        self._host, _, port = address.partition(":")
        self._port = int(port)
        self._rest = rest
        self._spoil = spoil
        self._describe = describe
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.packets = 0
        """So many passed."""

    @property
    def url(self) -> Secret:
        """Where to read it."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return Secret(f"rtsp://{self._host}:{port}/{self._rest}")

    async def __aenter__(self) -> Self:
        """Begin."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(OSError, asyncio.IncompleteReadError):
            upstream_reader, upstream = await asyncio.open_connection(self._host, self._port)
            asking = asyncio.create_task(self._ask(reader, upstream))
            try:
                await self._pass(upstream_reader, writer)
            finally:
                asking.cancel()
                upstream.close()
        writer.close()

    async def _ask(self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            upstream.write(data)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while first := await reader.readexactly(1):
            if first != b"$":
                # An answer, line by line, and what it brings.
                head = first + await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                body = self._describe(await reader.readexactly(length))
                writer.write(head + body)
                continue
            channel, *size = await reader.readexactly(3)
            packet = await reader.readexactly(int.from_bytes(bytes(size)))
            self.packets += 1
            if (spoilt := self._spoil(packet)) is None:
                return
            writer.write(bytes((0x24, channel)) + len(spoilt).to_bytes(2) + spoilt)
            await writer.drain()
