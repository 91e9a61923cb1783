"""A camera that is played by the test, for the relay's parts; and a whole relay for simulated cameras."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dev.simulator import Simulator
from engine.lan import (
    CameraInfo,
    Codec,
    EndHandler,
    FrameHandler,
    Framing,
    Kind,
    LanError,
    LinkStats,
    MediaFrame,
    Reason,
)
from engine.model import CameraNetworks, Clock, Secret, SystemClock, parse_wyze_link
from engine.relay import Relay
from engine.relay.asking import listen_on_loopback
from engine.relay.channel import Channel, Channels
from engine.relay.formats import AudioFormat, Formats, VideoFormat
from engine.relay.gate import Gate
from engine.relay.server import RtspServer
from tests.support import footage
from tests.support.clock import FakeClock, settle
from tests.support.streaming import allow_loopback, new_token

KEY = "ab" * 16
TOKEN = "0123456789abcdef" * 2
KNOWN = Formats(
    VideoFormat("h264", b"", b"\x67\x42\x00\x1e", b"\x68\xce\x38\x80"), AudioFormat("pcmu", 8000), talk=True
)
"""What a relay may remember of a camera."""


def picture(
    data: bytes,
    number: int,
    at: float,
    *,
    key: bool,
    codec: Codec = Codec.H264,
    camera_at: float | None = None,
) -> MediaFrame:
    """Return a picture that arrived at a moment."""
    taken = at if camera_at is None else camera_at
    return MediaFrame(Kind.VIDEO, codec, key, data, number, int(taken), int(taken % 1 * 1e6), 0, 0, 15, at)


def sound(data: bytes, number: int, at: float, *, codec: Codec, rate: int) -> MediaFrame:
    """Return a piece of sound that arrived at a moment."""
    return MediaFrame(Kind.AUDIO, codec, True, data, number, int(at), int(at % 1 * 1e6), rate, 1, 0, at)


@dataclass
class PlayedTalk:
    """The way to the speaker; keeps what was sent."""

    codec: Codec
    sample_rate: int
    heard: bytearray
    channels: int = 1

    def send(self, data: bytes) -> None:
        """Keep it."""
        self.heard += data


@dataclass
class PlayedSession:
    """A session with a camera that the test plays."""

    camera: PlayedCamera
    on_frame: FrameHandler
    on_end: EndHandler
    info: CameraInfo
    stats: LinkStats = field(default_factory=LinkStats)
    closed: bool = False

    async def command(self, code: int, payload: bytes = b"", timeout: float = 5.0) -> bytes:
        """Answer with code and payload."""
        return code.to_bytes(2, "little") + payload

    async def close(self) -> None:
        """Note it."""
        self.closed = True
        self.camera.closed += 1

    def talk(self) -> AbstractAsyncContextManager[PlayedTalk]:
        """Open the way to the speaker."""
        return self._talk()

    @asynccontextmanager
    async def _talk(self) -> AsyncIterator[PlayedTalk]:
        self.camera.talks += 1
        yield PlayedTalk(self.camera.talk_codec, self.camera.talk_rate, self.camera.heard)

    async def hear(self) -> Codec | None:
        """Let the camera be heard, as it does once it is asked."""
        self.camera.asked += 1
        if self.camera.hidden is None:
            return None
        codec, rate = self.camera.hidden
        self.camera.say(bytes(160), codec=codec, rate=rate)
        return codec


@dataclass
class PlayedCamera:
    """What sessions are opened to."""

    clock: Clock
    refusal: Reason | None = None
    """Why the next sessions are refused."""
    fault: Exception | None = None
    patience: float = 0.0
    """How long an attempt takes before it is refused, in seconds."""
    info: CameraInfo = field(default_factory=lambda: CameraInfo(Framing.CC51, two_way=True, audio=False))
    dials: list[float] = field(default_factory=list)
    """When it was dialled."""
    sessions: list[PlayedSession] = field(default_factory=list)
    closed: int = 0
    talks: int = 0
    talk_codec: Codec = Codec.PCMU
    talk_rate: int = 8000
    hidden: tuple[Codec, int] | None = None
    """How it codes the sound that it sends only when it is asked to, and how fast."""
    asked: int = 0
    """How often it was asked for sound."""
    heard: bytearray = field(default_factory=bytearray)
    number: int = 0

    async def open(self, on_frame: FrameHandler, on_end: EndHandler) -> Any:
        """Open a session, or refuse it."""
        self.dials.append(self.clock.monotonic())
        if self.patience:
            await self.clock.sleep(self.patience)
        if self.fault is not None:
            raise self.fault
        if self.refusal is not None:
            raise LanError(self.refusal)
        session = PlayedSession(self, on_frame, on_end, self.info)
        self.sessions.append(session)
        return session

    @property
    def session(self) -> PlayedSession | None:
        """The session that stands."""
        return next((session for session in reversed(self.sessions) if not session.closed), None)

    def show(self, data: bytes, *, key: bool, codec: Codec = Codec.H264, age: float = 0.0) -> None:
        """Send a picture on the session that stands."""
        assert self.session is not None
        self.number += 1
        now = self.clock.monotonic()
        self.session.on_frame(picture(data, self.number, now, key=key, codec=codec, camera_at=now - age))

    def say(self, data: bytes, *, codec: Codec, rate: int) -> None:
        """Send a piece of sound."""
        assert self.session is not None
        self.number += 1
        self.session.on_frame(sound(data, self.number, self.clock.monotonic(), codec=codec, rate=rate))

    def hang_up(self, reason: Reason = Reason.HUNG_UP) -> None:
        """End the session from the camera's side."""
        assert self.session is not None
        self.session.on_end(LanError(reason))


