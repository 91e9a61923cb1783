"""AAC as Opus: with the sound's own times, by one ffmpeg that runs while somebody listens and no longer."""

import asyncio
import fractions
import os
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from engine.lan import Codec
from engine.model import SystemClock
from engine.relay.formats import AudioFormat, adts, strip_adts
from engine.relay.gop import Sample
from engine.relay.opus import FORGIVEN, HUNG, OPUS, RETRY, TRIES, OpusMaker
from engine.relay.rtsp import REPLAY_WAIT
from tests.support import footage
from tests.support.announcing import coders, command
from tests.support.clock import FakeClock, settle
from tests.support.relay import Rig, rtsp_rig
from tests.support.rtsp import Viewer, next_packets
from tests.support.streaming import allow_loopback, until

FFMPEG = shutil.which("ffmpeg") or ""
RATE = 16000
AAC = AudioFormat("aac", RATE, 1, b"\x14\x08")
STEP = 1024 / RATE


def beep(at: float, seconds: float) -> list[bytes]:
    """Return units of AAC: silence, and a tone at some moment."""
    times = np.arange(int(RATE * seconds)) / RATE
    tone = (np.sin(times * 2 * np.pi * 440) * 0.4 * (times >= at) * (times < at + 0.3)).astype(np.float32)
    context = av.CodecContext.create("aac", "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout, context.format = RATE, "mono", "fltp"
    context.time_base = fractions.Fraction(1, RATE)
    context.open()
    units = []
    for start in range(0, len(tone) - 1024, 1024):
        frame = av.AudioFrame.from_ndarray(tone[start : start + 1024].reshape(1, -1), "fltp", "mono")
        frame.sample_rate, frame.pts = RATE, start
        units += [bytes(packet) for packet in context.encode(frame)]
    return units


def beginning(samples: list[Sample], codec: str) -> float:
    """Return the moment of our clock when a tone begins in what a decoder makes of it."""
    context = av.CodecContext.create("libopus" if codec == "opus" else codec, "r")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout = (48000, "mono") if codec == "opus" else (RATE, "mono")
    if codec == "aac":
        context.extradata = AAC.config
    for sample in samples:
        for frame in context.decode(av.Packet(sample.units[0])):
            data = frame.to_ndarray().astype(np.float64)
            data = (data / 32768 if "s16" in frame.format.name else data).ravel()
            loud = np.flatnonzero(np.abs(data) > 0.1)
            if len(loud):
                return sample.at + float(loud[0]) / frame.sample_rate
    raise AssertionError("silence")


class Maker:
    """What makes Opus, and what came out of it."""

    def __init__(self, ffmpeg: str = FFMPEG, clock: FakeClock | None = None) -> None:
        self.out: list[Sample] = []
        self.changes = 0
        self.maker = OpusMaker(
            ffmpeg, clock or SystemClock(), deliver=self.out.append, on_change=self._changed
        )

    def _changed(self) -> None:
        self.changes += 1

    async def begin(self) -> int:
        """Listen; returns the process that codes."""
        self.maker.want(wanted=True)
        return await self.coder()

    async def coder(self, but: int = 0) -> int:
        """Return the process, once there is one that is not a certain other."""
        await until(lambda: coders() - {but} and self.maker._coder is not None)
        (pid,) = coders() - {but}
        return pid

    def feed(self, units: list[bytes], at: float, audio: AudioFormat = AAC) -> list[Sample]:
        """Feed all units as fast as can be, the first of them taken at a moment."""
        samples = [Sample(audio, True, (unit,), at + i * 1024 / audio.rate) for i, unit in enumerate(units)]
        for sample in samples:
            self.maker.take(sample)
        return samples


@pytest.fixture
async def maker() -> AsyncIterator[Maker]:
    allow_loopback()
    made = Maker()
    yield made
    await made.maker.close()
    assert coders() == set()


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rtsp_rig(ffmpeg=FFMPEG) as made:
        yield made
    assert coders() == set()


# Times.


async def test_sound_keeps_its_own_time(maker: Maker) -> None:
    """What is heard with a picture stays with it, however long the coding takes, and after a gap."""
    units = beep(1.0, 2.0)
    await maker.begin()
    first = maker.feed(units, 500.0)
    await until(lambda: len(maker.out) > 70)
    again = maker.feed(units, 900.0)
    await until(lambda: len(maker.out) > 160)
    for fed, came in (
        (first, [s for s in maker.out if s.at < 700]),
        (again, [s for s in maker.out if s.at > 700]),
    ):
        off = beginning(came, "opus") - beginning(fed, "aac")
        print(f"off by {off * 1000:.1f} ms")
        assert abs(off) < 0.03
    assert all(sample.format == OPUS for sample in maker.out)
    assert all(later.at > sooner.at for sooner, later in zip(maker.out, maker.out[1:], strict=False))


async def test_sound_does_not_wait(maker: Maker) -> None:
    """Each piece comes out before much more has gone in."""
    await maker.begin()
    fed = maker.feed(footage.sound("aac")[:12], 100.0)
    await until(lambda: bool(maker.out) and maker.out[-1].at > fed[-1].at - 3 * STEP)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 1), (44100, 1), (48000, 2), (7350, 6)])
