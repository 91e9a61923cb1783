"""Cameras are looked for again and again, whatever goes wrong, and nobody's word is tried too often."""

import asyncio
import itertools
import random
from collections.abc import Awaitable

import pytest

from custom_components.wyze_local.engine.model import Secret
from custom_components.wyze_local.finding_rounds import HEARD_EVERY, JITTER, PAUSES, Heard, search_on
from tests.support.clock import FakeClock, settle

KEY, OTHER = "a" * 32, "b" * 32


def spawn(work: Awaitable[None]) -> asyncio.Task[None]:
    """Run it."""
    return asyncio.ensure_future(work)  # type: ignore[return-value]


class Addresses:
    """Tries addresses, and takes its time for it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.tried: list[tuple[str, str]] = []

    async def __call__(self, camera_key: str, address: Secret) -> None:
        """Take five seconds; one address makes our own code go wrong."""
        self.tried.append((camera_key, address.reveal()))
        await self.clock.sleep(5)
        if address.reveal() == "10.0.0.13":
            raise ZeroDivisionError


async def test_however_many_leases_come_the_newest_is_tried_and_not_too_often() -> None:
    clock = FakeClock()
    tries = Addresses(clock)
    heard = Heard(tries, clock, spawn)
    for number in range(1, 200):
        heard.hear(KEY, Secret(f"10.0.0.{number}"))
        heard.hear(OTHER, Secret(f"10.0.1.{number}"))
        await settle()
    assert tries.tried == [(KEY, "10.0.0.1"), (OTHER, "10.0.1.1")], "the first of each at once"
    await clock.advance(HEARD_EVERY + 5)
    assert tries.tried[2:] == [(KEY, "10.0.0.199"), (OTHER, "10.0.1.199")]
    for number in range(100):
        heard.hear(KEY, Secret(f"10.0.2.{number}"))
        await clock.advance(1)
    assert len(tries.tried) <= 4 + 100 / HEARD_EVERY
    await clock.advance(60)
    assert tries.tried[-1] == (KEY, "10.0.2.99")
    count = len(tries.tried)
    heard.hear(KEY, Secret("10.0.0.7"))
    await settle()
    assert len(tries.tried) == count + 1, "after a quiet while at once again"
    await clock.advance(60)


async def test_an_address_that_our_own_code_fails_over_is_not_the_last_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = FakeClock()
    tries = Addresses(clock)
    heard = Heard(tries, clock, spawn)
    heard.hear(KEY, Secret("10.0.0.13"))
    await settle()
    heard.hear(KEY, Secret("10.0.0.14"))
    await clock.advance(60)
    assert [address for _, address in tries.tried] == ["10.0.0.13", "10.0.0.14"]
    assert "ZeroDivisionError" in caplog.text
    assert "10.0.0.13" not in caplog.text
    caplog.clear()


async def test_a_search_that_goes_wrong_is_made_again(caplog: pytest.LogCaptureFixture) -> None:
    """In the pauses of any other, and the log tells it once."""
    clock = FakeClock()
    searched: list[float] = []

    async def find() -> None:
        searched.append(clock.monotonic())
        raise ZeroDivisionError

    task = spawn(search_on(find, clock, random.Random(7)))
    await clock.advance(sum(PAUSES[1:]) * (1 + JITTER) + 1)
    pauses = [after - before for before, after in itertools.pairwise(searched)]
    assert len(pauses) >= len(PAUSES) - 1
    for pause, wanted in zip(pauses, PAUSES[1:], strict=False):
        assert abs(pause - wanted) <= wanted * JITTER
    assert sum("went wrong" in record.getMessage() for record in caplog.records) == 1
    task.cancel()
    caplog.clear()
