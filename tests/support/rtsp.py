"""A bare RTSP viewer for tests: what comes, when, byte by byte. Written from the RFCs, not from the relay."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    phrase: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Packet:
    """An RTP or RTCP packet on an interleaved channel."""

    channel: int
    data: bytes
    at: float
    """When it was read: time.monotonic()."""

    @property
    def marker(self) -> bool:
        """Whether it ends a picture."""
        return bool(self.data[1] & 0x80)

    @property
    def sequence(self) -> int:
        """Its number."""
        return int.from_bytes(self.data[2:4])

    @property
    def timestamp(self) -> int:
        """Its RTP time."""
        return int.from_bytes(self.data[4:8])

    @property
    def payload(self) -> bytes:
        """What it carries."""
        return self.data[12:]


@dataclass
class Unit:
    """All NAL units of one picture."""

    timestamp: int
    at: float
    units: list[bytes] = field(default_factory=list)

    @property
    def key(self) -> bool:
        """Whether it holds an H.264 IDR slice."""
        return any(unit[0] & 31 == 5 for unit in self.units)


class Viewer:
    """One connection."""

    def __init__(self, url: str) -> None:
        """Take the whole URL, query included."""
        self.url = url
        self.cseq = 0
        self.session = ""
        self.base = url
        self.names: list[str] = []
        self.channel = self.speaker = 0
        """Channel of the pictures: go2rtc describes sound first at times."""
        self._packets: list[Packet] = []

    async def __aenter__(self) -> Self:
        """Connect."""
        parts = urlsplit(self.url)
        self.reader, self.writer = await asyncio.open_connection(parts.hostname, parts.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self.writer.close()

    async def ask(self, method: str, url: str | None = None, **headers: str) -> Reply:
        """Send a request and wait for its answer; packets that come meanwhile are kept."""
        self.cseq += 1
        lines = [f"{method} {url or self.url} RTSP/1.0", f"CSeq: {self.cseq}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        while isinstance(found := await self._next(), Packet):
            self._packets.append(found)
        return found

    async def play(self, *tracks: str, **describe: str) -> Reply:
        """Describe, set up tracks (control names; all but the speaker when none is given) and play."""
        reply = await self.ask("DESCRIBE", Accept="application/sdp", **describe)
        assert reply.status == 200, (reply.status, reply.phrase)
        self.base = reply.headers.get("content-base", self.url).rstrip("/")
        medias = reply.body.decode().split("\r\nm=")[1:]
        kinds = {found[1]: text[:5] for text in medias if (found := re.search(r"a=control:(\S+)", text))}
        self.names = [name for name in kinds if name in tracks or (not tracks and name != "talk")]
        self.channel = 2 * [kinds[name] for name in self.names].index("video")
        self.speaker = 2 * next((i for i, text in enumerate(medias) if "a=sendonly" in text), 0)
        for number, name in enumerate(self.names):
            transport = f"RTP/AVP/TCP;unicast;interleaved={2 * number}-{2 * number + 1}"
            extra = {"Session": self.session} if self.session else {}
            answer = await self.ask("SETUP", f"{self.base}/{name}", Transport=transport, **extra)
            assert answer.status == 200, (answer.status, answer.phrase)
            self.session = answer.headers["session"].partition(";")[0]
        answer = await self.ask("PLAY", Session=self.session)
        assert answer.status == 200, (answer.status, answer.phrase)
        return reply

    async def packets(self) -> AsyncIterator[Packet]:
        """Give what comes, until the other end hangs up."""
        while True:
            while self._packets:
                yield self._packets.pop(0)
            try:
                found = await self._next()
            except asyncio.IncompleteReadError, ConnectionError:
                return
            if isinstance(found, Packet):
                yield found

    async def pictures(self) -> AsyncIterator[Unit]:
        """Give whole H.264 pictures."""
        unit: Unit | None = None
        async for packet in self.packets():
            if packet.channel != self.channel or len(packet.data) <= 12:
                continue
            if unit is None or unit.timestamp != packet.timestamp:
                unit = Unit(packet.timestamp, packet.at)
            depacketise(packet.payload, unit.units)
            if packet.marker:
                yield unit
                unit = None

    async def _next(self) -> Reply | Packet:
        first = await self.reader.readexactly(1)
        if first == b"$":
            head = await self.reader.readexactly(3)
            data = await self.reader.readexactly(int.from_bytes(head[1:]))
            return Packet(head[0], data, time.monotonic())
        head = first + await self.reader.readuntil(b"\r\n\r\n")
        line, *lines = head.decode().strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (text.partition(": ") for text in lines)}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        _, status, phrase = line.split(" ", 2)
        return Reply(int(status), phrase, headers, body)


async def is_hung_up(viewer: Viewer) -> bool:
    """Read until the other end hangs up; fails when it does not."""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):
            await viewer.reader.read()
    return True


async def next_packets(viewer: Viewer, count: int) -> list[Packet]:
    """Return the next packets; fails when they do not come."""
    found: list[Packet] = []
    async with asyncio.timeout(10):
        async for packet in viewer.packets():
            found.append(packet)
            if len(found) == count:
                break
    return found


def depacketise(payload: bytes, units: list[bytes]) -> None:
    """Put what an H.264 payload carries to the NAL units of its picture (RFC 6184)."""
    kind = payload[0] & 31
    if kind == 24:
        rest = payload[1:]
        while rest:
            size = int.from_bytes(rest[:2])
            units.append(rest[2 : 2 + size])
            rest = rest[2 + size :]
    elif kind == 28:
        if payload[1] & 0x80:
            units.append(bytes([payload[0] & 0xE0 | payload[1] & 31]))
        units[-1] += payload[2:]
    else:
        units.append(payload)


def depacketise_h265(payload: bytes, units: list[bytes]) -> None:
    """Put what an H.265 payload carries to the NAL units of its picture (RFC 7798)."""
    if payload[0] >> 1 & 63 == 49:
        if payload[2] & 0x80:
            units.append(bytes([payload[0] & 0x81 | (payload[2] & 63) << 1, payload[1]]))
        units[-1] += payload[3:]
    else:
        units.append(payload)
