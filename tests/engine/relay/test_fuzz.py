"""Very many mutated requests, pipe messages and pictures: no error but its own, no memory, no key told."""

import asyncio
import json
from typing import Any

from engine.child import MAX_MESSAGE, Pipe, ProtocolError, encode
from engine.lan import Codec
from engine.relay.channel import Channel, Channels
from engine.relay.formats import AudioFormat, Formats, VideoFormat
from engine.relay.gop import MAX_BYTES, MAX_PICTURES
from engine.relay.hub import Hub
from engine.relay.messages import FROM_PARENT, FROM_RELAY, formats_from_text, formats_to_text
from engine.relay.parser import Interleaved, Parser, Request, parse_channel, parse_target, track_of
from engine.relay.reader import MAX_UNSENT, Reader
from engine.relay.rtp import AudioTrack, VideoTrack
from engine.relay.rtsp import Connection
from engine.relay.talk import MAX_PIECES
from tests.engine.relay.test_connection import Writer
from tests.engine.relay.test_messages import ENR, MESSAGES
from tests.support import footage
from tests.support.clock import FakeClock, settle
from tests.support.fuzzing import Fuzz, Mutator, Share
from tests.support.relay import KEY, TOKEN, PlayedCamera, channel_of, picture, sound

URL = f"rtsp://127.0.0.1:5000/{KEY}"
FIRST, *LATER = footage.video("h264")
KEPT = 65540
"""Bytes that a parser may keep: one piece of binary data with its head."""


def script(session: str, token: str) -> list[bytes]:
    """Return what a client says from its first request to its last."""

    def ask(number: int, method: str, url: str, *headers: str) -> bytes:
        return "\r\n".join([f"{method} {url} RTSP/1.0", f"CSeq: {number}", *headers, "", ""]).encode()

    tcp = "Transport: RTP/AVP/TCP;unicast;interleaved="
    spoken = b"\x80\x00" + bytes(10) + b"sound for the speaker"
    return [
        ask(1, "OPTIONS", "*"),
        ask(2, "DESCRIBE", f"{URL}?auth={token}&twice=1", "Require: www.onvif.org/ver20/backchannel"),
        ask(3, "SETUP", f"{URL}/video", f"{tcp}0-1"),
        ask(4, "SETUP", f"{URL}/audio", f"{tcp}2-3"),
        ask(5, "SETUP", f"{URL}/talk", f"{tcp}4-5"),
        ask(6, "PLAY", URL, f"Session: {session};timeout=60", "Range: npt=0-"),
        b"$\x04" + len(spoken).to_bytes(2) + spoken,
        b"$\x01\x00\x08" + bytes(8),
        ask(7, "GET_PARAMETER", URL, "Content-Length: 4") + b"ping",
        ask(8, "TEARDOWN", URL, f"Session: {session}"),
    ]


def test_bytes_of_rtsp_clients(fuzz: Fuzz) -> None:
    with fuzz.share("rtsp bytes", 150, limit=70_000) as share:
        mutator = share.mutator
        corpus = script("0123456789abcdef", TOKEN)
        while share.more:
            parser = Parser()
            try:
                for _ in range(mutator.chance.choice((1, 1, 2, 6))):
                    good = mutator.chance.choice(corpus) if mutator.chance.random() < 0.5 else b""
                    for chunk in mutator.cuts(good + mutator.any(corpus)):
                        for item in parser.feed(chunk):
                            look(item)
                        assert len(parser._buffer) <= KEPT
            except ProtocolError as err:
                assert TOKEN not in str(err)


def look(item: Request | Interleaved) -> None:
    """Read what a connection would read of it."""
    if isinstance(item, Request):
        assert item.cseq.isdigit()
        assert track_of(item.url) in item.url
        target = parse_target(item.url)
        assert len(target.camera_key) + len(target.token) <= len(item.url)
        parse_channel(item.headers.get("transport", ""))


class HastyClock(FakeClock):
    """Lets nobody sleep for long."""

    async def sleep(self, seconds: float) -> None:
        """Let others go first, and no more."""
        await asyncio.sleep(0)


async def converse(mutator: Mutator, channels: Channels, channel: Channel, *, stranger: bool) -> bytes:
    """Let a client say its script, some of it changed; returns what it was told."""
    reader, writer = asyncio.StreamReader(), Writer()
    connection = Connection(reader, writer, channels, HastyClock())  # type: ignore[arg-type]
    said = script(connection._session, "0" * 32 if stranger else TOKEN)
    for _ in range(mutator.chance.choice((1, 1, 2, 4))):
        # More often late than early: what is refused ends the conversation.
        place = max(mutator.chance.randrange(len(said)) for _ in range(2))
        said[place] = mutator.any(said)
    serving = asyncio.ensure_future(connection.serve())
    for chunk in (chunk for each in said for chunk in mutator.cuts(each)):
        reader.feed_data(chunk)
        # What came before is answered, whatever follows.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    reader.feed_eof()
    async with asyncio.timeout(10):
        await serving
    assert writer.closed
    del writer.transport  # It is its own, and what it holds would wait for the collector.
    assert channel.hub.sinks == set(), "whoever left is forgotten"
    assert len(channel._talker._pieces) <= MAX_PIECES
    return bytes(writer.data)


