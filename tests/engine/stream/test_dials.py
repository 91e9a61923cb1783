"""A dial hangs up after itself: its name is emptied and lent on, and its keys are looked for meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import pytest

from engine.model import EngineError, Secret
from engine.stream import ApiError, DialFailure, Media, Producer, Redactor, ServerDown, StreamInfo
from engine.stream.api import Api
from engine.stream.dials import Dials
from engine.stream.pool import MAX_STUCK, PROBES
from engine.stream.source import PARKED
from tests.support.streaming import until

KEY = "plain-looking-key"
SOURCE = Secret(f"rtsp://127.0.0.1/live?enr={KEY}")
PICTURE = StreamInfo((Producer(True, medias=(Media("video", "recvonly", ("H264",)),)),))


class Server:
    """Remembers what every name points at, and answers a dial as the test wants."""

    def __init__(self, redactor: Redactor, answer: StreamInfo | EngineError) -> None:
        self.redactor = redactor
        self.answer = answer
        self.points_at: dict[str, Secret] = {}
        self.clean = ""
        self.deaf: EngineError | None = None
        self.within = 0.0
        self.gate = asyncio.Event()
        self.gate.set()

    async def patch(self, name: str, source: Secret) -> None:
        if self.deaf and source == PARKED:
            raise self.deaf
        self.points_at[name] = source

    async def delete(self, name: str) -> None:
        if self.deaf:
            raise self.deaf
        del self.points_at[name]

    async def dial(self, name: str, *, within: float) -> StreamInfo:
        self.within = within
        self.clean = self.redactor.redact(KEY)
        await self.gate.wait()
        if isinstance(self.answer, EngineError):
            raise self.answer
        return self.answer


class Rig:
    """Dials over that server, and the work that goes on afterwards."""

    def __init__(self, answer: StreamInfo | EngineError) -> None:
        self.redactor = Redactor()
        self.server = Server(self.redactor, answer)
        self.work: list[asyncio.Task[None]] = []
        self.dials = Dials(self.redactor, self.spawn)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.work.append(asyncio.create_task(work))

    async def dial(self, source: Secret = SOURCE, within: float = 5) -> None:
        try:
            await self.dials.dial(cast("Api", self.server), source, within)
        finally:
            await asyncio.gather(*self.work)


async def test_keys_are_masked_while_a_dial_is_under_way_and_forgotten_afterwards() -> None:
    rig = Rig(PICTURE)
    await rig.dial()
    assert rig.server.clean == "***"
    assert rig.redactor.redact(KEY) == KEY


@pytest.mark.parametrize(
    "answer", [PICTURE, StreamInfo(), DialFailure(reason="wrong_key"), ServerDown()], ids=repr
)
async def test_however_a_dial_ends_nothing_is_left_at_its_name_and_the_name_is_used_again(
    answer: StreamInfo | EngineError,
) -> None:
    rig = Rig(answer)
    for _ in range(5):
        try:
            await rig.dial()
        except EngineError:
            assert answer is not PICTURE
    assert list(rig.server.points_at.values()) == [PARKED]
    assert rig.redactor.redact(KEY) == KEY


async def test_a_dial_that_was_given_up_keeps_its_name_for_the_next_of_the_same_camera() -> None:
    """It goes on inside go2rtc: another name would take another of the camera's few sessions."""
    rig = Rig(DialFailure(reason="timeout"))
    for _ in range(5):
        with pytest.raises(DialFailure):
            await rig.dial()
    assert list(rig.server.points_at.values()) == [SOURCE]
    assert rig.redactor.redact(KEY) == "***", "go2rtc still knows the key"


async def test_a_key_is_masked_until_go2rtc_has_forgotten_it() -> None:
    rig = Rig(PICTURE)
    rig.server.deaf = ApiError(reason="server_timeout")
    await rig.dial()
    assert rig.redactor.redact(KEY) == "***"
    rig.server.deaf = None
    await rig.dial()
    assert list(rig.server.points_at.values()) == [PARKED]
    assert rig.redactor.redact(KEY) == KEY


async def test_a_dead_go2rtc_knows_no_key() -> None:
    rig = Rig(PICTURE)
    rig.server.deaf = ServerDown()
    await rig.dial()
    assert rig.redactor.redact(KEY) == KEY


async def test_names_of_dials_without_end_are_few_and_their_keys_go_with_them() -> None:
    rig = Rig(DialFailure(reason="timeout"))
    keys = [f"some-key-{number:02}" for number in range(MAX_STUCK + 3)]
    for key in keys:
        with pytest.raises(DialFailure):
            await rig.dial(Secret(f"rtsp://127.0.0.1/live?enr={key}"))
    assert len(rig.server.points_at) == MAX_STUCK
    masked = [rig.redactor.redact(key) == "***" for key in keys]
    assert masked == [False] * 3 + [True] * MAX_STUCK


async def test_who_waits_for_his_turn_has_all_of_his_time_left() -> None:
    rig = Rig(PICTURE)
    rig.server.gate.clear()
    others = [asyncio.create_task(rig.dial()) for _ in range(PROBES)]
    waiting = asyncio.create_task(rig.dial(within=30))
    started = asyncio.get_running_loop().time()
    await until(lambda: asyncio.get_running_loop().time() - started > 0.2)
    rig.server.gate.set()
    await asyncio.gather(*others, waiting)
    assert rig.server.within > 29.9


async def test_whose_turn_never_comes_hears_that_nobody_was_asked() -> None:
    rig = Rig(PICTURE)
    rig.server.gate.clear()
    others = [asyncio.create_task(rig.dial()) for _ in range(PROBES)]
    await asyncio.sleep(0)
    with pytest.raises(DialFailure) as caught:
        await rig.dials.dial(cast("Api", rig.server), SOURCE, 0.1)
    assert caught.value.reason == "queued"
    rig.server.gate.set()
    await asyncio.gather(*others)
