"""The talk-back channel: here the camera is the DTLS client and the viewer sends sound."""

import asyncio
import os
from typing import TYPE_CHECKING

from .wire import WireError, av, keys, media
from .wire.dtls import DtlsClient, State

if TYPE_CHECKING:
    from .camera import Camera
    from .session import Session

_CHANNEL = 1
_RETRANSMIT = 0.4


class Talk:
    """One talk-back channel of a session."""

    def __init__(self, camera: Camera, session: Session) -> None:
        """Start the handshake."""
        self._camera = camera
        self._session = session
        self._dtls = DtlsClient(camera.psk, identity=keys.PSK_IDENTITY)
        self._random_id = os.urandom(4)
        self._accepted = False
        self._timer: asyncio.TimerHandle | None = None
        self._tick()

    @property
    def over(self) -> bool:
        """Whether the viewer hung up or the handshake failed."""
        return self._dtls.state in (State.CLOSED, State.FAILED)

    def receive(self, payload: bytes) -> None:
        """Take DTLS bytes of the viewer."""
        before = self._dtls.state
        packets = self._dtls.receive(payload)
        self._flush()
        if before is State.HANDSHAKE and self._dtls.state is State.OPEN:
            self._camera.counters.talks += 1
            self._send_login()
        for packet in packets:
            try:
                self._on_packet(packet)
            except WireError:
                self._camera.counters.malformed += 1

    def close(self, *, politely: bool) -> None:
        """End the channel, with or without telling the viewer."""
        if self._timer:
            self._timer.cancel()
        self._dtls.close()
        if politely:
            self._flush()

    def _on_packet(self, packet: bytes) -> None:
        """Take the answer to our log-in, or sound."""
        if av.magic(packet) == av.LOGIN_ANSWER:
            self._accepted = True
        else:
            self._camera.speaker.play(media.parse_talk(packet))

    def _send_login(self) -> None:
        """Log in at the viewer."""
        login = av.build_login(self._random_id, self._camera.enr.encode())
        self._session.send_datagram(_CHANNEL, self._dtls.send(login))

    def _flush(self) -> None:
        """Send what the handshake has to say."""
        for datagram in self._dtls.take():
            self._session.send_datagram(_CHANNEL, datagram)

    def _tick(self) -> None:
        """Repeat what was not answered: the flight, then the log-in."""
        if self.over or self._accepted:
            return
        if self._dtls.state is State.OPEN:
            self._send_login()
        else:
            self._flush()
            self._dtls.retransmit()
        self._timer = asyncio.get_running_loop().call_later(_RETRANSMIT, self._tick)
