"""Other machines at the relay's door: nobody comes in without his own login, and nobody is in the way."""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from dev.ports import free_port
from engine.model import EngineError, Secret
from engine.relay.channel import Channel, Channels
from engine.relay.doors import AGAIN, Doors
from engine.relay.guests import Guest
from engine.relay.login import REALM, SLOW
from engine.relay.server import MAX_STRANGERS
from tests.support import footage
from tests.support.clock import FakeClock, settle
from tests.support.relay import KEY, TOKEN, PlayedCamera, arrived, channel_of
from tests.support.rtsp import Viewer, is_hung_up
from tests.support.streaming import allow_loopback

USER, PASSWORD = "relay_1", "0f" * 16
FIRST = footage.video("h264")[0]


@dataclass
class Rig:
    clock: FakeClock
    channel: Channel
    doors: Doors
    port: int

    def url(self, path: str = f"{KEY}?auth={TOKEN}") -> str:
        return f"rtsp://127.0.0.1:{self.port}/{path}"

    def guest(self, user: str = USER, password: str = PASSWORD) -> Guest:
        return Guest(self.port, Secret(user), Secret(password))

    async def answer(
        self, viewer: Viewer, user: str = USER, password: str = PASSWORD, *, nonce: str = "", path: str = ""
    ) -> int:
        """Ask, be asked who it is, say so; returns the status of the last answer."""
        first = await viewer.ask("DESCRIBE")
        assert (first.status, first.body) == (401, b"")
        challenge = first.headers["www-authenticate"]
        found = re.fullmatch(rf'Digest realm="{REALM}", nonce="([0-9a-f]{{32}})"', challenge)
        assert found is not None
        line = authorization(user, password, nonce or found[1], path or viewer.url)
        asking = asyncio.create_task(viewer.ask("DESCRIBE", Authorization=line))
        await arrived()
        if not asking.done():
            await self.clock.advance(SLOW)
        return (await asking).status


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def authorization(user: str, password: str, nonce: str, uri: str) -> str:
    response = md5(f"{md5(f'{user}:{REALM}:{password}')}:{nonce}:{md5(f'DESCRIBE:{uri}')}")
    fields = f'username="{user}", realm="{REALM}", nonce="{nonce}", uri="{uri}", response="{response}"'
    return f"Digest {fields}"


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    allow_loopback()
    clock = FakeClock()
    camera = PlayedCamera(clock)
    channel = channel_of(camera, clock)
    channel.guest = USER
    channels = Channels()
    channels.by_key[KEY] = channel
    channel.start()
    channel.wish()
    await settle()
    camera.show(FIRST.data, key=True)
    made = Rig(clock, channel, Doors(channels, clock), free_port())
    await made.doors.set([made.guest()])
    try:
        yield made
    finally:
        await made.doors.close()
        await channel.close()


async def test_the_right_login_sees_its_camera(rig: Rig) -> None:
    async with Viewer(rig.url()) as viewer:
        assert await rig.answer(viewer) == 200


@pytest.mark.parametrize(
    ("user", "password"),
    [(USER, PASSWORD[:-1]), (USER, ""), ("", PASSWORD), ("relay_2", PASSWORD), (USER, PASSWORD.upper())],
)
async def test_a_wrong_login_waits_and_has_to_come_again(rig: Rig, user: str, password: str) -> None:
    async with Viewer(rig.url()) as viewer:
        began = rig.clock.monotonic()
        assert await rig.answer(viewer, user, password) == 401
        assert rig.clock.monotonic() - began >= SLOW
        assert await is_hung_up(viewer)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Digest",
        "Digest ",
        'Digest username="relay_1"',
        "Basic cmVsYXlfMTowZjBmMGYwZjBmMGYwZjBmMGYwZjBmMGYwZjBmMGYwZg==",
        'Digest username="relay_1", response=""',
        'Digest username="relay_1", username="relay_1", response="' + "0" * 32 + '"',
    ],
)
async def test_what_is_no_login_opens_nothing(rig: Rig, line: str) -> None:
    async with Viewer(rig.url()) as viewer:
        asking = asyncio.create_task(viewer.ask("DESCRIBE", Authorization=line))
        await arrived()
        await rig.clock.advance(SLOW)
        reply = await asking
        assert (reply.status, reply.body) == (401, b"")


async def test_what_was_overheard_opens_no_other_connection(rig: Rig) -> None:
    async with Viewer(rig.url()) as viewer, Viewer(rig.url()) as other:
        nonce = (await viewer.ask("DESCRIBE")).headers["www-authenticate"].split('"')[3]
        assert await rig.answer(other, nonce=nonce) == 401


async def test_the_login_alone_opens_no_camera(rig: Rig) -> None:
    """The token is asked for too, and a camera that is not for this machine is not there for it."""
    for path in (KEY, f"{KEY}?auth={TOKEN[:-1]}0", f"nothing?auth={TOKEN}"):
        async with Viewer(rig.url(path)) as viewer:
            assert await rig.answer(viewer) == 404
    rig.channel.guest = "relay_2"
    async with Viewer(rig.url()) as viewer:
        assert await rig.answer(viewer) == 404


async def test_nothing_else_is_answered_before(rig: Rig) -> None:
    async with Viewer(rig.url()) as viewer:
        assert (await viewer.ask("SETUP", Transport="RTP/AVP/TCP;interleaved=0-1")).status == 455
        assert (await viewer.ask("PLAY")).status == 455


async def test_a_crowd_at_the_door_is_sent_away_and_whoever_is_in_stays(rig: Rig) -> None:
    async with Viewer(rig.url()) as inside, contextlib.AsyncExitStack() as stack:
        assert await rig.answer(inside) == 200
        crowd = [await stack.enter_async_context(Viewer(rig.url())) for _ in range(MAX_STRANGERS // 4)]
        for one in crowd:
            assert (await one.ask("DESCRIBE")).status == 401
        async with Viewer(rig.url()) as late:
            assert await is_hung_up(late)
        assert (await inside.ask("OPTIONS")).status == 200


async def test_a_door_can_be_shut_and_others_be_let_in(rig: Rig) -> None:
    async with Viewer(rig.url()) as viewer:
        assert await rig.answer(viewer) == 200
        await rig.doors.set([rig.guest()])
        assert (await viewer.ask("OPTIONS")).status == 200, "nothing changed for him"
        await rig.doors.set([rig.guest(password="1e" * 16)])
        assert await is_hung_up(viewer)
    async with Viewer(rig.url()) as viewer:
        assert await rig.answer(viewer) == 401
    await rig.doors.set([])
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", rig.port)


async def test_a_port_that_somebody_has_is_said_so_and_taken_when_it_is_free(rig: Rig) -> None:
    port = free_port()
    guest = Guest(port, Secret(USER), Secret(PASSWORD))
    taken = await asyncio.start_server(lambda _reader, _writer: None, "0.0.0.0", port)
    async with taken:
        with pytest.raises(EngineError) as caught:
            await rig.doors.set([guest])
        assert caught.value.reason == "port_taken"
    await rig.clock.advance(AGAIN)
    await arrived()
    rig.port = port
    async with Viewer(rig.url()) as viewer:
        assert await rig.answer(viewer) == 200
