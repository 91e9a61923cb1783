"""Readers of a camera that is away, not known yet, or taken away: told why, kept, or sent away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from engine.lan import Reason
from engine.relay.channel import DESCRIBE_WITHIN
from engine.relay.listening import SOUND_WITHIN
from engine.relay.rtsp import REPLAY_WAIT
from engine.relay.states import Phase
from tests.support import footage
from tests.support.relay import KNOWN, Rig, arrived, rtsp_rig
from tests.support.rtsp import Viewer, is_hung_up, next_packets

FIRST = footage.video("h264")[0]
OTHER = footage.video("h264", width=160, height=96)[0]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rtsp_rig() as made:
        yield made


async def test_a_camera_never_seen_that_is_off_is_told_within_five_seconds(rig: Rig) -> None:
    assert DESCRIBE_WITHIN < 5, "go2rtc waits no longer"
    rig.camera.refusal = Reason.NO_ANSWER
    async with Viewer(rig.url) as viewer:
        asking = asyncio.create_task(viewer.ask("DESCRIBE"))
        await arrived()
        await rig.advance(DESCRIBE_WITHIN - 0.1)
        assert not asking.done()
        await rig.advance(0.1)
        reply = await asking
        assert (reply.status, reply.phrase) == (503, "no_answer")
        assert await is_hung_up(viewer)


async def test_a_refusal_is_told_at_once_and_an_old_one_is_tried_again(rig: Rig) -> None:
    rig.camera.refusal = Reason.WRONG_KEY
    for _ in range(2):
        async with Viewer(rig.url) as viewer:
            assert (await viewer.ask("DESCRIBE")).phrase == "wrong_key"
    assert len(rig.camera.dials) == 1
    await rig.advance(100)
    rig.camera.refusal = None
    async with Viewer(rig.url) as viewer:
        asking = asyncio.create_task(viewer.ask("DESCRIBE"))
        await arrived()
        rig.camera.show(FIRST.data, key=True)
        await rig.advance(SOUND_WITHIN)
        assert (await asking).status == 200


async def test_who_attaches_to_a_camera_that_is_off_sees_it_when_it_comes(rig: Rig) -> None:
    rig.channel.hub.remember(replace(KNOWN, audio=None))
    rig.camera.refusal = Reason.NO_ANSWER
    async with Viewer(rig.url) as viewer:
        reply = await viewer.play()
        assert b"sprop-parameter-sets=" in reply.body
        await rig.advance(REPLAY_WAIT)
        for _ in range(30):
            await rig.advance(0.5)
        reports = await next_packets(viewer, 9)
        assert {packet.data[1] for packet in reports} == {200}, "signs of life, so that nobody hangs up"
        assert rig.channel.keeper.phase is Phase.LOST
        rig.camera.refusal = None
        await rig.advance(3.7)
        rig.camera.show(b"\0\0\1\x65key", key=True)
        assert (await anext(viewer.pictures())).key


async def test_who_was_told_of_other_pictures_has_to_come_again(rig: Rig) -> None:
    rig.channel.hub.remember(KNOWN)
    async with Viewer(rig.url) as early, Viewer(rig.url) as late:
        await early.play()
        await rig.advance(REPLAY_WAIT)
        await late.play()
        rig.camera.show(OTHER.data, key=True)
        await rig.advance(REPLAY_WAIT)
        assert await is_hung_up(early)
        assert await is_hung_up(late)
    await arrived()
    assert rig.channel.hub.sinks == set()


async def test_a_camera_that_is_taken_away_leaves_no_reader(rig: Rig) -> None:
    await rig.live()
    async with Viewer(rig.url) as playing, Viewer(rig.url) as waiting:
        await playing.play()
        await rig.advance(REPLAY_WAIT)
        await waiting.play()
        await rig.channel.close()
        await rig.advance(REPLAY_WAIT)
        await next_packets(playing, 1)
        assert await is_hung_up(waiting)
    await arrived()
    assert rig.channel.hub.sinks == set()
