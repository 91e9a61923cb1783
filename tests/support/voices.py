"""Somebody who talks into a microphone, as go2rtc passes it on to the relay: by RTSP, in real time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.support.rtsp import Viewer

BACK_CHANNEL = {"Require": "www.onvif.org/ver20/backchannel"}
EVERY = 0.02
"""Seconds of sound in a packet."""


def packet(channel: int, payload: bytes, voice: int = 1) -> bytes:
    """Return a packet of sound on an interleaved channel; of other voices it comes by another SSRC."""
    data = b"\x80\0" + bytes(6) + voice.to_bytes(4) + payload
    return b"$" + bytes([channel]) + len(data).to_bytes(2) + data


@contextlib.asynccontextmanager
async def talking(url: str, payload: bytes = b"\x2a" * 160) -> AsyncIterator[Viewer]:
    """Talk without a pause; the payload is 20 ms of PCMU."""
    async with Viewer(url) as viewer:
        await viewer.play("video", "talk", **BACK_CHANNEL)
        tasks = [asyncio.create_task(_drain(viewer)), asyncio.create_task(_talk(viewer, payload))]
        try:
            yield viewer
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _talk(viewer: Viewer, payload: bytes) -> None:
    while True:
        viewer.writer.write(packet(2 * viewer.names.index("talk"), payload))
        await asyncio.sleep(EVERY)


async def _drain(viewer: Viewer) -> None:
    async for _ in viewer.packets():
        pass
