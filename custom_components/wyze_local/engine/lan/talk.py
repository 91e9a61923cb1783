"""Talk-back: a second association on channel 1, in which we are the server and the camera logs in."""

import asyncio
from typing import Protocol

from .av import TalkBox, answer_login
from .dtls import Server, State
from .errors import LanError, Malformed, Reason
from .keys import PSK_IDENTITY, Keys
from .media import CODECS, RATES, Info
from .tunnel import STAGE, TALK, Tunnel
from .values import Codec

MAX_SOUND = 1024
"""Longest piece of sound, in bytes: it has to fit into one datagram."""
_SAMPLES_PER_FRAME = 1024
"""Of codecs whose bytes do not tell their length."""
_BYTES_PER_SAMPLE = {Codec.PCMU: 1, Codec.PCMA: 1, Codec.PCM: 2}


class Talk(Protocol):
    """The way to a camera's speaker."""

    codec: Codec
    """What to send: the codec of the camera's own sound."""
    sample_rate: int
    channels: int

    def send(self, data: bytes) -> None:
        """Send a piece of sound, at most 1 KiB, as it comes: nothing is paced or kept here.

        Raises LanError (`closed`) when the camera or the session is gone.
        """
        ...


class TalkChannel:
    """The channel of one conversation."""

    def __init__(self, tunnel: Tunnel, keys: Keys, sound: Info) -> None:
        """Wait for the camera; the channel's DTLS bytes are to be given to `receive`.

        What is sent is coded as its own sound, of which this is a piece.
        """
        self.codec = CODECS[sound.codec_id & 0xFF][1]
        self.sample_rate = sound.sample_rate
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.channels = sound.channels
        self._tunnel = tunnel
        self._dtls = Server(keys.psk, PSK_IDENTITY)
        self._box = TalkBox(sound.codec_id & 0xFF, RATES.index(sound.sample_rate) << 2 | sound.flags & 3)
        self._samples = 0
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self) -> None:
        """Wait until the camera has logged in; raises LanError: `timeout`, or why it will not."""
        try:
            async with asyncio.timeout(STAGE):
                await self._ready
        except TimeoutError:
            raise LanError(Reason.TIMEOUT) from None

    def receive(self, payload: bytes) -> None:
        """Take DTLS bytes of the camera."""
        packets = self._dtls.receive(payload, self._now())
        self._flush()
        for packet in packets:
            # A datagram may hold a good-bye behind the log-in.
            if self._dtls.state is State.OPEN:
                self._on_packet(packet)
        if self._dtls.state in (State.FAILED, State.CLOSED):
            self._give_up(self._dtls.failure or LanError(Reason.CLOSED))

    def _on_packet(self, packet: bytes) -> None:
        """Let the camera log in."""
        try:
            answer = answer_login(packet)
        except Malformed:
            self._tunnel.stats.malformed += 1
            return
        self._send(answer)
        if not self._ready.done():
            self._ready.set_result(None)

    def send(self, data: bytes) -> None:
        """Send a piece of sound, at most 1 KiB; raises LanError (`closed`) when nobody is there."""
        if len(data) > MAX_SOUND:
            raise ValueError("too long a piece")
        if self._dtls.state is not State.OPEN or not self._ready.done():
            raise LanError(Reason.CLOSED)
        self._send(self._box.sound(data, self._samples * 1_000_000 // self.sample_rate))
        size = _BYTES_PER_SAMPLE.get(self.codec)
        self._samples += len(data) // (size * self.channels) if size else _SAMPLES_PER_FRAME

    def close(self, error: LanError | None = None) -> None:
        """Hang up this channel; the error is for whoever still waits for the camera."""
        if self._timer:
            self._timer.cancel()
        self._dtls.close()
        self._flush()
        self._give_up(LanError(error.word if error else Reason.CLOSED))

    def _give_up(self, error: LanError) -> None:
        if not self._ready.done():
            self._ready.set_exception(error)
            # Nobody may be waiting any more.
            self._ready.exception()

    def _send(self, packet: bytes) -> None:
        self._tunnel.send_dtls(TALK, self._dtls.seal(packet))

    def _flush(self) -> None:
        for datagram in self._dtls.take():
            self._tunnel.send_dtls(TALK, datagram)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._dtls.deadline is not None:
            delay = max(0.0, self._dtls.deadline - self._now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._repeat)

    def _repeat(self) -> None:
        self._timer = None
        self._dtls.poll(self._now())
        self._flush()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
