"""Commands are said until they are answered, one of a code at a time, and never for ever."""

import asyncio

import pytest

from engine.lan import LanError, Reason
from engine.lan.control import Control
from tests.engine.lan.camera import Camera
from tests.engine.lan.viewer import Viewer, pass_time, until, watching
from tests.engine.lan.virtual import virtual


@virtual
async def test_an_answer_comes_back_with_its_payload() -> None:
    camera = Camera()
    camera.answers = {10030: b"\2", 10056: b"\1", 10220: b""}
    async with watching(camera) as viewer:
        assert await viewer.session.command(10030) == b"\2"
        assert await viewer.session.command(10056, b"\1\x3c\0\0\0") == b"\1"
        assert await viewer.session.command(10220) == b""
        assert camera.commands()[2:] == [(10030, b""), (10056, b"\1\x3c\0\0\0"), (10220, b"")]


@virtual
async def test_a_command_is_repeated_until_it_is_answered_the_first_time_soon() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        asked = asyncio.ensure_future(viewer.session.command(10030))
        await pass_time(3.5)
        camera.command(10031, b"\1")
        assert await asked == b"\1"
        await pass_time(3)
        times = [at for at, (code, _) in camera.timed_commands() if code == 10030]
        assert [at - times[0] for at in times] == pytest.approx([0, 0.3, 1, 2, 3])


@pytest.mark.parametrize("code", [11000, 11002])
@virtual
async def test_a_turn_by_so_much_is_never_said_twice(code: int) -> None:
    """Each one that arrives turns the camera again: one lost answer must not turn it away."""
    camera = Camera()
    async with watching(camera) as viewer:
        with pytest.raises(LanError, match="timeout"):
            await viewer.session.command(code, b"\1\0\5", timeout=4)
        assert [said for said, _ in camera.commands()].count(code) == 1


@pytest.mark.parametrize("seconds", [0.5, 5.0])
@virtual
async def test_no_answer_is_a_timeout_and_the_session_goes_on(seconds: float) -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        before = camera.now()
        with pytest.raises(LanError) as caught:
            await viewer.session.command(10030, timeout=seconds)
        assert caught.value.word is Reason.TIMEOUT
        assert camera.now() - before == pytest.approx(seconds)
        camera.answers[10030] = b"\1"
        assert await viewer.session.command(10030) == b"\1"
        # An answer that comes twice, or too late, harms nobody.
        camera.command(10031, b"\1")
        await pass_time(0.1)
        assert viewer.session.stats.malformed == 0


@virtual
async def test_commands_of_different_codes_do_not_wait_for_each_other() -> None:
    camera = Camera()
    camera.answers = {10032: b"\1"}
    async with watching(camera) as viewer:
        slow = asyncio.ensure_future(viewer.session.command(10030))
        assert await viewer.session.command(10032, b"\1") == b"\1"
        camera.command(10031, b"\2")
        assert await slow == b"\2"


@virtual
async def test_commands_of_one_code_wait_for_each_other() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        first, second, third = (
            asyncio.ensure_future(viewer.session.command(10032, bytes((value,)))) for value in (1, 2, 3)
        )
        await pass_time(0.2)
        assert camera.commands()[2:] == [(10032, b"\1")]
        camera.command(10033, b"a")
        assert await first == b"a"
        await pass_time(0.1)
        second.cancel()
        await pass_time(0.1)
        assert camera.commands()[2:] == [(10032, b"\1"), (10032, b"\2"), (10032, b"\3")]
        camera.command(10033, b"c")
        assert await third == b"c"
        assert second.cancelled()


@virtual
async def test_whoever_waits_for_a_turn_waits_no_longer_than_told() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        first = asyncio.ensure_future(viewer.session.command(10030, timeout=4))
        await pass_time(0.1)
        with pytest.raises(LanError, match="timeout"):
            await viewer.session.command(10030, timeout=1)
        with pytest.raises(LanError, match="timeout"):
            await first


@pytest.mark.parametrize(("code", "payload"), [(10031, b""), (9998, b""), (65536, b""), (10030, bytes(1001))])
@virtual
async def test_what_is_no_command_is_not_sent(code: int, payload: bytes) -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        with pytest.raises(ValueError, match="no command"):
            await viewer.session.command(code, payload)
        await pass_time(0.1)
        assert len(camera.commands()) == 2


@virtual
async def test_a_wish_does_not_stand_in_the_way_of_a_command() -> None:
    """A resolution wished for at the start is still being said; whoever commands it waits for its turn."""
    camera, viewer = Camera(), Viewer()
    async with camera:
        await viewer.open(camera.credentials(), resolution="sd")
        asked = asyncio.ensure_future(viewer.session.command(10056, b"\1\x10\0\0\0"))
        await pass_time(0.1)
        camera.command(10057, b"\1")
        await until(lambda: camera.commands()[-1] == (10056, b"\1\x10\0\0\0"))
        camera.command(10057, b"\1")
        assert await asked == b"\1"
        await viewer.session.close()


@virtual
async def test_a_wish_right_after_a_command_was_given_up_is_sent() -> None:
    """What was given up still stands where answers are looked up, until the loop has gone round once more."""
    sent: list[bytes] = []
    control = Control(sent.append, lambda: 0)
    command = asyncio.ensure_future(control.request(10010, b"\2\1", 5))
    await until(lambda: sent)
    command.cancel()
    control.wish(10010, b"\2\2", 5)
    assert [packet[-2:] for packet in sent] == [b"\2\1", b"\2\2"]
    await pass_time(0.5)
    control.wish(10010, b"\2\1", 5)
    assert len(sent) == 2, "the other one is still being said"
    control.end(LanError(Reason.CLOSED))
    await asyncio.gather(command, return_exceptions=True)


@virtual
async def test_all_who_wait_are_told_when_the_session_is_closed() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        waiting = [
            asyncio.ensure_future(viewer.session.command(code)) for code in (10030, 10030, 10030, 10040)
        ]
        await pass_time(0.1)
        await viewer.session.close()
        for attempt in waiting:
            with pytest.raises(LanError, match="closed"):
                await attempt
    assert viewer.ends == []


@virtual
async def test_many_commands_and_their_acknowledgements_do_not_lose_count() -> None:
    camera = Camera()
    camera.answers = {10030: b"\1"}
    async with watching(camera) as viewer:
        for _ in range(300):
            await viewer.session.command(10030)
        await pass_time(0.2)
        acks = [packet for _, packet in camera.packets if packet[:2] == b"\x09\0"]
        assert int.from_bytes(acks[-1][10:12], "little") == 301
        assert viewer.session.stats.malformed == 0
