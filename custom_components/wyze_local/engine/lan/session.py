"""One session with one camera: from its credentials to its frames, commands and speaker."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Self, final

from ..model import CameraNetworks, Clock, Credentials
from . import resolution as resolutions
from .av import Command, Magic, build_logins, magic, parse_login_answer
from .control import Control
from .ear import CHANNEL, Ear, Listener
from .errors import LanError, Malformed, Reason
from .info import parse_info
from .keys import CHALLENGE_SIZE
from .media import CODECS, Info, is_media
from .receiver import Receiver
from .talk import Talk, TalkChannel
from .tunnel import STAGE, Tunnel
from .values import CameraInfo, Codec, EndHandler, FrameHandler, LinkStats, Resolution, Stage, StageHandler

_ACK_EVERY = 0.1
_LOGIN_AGAIN = 0.01
_LOGIN_REPEAT = 1.0
_CHALLENGE, _RESPONSE = 10000, 10002
_WISHES = b'{"cameraInfo":{"audioEncoderList":[137,138,140]}}'
"""Sound that browsers play: PCMU, PCMA, PCM."""
_TALK_ON, _TALK_OFF = b"\x03\x01", b"\x03\x02"
_YES, _NO = b"\1", b"\0"
_PHONE_ID_SIZE = 4
_TOO_LATE = {Reason.HUNG_UP: Reason.BUSY, Reason.TIMEOUT: Reason.BUSY, Reason.CLOSED: Reason.BUSY}
"""What an end means while the log-in lasts: the handshake has shown that the key is right."""


@final
class LanSession:
    """A logged-in session. Made by `open`, ended by `close` or by the camera."""

    info: CameraInfo

    def __init__(
        self,
        credentials: Credentials,
        clock: Clock,
        on_frame: FrameHandler,
        on_end: EndHandler,
        *,
        want_audio: bool,
        ear: Ear,
    ) -> None:
        """Do not call: use `open`."""
        self.stats = LinkStats()
        self._model = credentials.model
        self._clock = clock
        self._on_end = on_end
        self._tunnel = Tunnel(credentials, clock, self.stats)
        self._control = Control(self._tunnel.send, lambda: int(clock.time() * 1000))
        self._receiver = Receiver(clock, on_frame, self.stats)
        self._listener = Listener(self._control, self._receiver, ear, wanted=want_audio)
        self._want_audio = want_audio
        self._two_way: asyncio.Future[bool] | None = None
        self._speaking = False
        self._talk: TalkChannel | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._hellos: tuple[asyncio.TimerHandle, ...] = ()
        self._ready = False
        self._ended: LanError | None = None

    @classmethod
    async def open(
        cls,
        credentials: Credentials,
        *,
        clock: Clock,
        on_frame: FrameHandler,
        on_end: EndHandler,
        networks: CameraNetworks | None = None,
        want_audio: bool = True,
        ear: Ear | None = None,
        resolution: Resolution | None = None,
        on_stage: StageHandler = lambda _: None,
    ) -> Self:
        """Find, handshake, log in and ask for media; frames may come before this returns.

        Every stage ends within 5 s. `networks` given, an address outside them is refused before
        anything is sent. `ear` is what earlier sessions have heard of this camera, and hears on. `resolution`
        is asked for, and not waited for; `on_stage` is told how far it has come. Raises LanError; then no
        handler is called any more. A cancelled `open` leaves nothing behind.
        """
        session = cls(credentials, clock, on_frame, on_end, want_audio=want_audio, ear=ear or Ear())
        tunnel = session._tunnel
        tunnel.on_packet, tunnel.on_end = session._on_packet, session._on_tunnel_end
        tunnel.on_stage = on_stage
        try:
            await tunnel.open(networks)
            await session._log_in()
        except BaseException:
            await session.close()
            raise
        session._ready = True
        if resolution is not None:
            session._control.wish(*resolutions.request(session._model, resolution), STAGE)
        return session

    @property
    def heard_at(self) -> float:
        """When anything genuine was last heard of the camera: seconds of the session's monotonic clock."""
        return self._tunnel.heard_at

    @property
    def ended(self) -> LanError | None:
        """Why the session is over; None while it runs. After `close()` the reason is `closed`."""
        return self._ended

    async def command(self, code: int, payload: bytes = b"", timeout: float = 5.0) -> bytes:
        """Send a command (even code, 10000 to 65534) and return the payload of its answer.

        Repeated until answered, the first time soon, but for turns by so much (`control.ONCE`). Raises
        LanError: `timeout`, `closed`, or why the session ended meanwhile; ValueError for what is no command.
        """
        return (await self._control.request(code, payload, timeout, prompt=True)).payload

    def talk(self) -> AbstractAsyncContextManager[Talk]:
        """Open the way to the speaker for as long as the context lasts; one at a time.

        Entering raises LanError: `refused` (no speaker announced, or in use here already), `sound_unknown`
        (nothing was heard of the camera, so whatever was sent might be noise: nothing is), `timeout`, or why
        the session ended meanwhile.
        """
        return self._conversation()

    async def hear(self) -> Codec | None:
        """Return how the camera codes its sound; it is asked for some if this session has heard none.

        None where none comes within 2 s. Frames of it are handed out as ever, and it is switched off again
        unless it was wanted at the start. Raises LanError: why the session is over.
        """
        sound = await self._listener.listen()
        return None if sound is None else CODECS[sound.codec_id & 0xFF][1]

    async def close(self) -> None:
        """Hang up politely, without waiting for an answer; may be called at any time, any number of times."""
        self._finish(LanError(Reason.CLOSED))

    # Log-in.

    async def _log_in(self) -> None:
        """Log in; raises LanError."""
        try:
            if self._ended:
                raise self._ended
            self._tunnel.on_stage(Stage.LOGIN)
            two_way = await self._say_hello()
            self._tick()
            self._tunnel.on_stage(Stage.CHALLENGE)
            challenge = await self._control.request(_CHALLENGE, _WISHES, STAGE)
            answer = await self._control.request(_RESPONSE, self._response(challenge), STAGE)
        except LanError as err:
            raise LanError(_TOO_LATE.get(err.word, err.word), str(err)) from None
        try:
            self.info = parse_info(answer, self._tunnel.framing, two_way=two_way)
        except Malformed:
            # The log-in is done all the same; pictures are the judge.
            self.stats.malformed += 1
            self.info = CameraInfo(self._tunnel.framing, answer.version, two_way=two_way)

    def _response(self, challenge: Command) -> bytes:
        """Return what shows that we know the key, and says what we want."""
        status, rest = challenge.payload[:1], challenge.payload[1 : 1 + CHALLENGE_SIZE]
        if not status:
            raise Malformed("an empty challenge")
        proof = self._tunnel.keys.answer(status[0], rest)
        return b"".join((proof, os.urandom(_PHONE_ID_SIZE), _YES, _YES if self._want_audio else _NO))

    async def _say_hello(self) -> bool:
        """Log in inside the tunnel; return whether the camera announces a speaker."""
        loop = asyncio.get_running_loop()
        self._two_way = loop.create_future()
        first, second = build_logins(int.from_bytes(os.urandom(4)), self._tunnel.keys.password)

        def again() -> None:
            self._tunnel.send(first)
            self._hellos = (
                loop.call_later(_LOGIN_AGAIN, self._tunnel.send, second),
                loop.call_later(_LOGIN_REPEAT, again),
            )

        again()
        try:
            async with asyncio.timeout(STAGE):
                return await self._two_way
        except TimeoutError:
            raise LanError(Reason.BUSY, "no answer to the log-in") from None
        finally:
            # The second one is sent in any case: cameras are known to get both.
            self._hellos[-1].cancel()

    # In.

    def _on_packet(self, packet: bytes) -> None:
        """Take a packet of the main channel."""
        try:
            if is_media(packet):
                self._receiver.receive(packet)
            elif not self._control.receive(packet) and magic(packet) == Magic.LOGIN_ANSWER:
                two_way = parse_login_answer(packet)
                if self._two_way and not self._two_way.done():
                    self._two_way.set_result(two_way)
        except Malformed:
            self.stats.malformed += 1

    def _tick(self) -> None:
        """Acknowledge ten times a second: it is also what tells the camera that we are still there."""
        # The timer comes first: sending may end the session, which stops it.
        self._timer = asyncio.get_running_loop().call_later(_ACK_EVERY, self._tick)
        self._control.acknowledge()

    # Talk-back.

    @asynccontextmanager
    async def _conversation(self) -> AsyncIterator[Talk]:
        if self._ended:
            raise LanError(self._ended.word)
        if not self.info.two_way or self._speaking:
            raise LanError(Reason.REFUSED, "no speaker, or in use")
        self._speaking = True
        try:
            async with self._way(await self._listener.recall(self.info.firmware)) as talk:
                yield talk
        finally:
            self._speaking = False

    @asynccontextmanager
    async def _way(self, sound: Info) -> AsyncIterator[Talk]:
        tunnel = self._tunnel
        talk = self._talk = TalkChannel(tunnel, tunnel.keys, sound)
        tunnel.on_talk = talk.receive
        try:
            await self.command(CHANNEL, _TALK_ON)
            await talk.wait()
            yield talk
        finally:
            self._talk = None
            tunnel.on_talk = _nobody
            talk.close()
            self._control.tell(CHANNEL, _TALK_OFF)

    # The end.

    def _on_tunnel_end(self, error: LanError) -> None:
        """The camera or the network ended it."""
        told = self._ready and self._ended is None
        self._finish(error)
        if told:
            self._on_end(error)

    def _finish(self, error: LanError) -> None:
        """Stop everything, once."""
        if self._ended:
            return
        self._ended = error
        for timer in (self._timer, *self._hellos):
            if timer:
                timer.cancel()
        if self._two_way and not self._two_way.done():
            self._two_way.set_exception(LanError(error.word))
        if self._talk:
            self._talk.close(error)
        self._control.end(error)
        if self._ready:
            self._listener.keep(self.info.firmware)
        self._receiver.close()
        self._tunnel.close()


def _nobody(payload: bytes) -> None:
    """Take what nobody waits for."""
