"""One camera's session: opened on demand, kept for a while, dialled again, never twice."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from engine.lan import Codec, LanError, Reason
from engine.relay.keeper import COMING, COMMAND_LINGER, FIRST_KEY, FIRST_PICTURE, GLANCE, LINGER
from engine.relay.pauses import STALL
from engine.relay.states import Phase
from tests.support.clock import settle
from tests.support.keeping import KEY, Rig, keeping
from tests.support.relay import PlayedCamera


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with keeping() as made:
        yield made


async def test_nobody_looks_nothing_is_dialled(rig: Rig) -> None:
    await rig.clock.advance(3600)
    assert rig.camera.dials == []
    assert rig.keeper.phase is Phase.IDLE


async def test_a_wish_opens_a_session_that_lingers_from_the_last_wish_on(rig: Rig) -> None:
    rig.keeper.wish()
    await settle()
    assert rig.states == [(Phase.CONNECTING, "")]
    await rig.pictures(COMING - 1)
    rig.keeper.wish()
    await rig.pictures(COMING - 1)
    assert rig.keeper.phase is Phase.LIVE
    await rig.pictures(2)
    assert rig.states[-1] == (Phase.IDLE, "")
    assert len(rig.camera.dials) == 1


async def test_a_session_outlives_its_last_reader_by_the_linger(rig: Rig) -> None:
    await rig.watch()
    await rig.pictures(300)
    rig.keeper.readers(0)
    await rig.pictures(LINGER - 1)
    assert rig.camera.session is not None
    await rig.pictures(2)
    assert rig.camera.session is None
    assert len(rig.hub.gop) == 0


async def test_a_glance_costs_the_camera_no_half_minute(rig: Rig) -> None:
    await rig.watch()
    await rig.pictures(1)
    rig.keeper.readers(0)
    await rig.pictures(GLANCE + 0.5)
    assert rig.camera.session is None


async def test_pauses_grow_to_three_seconds_while_somebody_watches(rig: Rig) -> None:
    rig.camera.refusal = Reason.NO_ANSWER
    await rig.watch()
    await rig.clock.advance(30)
    expected = [0.3, 1, 2, 3, 3, 3, 3]
    for found, usual in zip(rig.pauses, expected, strict=False):
        assert 0.8 * usual <= found <= 1.2 * usual
    assert len(rig.pauses) >= len(expected)
    assert len(set(rig.pauses[3:])) > 1, "cameras lost together must not come in step"
    assert rig.states == [(Phase.CONNECTING, ""), (Phase.LOST, "no_answer")]


async def test_every_dial_that_ends_at_a_wrong_key_is_told(rig: Rig) -> None:
    rig.camera.refusal = Reason.WRONG_KEY
    await rig.watch()
    await rig.clock.advance(300)
    told = [state for state in rig.states if state == (Phase.REFUSED, Reason.WRONG_KEY)]
    assert len(told) == len(rig.camera.dials) == rig.keeper.refusals >= 8


async def test_they_grow_to_a_minute_while_nobody_does_and_shrink_when_somebody_comes(rig: Rig) -> None:
    rig.camera.refusal = Reason.NO_ANSWER
    rig.keeper.always(True)
    await rig.clock.advance(1200)
    assert 40 <= max(rig.pauses) <= 60
    rig.camera.refusal = None
    await rig.watch()
    await rig.clock.advance(3.7)
    assert rig.camera.session is not None


async def test_ten_seconds_of_pictures_begin_the_pauses_anew(rig: Rig) -> None:
    rig.camera.refusal = Reason.NO_ANSWER
    await rig.watch()
    await rig.clock.advance(20)
    rig.camera.refusal = None
    await rig.clock.advance(4)
    await rig.pictures(9)
    rig.camera.hang_up()
    await settle()
    started = rig.clock.monotonic()
    await rig.clock.advance(4)
    assert rig.camera.dials[-1] - started > 2, "nine seconds are not enough"
    await rig.pictures(10.5)
    rig.camera.hang_up()
    await settle()
    started = rig.clock.monotonic()
    await rig.clock.advance(0.4)
    assert 0 < rig.camera.dials[-1] - started <= 0.36


@pytest.mark.parametrize(
    ("reason", "phase", "least"),
    [
        (Reason.WRONG_KEY, Phase.REFUSED, 24),
        (Reason.OUTSIDE, Phase.REFUSED, 40),
        (Reason.UPDATING, Phase.REFUSED, 8),
        (Reason.BUSY, Phase.REFUSED, 0.2),
        (Reason.NO_DTLS, Phase.LOST, 0.2),
        (Reason.PORT_CLOSED, Phase.LOST, 0.2),
    ],
)
async def test_a_refusal_is_named_and_not_asked_again_at_once(
    rig: Rig, reason: Reason, phase: Phase, least: float
) -> None:
    rig.camera.refusal = reason
    await rig.watch()
    assert rig.states[-1] == (phase, reason)
    await rig.clock.advance(61)
    assert rig.pauses[0] >= least
    assert rig.pauses[0] <= 60


async def test_who_comes_back_within_a_pause_hears_what_was_wrong(rig: Rig) -> None:
    rig.camera.refusal = Reason.WRONG_KEY
    rig.keeper.wish(1)
    await rig.clock.advance(2)
    assert rig.keeper.phase is Phase.IDLE
    rig.keeper.wish()
    await settle()
    assert (rig.keeper.phase, rig.keeper.reason) == (Phase.REFUSED, "wrong_key")
    assert len(rig.camera.dials) == 1


async def test_a_session_without_pictures_is_dialled_anew(rig: Rig) -> None:
    await rig.watch()
    await rig.clock.advance(FIRST_PICTURE - 0.1)
    assert len(rig.camera.dials) == 1
    await rig.clock.advance(0.6)
    assert rig.states[-1] == (Phase.STALLED, "no_media")
    assert len(rig.camera.dials) == 2
    assert rig.camera.closed == 1


async def test_pictures_that_stop_are_a_stall_whatever_sound_says(rig: Rig) -> None:
    await rig.watch()
    await rig.pictures(2)
    started = rig.clock.monotonic()
    while rig.keeper.phase is Phase.LIVE and rig.clock.monotonic() - started < 60:
        rig.camera.say(bytes(160), codec=Codec.PCMU, rate=8000)
        await rig.clock.advance(0.1)
    assert rig.states[-1] == (Phase.STALLED, "no_media")
    assert rig.clock.monotonic() - started == pytest.approx(STALL, abs=0.2)
    assert len(rig.hub.gop) == 0, "what was is not shown as what is"


async def test_pictures_that_never_begin_are_named(rig: Rig) -> None:
    await rig.watch()
    await rig.pictures(FIRST_KEY + 1, key=False)
    assert rig.states == [(Phase.CONNECTING, ""), (Phase.STALLED, "no_key_frame")]


async def test_a_camera_that_hangs_up_is_back_at_once(rig: Rig) -> None:
    await rig.watch()
    await rig.pictures(11)
    rig.camera.hang_up()
    await settle()
    assert rig.states[-1] == (Phase.LOST, "hung_up")
    await rig.clock.advance(0.4)
    await rig.pictures(1)
    assert rig.states[-1] == (Phase.LIVE, "")


async def test_another_way_to_a_camera_is_taken_at_once(rig: Rig) -> None:
    rig.camera.refusal = Reason.WRONG_KEY
    await rig.watch()
    other = PlayedCamera(rig.clock)
    rig.keeper.open_anew(other.open)
    await settle()
    assert other.session is not None
    third = PlayedCamera(rig.clock)
    other.show(KEY.data, key=True)
    rig.keeper.open_anew(third.open)
    await settle()
    assert other.session is None
    assert third.session is not None
    assert rig.states[-2:] == [(Phase.LIVE, ""), (Phase.CONNECTING, "")]


async def test_a_mistake_in_the_engine_costs_a_try(rig: Rig) -> None:
    rig.camera.fault = KeyError("x")
    await rig.watch()
    assert rig.states[-1] == (Phase.LOST, "protocol_fault")
    rig.camera.fault = None
    await rig.clock.advance(0.4)
    assert rig.camera.session is not None


async def test_a_command_uses_the_session_that_stands(rig: Rig) -> None:
    await rig.watch()
    assert await rig.keeper.command(10020, b"x", 5) == (10020).to_bytes(2, "little") + b"x"
    assert len(rig.camera.dials) == 1


async def test_a_command_opens_a_short_session(rig: Rig) -> None:
    assert await rig.keeper.command(10020, b"", 5)
    assert rig.camera.session is not None
    await rig.pictures(COMMAND_LINGER + 5.5)
    assert rig.camera.session is None
    assert rig.states[-1] == (Phase.IDLE, "")


async def test_a_command_fails_with_the_reason(rig: Rig) -> None:
    rig.camera.refusal = Reason.WRONG_KEY
    for _ in range(2):
        with pytest.raises(LanError) as caught:
            await rig.keeper.command(10020, b"", 5)
        assert caught.value.reason == "wrong_key"
    assert len(rig.camera.dials) == 1
    rig.camera.refusal, rig.camera.patience = Reason.NO_ANSWER, 9
    await rig.clock.advance(40)
    asking = asyncio.ensure_future(rig.keeper.command(10020, b"", 2))
    await rig.clock.advance(3)
    with pytest.raises(LanError) as caught:
        await asking
    # Whoever has a second way to the camera takes it: nothing was said to it.
    assert caught.value.reason == "no_answer"
    await rig.clock.advance(9)


async def test_to_close_is_to_hang_up_and_to_let_nobody_wait(rig: Rig) -> None:
    rig.camera.patience = 60
    asking = asyncio.ensure_future(rig.keeper.command(10020, b"", 5))
    await settle()
    await rig.keeper.close()
    with pytest.raises(LanError) as caught:
        await asking
    assert caught.value.reason == "closed"