def test_units_get_the_header_that_tells_how_they_are_coded(rate: int, channels: int) -> None:
    audio, _ = strip_adts(adts(b"unit", replace(AAC, config=_config(rate, channels))))
    assert audio == AudioFormat("aac", rate, channels, _config(rate, channels))
    assert adts(bytes(9000), AAC) == b"", "longer than a header can say"
    assert adts(b"unit", AAC) == footage.adts(b"unit")


def _config(rate: int, channels: int) -> bytes:
    rates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]
    return (2 << 11 | rates.index(rate) << 7 | channels << 3).to_bytes(2)


# Its life.


async def test_it_runs_while_somebody_listens_and_no_longer(maker: Maker) -> None:
    maker.feed(footage.sound("aac")[:5], 1.0)
    assert coders() == set(), "nothing runs for nobody"
    pid = await maker.begin()
    maker.maker.want(wanted=True)
    await settle()
    assert coders() == {pid}, "one for all"
    maker.maker.want(wanted=False)
    await until(lambda: not coders())
    assert await maker.begin() != pid


async def test_it_knows_no_secret(maker: Maker) -> None:
    pid = await maker.begin()
    environment = Path(f"/proc/{pid}/environ").read_text().split("\0")
    assert {text.partition("=")[0] for text in environment if text} == {"PATH", "HOME"}
    assert not any(mark in command(pid) for mark in ("://", "rtsp", "auth", "@"))


async def test_killed_it_comes_back(maker: Maker) -> None:
    pid = await maker.begin()
    maker.feed(footage.sound("aac")[:10], 1.0)
    await until(lambda: len(maker.out) > 5)
    os.kill(pid, signal.SIGKILL)
    await maker.coder(but=pid)
    count = len(maker.out)
    maker.feed(footage.sound("aac")[:10], 50.0)
    await until(lambda: len(maker.out) > count + 5)
    assert maker.out[-1].at > 50
    assert maker.maker.able


async def test_one_that_hangs_is_replaced(maker: Maker) -> None:
    pid = await maker.begin()
    os.kill(pid, signal.SIGSTOP)
    maker.feed(footage.sound("aac") * 2, 1.0)
    assert len(maker.maker._coder._pieces) <= HUNG / STEP + 2  # type: ignore[union-attr]
    assert await maker.coder(but=pid) != pid


async def test_sound_of_another_rate_begins_anew(maker: Maker) -> None:
    pid = await maker.begin()
    maker.feed(footage.sound("aac")[:10], 1.0)
    await until(lambda: len(maker.out) > 5)
    other = AudioFormat("aac", 8000, 1, _config(8000, 1))
    maker.feed(footage.sound("aac", rate=8000)[:1], 2.0, other)
    await maker.coder(but=pid)
    maker.feed(footage.sound("aac", rate=8000)[:10], 50.0, other)
    await until(lambda: maker.out[-1].at > 50)


