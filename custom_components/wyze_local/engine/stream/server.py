"""The stream server as the rest of the house sees it: cameras go in, pictures and counters come out.

What is added here stays added: after a crash the sources are put back before anybody can ask for them.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from ..model import Clock, Secret
from .answers import StreamInfo
from .api import Api
from .child import Child
from .config import StreamServerSettings
from .dials import DialResult, Dials
from .errors import ApiError, ServerDown, StreamServerError
from .lines import LineFilter
from .pool import check_token
from .redact import Redactor
from .signalling import WebRtcMessage, WebRtcSession, open_session
from .source import hop, needs_hop, secrets_in
from .supervisor import ServerState, Supervisor
from .viewers import ViewerNames

DIAL_TIMEOUT = 25.0
STILL_TIMEOUT = 20.0
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Stream:
    """One camera: the name of its restream, where that comes from, and the names of its viewers.

    Viewers of a relay have a connection to it each. Those of a source that go2rtc itself holds share one:
    the restream, or a hop to it where go2rtc never notices that such a source died.
    """

    name: str
    source: Secret
    shared: bool = False
    viewers: ViewerNames = field(default_factory=ViewerNames, compare=False)
    hop: str = field(default_factory=lambda: secrets.token_hex(16), compare=False)

    @property
    def secrets(self) -> list[Secret]:
        """What must not be printed."""
        return [Secret(self.name), Secret(self.hop), *secrets_in(self.source)]

    async def begin(self, api: Api, rtsp_port: int) -> None:
        """Make it known to a go2rtc."""
        self.viewers.forget()
        if needs_hop(self.source):
            await api.patch(self.hop, hop(self.name, rtsp_port))
        await api.patch(self.name, self.source)

    @property
    def view(self) -> str | None:
        """The name under which all viewers watch; None where each has one of his own."""
        if needs_hop(self.source):
            return self.hop
        return self.name if self.shared else None

    async def open_anew(self, api: Api) -> None:
        """Give it a connection that is not up yet; who came through a hop follows by himself."""
        await api.delete(self.name)
        await api.patch(self.name, self.source)

    async def end(self, api: Api) -> None:
        """Let a go2rtc forget it."""
        names = (self.hop,) if needs_hop(self.source) else self.viewers.all
        self.viewers.forget()
        for name in (self.name, *names):
            await api.delete(name)


class StreamServer:
    """A managed go2rtc with the streams of many cameras."""

    def __init__(
        self,
        settings: StreamServerSettings,
        *,
        clock: Clock,
        rng: random.Random,
        on_state: Callable[[ServerState], None] = lambda _: None,
    ) -> None:
        """Prepare; nothing runs before `start`."""
        self._settings = settings
        self._redactor = Redactor()
        self._lines = LineFilter(self._redactor, clock, _LOGGER)
        self._dials = Dials(self._redactor, self._spawn)
        self._streams: dict[str, _Stream] = {}
        self._changes = asyncio.Lock()
        self._sessions: set[WebRtcSession] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._supervisor = Supervisor(
            self._launch,
            self._restore,
            clock=clock,
            rng=rng,
            on_state=on_state,
            last_lines=self._lines.last,
        )

    # Life

    @property
    def state(self) -> ServerState:
        """How it stands."""
        return self._supervisor.state

    @property
    def cameras(self) -> frozenset[str]:
        """The keys of the cameras that are known here."""
        return frozenset(self._streams)

    @property
    def pid(self) -> int | None:
        """Process id of go2rtc, or None while there is none."""
        return self._supervisor.child.pid if self._supervisor.child else None

    @property
    def lost_pieces(self) -> int:
        """How often go2rtc told of lost or late pieces of pictures, over all cameras and restarts."""
        return self._lines.lost

    async def start(self) -> None:
        """Start go2rtc and wait until all of it works; raises StreamServerError."""
        await self._supervisor.start()

    async def stop(self) -> None:
        """End everything: sessions, tasks, process, socket, folder. Cameras stay known for another start."""
        for session in tuple(self._sessions):
            await session.close()
        # Short calls, each with its own limit: to cancel them would leave names in disorder.
        await asyncio.gather(*self._work, return_exceptions=True)
        await self._supervisor.stop()

    async def reconfigure(self, settings: StreamServerSettings) -> None:
        """Restart with other settings; the cameras stay.

        Raises StreamServerError and goes on with the old ones; when not even those work, it is stopped.
        """
        before, self._settings = self._settings, settings
        await self.stop()
        try:
            await self.start()
        except StreamServerError:
            self._settings = before
            await self.start()
            raise

    async def _launch(self, rtsp_port: int | None) -> Child:
        self._lines.begin()
        return await Child.launch(self._settings, feed=self._lines.feed, preferred_rtsp_port=rtsp_port)

    async def _restore(self, child: Child) -> None:
        """Put everything into a new go2rtc; changes wait meanwhile."""
        async with self._changes:
            for stream in self._streams.values():
                await stream.begin(child.api, child.rtsp_port)

    # Cameras

    async def add(self, camera_key: str, token: Secret, source: Secret, *, shared: bool = False) -> None:
        """Take a camera in under its token, the random name of its restream (32 hexadecimal digits).

        With `shared` all viewers share one connection to the source. One that is there already with the same source keeps its viewers. While go2rtc is down this only
        remembers. Raises InvalidField for a token of another shape, ApiError
        (`refused_source`) for a source that go2rtc does not take.
        """
        stream = _Stream(check_token(token), source, shared)
        async with self._changes:
            if (known := self._streams.get(camera_key)) == stream:
                return
            if known is not None:
                await self._forget(camera_key, known)
            self._streams[camera_key] = stream
            self._redactor.add(stream.secrets)
            try:
                await self._apply(lambda child: stream.begin(child.api, child.rtsp_port))
            except ApiError:
                self._redactor.remove(self._streams.pop(camera_key).secrets)
                raise

    async def update(self, camera_key: str, source: Secret) -> None:
        """Give a camera another source; a connection that is up is opened anew. Raises ApiError."""
        async with self._changes:
            known = self._stream(camera_key)
            if known.source == source:
                return
            stream = _Stream(known.name, source, known.shared)
            self._redactor.add(stream.secrets)
            self._streams[camera_key] = stream
            self._redactor.remove(known.secrets)
            await self._apply(lambda child: known.end(child.api))
            await self._apply(lambda child: stream.begin(child.api, child.rtsp_port))

    async def heal(self, camera_key: str) -> None:
        """Open a camera's source anew, past a connection that is up but dead. Raises ApiError.

        Viewers who came by RTSP come back by themselves; others hang on the dead connection until they leave.
        Where all of them hang on the source itself nothing is done: go2rtc opens it anew, and takes them along.
        """
        async with self._changes:
            stream = self._stream(camera_key)
            if stream.view != stream.name:
                await self._apply(lambda child: stream.open_anew(child.api))

    async def remove(self, camera_key: str) -> None:
        """Forget a camera, its stream and its keys."""
        async with self._changes:
            if (known := self._streams.get(camera_key)) is not None:
                await self._forget(camera_key, known)

    async def _forget(self, camera_key: str, stream: _Stream) -> None:
        del self._streams[camera_key]
        self._redactor.remove(stream.secrets)
        await self._apply(lambda child: stream.end(child.api))

    def _stream(self, camera_key: str) -> _Stream:
        try:
            return self._streams[camera_key]
        except KeyError:
            raise ApiError("no such camera", reason="unknown_camera") from None

    async def _apply(self, change: Callable[[Child], Coroutine[None, None, None]]) -> None:
        """Change the running go2rtc; when it is down or going down, the next one gets everything anyway."""
        if (child := self._supervisor.child) is None:
            return
        try:
            await change(child)
        except ServerDown:
            _LOGGER.debug("A change waits for go2rtc to come back")

    def _child(self) -> Child:
        if (child := self._supervisor.child) is None:
            raise ServerDown("go2rtc is not running")
        return child

    def _api(self) -> Api:
        return self._child().api

    # Pictures

    def restream_url(self, camera_key: str) -> Secret:
        """Return the RTSP URL for programs on this machine; raises ServerDown or ApiError."""
        stream = self._stream(camera_key)
        return Secret(f"rtsp://127.0.0.1:{self._child().rtsp_port}/{stream.name}")

    async def streams(self) -> dict[str, StreamInfo]:
        """Return counters and viewers by camera key; raises ServerDown, ApiError.

        A viewer in a browser watches under a name of its own, and is not in the list.
        """
        found = await self._api().streams()
        return {key: found[stream.name] for key, stream in self._streams.items() if stream.name in found}

    async def still(self, camera_key: str, *, timeout: float = STILL_TIMEOUT) -> bytes:
        """Return a JPEG of what a camera sees now; raises StillFailure, ServerDown, ApiError."""
        stream = self._stream(camera_key)
        name = await self._viewer_name(camera_key) if stream.view is None else stream.name
        return await self._api().still(name, within=timeout)

    async def dial(self, source: Secret, *, timeout: float = DIAL_TIMEOUT) -> DialResult:
        """Connect to a camera, known or not, and hang up; raises DialFailure, ServerDown, ApiError."""
        return await self._dials.dial(self._api(), source, timeout)

    async def webrtc(
        self, camera_key: str, session_id: str, offer_sdp: str, on_message: Callable[[WebRtcMessage], None]
    ) -> WebRtcSession:
        """Open a viewer's session; answer and candidates come as messages. Raises StreamServerError."""
        name = await self._viewer_name(camera_key)
        return await open_session(self._api(), name, session_id, offer_sdp, on_message, self._sessions)

    async def _viewer_name(self, camera_key: str) -> str:
        """Return a name under which one more viewer sees a picture as soon as possible."""
        async with self._changes:
            child, stream = self._child(), self._stream(camera_key)
            if stream.view is not None:
                return stream.view
            coming = (session.stream for session in self._sessions)
            name = stream.viewers.pick(await child.api.streams(), coming)
            await child.api.patch(name, stream.source)
            return name

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
