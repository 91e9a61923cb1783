"""go2rtc's map of streams is not locked and kills it: under our rules it survives a very bad day."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine

import pytest

from dev.simulator import CameraSpec, Picture, Simulator
from engine.model import EngineError, Secret
from engine.stream import StreamServer, WebRtcMessage
from tests.support import streaming
from tests.support.streaming import decode, new_token, running, source_of

pytestmark = [pytest.mark.live, pytest.mark.alone]

CAMERAS = 12
MANY = 150
READERS = 2
KINDS = 8
"""Things that happen in a storm."""

PATIENCE = 3
"""So many times its seconds may a storm take."""


class Storm:
    """Everything at once: polls, changes, dials, stills, viewers of all kinds, cameras that come and go.

    All but the real one are as the relay holds them: theirs are the changes without a DELETE, of which a
    thousand beside twenty thousand look-ups are, once in a while, the end of any go2rtc.
    """

    def __init__(self, server: StreamServer, source: Secret) -> None:
        self.server = server
        self.source = source
        self.done: Counter[str] = Counter()
        self.tokens = {f"camera {number}": new_token() for number in range(CAMERAS)}
        self.keys = list(self.tokens)
        self.numbers = itertools.count()
        self.guest = new_token()

    def nowhere(self) -> Secret:
        """Return a source that fails at once, each time another one."""
        return Secret(f"wyze://127.0.0.77?n={next(self.numbers)}")

    def relayed(self) -> Secret:
        """Return such a source as the relay serves, each time another one."""
        return Secret(f"rtsp://127.0.0.77:9/{next(self.numbers)}?auth=x")

    async def rage(self, seconds: float) -> None:
        """Let everything loose for some seconds."""
        for key in self.keys:
            await self.server.add(key, self.tokens[key], self.relayed())
        await self.server.add("real", new_token(), self.source)
        work = [
            *(self.again("poll", self.server.streams) for _ in range(READERS)),
            *(self.again("describe", self.describe) for _ in range(READERS)),
            self.again("change", self.change),
            self.again("dial", lambda: self.server.dial(self.nowhere(), timeout=5)),
            self.again("still", lambda: self.server.still("camera 0", timeout=5)),
            self.again("browser", self.browser),
            self.again("watch", lambda: decode(self.server.restream_url("real"), frames=5)),
            self.again("come and go", self.come_and_go),
        ]
        await self.loose(seconds, lambda: self.done["poll"] > 50 * seconds and len(self.done) == KINDS, *work)

    async def loose(
        self, seconds: float, enough: Callable[[], bool], *work: Coroutine[None, None, None]
    ) -> None:
        """Let things happen all at once for some seconds, longer on a busy machine: until it is enough."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE * seconds), asyncio.TaskGroup() as group:
                tasks = [group.create_task(one) for one in work]
                await asyncio.sleep(seconds)
                while not enough():
                    await asyncio.sleep(0.05)
                for task in tasks:
                    task.cancel()

    async def again(self, name: str, act: Callable[[], Awaitable[object]], pause: float = 0.0) -> None:
        """Do something over and over; that it fails is no matter, as long as it is our error."""
        while True:
            with contextlib.suppress(EngineError):
                await act()
            self.done[name] += 1
            await asyncio.sleep(pause)

    async def change(self) -> None:
        key = self.keys[next(self.numbers) % CAMERAS]
        await self.server.add(key, self.tokens[key], self.relayed())

    async def come_and_go(self) -> None:
        await self.server.add("guest", self.guest, self.relayed())
        await self.server.remove("guest")

    async def browser(self, camera_key: str = "camera 2") -> None:
        heard: list[WebRtcMessage] = []
        session = await self.server.webrtc(camera_key, "viewer", streaming.offer(), heard.append)
        await session.close()

    async def describe(self) -> None:
        """Ask for a stream as a player does that comes back again and again."""
        url = self.server.restream_url(self.keys[next(self.numbers) % CAMERAS]).reveal()
        port = int(url.split(":")[2].split("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
            # Hung up on in the middle of it is no death: that is judged at the end.
            with contextlib.suppress(ConnectionError):
                await reader.read(100)
        finally:
            writer.close()


async def weather(seconds: float) -> None:
    asyncio.get_running_loop().set_debug(False)
    async with Simulator([CameraSpec("porch", picture=Picture(gop=15))]) as simulator, running() as server:
        pid = server.pid
        storm = Storm(server, source_of(simulator.cameras["porch"].link))
        await storm.rage(seconds)
        print(", ".join(f"{count} × {name}" for name, count in storm.done.most_common()))
        assert len(storm.done) == KINDS, "everything has to have happened"
        assert storm.done["poll"] > 50 * seconds
        assert (server.pid, server.state.restarts) == (pid, 0)
        assert await decode(server.restream_url("real"), frames=5) == 5


async def restless(seconds: float) -> None:
    """Change the map itself, as fast as possible, beside listings of it: what one call at a time is for."""
    asyncio.get_running_loop().set_debug(False)
    async with running() as server:
        storm = Storm(server, Secret(""))
        for number in range(MANY):
            await server.add(f"camera {number}", new_token(), storm.nowhere())
        pid = server.pid
        await storm.loose(
            seconds,
            lambda: min(storm.done[name] for name in ("poll", "heal", "come and go")) > 2 * seconds,
            *(storm.again("poll", server.streams) for _ in range(4)),
            *(storm.again("heal", lambda: server.heal("camera 1")) for _ in range(4)),
            storm.again("come and go", storm.come_and_go),
        )
        print(", ".join(f"{count} × {name}" for name, count in storm.done.most_common()))
        assert min(storm.done.values()) > 2 * seconds
        assert (server.pid, server.state.restarts) == (pid, 0)


async def test_listing_beside_changing_is_survived() -> None:
    await restless(5)


async def test_viewers_come_and_go_beside_each_other() -> None:
    """Whoever comes while somebody else leaves gets a picture: a page with several opens all at once."""
    asyncio.get_running_loop().set_debug(False)
    async with running() as server:
        storm = Storm(server, Secret(""))
        await server.add("held by the relay", new_token(), storm.relayed())
        await storm.loose(
            3,
            lambda: storm.done["view"] > 20,
            *(storm.again("view", lambda: storm.browser("held by the relay")) for _ in range(6)),
        )
        assert storm.done["view"] > 20


async def test_it_survives_a_storm() -> None:
    await weather(8)


@pytest.mark.soak
async def test_it_survives_a_long_storm() -> None:
    await weather(30)
