"""The relay inside its own process: does what the parent says, and tells how the cameras stand."""

import asyncio
import logging
import random
import shutil
import socket
from collections.abc import Coroutine
from typing import Any

from ..child import Answer, Failure, Ping, Pipe, Pong, Ready, Stop, running
from ..lan import CameraInfo, EndHandler, FrameHandler, LanSession, Prover, Resolution
from ..model import CameraNetworks, Clock, EngineError, SystemClock
from .channel import Channel, Channels
from .doors import Doors
from .formats import Formats
from .gate import Gate
from .look import greet, look
from .messages import (
    FROM_PARENT,
    Command,
    Facts,
    Figures,
    Learned,
    Prove,
    RemoveCamera,
    Serve,
    SetCamera,
    SetGuests,
    SetNetworks,
    State,
    Turn,
    Wish,
)
from .opening import Opener
from .server import RtspServer
from .states import CameraFacts, CameraState, CameraStats, Phase

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
        self._prover = Prover(clock=clock)
        self._channels = Channels()
        self._server = RtspServer(self._channels, clock)
        self._doors = Doors(self._channels, clock)
        self._cameras: dict[str, SetCamera] = {}
        self._states: dict[str, CameraState] = {}
        self._networks = CameraNetworks()
        self._ffmpeg = shutil.which("ffmpeg") or ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, listener: socket.socket) -> None:
        """Serve until the parent says stop or is gone."""
        self._spawn(self._report())
        self._pipe.send(Ready())
        try:
            while (message := await self._pipe.receive()) is not None and not isinstance(message, Stop):
                if isinstance(message, Serve):
                    await self._server.start(listener)
                else:
                    await self._obey(message)
        finally:
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
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
            case SetGuests():
                self._spawn(self._answer(message.id, self._doors.set(message.guests)))
            case SetCamera():
                await self._set_camera(message)
            case RemoveCamera():
                await self._remove(message.key)
            case Wish():
                if (channel := self._channels.by_key.get(message.key)) is not None:
                    channel.wish()
            case Command():
                self._spawn(self._answer(message.id, self._command(message)))
            case Turn():
                self._spawn(self._answer(message.id, self._turn()))
            case Prove():
                self._spawn(self._answer(message.id, self._prove(message)))

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
            on_info=lambda info: self._pipe.send(Facts(key, _facts(info))),
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
        if (channel := self._channels.by_key.pop(key, None)) is not None:
            await channel.close()

    def _opener(self, camera: SetCamera) -> Opener[LanSession]:
        async def open_session(on_frame: FrameHandler, on_end: EndHandler) -> LanSession:
            return await LanSession.open(
                camera.credentials,
                clock=self._clock,
                on_frame=on_frame,
                on_end=on_end,
                networks=self._networks,
                want_audio=camera.audio,
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

    # Asking

    async def _command(self, message: Command) -> bytes:
        channel = self._channels.by_key.get(message.key)
        if channel is None:
            raise EngineError(reason="unknown_camera")
        return await channel.keeper.command(message.code, message.payload, message.within)

    async def _turn(self) -> bytes:
        await self._gate.enter(urgent=True)
        return b""

    async def _prove(self, message: Prove) -> bytes:
        await self._gate.enter(urgent=True)
        networks = CameraNetworks.parse(message.networks)
        if message.greet:
            return _facts(await greet(message.credentials, networks, self._clock)).firmware.encode()
        if message.look:
            await look(message.credentials, networks, self._clock)
        else:
            await self._prover.prove(message.credentials, networks)
        return b""

    async def _answer(self, number: int, work: Coroutine[Any, Any, bytes]) -> None:
        try:
            self._pipe.send(Answer(number, await work))
        except EngineError as err:
            self._pipe.send(Failure(number, err.reason))
        except Exception:
            # Whoever asked must hear something; what it was goes to the log.
            _LOGGER.exception("A request could not be served")
            self._pipe.send(Failure(number, "relay_fault"))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _way(camera: SetCamera) -> tuple[object, ...]:
    """Return what needs another session when it changes."""
    return camera.credentials, camera.audio, camera.resolution


def _facts(info: CameraInfo) -> CameraFacts:
    """Return what a camera said, cut and made printable: it may be hostile."""
    model, firmware = (
        "".join(character for character in text if character.isprintable())[:64]
        for text in (info.model, info.firmware)
    )
    return CameraFacts(model, firmware, info.wifi_signal, talk=info.two_way)


def run(control: int, listener: int) -> None:
    """Run the relay on two descriptors: one end of the pipe, and the listening socket."""

    async def serve(pipe: Pipe) -> None:
        child = Child(pipe, SystemClock(), random.Random())  # noqa: S311 - spreads retries, no secrets
        await child.serve(socket.socket(fileno=listener))

    asyncio.run(running.run(control, FROM_PARENT, serve))
