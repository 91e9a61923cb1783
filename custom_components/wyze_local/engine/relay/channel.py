"""One camera inside the relay: its keeper, its hub, its readers and the token that opens them."""

import asyncio
import hmac
import random
from collections.abc import Callable, Hashable
from typing import override

from ..child import wait_for
from ..lan import CameraInfo, LanError, LanSession, Reason
from ..model import Clock, EngineError, Secret
from .formats import AudioFormat, Formats, spoken_format
from .gate import Gate
from .hub import Hub
from .keeper import COMING, Keeper
from .listening import SOUND_WITHIN, Listener
from .opening import Opener
from .opus import OPUS, OpusMaker
from .reader import Reader
from .rtsp import Directory, Served, Unavailable
from .speech import Speech
from .states import Phase
from .talk import Talker

DESCRIBE_WITHIN = 4.5
"""Seconds until a description or a refusal: go2rtc waits for 5."""

SPEAK_WITHIN = 8.0
"""Seconds until a camera that shall say something must have let us in."""


class Channel(Served):
    """A camera that readers can attach to."""

    def __init__(
        self,
        token: Secret,
        opener: Opener[LanSession],
        *,
        clock: Clock,
        rng: random.Random,
        gate: Gate,
        on_state: Callable[[], None],
        on_formats: Callable[[Formats], None],
        on_info: Callable[[CameraInfo], None],
        ffmpeg: str = "",
    ) -> None:
        """Prepare; `start` begins. `on_state` is told when phase, reason or readers have changed.

        `ffmpeg` is where it lies; without it nobody makes Opus of AAC.
        """
        self._clock = clock
        self._on_state = on_state
        self._news = asyncio.Event()
        self._talker = Talker(clock, lambda: self.keeper.session)
        self._listener = Listener(clock, lambda: self.hub.formats.heard is not None)
        self._tell_formats = on_formats
        self._tell_info = on_info
        self._closed = False
        self.token = token
        self.guest = ""
        """The user of another machine that may read it."""
        self.hub = Hub(clock, self._formats_learned)
        self._maker = OpusMaker(ffmpeg, clock, deliver=self.hub.spread, on_change=on_state)
        self.hub.on_sound = self._maker.take
        self.keeper: Keeper[LanSession] = Keeper(
            opener,
            self.hub,
            clock=clock,
            rng=rng,
            gate=gate,
            on_state=self._state_changed,
            on_info=self._informed,
        )

    def start(self) -> None:
        """Begin to keep the session."""
        self.keeper.start()

    async def close(self) -> None:
        """Hang up on readers and camera."""
        self._closed = True
        for sink in tuple(self.hub.sinks):
            sink.hang_up()
        await self._listener.close()
        await self._talker.close()
        await self._maker.close()
        await self.keeper.close()

    @override
    async def describe(self, *, still: bool = False) -> Formats:
        """Return what is known, at once if anything is, else as soon as the first picture says it.

        For a `still` only once the camera has let us in: until then there is nothing to wait for.
        """
        self.keeper.wish(DESCRIBE_WITHIN if still else COMING)
        fresh = self.hub.formats.video is None
        end = self._clock.monotonic() + DESCRIBE_WITHIN
        while self.hub.formats.video is None or (still and self.keeper.session is None):
            if self.keeper.phase is Phase.REFUSED and self.keeper.pausing:
                raise Unavailable(self.keeper.reason)
            if not await self._told(end):
                raise Unavailable(self.keeper.reason or "timeout")
        end = min(end, self._clock.monotonic() + SOUND_WITHIN)
        while fresh and not self.hub.settled and await self._told(end):
            pass
        self.keeper.wish()
        return self.hub.formats

    @property
    @override
    def opus(self) -> AudioFormat | None:
        """Opus that can be had besides the camera's own sound: of AAC only, which browsers cannot play."""
        return OPUS if self._speaks_aac and self._maker.able else None

    @property
    def muted(self) -> bool:
        """Whether browsers cannot hear it, as nothing here makes Opus of its AAC."""
        return self._speaks_aac and not self._maker.able

    @property
    def _speaks_aac(self) -> bool:
        return (audio := self.hub.formats.audio) is not None and audio.codec == "aac"

    async def _told(self, end: float) -> bool:
        """Wait for news until a moment; returns whether it has not come yet."""
        left = end - self._clock.monotonic()
        if left <= 0:
            return False
        self._news.clear()
        return await wait_for(self._clock, self._news.wait(), left)

    @override
    def attach(self, reader: Reader) -> None:
        """Send what is kept of the pictures, then what comes; a reader that was told otherwise has to go."""
        if self._closed or not reader.fits(self.hub.formats):
            reader.hang_up()
            return
        reader.begin(self.hub.gop)
        self.hub.sinks.add(reader)
        if self.keeper.session is None:
            reader.session_over()
        self._readers_changed()

    @override
    def detach(self, reader: Reader) -> None:
        """Forget a reader; the session lingers."""
        self.hub.sinks.discard(reader)
        self._readers_changed()

    @override
    def wish(self) -> None:
        """Keep the session for a reader that is on its way."""
        self.keeper.wish()

    @override
    def talk(self, payload: bytes, told: Formats, voice: Hashable) -> None:
        """Pass sound on to the speaker, which may be known by now to take something else than was told."""
        if (spoken := spoken_format(told)) is not None:
            self._talker.send(payload, spoken, voice)

    async def speak(self, speech: Speech) -> None:
        """Say something through the speaker, and keep the session for as long as that takes.

        Raises EngineError: what Talker.announce and Speech raise, `no_speaker`, `speaker_silent`,
        `sound_unknown` for a camera that was never heard, or why it cannot be reached.
        """

        async def say() -> None:
            self._readers_changed()
            session = await self.keeper.open_session(SPEAK_WITHIN)
            if not session.info.two_way:
                raise EngineError("no speaker", reason="no_speaker")
            end = self._clock.monotonic() + SOUND_WITHIN
            # How its speaker is spoken to is known by the camera's own sound.
            while not self.hub.settled and await self._told(end):
                pass
            await _say(session, speech)

        try:
            await self._talker.announce(say)
        finally:
            self._readers_changed()

    def _readers_changed(self) -> None:
        self.keeper.readers(len(self.hub.sinks) + self._talker.announcing)
        self._maker.want(any(sink.listens_to(OPUS) for sink in self.hub.sinks))
        self._on_state()

    def _state_changed(self, _phase: Phase, _reason: str) -> None:
        self._news.set()
        self._on_state()

    def _informed(self, info: CameraInfo) -> None:
        self._news.set()
        if (session := self.keeper.session) is not None:
            self._listener.follow(session)
        self._tell_info(info)

    def _formats_learned(self, formats: Formats) -> None:
        self._news.set()
        self._tell_formats(formats)
        self._on_state()


async def _say(session: LanSession, speech: Speech) -> None:
    opened = False
    try:
        async with session.talk() as talk:
            opened = True
            await speech.say(talk)
    except LanError as err:
        if opened or err.word is not Reason.TIMEOUT:
            raise
        raise EngineError("the camera did not open its speaker", reason="speaker_silent") from None


class Channels(Directory):
    """All cameras of the relay."""

    def __init__(self) -> None:
        """Begin with none."""
        self.by_key: dict[str, Channel] = {}

    @override
    def find(self, camera_key: str, token: str, guest: str) -> Channel | None:
        """Return the camera if key and token are right; an unknown camera takes as long as a wrong token."""
        channel = self.by_key.get(camera_key)
        expected = channel.token.reveal() if channel is not None else "0" * 32
        same = hmac.compare_digest(expected.encode(), token.encode("utf-8", "replace"))
        return channel if same and channel is not None and guest in {"", channel.guest} else None
