"""Who is let in at a camera: the sessions it has, and the datagrams that open and end them."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .network import Address
from .session import Session
from .specs import Refusal
from .wire.framing import Inbound, Kind

if TYPE_CHECKING:
    from .camera import Camera

_SWEEP = 1.0
_PING_EVERY = 3
GONE_AFTER = 10.0
"""Seconds without a word after which a viewer counts as gone; viewers acknowledge ten times a second."""


class Door:
    """The open sessions of a camera."""

    def __init__(self, camera: Camera) -> None:
        """Have no session, and look for viewers that are gone only after `open`."""
        self._camera = camera
        self._sessions: dict[tuple[Address, bytes], Session] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._sweeps = 0

    @property
    def sessions(self) -> list[Session]:
        """The open sessions, oldest first."""
        return list(self._sessions.values())

    def open(self) -> None:
        """Look once a second for viewers that are gone, and ask the others now and then."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_SWEEP, self.open)
        self._sweeps += 1
        gone = [session for session in self.sessions if loop.time() - session.heard > GONE_AFTER]
        if gone:
            self.drop(gone, politely=False)
        if self._sweeps % _PING_EVERY == 0:
            for session in self.sessions:
                session.ping(self._sweeps)

    def close(self) -> None:
        """End all sessions and tell viewers."""
        self.drop(self.sessions, politely=True)
        if self._timer:
            self._timer.cancel()

    def drop(self, sessions: Iterable[Session], *, politely: bool) -> None:
        """End and forget sessions, with or without telling their viewers."""
        for session in sessions:
            session.close(politely=politely)
            self._sessions.pop((session.address, session.session_id), None)
        self._camera.on_audience()

    def receive(self, inbound: Inbound, address: Address) -> None:
        """Take what a datagram of a viewer holds."""
        if inbound.kind is Kind.DISCOVER:
            self._on_discover(inbound, address)
        elif inbound.kind is Kind.OPEN:
            self._on_open(inbound, address)
        elif session := self._sessions.get((address, inbound.session_id)):
            if inbound.kind is Kind.PONG:
                self._camera.counters.pongs += 1
            elif not self._camera.faults.no_dtls:
                session.receive(inbound.channel, inbound.payload)
                if session.over:
                    self.drop([session], politely=False)

    def _full(self) -> bool:
        """Whether one more session is too many."""
        return len(self._sessions) >= self._camera.session_limit

    def _on_discover(self, inbound: Inbound, address: Address) -> None:
        """Answer a viewer's first datagram."""
        camera = self._camera
        if self._full() and camera.refusal is Refusal.SILENCE:
            camera.counters.refused += 1
            return
        camera.counters.discoveries += 1
        camera.transmit(camera.framer.found(inbound.session_id), address)

    def _on_open(self, inbound: Inbound, address: Address) -> None:
        """Open a session once, answer every time."""
        camera, key = self._camera, (address, inbound.session_id)
        if key not in self._sessions:
            camera.counters.dials += 1
            refused = self._full()
            camera.counters.refused += refused
            self._sessions[key] = Session(camera, address, inbound.session_id, refused=refused)
        camera.transmit(camera.framer.opened(inbound.session_id), address)
