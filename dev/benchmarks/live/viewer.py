"""Reads the pictures of a restream by RTSP, and notes which arrived when."""

import asyncio
import contextlib
import re
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from dev.benchmarks.errors import BenchError

from .frames import Seen, slice_of

OPEN_WITHIN = 20.0
"""Seconds until the stream must play; a plain go2rtc waits for a key frame first."""


class ViewerError(BenchError):
    """The stream did not play; the message says what was answered."""


class Viewer:
    """One connection to a restream of H.264, while the `async with` block runs."""

    def __init__(self, url: str, numbers: Mapping[bytes, int]) -> None:
        """Take the address, and the numbers of the camera's pictures by slice."""
        self._url = url
        self._numbers = numbers
        self._requests = 0
        self._channel = 0
        self._units: list[bytes] = []
        self._task: asyncio.Task[None] | None = None
        self.seen: list[Seen] = []

    async def __aenter__(self) -> Self:
        """Connect and play; raises ViewerError."""
        parts = urlsplit(self._url)
        self._reader, self._writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await self._play()
        except (TimeoutError, asyncio.IncompleteReadError) as err:
            self._writer.close()
            raise ViewerError("the stream did not play") from err
        except BaseException:
            self._writer.close()
            raise
        self._task = asyncio.create_task(self._read(), name="bench viewer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _play(self) -> None:
        head, body = await self._ask("DESCRIBE", self._url, Accept="application/sdp")
        media = next((part for part in body.split("\r\nm=") if part.startswith("video")), "")
        control = re.search(r"a=control:(\S+)", media)
        if control is None:
            raise ViewerError("the stream has no pictures")
        base = head.get("content-base", self._url).rstrip("/")
        track = control[1] if "://" in control[1] else f"{base}/{control[1]}"
        head, _ = await self._ask("SETUP", track, Transport="RTP/AVP/TCP;unicast;interleaved=0-1")
        # go2rtc numbers the channels as it describes the tracks, whatever was asked for.
        given = re.search(r"interleaved=(\d+)", head.get("transport", ""))
        self._channel = int(given[1]) if given else 0
        await self._ask("PLAY", base, Session=head["session"].partition(";")[0])

    async def _ask(self, method: str, url: str, **headers: str) -> tuple[dict[str, str], str]:
        self._requests += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._requests}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        status, *answers = (await self._reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        if status.split()[1] != "200":
            raise ViewerError(f"{method}: {status}")
        found = {name.lower(): value for name, _, value in (line.partition(": ") for line in answers)}
        body = await self._reader.readexactly(int(found.get("content-length", "0")))
        return found, body.decode()

    async def _read(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await self._reader.readexactly(4)
                data = await self._reader.readexactly(int.from_bytes(head[2:]))
                if head[1] == self._channel and len(data) > 12:
                    self._take(data)

    def _take(self, packet: bytes) -> None:
        """Take an RTP packet; its marker ends a picture."""
        depacketise(packet[12:], self._units)
        if packet[1] & 0x80:
            number = self._numbers.get(slice_of(self._units))
            self.seen.append(Seen(number, time.monotonic_ns()))
            self._units = []


def depacketise(payload: bytes, units: list[bytes]) -> None:
    """Put what an H.264 payload carries to the NAL units of its picture (RFC 6184)."""
    kind = payload[0] & 0x1F
    if kind == 24:
        rest = payload[1:]
        while len(rest) > 2:
            size = int.from_bytes(rest[:2])
            units.append(rest[2 : 2 + size])
            rest = rest[2 + size :]
    elif kind == 28:
        if payload[1] & 0x80:
            units.append(bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
        if units:
            units[-1] += payload[2:]
    else:
        units.append(payload)
