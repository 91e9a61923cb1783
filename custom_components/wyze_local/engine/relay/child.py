"""The relay inside its own process: does what the parent says, and tells how the cameras stand."""

import asyncio
import logging
import random
import shutil
import socket

from ..child import Ping, Pipe, Pong, Ready, Stop, running
from ..lan import Ear, EndHandler, FrameHandler, LanSession, Resolution
from ..model import CameraNetworks, Clock, SystemClock
from .channel import Channel, Channels
from .doors import Doors
from .errands import RelayErrands
from .formats import Formats
from .gate import Gate
from .look import facts_of
from .messages import (
    FROM_PARENT,
    Facts,
    Figures,
    Learned,
    RemoveCamera,
    Serve,
    SetCamera,
    SetNetworks,
    State,
    Wish,
)
from .opening import Opener
from .server import RtspServer
from .states import CameraState, CameraStats, Phase

FIGURES_EVERY = 5.0
"""Seconds between two reports of figures."""

_LOGGER = logging.getLogger(__name__)


class Child:
    """Everything that lives in the relay's process."""

    def __init__(self, pipe: Pipe, clock: Clock, rng: random.Random) -> None:
        """Prepare; `serve` begins."""
        self._pipe = pipe
        self._clock = clock
        self._rng = rng
        self._gate = Gate(clock)
        self._channels = Channels()
        self._server = RtspServer(self._channels, clock)
        self._doors = Doors(self._channels, clock)
        self._cameras: dict[str, SetCamera] = {}
        self._ears: dict[str, Ear] = {}
        self._states: dict[str, CameraState] = {}
        self._networks = CameraNetworks()
        self._ffmpeg = shutil.which("ffmpeg") or ""
        self._errands = RelayErrands(pipe, clock, rng, self._gate, self._channels, self._doors)

    async def serve(self, listener: socket.socket) -> None:
        """Serve until the parent says stop or is gone."""
        report = asyncio.create_task(self._report())
        self._pipe.send(Ready())
        try:
            while (message := await self._pipe.receive()) is not None and not isinstance(message, Stop):
                if isinstance(message, Serve):
                    await self._server.start(listener)
                else:
                    await self._obey(message)
        finally:
            report.cancel()
            await asyncio.gather(report, return_exceptions=True)
            await self._errands.close()
            await self._gate.close()
            await asyncio.gather(*(channel.close() for channel in self._channels.by_key.values()))
            await self._server.close()
            await self._doors.close()

    async def _obey(self, message: object) -> None:
        match message:
            case Ping():
                self._pipe.send(Pong(message.id))
            case SetNetworks():
                # One by one: together, those of several entries may be more than a person may enter for one.
                networks = (CameraNetworks.parse([text]) for text in message.networks)
                self._set_networks(CameraNetworks.together(networks))
            case SetCamera():
                await self._errands.forget_camera(message.key)
                await self._set_camera(message)
            case RemoveCamera():
                await self._errands.forget_camera(message.key)
                await self._remove(message.key)
            case Wish():
                if (channel := self._channels.by_key.get(message.key)) is not None:
                    channel.wish()
            case _:
                self._errands.take(message)

    # Cameras

    def _set_networks(self, networks: CameraNetworks) -> None:
        """Take other networks; who was refused, or stands outside now, is dialled anew."""
        self._networks = networks
        for key, channel in self._channels.by_key.items():
            camera = self._cameras[key]
            if channel.keeper.phase is Phase.REFUSED or camera.credentials.address.reveal() not in networks:
                channel.keeper.open_anew(self._opener(camera))

    async def _set_camera(self, camera: SetCamera) -> None:
        before = self._cameras.get(camera.key)
        self._cameras[camera.key] = camera
        channel = self._channels.by_key.get(camera.key)
        if channel is not None and before is not None and before.token != camera.token:
            await self._remove(camera.key)
            self._cameras[camera.key] = camera
            channel = None
        if channel is None or before is None or before.credentials != camera.credentials:
            # Whatever was heard may have been another camera.
            self._ears[camera.key] = Ear()
        if channel is None:
            channel = self._new_channel(camera)
        elif before is not None and _way(before) != _way(camera):
            channel.hub.want_sound(camera.audio)
            channel.keeper.open_anew(self._opener(camera))
        channel.guest = camera.guest
        channel.keeper.always(camera.always_on)
        if camera.wanted:
            channel.wish()

    def _new_channel(self, camera: SetCamera) -> Channel:
        key = camera.key
        channel = Channel(
            camera.token,
            self._opener(camera),
            clock=self._clock,
            rng=self._rng,
            gate=self._gate,
            on_state=lambda: self._tell_state(key),
            on_formats=lambda formats: self._tell_formats(key, formats),
            on_info=lambda info: self._pipe.send(Facts(key, facts_of(info))),
            ffmpeg=self._ffmpeg,
        )
        channel.hub.remember(camera.formats)
        channel.hub.want_sound(camera.audio)
        self._channels.by_key[key] = channel
        self._tell_state(key)
        channel.start()
        return channel

    async def _remove(self, key: str) -> None:
        self._cameras.pop(key, None)
        self._states.pop(key, None)
        self._ears.pop(key, None)
        if (channel := self._channels.by_key.pop(key, None)) is not None:
            await channel.close()

    def _opener(self, camera: SetCamera) -> Opener[LanSession]:
        ear = self._ears[camera.key]

        async def open_session(on_frame: FrameHandler, on_end: EndHandler) -> LanSession:
            return await LanSession.open(
                camera.credentials,
                clock=self._clock,
                on_frame=on_frame,
                on_end=on_end,
                networks=self._networks,
                want_audio=camera.audio,
                ear=ear,
                resolution=Resolution(camera.resolution) if camera.resolution else None,
            )

        return open_session

    # Telling

    def _tell_state(self, key: str) -> None:
        if (channel := self._channels.by_key.get(key)) is None:
            return
        before = self._states.get(key)
        keeper = channel.keeper
        same = before is not None and (before.phase, before.reason) == (keeper.phase, keeper.reason)
        since = before.since if before is not None and same else self._clock.time()
        readers = sum(not sink.watch for sink in channel.hub.sinks)
        counts = keeper.barren, channel.muted, keeper.refusals
        state = CameraState(keeper.phase, keeper.reason, since, readers, *counts)
        if state != before:
            self._states[key] = state
            self._pipe.send(State(key, state))

    def _tell_formats(self, key: str, formats: Formats) -> None:
        self._pipe.send(Learned(key, formats))

    async def _report(self) -> None:
        while True:
            await self._clock.sleep(FIGURES_EVERY)
            for key, channel in self._channels.by_key.items():
                if channel.keeper.session is not None:
                    self._pipe.send(Figures(key, self._figures(channel)))

    def _figures(self, channel: Channel) -> CameraStats:
        hub, session = channel.hub, channel.keeper.session
        age = -1.0 if hub.last_picture is None else self._clock.monotonic() - hub.last_picture
        if session is None:
            return CameraStats(age=age)
        link = session.stats
        return CameraStats(
            frames=link.frames,
            datagrams=link.datagrams,
            lost=link.lost_fragments,
            late=link.late,
            given_up=link.given_up,
            missing=link.missing,
            bytes=link.bytes,
            fps=hub.fps,
            age=age,
        )


def _way(camera: SetCamera) -> tuple[object, ...]:
    """Return what needs another session when it changes."""
    return camera.credentials, camera.audio, camera.resolution


def run(control: int, listener: int) -> None:
    """Run the relay on two descriptors: one end of the pipe, and the listening socket."""

    async def serve(pipe: Pipe) -> None:
        child = Child(pipe, SystemClock(), random.Random())  # noqa: S311 - spreads retries, no secrets
        await child.serve(socket.socket(fileno=listener))

    asyncio.run(running.run(control, FROM_PARENT, serve))
