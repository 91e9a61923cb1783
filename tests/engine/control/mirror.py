"""A camera made of a table: what it answers, what it leaves unanswered, and what it was told."""

import asyncio
import struct
from collections.abc import Callable

from engine.catalog import ModelControls
from engine.control import CameraControl
from engine.model import EngineError
from tests.engine.lan.virtual import LoopClock


class Mirror:
    """Answers commands by a table, as a session with a camera would."""

    def __init__(self) -> None:
        self.answers: dict[int, bytes | Callable[[bytes], bytes]] = {}
        """What it answers by the command's code; a command that is not here stays unanswered."""
        self.lost: list[int] = []
        """Codes of commands that are lost on their way, each once."""
        self.unheard: list[int] = []
        """Codes of commands that arrive, and whose answers are lost, each once."""
        self.said: list[tuple[int, bytes]] = []
        """Everything it was sent, and that arrived."""
        self.failure = ""
        """Why there is no session."""
        self.delay = 0.02
        """Seconds until an answer."""

    async def command(self, code: int, payload: bytes, timeout: float) -> bytes:
        """Answer, or not."""
        if self.failure:
            raise EngineError(reason=self.failure)
        if code in self.lost:
            self.lost.remove(code)
            return await self._nothing(timeout)
        self.said.append((code, payload))
        answer = self.answers.get(code)
        found = answer(payload) if callable(answer) else answer
        if code in self.unheard:
            self.unheard.remove(code)
            return await self._nothing(timeout)
        if found is None or self.delay > timeout:
            return await self._nothing(timeout)
        await asyncio.sleep(self.delay)
        return found

    async def _nothing(self, timeout: float) -> bytes:
        await asyncio.sleep(timeout)
        raise EngineError(reason="timeout")

    def codes(self) -> list[int]:
        """Return the codes of what arrived."""
        return [code for code, _ in self.said]

    def control(self, model: ModelControls | None = None) -> CameraControl:
        """Return what speaks to it."""
        return CameraControl(self, LoopClock(), model or ModelControls())

    def number(self, get: int, put: int, value: int) -> None:
        """Have a setting of one byte."""
        kept = [value]

        def write(payload: bytes) -> bytes:
            kept[0] = payload[0]
            return b"\1"

        self.answers[get] = lambda _: bytes(kept)
        self.answers[put] = write

    def motors(self, pan: int = 100, tilt: int = 50) -> list[int]:
        """Have motors; returns where they stand, pan and tilt."""
        at = [pan, tilt]

        def rotate(payload: bytes) -> bytes:
            by_pan, by_tilt, _ = struct.unpack("<hhB", payload)
            at[:] = at[0] + by_pan, at[1] + by_tilt
            return b"\1"

        def go(payload: bytes) -> bytes:
            _, at[1], at[0] = struct.unpack("<IBH", payload)
            return b"\1"

        self.answers |= {
            11000: rotate,
            11006: lambda _: struct.pack("<IBH", 7, at[1], at[0]),
            11018: go,
        }
        return at
