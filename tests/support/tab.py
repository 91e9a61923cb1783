"""A tab of a real browser that watches one camera by WebRTC, and what it sees and hears."""

import asyncio
import itertools
import time
from dataclasses import dataclass
from typing import Any

import pytest

from dev.home.browser import Browser
from engine.stream import PictureServer, WebRtcAnswer, WebRtcCandidate, WebRtcMessage

OFFER = """async (sound) => {
  const peer = globalThis.peer = new RTCPeerConnection();
  const video = globalThis.video = document.createElement("video");
  globalThis.frames = 0;
  globalThis.began = performance.now();
  video.muted = !sound;
  video.autoplay = true;
  document.body.append(video);
  const count = () => {
    globalThis.frames += 1;
    globalThis.first ??= performance.now() - globalThis.began;
    video.requestVideoFrameCallback(count);
  };
  video.requestVideoFrameCallback(count);
  peer.ontrack = (event) => { video.srcObject = event.streams[0] ?? new MediaStream([event.track]); };
  peer.addTransceiver("video", { direction: "recvonly" });
  if (sound) peer.addTransceiver("audio", { direction: "recvonly" });
  await peer.setLocalDescription(await peer.createOffer());
  return peer.localDescription.sdp;
}"""
ANSWER = "(sdp) => globalThis.peer.setRemoteDescription({ type: 'answer', sdp })"
CANDIDATE = "(candidate) => globalThis.peer.addIceCandidate({ candidate, sdpMid: '0' })"
HEARD = """async () => {
  const stats = await globalThis.peer.getStats();
  const found = [...stats.values()].find((entry) => entry.type === "inbound-rtp" && entry.kind === "audio");
  if (!found) return null;
  return {
    codec: stats.get(found.codecId)?.mimeType ?? "",
    packets: found.packetsReceived ?? 0,
    lost: found.packetsLost ?? 0,
    energy: found.totalAudioEnergy ?? 0,
    seconds: found.totalSamplesDuration ?? 0,
    concealed: found.concealedSamples ?? 0,
    samples: found.totalSamplesReceived ?? 0,
  };
}"""
APART = """async () => {
  const stats = [...(await globalThis.peer.getStats()).values()];
  const of = (kind) => stats.find((entry) => entry.type === "inbound-rtp" && entry.kind === kind);
  const played = (kind) => of(kind)?.estimatedPlayoutTimestamp;
  return (played("audio") - played("video")) / 1000;
}"""
sessions = itertools.count()


@dataclass(frozen=True)
class Heard:
    """What the browser counted of the sound."""

    codec: str
    """As in `audio/opus`, empty before it is known."""
    packets: int
    lost: int
    energy: float
    """Of all that it has heard; zero for silence."""
    seconds: float
    concealed: int
    """Samples that it had to make up, as nothing came."""
    samples: int


@dataclass
class Tab:
    """A browser's tab that watches one camera."""

    page: Any

    async def frames(self) -> int:
        """Return how many pictures it has shown."""
        return int(await self.page.evaluate("globalThis.frames"))

    async def first_frame(self) -> float:
        """Return the seconds from the beginning to its first picture, once it moves."""
        await self.moves()
        return float(await self.page.evaluate("globalThis.first")) / 1000

    async def moves(self, more: int = 3, seconds: float = 15.0) -> float:
        """Wait until it shows some more pictures; returns the seconds it took."""
        began, before = time.monotonic(), await self.frames()
        async with asyncio.timeout(seconds):
            while await self.frames() < before + more:
                await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def heard(self) -> Heard | None:
        """Return what it has heard, None where it was offered no sound."""
        found = await self.page.evaluate(HEARD)
        return None if found is None else Heard(**found)

    async def hears(self, more: int = 50, seconds: float = 15.0) -> Heard:
        """Wait until some more packets of sound have come, and sound is among them."""
        before = await self.heard()
        wanted = more + (before.packets if before else 0)
        energy = before.energy if before else 0.0
        async with asyncio.timeout(seconds):
            while (now := await self.heard()) is None or now.packets < wanted or now.energy <= energy:
                await asyncio.sleep(0.05)
        return now

    async def apart(self) -> float:
        """Return by how many seconds the sound that is heard was taken after the picture that is shown."""
        return float(await self.page.evaluate(APART))

    async def close(self) -> None:
        """Leave, as the player does when its dialog is closed."""
        await self.page.evaluate("globalThis.peer.close()")
        await self.page.context.close()


async def watch(browser: Browser, server: PictureServer, camera_key: str, *, sound: bool = False) -> Tab:
    """Open a tab that watches, and listens too if wanted."""
    page = await browser.page()
    await page.goto("about:blank")
    # Browsers let nothing be heard before somebody has touched the page.
    await page.mouse.click(9, 9)
    messages: asyncio.Queue[WebRtcMessage] = asyncio.Queue()
    offer = await page.evaluate(OFFER, sound)
    await server.webrtc(camera_key, f"tab-{next(sessions)}", offer, messages.put_nowait)
    answered = False
    async with asyncio.timeout(10):
        while not answered or not messages.empty():
            match await messages.get():
                case WebRtcAnswer(sdp=sdp):
                    await page.evaluate(ANSWER, sdp)
                    answered = True
                case WebRtcCandidate(candidate=candidate):
                    await page.evaluate(CANDIDATE, candidate)
                case other:
                    pytest.fail(f"the session said {other}")
    return Tab(page)
