"""RTSP on loopback, byte by byte: who may see what, when the first picture comes, and how it ends."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from engine.lan import Codec, Reason
from engine.relay import rtsp
from engine.relay.formats import AudioFormat, Formats
from engine.relay.keeper import COMING
from engine.relay.listening import SOUND_WITHIN
from engine.relay.rtsp import REPLAY_WAIT
from tests.support import footage
from tests.support.relay import KEY, KNOWN, TOKEN, Rig, arrived, rtsp_rig
from tests.support.rtsp import Viewer, is_hung_up, next_packets

FIRST, *LATER = footage.video("h264")


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rtsp_rig() as made:
        yield made


# Who may see what.


@pytest.mark.parametrize(
    "path",
    [
        KEY,
        f"{KEY}?auth=",
        f"{KEY}?auth={TOKEN[:-1]}",
        f"{KEY}?auth={TOKEN}0",
        f"{KEY}?auth={TOKEN.upper()}",
        f"{KEY}?token={TOKEN}",
        f"{KEY}?auth=%FF%00{TOKEN}",
        f"{'cd' * 16}?auth={TOKEN}",
        f"?auth={TOKEN}",
        f"..?auth={TOKEN}",
        f"{KEY}/video?auth={TOKEN}",
        f"{TOKEN}?auth={KEY}",
    ],
)
async def test_nobody_sees_a_camera_without_its_token(rig: Rig, path: str) -> None:
    async with Viewer(f"rtsp://127.0.0.1:{rig.port}/{path}") as viewer, asyncio.timeout(10):
        reply = await viewer.ask("DESCRIBE")
        assert (reply.status, reply.body) == (404, b"")
        assert await is_hung_up(viewer)
    assert rig.camera.dials == [], "nor does he make it be dialled"


async def test_nothing_goes_before_a_description(rig: Rig) -> None:
    async with Viewer(rig.url) as viewer:
        assert (await viewer.ask("OPTIONS", "*")).status == 200
        transport = {"Transport": "RTP/AVP/TCP;interleaved=0-1"}
        assert (await viewer.ask("SETUP", f"{rig.url}/video", **transport)).status == 455
        assert (await viewer.ask("PLAY", Session="1")).status == 455
        for method in ("ANNOUNCE", "RECORD", "PAUSE", "SET_PARAMETER"):
            assert (await viewer.ask(method)).status == 501
        viewer.writer.write(b"$\x00\x00\x00")
        assert (await viewer.reader.read()).startswith(b"RTSP/1.0 400 ")
    assert rig.camera.dials == []


async def test_a_browser_is_told_to_go(rig: Rig) -> None:
    async with Viewer(rig.url) as viewer:
        viewer.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await viewer.reader.read() == b"RTSP/1.0 400 Bad Request\r\n\r\n"


async def test_a_stranger_has_no_time(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtsp, "STRANGER", 0.03)
    async with Viewer(rig.url) as viewer:
        assert await is_hung_up(viewer)


# The first picture.


async def test_the_replay_comes_after_a_tenth_of_a_second_and_ends_now(rig: Rig) -> None:
    await rig.live()
    for piece in LATER[:4]:
        await rig.advance(0.1)
        rig.camera.show(piece.data, key=False)
    async with Viewer(rig.url) as viewer:
        await viewer.play()
        assert rig.channel.hub.sinks == set()
        await rig.advance(REPLAY_WAIT - 0.01)
        assert rig.channel.hub.sinks == set(), "go2rtc would lose what comes before its viewer is ready"
        await rig.advance(0.01)
        report, *_ = await next_packets(viewer, 1)
        assert (report.channel, report.data[1]) == (1, 200)
        pictures = [await anext(viewer.pictures()) for _ in range(5)]
        assert pictures[0].key
        steps = [later.timestamp - sooner.timestamp for sooner, later in itertools.pairwise(pictures)]
        assert steps == [90] * 4
        rig.camera.show(LATER[4].data, key=False)
        live = await anext(viewer.pictures())
        assert live.timestamp - pictures[-1].timestamp == pytest.approx(REPLAY_WAIT * 90000, abs=2)


async def test_two_readers_share_a_session_and_only_one_gets_the_key_frame_twice(rig: Rig) -> None:
    await rig.live()
    async with asyncio.timeout(20), Viewer(rig.url) as viewer, Viewer(rig.url + "&twice=1") as stream:
        await viewer.play()
        await stream.play()
        await rig.advance(REPLAY_WAIT)
        assert len(rig.channel.hub.sinks) == 2
        assert (await anext(viewer.pictures())).key
        first, again = await anext(stream.pictures()), await anext(stream.pictures())
        assert first.units == again.units
        assert again.timestamp - first.timestamp == 90
        rig.camera.show(LATER[0].data, key=False)
        assert not (await anext(viewer.pictures())).key
        assert not (await anext(stream.pictures())).key
    await arrived()
    assert rig.channel.hub.sinks == set()
    assert len(rig.camera.dials) == 1


async def test_a_session_stands_from_the_description_on_for_who_is_coming(rig: Rig) -> None:
    rig.channel.hub.remember(KNOWN)
    async with Viewer(rig.url) as viewer:
        assert (await viewer.ask("DESCRIBE")).status == 200
        await rig.advance(4)
        assert rig.camera.session is not None, "between description and play somebody wants it already"
    await rig.live()
    for _ in range(int(COMING) - 6):
        await rig.advance(1)
        rig.camera.show(FIRST.data, key=True)
    assert rig.camera.session is not None
    await rig.advance(6)
    assert rig.camera.session is None


async def test_a_still_is_described_once_the_camera_has_let_us_in(rig: Rig) -> None:
    """go2rtc would wait for it for ever: it had better not begin while there is nobody to wait for."""
    rig.channel.hub.remember(KNOWN)
    rig.camera.patience, rig.camera.refusal = 1.0, Reason.NO_ANSWER
    async with Viewer(f"{rig.url}&still=1") as viewer:
        asking = asyncio.create_task(viewer.ask("DESCRIBE"))
        for _ in range(4):
            await rig.advance(1)
            assert not asking.done()
        await rig.advance(1)
        assert (await asking).status == 503
    await rig.advance(10)
    dials = len(rig.camera.dials)
    await rig.advance(30)
    assert len(rig.camera.dials) == dials, "nobody waits for it any more"
    rig.camera.patience, rig.camera.refusal = 0.0, None
    async with Viewer(f"{rig.url}&still=1") as viewer:
        asking = asyncio.create_task(viewer.ask("DESCRIBE"))
        await rig.advance(1)
        assert (await asking).status == 200


async def test_the_first_description_waits_for_announced_sound_but_not_long(rig: Rig) -> None:
    rig.camera.info = replace(rig.camera.info, audio=True)
    async with Viewer(rig.url) as viewer:
        asking = asyncio.create_task(viewer.ask("DESCRIBE"))
        await arrived()
        rig.camera.show(FIRST.data, key=True)
        await rig.advance(SOUND_WITHIN / 2)
        assert not asking.done()
        rig.camera.say(bytes(160), codec=Codec.PCMA, rate=8000)
        assert b"PCMA/8000" in (await asking).body
    await rig.channel.keeper.close()


async def test_sound_that_does_not_come_is_waited_for_half_a_second(rig: Rig) -> None:
    rig.camera.info = replace(rig.camera.info, audio=True)
    async with Viewer(rig.url) as viewer:
        asking = asyncio.create_task(viewer.ask("DESCRIBE"))
        await arrived()
        rig.camera.show(FIRST.data, key=True)
        await rig.advance(SOUND_WITHIN)
        assert b"m=audio" not in (await asking).body


# The protocol.


async def test_what_is_asked_wrongly_is_refused_and_the_rest_goes_on(rig: Rig) -> None:
    rig.channel.hub.remember(Formats(spoken=AudioFormat("pcmu", 8000)))
    await rig.live()
    tcp = "RTP/AVP/TCP;unicast;interleaved=0-1"
    async with Viewer(rig.url) as viewer:
        reply = await viewer.ask("DESCRIBE")
        base = reply.headers["content-base"]
        assert TOKEN not in base
        for url, transport, status in (
            (f"{base}video", "RTP/AVP;unicast;client_port=5000-5001", 461),
            (f"{base}video", "", 461),
            (f"{base}audio", tcp, 404),
            (f"{base}screen", tcp, 404),
            (f"{base}video", tcp, 200),
            (f"{base}talk", tcp, 461),
        ):
            assert (await viewer.ask("SETUP", url, Transport=transport)).status == status
        assert (await viewer.ask("PLAY", Session="0123456789abcdef")).status == 454
        assert (await viewer.ask("GET_PARAMETER")).status == 200
        session = (await viewer.ask("SETUP", f"{base}video", Transport=tcp)).headers["session"]
        assert re.fullmatch(r"[0-9a-f]{16};timeout=60", session)
        assert (await viewer.ask("PLAY", Session=session)).status == 200
        await rig.advance(REPLAY_WAIT)
        for method in ("PLAY", "SETUP", "DESCRIBE"):
            assert (await viewer.ask(method, Session=session)).status == 455
        assert (await viewer.ask("TEARDOWN", Session=session)).status == 200
    await arrived()
    assert rig.channel.hub.sinks == set()
