"""The streams of many cameras at one go2rtc, whoever runs it.

What is added here stays added: a go2rtc that lost everything gets it back before anybody can ask for it.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable
from typing import ClassVar

from ..model import Clock, Door, Secret
from .answers import StreamInfo
from .api import Api
from .backend import Backend
from .dials import DialResult, Dials
from .errors import ApiError, ServerDown, StreamServerError
from .graves import TEND_EVERY, Ending, Graves
from .held import HeldStream
from .redact import Redactor
from .signalling import WebRtcMessage, WebRtcSession, open_session
from .supervisor import ServerState
from .turns import TakeTurn, Turns, no_gate

DIAL_TIMEOUT = 25.0
STILL_TIMEOUT = 20.0
OFFER_EVERY = 60.0
"""Seconds between two tries to bring in a camera that a go2rtc refuses."""

_LOGGER = logging.getLogger(__name__)


class PictureServer(ABC):
    """A go2rtc with the streams of many cameras: cameras go in, pictures and counters come out."""

    stream_type: ClassVar[type[HeldStream]] = HeldStream
    host: str = "127.0.0.1"
    """Where its restreams are served."""
    door: Door | None = None
    """How it reads the relay, where it runs on another machine."""
    down_reason: ClassVar[str] = "server_down"
    """Why nothing can be had from it while it is away."""

    def __init__(self, clock: Clock, turn: TakeTurn = no_gate) -> None:
        """Begin without cameras; `turn` waits until go2rtc may dial one more camera itself."""
        self._clock = clock
        self._redactor = Redactor()
        self._graves = Graves(self._redactor)
        self._gravedigger: asyncio.Task[None] | None = None
        self._dials = Dials(self._redactor, self._spawn)
        self._streams: dict[str, HeldStream] = {}
        self._turns = Turns(clock, turn)
        self._late: set[str] = set()
        """Cameras that a go2rtc was told of and did not answer: it may know them or not."""
        self._refused: dict[str, float] = {}
        """From when on names that a go2rtc refused may be offered to the same one again."""
        self._changes = asyncio.Lock()
        self._sessions: set[WebRtcSession] = set()
        self._work: set[asyncio.Task[None]] = set()

    # Life

    @property
    @abstractmethod
    def state(self) -> ServerState:
        """How it stands."""

    @property
    @abstractmethod
    def _backend(self) -> Backend | None:
        """The go2rtc, or None while there is none."""

    @property
    def cameras(self) -> frozenset[str]:
        """The keys of the cameras that are known here."""
        return frozenset(self._streams)

    @property
    def lost_pieces(self) -> int:
        """How often go2rtc told of lost or late pieces of pictures, where we hear what it tells."""
        return 0

    async def _close(self) -> None:
        """End the sessions, and let what is under way come to its end."""
        if self._gravedigger is not None:
            self._gravedigger.cancel()
            await asyncio.gather(self._gravedigger, return_exceptions=True)
        # A go2rtc that hangs may cost each of them its time; together, not one after the other.
        await asyncio.gather(*(session.close() for session in tuple(self._sessions)))
        # Short calls, each with its own limit: to cancel them would leave names in disorder.
        await asyncio.gather(*self._work, return_exceptions=True)

    async def _restore(self, backend: Backend) -> None:
        """Put everything into a go2rtc that knows nothing; changes wait meanwhile."""
        async with self._changes:
            self._graves.clear()
            self._late.clear()
            await self._bring_in(backend, self._streams.values())

    async def _bring_in(self, backend: Backend, streams: Iterable[HeldStream]) -> None:
        """Tell a go2rtc of cameras that it does not know; raises ServerDown, ApiError."""
        for stream in streams:
            try:
                await stream.begin(backend.api, backend.rtsp_port)
            except ApiError as err:
                if err.reason != "refused_source":
                    raise
                # One camera that it does not take must not cost the others their pictures.
                _LOGGER.debug("go2rtc does not take a camera")
                self._refused[stream.name] = self._clock.monotonic() + OFFER_EVERY
            else:
                self._refused.pop(stream.name, None)

    # Cameras

    async def add(self, camera_key: str, token: Secret, source: Secret, *, shared: bool = False) -> None:
        """Take a camera in under its token, the random name of its restream (32 hexadecimal digits).

        With `shared` all its viewers share one connection to the source. One that is there already with the
        same source keeps its viewers. While go2rtc is down this only remembers; one that hangs is told later,
        or the next one is. Raises InvalidField for a token of another shape, ApiError (`refused_source`) for
        a source that go2rtc does not take.
        """
        stream = self.stream_type.make(token, source, shared=shared)
        async with self._changes:
            if (known := self._streams.get(camera_key)) == stream:
                return
            if known is not None and known.name != stream.name:
                await self._bury(camera_key, known, known.end)
                known = None
            self._redactor.add(stream.secrets)
            self._graves.rise(stream.name)
            try:
                await self._put(camera_key, known, stream)
            except ApiError as err:
                if known is not None:
                    self._graves.add(known, known.end)
                if err.reason != "server_timeout":
                    await self._bury(camera_key, stream, stream.end)
                    raise
                self._late.add(camera_key)
                self._keep_tending()
                return
            if known is not None:
                self._redactor.remove(known.secrets)

    async def _put(self, camera_key: str, known: HeldStream | None, stream: HeldStream) -> None:
        """Hold a camera from now on, in the place of what it was before."""
        self._streams[camera_key] = stream
        if known is None:
            await self._apply(lambda backend: stream.begin(backend.api, backend.rtsp_port))
        else:
            await self._apply(lambda backend: stream.replace(known, backend.api, backend.rtsp_port))

    async def heal(self, camera_key: str, wanted: Callable[[], bool] = lambda: True) -> None:
        """Open a camera's source anew, past a connection that is up but dead. Raises ApiError.

        Viewers who came by RTSP come back by themselves; others hang on the dead connection until they leave.
        A source that go2rtc itself opens anew is left alone, or one that is not `wanted` when its turn comes.
        """
        if self._stream(camera_key).heals_itself:
            return
        await self._turns.of(camera_key)
        async with self._changes:
            if wanted():
                stream = self._stream(camera_key)
                await self._apply(lambda backend: stream.open_anew(backend.api, backend.rtsp_port))

    async def remove(self, camera_key: str) -> None:
        """Forget a camera, its stream and its keys: now, or as soon as go2rtc answers."""
        async with self._changes:
            if (known := self._streams.get(camera_key)) is not None:
                await self._bury(camera_key, known, known.end)

    async def rest(self, camera_key: str) -> None:
        """Let go of a camera that may come back, and leave nothing of it behind, now or soon."""
        async with self._changes:
            if (known := self._streams.get(camera_key)) is not None:
                await self._bury(camera_key, known, known.rest)

    async def _bury(self, camera_key: str, stream: HeldStream, ending: Ending) -> None:
        """Let go2rtc forget a camera; what fails is tried again, and its keys are masked until then."""
        del self._streams[camera_key]
        self._turns.forget(camera_key)
        self._refused.pop(stream.name, None)
        self._late.discard(camera_key)
        self._graves.add(stream, ending)
        if (backend := self._backend) is not None:
            await self._tend(backend.api)

    async def _tend(self, api: Api) -> None:
        """Do what is left to do, and come back for what fails."""
        await self._graves.tend(api)
        self._keep_tending()

    def _keep_tending(self) -> None:
        if self._unfinished and (self._gravedigger is None or self._gravedigger.done()):
            self._gravedigger = asyncio.create_task(self._finish(), name="go2rtc tidying")

    @property
    def _unfinished(self) -> bool:
        """Whether a go2rtc has yet to forget a camera, or to hear of one."""
        return bool(self._graves or self._late)

    async def _finish(self) -> None:
        # While there is no go2rtc there is nothing to be done; the next one is seen to when it comes.
        while self._unfinished and self._backend is not None:
            await self._clock.sleep(TEND_EVERY)
            async with self._changes:
                if (backend := self._backend) is not None:
                    await self._graves.tend(backend.api)
                    await self._tell_late(backend)

    async def _tell_late(self, backend: Backend) -> None:
        """Tell a go2rtc that hung of the cameras that were meant for it; what fails is left for later."""
        if self._graves:
            # What a camera was before goes first: it may bear the same name.
            return
        for camera_key in tuple(self._late):
            try:
                await self._bring_in(backend, [self._streams[camera_key]])
            except StreamServerError:
                return
            self._late.discard(camera_key)

    def _stream(self, camera_key: str) -> HeldStream:
        try:
            return self._streams[camera_key]
        except KeyError:
            raise ApiError("no such camera", reason="unknown_camera") from None

    async def _apply(self, change: Callable[[Backend], Coroutine[None, None, None]]) -> None:
        """Change the running go2rtc; when it is down or going down, the next one gets everything anyway."""
        if (backend := self._backend) is None:
            return
        try:
            await change(backend)
        except ServerDown:
            _LOGGER.debug("A change waits for go2rtc to come back")

    def _ready(self) -> Backend:
        if (backend := self._backend) is None:
            raise ServerDown("go2rtc is not running", reason=self.down_reason)
        return backend

    # Pictures

    def restream_url(self, camera_key: str) -> Secret:
        """Return the RTSP URL for programs on this machine; raises ServerDown or ApiError."""
        stream = self._stream(camera_key)
        return Secret(f"rtsp://{self.host}:{self._ready().rtsp_port}/{stream.read_name}")

    async def turn(self, camera_key: str) -> None:
        """Wait until somebody may begin to watch; raises ServerDown, ApiError.

        That takes long only where go2rtc has to dial the camera itself, and others are dialled just now.
        """
        stream = self._stream(camera_key)
        if stream.held_here and not (await self.streams()).get(camera_key, StreamInfo()).running:
            await self._turns.of(camera_key)

    async def streams(self) -> dict[str, StreamInfo]:
        """Return counters and viewers by camera key; raises ServerDown, ApiError.

        A viewer in a browser watches under a name of its own, and is not in the list.
        """
        found = await self._ready().api.streams()
        return {key: found[one.counted] for key, one in self._streams.items() if one.counted in found}

    async def still(self, camera_key: str, *, timeout: float = STILL_TIMEOUT) -> bytes:
        """Return a JPEG of what a camera sees now; raises StillFailure, ServerDown, ApiError."""
        await self.turn(camera_key)
        stream = self._stream(camera_key)
        name = stream.still_name or await self._viewer_name(camera_key, still=True)
        return await self._ready().api.still(name, within=timeout)

    async def dial(self, source: Secret, *, timeout: float = DIAL_TIMEOUT) -> DialResult:
        """Connect to a camera, known or not, and hang up; raises DialFailure, ServerDown, ApiError."""
        await self._turns.take("")
        return await self._dials.dial(self._ready().api, source, timeout)

    async def webrtc(
        self, camera_key: str, session_id: str, offer_sdp: str, on_message: Callable[[WebRtcMessage], None]
    ) -> WebRtcSession:
        """Open a viewer's session; answer and candidates come as messages. Raises StreamServerError."""
        await self.turn(camera_key)
        name = await self._viewer_name(camera_key)
        return await open_session(self._ready().api, name, session_id, offer_sdp, on_message, self._sessions)

    async def _viewer_name(self, camera_key: str, *, still: bool = False) -> str:
        """Return a name under which one more viewer sees a picture as soon as possible."""
        async with self._changes:
            api, stream, there = self._ready().api, self._stream(camera_key), self._sessions
            return await stream.viewer_name(api, lambda: [one.stream for one in there], still=still)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
