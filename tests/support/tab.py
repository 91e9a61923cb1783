"""A tab of a real browser that watches one camera by WebRTC, and what it sees and hears.

One that shows nothing says all that is known of it: how far its connection came, what arrived, and what
go2rtc says of the stream.
"""

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest

from dev.home.browser import Browser
from engine.stream import PictureServer, StreamServerError, WebRtcAnswer, WebRtcCandidate, WebRtcMessage

OFFER = """async (sound) => {
  const peer = globalThis.peer = new RTCPeerConnection();
  const story = globalThis.story = [];
  const tell = (what) => story.push(`${Math.round(performance.now() - globalThis.began)} ms: ${what}`);
  const video = globalThis.video = document.createElement("video");
  globalThis.frames = 0;
  globalThis.began = performance.now();
  peer.onconnectionstatechange = () => tell(`connection ${peer.connectionState}`);
  peer.oniceconnectionstatechange = () => tell(`ICE ${peer.iceConnectionState}`);
  video.muted = !sound;
  video.autoplay = true;
  document.body.append(video);
  const count = () => {
    globalThis.frames += 1;
    if (globalThis.frames === 1) tell("first picture");
    globalThis.first ??= performance.now() - globalThis.began;
    video.requestVideoFrameCallback(count);
  };
  video.requestVideoFrameCallback(count);
  peer.ontrack = ({ track, streams }) => {
    tell(`track ${track.kind}`);
    track.onmute = () => tell(`${track.kind} stops`);
    track.onunmute = () => tell(`${track.kind} comes`);
    video.srcObject = streams[0] ?? new MediaStream([track]);
  };
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
STORY = """async () => {
  const stats = [...(await globalThis.peer.getStats()).values()];
  const kinds = ["transport", "candidate-pair", "local-candidate", "remote-candidate", "inbound-rtp"];
  const found = stats.filter((entry) => kinds.includes(entry.type));
  const { readyState, paused, videoWidth, error } = globalThis.video;
  return {
    story: globalThis.story,
    frames: globalThis.frames,
    visible: document.visibilityState,
    signalling: globalThis.peer.signalingState,
    video: { readyState, paused, videoWidth, error: error?.message ?? null },
    stats: found,
  };
}"""
CONNECTED = "() => ['connected', 'failed', 'closed'].includes(globalThis.peer.connectionState)"
CONNECT_WITHIN = 15.0
"""Seconds from the offer until pictures can come: go2rtc dials the camera before it answers."""

POLL = 0.02
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
    server: PictureServer
    told: list[str] = field(default_factory=list)
    """What came by signalling, with the seconds since the offer."""

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
        try:
            async with asyncio.timeout(seconds):
                while await self.frames() < before + more:
                    await asyncio.sleep(POLL)
        except TimeoutError:
            await self.fail(f"fewer than {more} pictures in {seconds:g} s, after {before}")
        return time.monotonic() - began

    async def fail(self, what: str) -> NoReturn:
        """Fail with all that is known of it."""
        async with asyncio.timeout(10):
            pages = await self.page.evaluate(STORY)
        lines = [f"{kind}: {json.dumps(value)}" for kind, value in pages.items() if kind != "stats"]
        lines += [json.dumps(entry) for entry in pages["stats"]]
        try:
            streams = await self.server.streams()
        except StreamServerError as err:
            lines.append(f"go2rtc is {self.server.state.phase}: {err.reason}")
        else:
            lines += [f"go2rtc of {key}: {info}" for key, info in streams.items()]
        pytest.fail("\n".join([what, "signalling: " + "; ".join(self.told), *lines]))

    async def heard(self) -> Heard | None:
        """Return what it has heard, None where it was offered no sound."""
        found = await self.page.evaluate(HEARD)
        return None if found is None else Heard(**found)

    async def hears(self, more: int = 50, seconds: float = 15.0) -> Heard:
        """Wait until some more packets of sound have come, and sound is among them."""
        before = await self.heard()
        wanted = more + (before.packets if before else 0)
        energy = before.energy if before else 0.0
        now = before
        try:
            async with asyncio.timeout(seconds):
                while (now := await self.heard()) is None or now.packets < wanted or now.energy <= energy:
                    await asyncio.sleep(POLL)
        except TimeoutError:
            await self.fail(f"not enough sound in {seconds:g} s: {before}, then {now}")
        return now

    async def apart(self) -> float:
        """Return by how many seconds the sound that is heard was taken after the picture that is shown."""
        return float(await self.page.evaluate(APART))

    async def close(self) -> None:
        """Leave, as the player does when its dialog is closed."""
        await self.page.evaluate("globalThis.peer.close()")
        await self.page.context.close()


async def watch(browser: Browser, server: PictureServer, camera_key: str, *, sound: bool = False) -> Tab:
    """Open a tab that watches, and listens too if wanted; it is connected when this returns."""
    page = await browser.page()
    await page.goto("about:blank")
    # Browsers let nothing be heard before somebody has touched the page.
    await page.mouse.click(9, 9)
    messages: asyncio.Queue[WebRtcMessage] = asyncio.Queue()
    offer = await page.evaluate(OFFER, sound)
    tab, began = Tab(page, server), time.monotonic()

    def hear(message: WebRtcMessage) -> None:
        tab.told.append(f"{time.monotonic() - began:.3f} s {type(message).__name__}")
        messages.put_nowait(message)

    await server.webrtc(camera_key, f"tab-{next(sessions)}", offer, hear)
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            # Ways to go2rtc may come long after its answer, as with the frontend's player.
            while not messages.empty() or not await page.evaluate(CONNECTED):
                await _take(tab, messages)
    except TimeoutError:
        await tab.fail("it did not connect")
    return tab


async def _take(tab: Tab, messages: asyncio.Queue[WebRtcMessage]) -> None:
    """Pass on what came by signalling, or wait for a moment."""
    if messages.empty():
        await asyncio.sleep(POLL)
        return
    match messages.get_nowait():
        case WebRtcAnswer(sdp=sdp):
            await tab.page.evaluate(ANSWER, sdp)
        case WebRtcCandidate(candidate=candidate):
            await tab.page.evaluate(CANDIDATE, candidate)
        case other:
            await tab.fail(f"the session said {other}")
