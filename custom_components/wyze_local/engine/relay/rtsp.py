"""One RTSP connection: who may see what, and the few methods that go2rtc and ffmpeg use."""

import asyncio
import secrets
from collections.abc import Hashable
from typing import Protocol

from ..child import ProtocolError
from ..model import Clock
from .formats import AudioFormat, Formats, spoken_format
from .login import SLOW, Login, peer_of
from .parser import Interleaved, Parser, Request, Target, parse_channel, parse_target, track_of
from .reader import MAX_UNSENT, Reader
from .rtp import AudioTrack, VideoTrack
from .sdp import AUDIO, OPUS, TALK, VIDEO, describe

IDLE = 30.0
"""Seconds that a connection may stay open without playing and without a request."""

STRANGER = 10.0
"""Seconds within which a client must have shown that it may see a camera."""

MAX_ANSWERS = 65536
"""More bytes of answers than this that a client does not read, and it is hung up."""

REPLAY_WAIT = 0.1
"""Seconds between PLAY and the first packet: go2rtc drops what comes before its own viewer is ready."""

_CHUNK = 65536
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
    503: "Service Unavailable",
}
_BACK_CHANNEL = "www.onvif.org/ver20/backchannel"


class Unavailable(Exception):
    """There is nothing to describe; `reason` is the word for why."""

    def __init__(self, reason: str) -> None:
        """Remember the reason."""
        super().__init__(reason)
        self.reason = reason


class Served(Protocol):
    """A camera as a connection sees it."""

    @property
    def opus(self) -> AudioFormat | None:
        """Opus that can be had besides its own sound."""
        ...

    async def describe(self, *, still: bool = False) -> Formats:
        """Return what is known of its streams, waiting a little if need be; raises Unavailable."""
        ...

    def attach(self, reader: Reader) -> None:
        """Begin to send to a reader."""
        ...

    def detach(self, reader: Reader) -> None:
        """Forget a reader."""
        ...

    def wish(self) -> None:
        """Hear that somebody is about to look."""
        ...

    def talk(self, payload: bytes, told: Formats, voice: Hashable) -> None:
        """Pass sound on to its speaker, coded as was `told`; `voice` tells whose it is."""
        ...


class Directory(Protocol):
    """Where connections look cameras up."""

    def find(self, camera_key: str, token: str, guest: str) -> Served | None:
        """Return the camera if key and token are right, in the same time whatever is wrong.

        `guest` is the user of another machine, to which only its own cameras are there; empty for this one.
        """
        ...


