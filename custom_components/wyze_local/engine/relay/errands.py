"""What the relay is asked to do, besides keeping sessions: each errand ends with an answer or a reason."""

import shutil
from collections.abc import Callable, Coroutine
from functools import partial
from random import Random
from typing import Any

from ..child import Errands, Forget, Pipe
from ..lan import Finder, Prover
from ..model import CameraNetworks, Clock, EngineError
from .calls import Calls
from .channel import Channels
from .checking import check
from .doors import Doors
from .gate import Gate
from .look import facts_of, greet, look
from .messages import Call, Check, Command, Feed, Find, Leave, Prove, SetGuests, Speak, Turn
from .speeches import Speeches

type _Errand = Callable[[Any], Coroutine[Any, Any, bytes]]


class RelayErrands:
    """Does what can be asked, and knows by its message what is meant."""

    def __init__(
        self, pipe: Pipe, clock: Clock, rng: Random, gate: Gate, channels: Channels, doors: Doors
    ) -> None:
        """Answer through the pipe; dials pass the gate."""
        self._clock = clock
        self._gate = gate
        self._channels = channels
        self._doors = doors
        self._prover = Prover(clock=clock)
        self._finder = Finder(clock, rng, lambda urgent: gate.enter(urgent=urgent), self._prover)
        self._calls = Calls(clock, gate, rng)
        self._errands = Errands(pipe, "relay_fault")
        speeches = Speeches(channels, clock, shutil.which("ffmpeg") or "")
        self._known: dict[type, _Errand] = {
            SetGuests: self._set_guests,
            Command: self._command,
            Call: self._calls.call,
            Leave: self._calls.leave,
            Turn: self._turn,
            Prove: self._prove,
            Speak: speeches.speak,
            Feed: speeches.feed,
            Find: self._find,
            Check: partial(check, clock=clock, gate=gate, channels=channels),
        }

    def take(self, message: Any) -> None:
        """Begin an errand, or forget one; anything else is none of ours."""
        if isinstance(message, Forget):
            self._errands.forget(message.id)
        elif (errand := self._known.get(type(message))) is not None:
            self._errands.begin(message.id, errand(message))

    async def forget_camera(self, key: str) -> None:
        """Leave a camera that was only spoken to, at once."""
        await self._calls.forget(key)

    async def close(self) -> None:
        """Stop everything."""
        await self._errands.close()
        await self._calls.close()

    async def _set_guests(self, message: SetGuests) -> bytes:
        return await self._doors.set(message.guests)

    async def _command(self, message: Command) -> bytes:
        channel = self._channels.by_key.get(message.key)
        if channel is None:
            raise EngineError(reason="unknown_camera")
        return await channel.keeper.command(message.code, message.payload, message.within)

    async def _turn(self, message: Turn) -> bytes:
        await self._calls.make_room(message.key)
        await self._gate.enter(urgent=True)
        return b""

    async def _prove(self, message: Prove) -> bytes:
        await self._gate.enter(urgent=True)
        networks = CameraNetworks.parse(message.networks)
        if message.greet:
            info = await greet(message.credentials, networks, self._clock)
            return facts_of(info).firmware.encode()
        if message.look:
            await look(message.credentials, networks, self._clock)
        else:
            await self._prover.prove(message.credentials, networks)
        return b""

    async def _find(self, message: Find) -> bytes:
        networks = CameraNetworks.parse(message.networks)
        address = await self._finder.find(
            message.credentials,
            networks,
            attached=message.attached,
            hints=message.hints,
            taken=message.taken,
        )
        return address.encode()
