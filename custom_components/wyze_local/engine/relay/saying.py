"""Saying something through a camera's speaker: what the parent asks the relay for it, piece by piece."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from typing import Any, Protocol

from ..child import Question
from .messages import Feed, Speak

SPEECH_WITHIN = 3600.0
"""Seconds that anything may take to be said: nobody means a camera to go on for longer."""

MAX_FEED = 32768
"""Bytes of sound in one message."""

_speeches = itertools.count(1)


class Asked(Protocol):
    """The relay, as far as it can be asked."""

    def ask(self, question: Question, within: float) -> Coroutine[Any, Any, bytes]:
        """Return the answer; raises RelayError. What nobody waits for any more is stopped."""
        ...


async def say(relay: Asked, camera_key: str, sound: AsyncIterator[bytes]) -> None:
    """Say a sound through a camera's speaker in real time; returns when all of it was said.

    `sound` is the bytes of a file of any usual kind; it is asked for more as it is used up, and before
    anything is said. Cancelled, the camera falls silent at once.

    Raises RelayError: `speaker_taken` (somebody talks), `interrupted` (somebody began to), `superseded` (by a
    newer one), `no_speaker`, `speaker_silent` (the camera did not open it), `sound_unknown` (it was never
    heard, so nobody knows what it takes), `sound_unreadable`, `sound_unsupported`, `sound_stuck`,
    `no_ffmpeg`, or why the camera or the relay cannot be reached; and what `sound` raises.
    """
    # What cannot be had must not wake a camera.
    first = await anext(sound, b"")
    speech = next(_speeches)
    asking = relay.ask(lambda number: Speak(number, camera_key, speech), SPEECH_WITHIN)
    speaking = asyncio.create_task(asking, name="relay speech")
    feeding = asyncio.create_task(_feed(relay, speech, first, sound), name="relay feed")
    try:
        await asyncio.wait((speaking, feeding), return_when=asyncio.FIRST_COMPLETED)
        if not speaking.done():
            await feeding
        await speaking
    finally:
        for task in (speaking, feeding):
            task.cancel()
        await asyncio.gather(speaking, feeding, return_exceptions=True)


async def _feed(relay: Asked, speech: int, first: bytes, rest: AsyncIterator[bytes]) -> None:
    await _pass_on(relay, speech, first)
    async for data in rest:
        await _pass_on(relay, speech, data)
    await relay.ask(lambda number: Feed(number, speech, b""), SPEECH_WITHIN)


async def _pass_on(relay: Asked, speech: int, data: bytes) -> None:
    for start in range(0, len(data), MAX_FEED):
        part = data[start : start + MAX_FEED]
        await relay.ask(partial(_piece, speech, part), SPEECH_WITHIN)


def _piece(speech: int, data: bytes, number: int) -> Feed:
    return Feed(number, speech, data)
