"""The machine's own clock, and the errors that all rooms derive theirs from."""

import asyncio
import time

from engine.model import EngineError, SystemClock


async def test_the_system_clock_is_the_machines() -> None:
    clock = SystemClock()
    assert abs(clock.time() - time.time()) < 5
    before = clock.monotonic()
    async with asyncio.timeout(5):
        await clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.009


def test_errors_have_a_reason_for_programs() -> None:
    assert EngineError("text").reason == "unknown"
    assert EngineError("text", reason="because").reason == "because"
    assert EngineError.reason == "unknown", "an instance's reason is its own"