async def _connections(share: Share) -> None:
    clock = FakeClock()
    camera = PlayedCamera(clock)
    channel = channel_of(camera, clock)
    channels = Channels()
    channels.by_key[KEY] = channel
    channel.start()
    channel.keeper.always(True)
    await settle()
    camera.show(FIRST.data, key=True)
    channel.hub.formats = Formats(channel.hub.formats.video, AudioFormat("pcmu", 8000), talk=True)
    played = 0
    while share.more:
        stranger = share.mutator.chance.random() < 0.3
        told = await converse(share.mutator, channels, channel, stranger=stranger)
        assert len(told) < 2 * MAX_UNSENT + len(FIRST.data) * 3
        if stranger:
            assert TOKEN.encode() not in told
            assert b"sprop" not in told, "who has no token is told nothing"
            assert b"$" not in told
        played += b"$\x00" in told
        camera.heard.clear()
    assert played > share.wanted // 10, "it must get as far as pictures often enough"
    assert len(camera.dials) == 1
    await channel.close()
    await channel.keeper._gate.close()


def test_requests_of_rtsp_clients(fuzz: Fuzz) -> None:
    with fuzz.share("rtsp requests", 100) as share:
        asyncio.run(_connections(share))


ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    0.5,
    1e308,
    2**63,
    "",
    "x" * 600,
    "a\nb",
    "%%",
    [],
    {},
    [[]],
    {"id": 1},
)


def twisted(mutator: Mutator, value: Any) -> Any:
    """Return what a message spells, with one thing in it put in another's place."""
    chance = mutator.chance
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(list(value))
        return value | {name: twisted(mutator, value[name])}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        return [*value[:place], twisted(mutator, value[place]), *value[place + 1 :]]
    mutator.made += 1
    return chance.choice(ODD)


async def _pipes(share: Share) -> None:
    mutator = share.mutator
    said = {
        id(allowed): [encode(message) for message, of in MESSAGES if of is allowed] for _, allowed in MESSAGES
    }
    while share.more:
        allowed = mutator.chance.choice((FROM_PARENT, FROM_RELAY))
        corpus = said[id(mutator.chance.choice((allowed, allowed, FROM_PARENT)))]
        reader = asyncio.StreamReader()
        pipe = Pipe(reader, Writer(), allowed, MAX_MESSAGE)  # type: ignore[arg-type]
        for _ in range(mutator.chance.choice((1, 2, 5))):
            if mutator.chance.random() < 0.4:
                mutant = json.dumps(twisted(mutator, json.loads(mutator.chance.choice(corpus)[4:]))).encode()
                reader.feed_data(len(mutant).to_bytes(4) + mutant)
                continue
            mutant = mutator.any(corpus)
            whole = mutator.chance.random() < 0.7
            # With the right length in front, what lies behind it is looked at.
            reader.feed_data(len(mutant[4:]).to_bytes(4) + mutant[4:] if whole else mutant)
        reader.feed_eof()
        try:
            while (message := await pipe.receive()) is not None:
                assert type(message) in allowed.values()
                encode(message)
        except ProtocolError as err:
            assert ENR not in str(err)


def test_messages_on_the_pipe(fuzz: Fuzz) -> None:
    with fuzz.share("pipe", 80, limit=8192) as share:
        asyncio.run(_pipes(share))


class Transport:
    """Takes what a reader is sent, and checks its frame."""

    def write(self, data: bytes) -> None:
        """Take whole packets of a size that a reader can take."""
        while data:
            size = int.from_bytes(data[2:4])
            assert data[0] == 0x24
            assert 12 <= size <= len(data) - 4
            data = data[4 + size :]

    def get_write_buffer_size(self) -> int:
        """Be fast."""
        return 0

    def is_closing(self) -> bool:
        """Be there."""
        return False


def _watched() -> tuple[Hub, FakeClock]:
    """Return what readers of a camera share, and one reader that is told of everything."""
    clock = FakeClock()
    learned: list[Any] = []
    hub = Hub(clock, learned.append)
    hub.session()
    hub.frame(picture(FIRST.data, 1, clock.monotonic(), key=True))
    video, audio = hub.formats.video, AudioFormat("pcmu", 8000)
    assert isinstance(video, VideoFormat)
    tracks = VideoTrack(0, video), AudioTrack(2, audio)
    reader = Reader(
        Transport(),  # type: ignore[arg-type]
        clock,
        *tracks,
        told=Formats(video, audio),
        twice=True,
        hang_up=lambda: None,
    )
    hub.sinks.add(reader)
    return hub, clock


def test_pictures_and_sound_of_mad_cameras(fuzz: Fuzz) -> None:
    units = [footage.adts(unit) for unit in footage.sound("aac")[:5]]
    with fuzz.share("frames", 20, limit=20_000) as share:
        mutator = share.mutator
        chance = mutator.chance
        while share.more:
            hub, clock = _watched()
            for number in range(2, 200):
                clock._now += chance.choice((0, 0.01, 0.07, 1, 40))
                now = clock.monotonic()
                if chance.random() < 0.7:
                    codec = chance.choice((Codec.H264, Codec.H264, Codec.H265))
                    pieces = [FIRST, *LATER[:3]] if codec is Codec.H264 else footage.video("h265")[:3]
                    data = mutator.any([piece.data for piece in pieces])
                    when = now if chance.random() < 0.8 else chance.randrange(2**32)
                    hub.frame(
                        picture(data, number, now, key=chance.random() < 0.5, codec=codec, camera_at=when)
                    )
                else:
                    codec = chance.choice((Codec.AAC, Codec.PCM, Codec.PCMU, Codec.OPUS, Codec.MP3))
                    hub.frame(
                        sound(
                            mutator.any(units), number, now, codec=codec, rate=chance.choice((0, 8000, 44100))
                        )
                    )
                assert len(hub.gop) <= MAX_PICTURES
                assert hub.gop.size <= MAX_BYTES
                if hub.formats.video is None or hub.formats.video.complete:
                    assert formats_from_text(formats_to_text(hub.formats)) == hub.formats