async def test_what_cannot_code_is_not_offered_for_a_while() -> None:
    """And nobody starts it for ever: an ffmpeg without Opus ends at once."""
    clock = FakeClock()
    maker = Maker(shutil.which("false") or "", clock)
    maker.maker.want(wanted=True)
    for tried in range(1, TRIES + 1):
        await until(lambda tried=tried: maker.maker._failures == tried)  # type: ignore[misc]
        assert maker.maker.able == (tried < TRIES)
        await clock.advance(RETRY * tried)
    await until(lambda: maker.changes == 1)
    maker.maker.want(wanted=True)
    await settle()
    assert maker.maker._failures == TRIES
    await clock.advance(FORGIVEN)
    assert maker.maker.able
    maker.maker.want(wanted=True)
    await until(lambda: maker.maker._failures > TRIES)
    await maker.maker.close()


@pytest.mark.parametrize("ffmpeg", ["", "/nonexistent/ffmpeg"])
async def test_nothing_is_tried_without_one(ffmpeg: str) -> None:
    maker = Maker(ffmpeg, FakeClock())
    assert maker.maker.able == bool(ffmpeg)
    maker.maker.want(wanted=True)
    await settle()
    await maker.maker.close()


# Who is offered it.


async def live(rig: Rig, codec: Codec = Codec.AAC) -> None:
    """Have a camera that shows and says something."""
    rig.camera.info = replace(rig.camera.info, audio=True)
    await rig.live()
    say(rig, codec)


def say(rig: Rig, codec: Codec = Codec.AAC) -> None:
    units = {
        Codec.AAC: footage.adts(footage.sound("aac")[3]),
        Codec.PCMU: footage.sound("pcmu", rate=8000)[3],
    }
    rig.camera.say(units[codec], codec=codec, rate=RATE if codec is Codec.AAC else 8000)


@pytest.mark.parametrize(
    ("codec", "query", "offered"),
    [
        (Codec.AAC, "&opus=1", ["video", "audio", "opus"]),
        (Codec.AAC, "", ["video", "audio"]),
        (Codec.PCMU, "&opus=1", ["video", "audio"]),
    ],
)
async def test_it_is_offered_after_aac_to_who_asks(
    rig: Rig, codec: Codec, query: str, offered: list[str]
) -> None:
    await live(rig, codec)
    async with Viewer(rig.url + query) as viewer:
        text = (await viewer.play("video")).body.decode()
    assert [line.partition(":")[2] for line in text.splitlines() if line.startswith("a=control:")][
        1:
    ] == offered
    assert ("a=rtpmap:98 OPUS/48000/2" in text) == ("opus" in offered)
    assert coders() == set(), "to be told of it is not to listen"


async def test_without_ffmpeg_it_is_not_offered_and_that_is_said() -> None:
    async with rtsp_rig() as bare:
        await live(bare)
        assert bare.channel.muted
        async with Viewer(bare.url + "&opus=1") as viewer:
            assert b"OPUS" not in (await viewer.ask("DESCRIBE")).body
            transport = {"Transport": "RTP/AVP/TCP;interleaved=0-1"}
            assert (await viewer.ask("SETUP", f"{bare.url}/opus", **transport)).status == 404
        say(bare, Codec.PCMU)
        assert not bare.channel.muted


async def heard(viewer: Viewer) -> set[int]:
    """Return the kinds of packets that come, up to the first sound."""
    kinds: set[int] = set()
    while not kinds & {97, 98}:
        kinds |= {packet.data[1] & 0x7F for packet in await next_packets(viewer, 1) if len(packet.data) > 28}
    return kinds


async def test_listeners_share_one_and_the_last_one_ends_it(rig: Rig) -> None:
    await live(rig)
    assert not rig.channel.muted
    async with asyncio.timeout(20), Viewer(rig.url + "&opus=1") as first:
        await first.play("video", "opus")
        await rig.advance(REPLAY_WAIT)
        await until(lambda: bool(coders()) and rig.channel._maker._coder is not None)
        async with Viewer(rig.url + "&opus=1") as second, Viewer(rig.url) as program:
            await second.play("video", "opus")
            await program.play()
            await rig.advance(REPLAY_WAIT)
            for _ in range(8):
                say(rig)
                await rig.advance(STEP)
            assert await heard(first) == await heard(second) == {96, 98}
            assert len(coders()) == 1
            assert await heard(program) == {96, 97}, "programs get what the camera sends"
        await rig.advance(0)
        assert len(coders()) == 1
    await rig.advance(0)
    await until(lambda: not coders())