def channel_of(
    camera: PlayedCamera, clock: Clock, on_state: Callable[[], None] = lambda: None, *, ffmpeg: str = ""
) -> Channel:
    """Return a relay channel to a camera, not started."""
    return Channel(
        Secret(TOKEN),
        camera.open,
        clock=clock,
        rng=random.Random(1),
        gate=Gate(clock),
        on_state=on_state,
        on_formats=lambda _: None,
        on_info=lambda _: None,
        ffmpeg=ffmpeg,
    )


@asynccontextmanager
async def served(channel: Channel, clock: Clock) -> AsyncIterator[int]:
    """Serve a channel by RTSP on a port of loopback."""
    channels = Channels()
    channels.by_key[KEY] = channel
    server = RtspServer(channels, clock)
    listener = listen_on_loopback(0)
    await server.start(listener)
    channel.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        await channel.close()
        await server.close()
        listener.close()
        await asyncio.sleep(0)


@dataclass
class Rig:
    """A channel to a played camera, served by RTSP."""

    clock: FakeClock
    camera: PlayedCamera
    channel: Channel
    port: int = 0

    @property
    def url(self) -> str:
        """The camera's URL with its token."""
        return f"rtsp://127.0.0.1:{self.port}/{KEY}?auth={TOKEN}"

    async def live(self) -> None:
        """Have a camera that shows pictures."""
        self.channel.wish()
        await settle()
        self.camera.show(footage.video("h264")[0].data, key=True)

    async def advance(self, seconds: float) -> None:
        """Let time pass, and what is on its way arrive."""
        await self.clock.advance(seconds)
        await arrived()


async def arrived() -> None:
    """Let loopback deliver what was written, both ways."""
    for _ in range(5):
        await asyncio.sleep(0.001)
        await settle()


@asynccontextmanager
async def rtsp_rig(*, ffmpeg: str = "") -> AsyncIterator[Rig]:
    """Serve a channel to a camera; nothing is left of its session afterwards."""
    allow_loopback()
    clock = FakeClock()
    camera = PlayedCamera(clock)
    made = Rig(clock, camera, channel_of(camera, clock, ffmpeg=ffmpeg))
    async with served(made.channel, clock) as made.port:
        yield made
    assert camera.session is None


@asynccontextmanager
async def relay_of(cameras: Simulator, keys: Mapping[str, str]) -> AsyncIterator[Relay]:
    """Run a relay that holds simulated cameras, by name under these camera keys."""
    async with running_relay() as relay:
        for name, key in keys.items():
            await relay.add(key, parse_wyze_link(cameras.cameras[name].link), new_token())
        yield relay


@asynccontextmanager
async def running_relay(**options: Any) -> AsyncIterator[Relay]:
    """Run a relay for cameras on loopback."""
    relay = Relay(**{"clock": SystemClock(), "rng": random.Random(3), **options})
    await relay.start()
    try:
        await relay.set_networks(CameraNetworks.parse(["127.0.0.0/8"]))
        yield relay
    finally:
        await relay.stop()
