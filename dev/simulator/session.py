"""One viewer's session: handshake, log-in, challenge, commands; then it takes frames."""

import asyncio
import os
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from .info import camera_info
from .talk import Talk
from .wire import WireError, av, hl, keys
from .wire.dtls import DtlsServer, State

if TYPE_CHECKING:
    from .camera import Camera

_RETRANSMIT = 0.4
_REFUSED_LINGER = 1.0
"""Seconds from the refusal until the camera hangs up."""
_CHALLENGE, _RESPONSE, _MEDIA_CHANNEL = 10000, 10002, 10010
_NEWER_RESPONSES = (10006, 10008)
_KIND_VIDEO, _KIND_AUDIO, _KIND_TALK = 1, 2, 3
_TALK_CHANNEL = 1


class Stage(Enum):
    """How far the log-in inside DTLS is."""

    LOGIN = "login"
    CHALLENGE = "challenge"
    READY = "ready"


class Session:
    """One viewer's session with a camera."""

    def __init__(self, camera: Camera, address: tuple[str, int], session_id: bytes, *, refused: bool) -> None:
        """Wait for the viewer's DTLS handshake. A refused session gets no further than its log-in."""
        self.address = address
        self.session_id = session_id
        self.refused = refused
        self.stage = Stage.LOGIN
        self.video = False
        self.audio = False
        self.heard = asyncio.get_running_loop().time()
        self.talk: Talk | None = None
        self._camera = camera
        self._dtls = DtlsServer(camera.psk, identity=keys.PSK_IDENTITY, verify_hello=camera.spec.verify_hello)
        self._handshaken = False
        self._nonce = os.urandom(16)
        self._sequence = 0
        self._controls = 0
        self._timers: set[asyncio.TimerHandle] = set()
        self._later(_RETRANSMIT, self._retransmit)

    @property
    def over(self) -> bool:
        """Whether the viewer hung up or the handshake failed."""
        return self._dtls.state in (State.CLOSED, State.FAILED)

    # Datagrams.

    def receive(self, channel: int, payload: bytes) -> None:
        """Take DTLS bytes of the viewer."""
        self.heard = asyncio.get_running_loop().time()
        if channel == _TALK_CHANNEL:
            if self.talk:
                self.talk.receive(payload)
            return
        packets = self._dtls.receive(payload)
        self._flush()
        # Who hangs up in its midst has neither passed nor failed it.
        if not self._handshaken and self._dtls.state in (State.OPEN, State.FAILED):
            self._handshaken = True
            self._camera.on_handshake(ok=self._dtls.state is State.OPEN)
        for packet in packets:
            try:
                self._on_packet(packet)
            except WireError:
                self._camera.counters.malformed += 1

    def send_datagram(self, channel: int, payload: bytes) -> None:
        """Send DTLS bytes to the viewer."""
        datagram = self._camera.framer.data(self.session_id, channel, self._sequence, payload)
        self._sequence += 1
        self._camera.transmit(datagram, self.address)

    def send_packet(self, packet: bytes) -> None:
        """Send one AV packet in one record."""
        if self._dtls.state is State.OPEN:
            self.send_datagram(0, self._dtls.send(packet))

    def ping(self, counter: int) -> None:
        """Ask whether the viewer is there."""
        self._camera.transmit(self._camera.framer.ping(self.session_id, counter), self.address)

    def close(self, *, politely: bool) -> None:
        """End the session, with or without telling the viewer."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self.talk:
            self.talk.close(politely=politely)
            self.talk = None
        self._dtls.close()
        if politely:
            self._flush()

    def _flush(self) -> None:
        """Send what the handshake has to say."""
        for datagram in self._dtls.take():
            self.send_datagram(0, datagram)

    def _retransmit(self) -> None:
        """Repeat the last flight while the handshake lasts."""
        if self._dtls.state is State.HANDSHAKE:
            self._dtls.retransmit()
            self._flush()
            self._later(_RETRANSMIT, self._retransmit)

    def _later(self, delay: float, action: Callable[[], None]) -> None:
        """Do something after a delay, unless the session ends before."""

        def act() -> None:
            self._timers.discard(timer)
            action()

        timer = asyncio.get_running_loop().call_later(delay, act)
        self._timers.add(timer)

    # Packets.

    def _on_packet(self, packet: bytes) -> None:
        """Act on an AV packet."""
        kind = av.magic(packet)
        if kind in (av.LOGIN_FIRST, av.LOGIN_SECOND):
            self._on_login(av.parse_login(packet), first=kind == av.LOGIN_FIRST)
        elif kind == av.CONTROL_LONG and self.stage is not Stage.LOGIN:
            self._camera.counters.commands += 1
            self._on_command(av.parse_control(packet))
        elif kind not in (av.ACK, av.CONTROL_LONG):
            raise WireError("unknown packet")

    def _on_login(self, login: av.Login, *, first: bool) -> None:
        """Answer a log-in with the right password; a wrong one stays unanswered."""
        if login.user != b"admin" or login.password != self._camera.enr.encode():
            return
        if first or self.stage is Stage.LOGIN:
            if self.stage is Stage.LOGIN:
                self.stage = Stage.CHALLENGE
            self._slowly(
                lambda: self.send_packet(av.login_answer(login.random_id, two_way=self._camera.spec.two_way))
            )

    def _on_command(self, command: hl.Command) -> None:
        """Answer a command; what the camera does not know stays unanswered."""
        if command.code == _CHALLENGE:
            self._answer(command, self._challenge())
        elif command.code == _RESPONSE or command.code in _NEWER_RESPONSES:
            self._on_response(command)
        elif self.stage is not Stage.READY:
            return
        elif command.code == _MEDIA_CHANNEL:
            self._on_media_channel(command)
        elif (answer := self._camera.conduct.obey(command.code, command.payload)) is not None:
            self._answer(command, answer)

    def _challenge(self) -> bytes:
        """Return status and challenge; the nonce stays the same for repeated requests."""
        if says := self._camera.faults.says:
            return bytes((says.status,)) + bytes(len(self._nonce))
        spec = self._camera.spec
        return bytes((spec.status,)) + hl.challenge(self._nonce, self._camera.enr, spec.status)

    def _on_response(self, command: hl.Command) -> None:
        """Check the answer to the challenge and start the media that were asked for."""
        if len(command.payload) < 22 or command.payload[:16] != self._nonce:
            raise WireError("wrong answer to the challenge")
        accepted = not self.refused
        if self.refused:
            self._later(_REFUSED_LINGER, lambda: self._camera.hang_up(self))
        spec, settings = self._camera.spec, self._camera.settings
        payload = camera_info(spec, settings, accepted=accepted)
        self._answer(command, payload)
        if accepted and self.stage is not Stage.READY:
            self.stage = Stage.READY
            self._camera.counters.logins += 1
            self._set_media(video=command.payload[20] == 1, audio=command.payload[21] == 1)

    def _on_media_channel(self, command: hl.Command) -> None:
        """Switch video, sound or talk-back on or off."""
        if len(command.payload) < 2:
            raise WireError("malformed command")
        kind, switch = command.payload[:2]
        self._answer(command, b"\1")
        if kind == _KIND_VIDEO:
            self._set_media(video=switch == 1, audio=self.audio)
        elif kind == _KIND_AUDIO:
            self._set_media(video=self.video, audio=switch == 1)
        elif kind == _KIND_TALK:
            self._set_talk(on=switch == 1)

    def _set_media(self, *, video: bool, audio: bool) -> None:
        """Start or stop sending."""
        newcomer = not (self.video or self.audio)
        self.video, self.audio = video, audio
        self._camera.on_audience(newcomer=newcomer)

    def _set_talk(self, *, on: bool) -> None:
        """Open or close the talk-back channel."""
        if on and self._camera.spec.two_way and (self.talk is None or self.talk.over):
            self.talk = Talk(self._camera, self)
        elif not on and self.talk:
            self.talk.close(politely=True)
            self.talk = None

    def _answer(self, command: hl.Command, payload: bytes) -> None:
        """Answer a command."""
        self._slowly(lambda: self._send_control(hl.Command(command.code + 1, payload)))

    def _send_control(self, command: hl.Command) -> None:
        """Send a command or answer."""
        self._controls += 1
        self.send_packet(av.control_answer(self._controls, command))

    def _slowly(self, action: Callable[[], None]) -> None:
        """Do something at once, or after the delay of a slow camera."""
        if delay := self._camera.faults.slow:
            self._later(delay, action)
        else:
            action()
