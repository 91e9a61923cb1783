"""How a camera codes its sound: its speaker takes the same, and plays anything else as noise.

A camera whose sound is off does not show it. So what was heard of it is kept from session to session, and a
camera of which nothing is known is asked for its sound until the first piece of it comes.
"""

import asyncio

from .control import Control
from .errors import LanError, Reason
from .media import Info
from .receiver import Receiver

WITHIN = 2.0
"""Seconds that a camera which is asked for sound has until some comes."""

CHANNEL = 10010
"""The command that switches pictures, sound and the way to the speaker: which, and 1 for on or 2 for off."""

_ON, _OFF = b"\2\1", b"\2\2"


class Ear:
    """What was heard of one camera's sound last; whoever opens its sessions keeps it.

    Another firmware may code otherwise, so what was heard of an older one counts for nothing.
    """

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._heard: tuple[str, Info] | None = None

    def note(self, firmware: str, sound: Info) -> None:
        """Keep what was heard of a camera with this firmware."""
        self._heard = firmware, sound

    def recall(self, firmware: str) -> Info | None:
        """Return what was heard last of it, None for nothing."""
        return self._heard[1] if self._heard is not None and self._heard[0] == firmware else None


class Listener:
    """Hears how the camera of one session codes its sound."""

    def __init__(self, control: Control, receiver: Receiver, ear: Ear, *, wanted: bool) -> None:
        """Use what the session has; `wanted` is whether it asked for sound at its start."""
        self._control = control
        self._receiver = receiver
        self._ear = ear
        self._wanted = wanted
        self._asking = asyncio.Lock()

    def keep(self, firmware: str) -> None:
        """Keep for later sessions what this one heard of a camera with this firmware."""
        if self._receiver.sound is not None:
            self._ear.note(firmware, self._receiver.sound)

    async def recall(self, firmware: str) -> Info:
        """Return what was heard, now or earlier; asks for sound where nothing was.

        Raises LanError: `sound_unknown` where none comes, or why the session is over.
        """
        known = self._receiver.sound or self._ear.recall(firmware) or await self.listen()
        if known is None:
            raise LanError(Reason.SOUND_UNKNOWN, "it was never heard")
        return known

    async def listen(self) -> Info | None:
        """Return what this session hears, asking for sound until the first piece comes, 2 s at the most.

        None where none does. It is switched off again unless it was wanted. Raises LanError: why the session
        is over.
        """
        async with self._asking:
            if self._receiver.sound is None:
                await self._ask()
        if self._control.over is not None:
            raise LanError(self._control.over.word)
        return self._receiver.sound

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(WITHIN):
                await self._control.request(CHANNEL, _ON, WITHIN, prompt=True)
                await self._receiver.heard.wait()
        except TimeoutError:
            pass
        except LanError as err:
            # Some may send sound and no answer.
            if err.word is not Reason.TIMEOUT:
                raise
        finally:
            if not self._wanted:
                self._control.wish(CHANNEL, _OFF, WITHIN)