class Connection:
    """Serves one client until it leaves."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        directory: Directory,
        clock: Clock,
        login: Login | None = None,
    ) -> None:
        """Own a connection that was just accepted; `login` is for what comes from another machine."""
        self._reader = reader
        self._writer = writer
        self._directory = directory
        self._clock = clock
        self._login = login
        self._session = secrets.token_hex(8)
        self._camera: Served | None = None
        self._formats = Formats()
        self._opus: AudioFormat | None = None
        self._target = Target("", "")
        self._channels: dict[str, int] = {}
        self._known_by = asyncio.get_running_loop().time() + STRANGER
        self.playing: Reader | None = None
        self.peer = peer_of(writer)

    async def serve(self) -> None:
        """Answer requests until the client leaves or breaks the rules."""
        parser = Parser()
        try:
            while data := await self._read():
                for item in parser.feed(data):
                    if isinstance(item, Interleaved):
                        self._binary(item)
                    elif not await self._answer(item) or self._writer.is_closing():
                        return
        except ProtocolError:
            # Nothing of ours speaks like this; the answer says no more than that.
            self._writer.write(b"RTSP/1.0 400 Bad Request\r\n\r\n")
        except TimeoutError, ConnectionError:
            return
        finally:
            self.close()

    @property
    def stranger(self) -> bool:
        """Whether it has not shown yet that it may see a camera."""
        return self._camera is None

    def close(self) -> None:
        """Hang up."""
        if self._camera is not None and self.playing is not None:
            self._camera.detach(self.playing)
        self.playing = None
        self._writer.close()

    def _abort(self) -> None:
        """Hang up without sending what is still unsent."""
        self._writer.transport.abort()

    async def _read(self) -> bytes:
        if self.playing is not None:
            return await self._reader.read(_CHUNK)
        until = asyncio.get_running_loop().time() + IDLE if self._camera else self._known_by
        async with asyncio.timeout_at(until):
            return await self._reader.read(_CHUNK)

    async def _answer(self, request: Request) -> bool:
        """Answer one request; returns whether the connection goes on."""
        match request.method:
            case "OPTIONS":
                self._reply(request, 200, Public=_METHODS)
            case "GET_PARAMETER":
                self._reply(request, 200)
            case "DESCRIBE":
                return await self._describe(request)
            case "SETUP":
                self._reply_setup(request)
            case "PLAY":
                await self._play(request)
            case "TEARDOWN":
                self._reply(request, 200)
                return False
            case _:
                self._reply(request, 501)
        return True

    async def _describe(self, request: Request) -> bool:
        if self._login is not None and not self._login.opens(request):
            return await self._turn_away(request, self._login)
        target = parse_target(request.url)
        guest = self._login.guest if self._login else ""
        camera = self._directory.find(target.camera_key, target.token, guest)
        if camera is None:
            self._reply(request, 404)
            return False
        if self.playing is not None:
            self._reply(request, 455)
            return True
        try:
            formats = await camera.describe(still=target.still)
        except Unavailable as err:
            self._reply(request, 503, phrase=err.reason)
            return False
        self._camera, self._formats, self._target = camera, formats, target
        self._opus = camera.opus if target.opus else None
        back_channel = _BACK_CHANNEL in request.headers.get("require", "")
        self._reply(
            request,
            200,
            body=describe(formats, back_channel=back_channel, opus=self._opus),
            Content_Type="application/sdp",
            # Without the query: the token has done its duty for this connection.
            Content_Base=self._base(target),
        )
        return True

    async def _turn_away(self, request: Request, login: Login) -> bool:
        """Ask for a login, once; whoever shows a wrong one waits, and has to come again."""
        tried = "authorization" in request.headers
        if tried:
            await self._clock.sleep(SLOW)
        self._reply(request, 401, WWW_Authenticate=login.challenge)
        return not tried

    def _base(self, target: Target) -> str:
        host, port = self._writer.get_extra_info("sockname")[:2]
        return f"rtsp://{host}:{port}/{target.camera_key}/"

    def _reply_setup(self, request: Request) -> None:
        if self._camera is None or self.playing is not None:
            self._reply(request, 455)
            return
        track = track_of(request.url)
        formats = self._formats
        there = {
            VIDEO: formats.video,
            AUDIO: formats.audio,
            OPUS: self._opus,
            TALK: spoken_format(formats),
        }
        if there.get(track) is None:
            self._reply(request, 404)
            return
        channel = parse_channel(request.headers.get("transport", ""))
        if channel is None or channel in (self._channels | {track: -1}).values():
            self._reply(request, 461)
            return
        self._channels[track] = channel
        self._camera.wish()
        transport = f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}"
        self._reply(request, 200, Transport=transport, Session=f"{self._session};timeout=60")

    async def _play(self, request: Request) -> None:
        camera = self._camera
        if camera is None or not self._channels or self.playing is not None:
            self._reply(request, 455)
            return
        if request.headers.get("session", "").partition(";")[0] != self._session:
            self._reply(request, 454)
            return
        self._reply(request, 200, Session=self._session, Range="npt=now-")
        await self._clock.sleep(REPLAY_WAIT)
        formats, channels = self._formats, self._channels
        video = VideoTrack(channels[VIDEO], formats.video) if VIDEO in channels and formats.video else None
        sounds = {AUDIO: formats.audio, OPUS: self._opus}
        self.playing = Reader(
            self._writer.transport,
            self._clock,
            video,
            *(
                AudioTrack(channels[name], audio)
                for name, audio in sounds.items()
                if name in channels and audio
            ),
            told=formats,
            twice=self._target.twice,
            still=self._target.still,
            watch=self._target.watch,
            hang_up=self._abort,
        )
        camera.attach(self.playing)

    def _binary(self, item: Interleaved) -> None:
        """Take sound for the speaker; anything else, such as receiver reports, is of no use."""
        if self._camera is None:
            raise ProtocolError("nothing was described yet")
        if self._channels.get(TALK) != item.channel or len(item.data) < 12:
            return
        head = 12 + 4 * (item.data[0] & 0x0F)
        if item.data[0] >> 6 == 2 and not item.data[0] & 0x30 and len(item.data) > head:
            # Of several browsers go2rtc sends all sound on one track, and leaves them their SSRC.
            self._camera.talk(item.data[head:], self._formats, (self._session, item.data[8:12]))

    def _reply(
        self, request: Request, status: int, *, phrase: str = "", body: bytes = b"", **headers: str
    ) -> None:
        lines = [f"RTSP/1.0 {status} {phrase or _REASONS[status]}", f"CSeq: {request.cseq}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        limit = MAX_ANSWERS if self.playing is None else 2 * MAX_UNSENT
        if self._writer.transport.get_write_buffer_size() > limit:
            self._abort()
