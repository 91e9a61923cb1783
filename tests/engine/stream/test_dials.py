"""A dial hangs up after itself: its name is emptied and lent on, and its keys are looked for meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import pytest

from engine.model import EngineError, Secret
from engine.stream import DialFailure, Media, Producer, Redactor, ServerDown, StreamInfo
from engine.stream.api import Api
from engine.stream.dials import Dials
from engine.stream.source import PARKED

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

    async def patch(self, name: str, source: Secret) -> None:
        self.points_at[name] = source

    async def dial(self, name: str, *, within: float) -> StreamInfo:
        self.clean = self.redactor.redact(KEY)
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

    async def dial(self) -> None:
        try:
            await self.dials.dial(cast("Api", self.server), SOURCE, 5)
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
