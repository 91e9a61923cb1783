"""One camera: a UDP address, its sessions, its footage and its faults."""

import asyncio
import random
import socket
import time
from typing import Any, Self

from .counters import Counters, Sent, SentLog
from .faults import Faults, WrongKey
from .footage import Footage
from .commands import Settings
from .lens import Lens
from .footage import VideoFrame
from .session import Session
from .specs import CameraSpec, Credentials, Framing, Join, Refusal, Video
from .wire import keys, media
from .wire.framing import Framer, Inbound, Kind
from .wire.framing_0402 import Framer0402
from .wire.framing_cc51 import FramerCC51

_SWEEP = 1.0
_PING_EVERY = 3
_GONE_AFTER = 10.0
"""Seconds without a word after which a viewer counts as gone; viewers acknowledge ten times a second."""
_RECEIVE_SIZE = 4096
_VIDEO_CODECS = {Video.H264: 0x4E, Video.H265: 0x50}
_BURST = 24
"""Fragments sent at once: viewers' queues are short, so the rest of a big frame follows a little later."""
_BURST_GAP = 0.004

type Address = tuple[str, int]


class _Endpoint(asyncio.DatagramProtocol):
    """Hands datagrams to the camera."""

    max_size = _RECEIVE_SIZE

    def __init__(self, camera: Camera) -> None:
        """Belong to a camera."""
        self._camera = camera

    def datagram_received(self, data: bytes, addr: Address | Any) -> None:
        """Take a datagram."""
        self._camera.receive(data, addr)


class Camera:
    """A simulated camera; made and owned by a `Simulator`.

    Not for several threads: every method must be called in the event loop that runs the simulator.
    """

    def __init__(self, spec: CameraSpec, footage: Footage) -> None:
        """Take a complete spec and what to send."""
        self.spec = spec
        self.faults = Faults()
        self.counters = Counters()
        self.settings = Settings(fps=spec.picture.fps)
        self.sent = SentLog()
        self.sessions: dict[tuple[Address, bytes], Session] = {}
        self.framer: Framer = self._make_framer()
        self._footage = footage
        self._lens = Lens(footage, self._on_video, self._on_audio)
        self._random = random.Random(f"{spec.name}/{spec.seed}")
        self._transport: asyncio.DatagramTransport | None = None
        self._host, self._port = spec.host, spec.port
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._booted = time.monotonic()
        self._frame_number = 0
        self._audio_number = 0
        self._packet_number = 0
        self._sweeps = 0

    def _make_framer(self) -> Framer:
        """Return the reader and builder of this camera's datagrams."""
        make = Framer0402 if self.spec.framing is Framing.TRANSCODE else FramerCC51
        return make(self.spec.uid.encode(), keys.auth_key(self.enr, self.spec.mac))

    @property
    def enr(self) -> str:
        """The key in force: a camera with the wrong-key fault has another one."""
        return self.spec.enr

    @property
    def psk(self) -> bytes:
        """The DTLS key in force."""
        return keys.psk(self.enr)

    @property
    def credentials(self) -> Credentials:
        """What reaches the camera now."""
        spec = self.spec
        return Credentials(self._host, self._port, spec.uid, spec.enr, spec.mac, spec.model)

    @property
    def link(self) -> str:
        """The `wyze://` link of the camera, which holds its key."""
        return self.credentials.link

    async def start(self) -> None:
        """Open the socket; raises OSError when the address is taken."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Endpoint(self), local_addr=(self._host, self._port), family=socket.AF_INET
        )
        self._transport = transport
        self._host, self._port = transport.get_extra_info("sockname")[:2]
        self._sweep()

    async def stop(self) -> None:
        """Close sessions and socket."""
        self._drop_sessions(politely=True)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self._transport:
            self._transport.close()
            self._transport = None

    # Datagrams.

    def receive(self, datagram: bytes, address: Address) -> None:
        """Take a datagram from the network."""
        if self.faults.deaf:
            return
        inbound = self.framer.parse(datagram)
        if inbound is None:
            return
        if inbound.kind is Kind.DISCOVER:
            self._on_discover(inbound, address)
        elif inbound.kind is Kind.OPEN:
            self._on_open(inbound, address)
        elif session := self.sessions.get((address, inbound.session_id)):
            if inbound.kind is Kind.PONG:
                self.counters.pongs += 1
                return
            session.receive(inbound.channel, inbound.payload)
            if session.over:
                self._drop(session)

    def transmit(self, datagram: bytes, address: Address) -> None:
        """Give a datagram to the network, with the faults in force."""
        faults = self.faults
        if faults.deaf or self._transport is None:
            return
        if faults.loss and self._random.random() < faults.loss:
            self.counters.lost += 1
        elif faults.reorder and self._random.random() < faults.reorder:
            self.counters.delayed += 1
            asyncio.get_running_loop().call_later(faults.reorder_delay, self._send, datagram, address)
        else:
            self._send(datagram, address)

    def _send(self, datagram: bytes, address: Address) -> None:
        """Send now."""
        if self._transport and not self.faults.deaf:
            self._transport.sendto(datagram, address)

    def _full(self) -> bool:
        """Whether one more session is too many."""
        return len(self.sessions) >= self.spec.session_limit

    def _on_discover(self, inbound: Inbound, address: Address) -> None:
        """Answer a viewer's first datagram."""
        if self._full() and self.spec.refusal is Refusal.SILENCE:
            return
        self.counters.discoveries += 1
        self.transmit(self.framer.found(inbound.session_id), address)

    def _on_open(self, inbound: Inbound, address: Address) -> None:
        """Open a session once, answer every time."""
        key = (address, inbound.session_id)
        if key not in self.sessions:
            self.counters.dials += 1
            refused = self._full()
            self.counters.refused += refused
            self.sessions[key] = Session(self, address, inbound.session_id, refused=refused)
        self.transmit(self.framer.opened(inbound.session_id), address)

    # Sessions.

    def on_handshake(self, *, ok: bool) -> None:
        """Count a handshake that ended."""
        if ok:
            self.counters.handshakes += 1
        else:
            self.counters.failed_handshakes += 1

    def on_audience(self) -> None:
        """Start the lens for the first who wants media, give a newcomer a key frame, stop after the last."""
        wanted = any(session.video or session.audio for session in self.sessions.values())
        if not wanted:
            self._lens.stop()
        elif not self._lens.running:
            self._lens.start(mid_gop=self.spec.join is Join.MID_GOP)
        elif self.spec.join is Join.KEY_FRAME:
            self._lens.cue_key()

    def _drop(self, session: Session, *, politely: bool = False) -> None:
        """Forget a session."""
        session.close(politely=politely)
        self.sessions.pop((session.address, session.session_id), None)
        if not any(other.video or other.audio for other in self.sessions.values()):
            self._lens.stop()

    def _drop_sessions(self, *, politely: bool) -> None:
        """Forget all sessions."""
        for session in list(self.sessions.values()):
            self._drop(session, politely=politely)

    def _sweep(self) -> None:
        """Once a second: keep-alives, and viewers that are gone."""
        loop = asyncio.get_running_loop()
        self._timers["sweep"] = loop.call_later(_SWEEP, self._sweep)
        self._sweeps += 1
        for session in list(self.sessions.values()):
            if loop.time() - session.heard > _GONE_AFTER:
                self._drop(session)
            elif self._sweeps % _PING_EVERY == 0:
                session.ping(self._sweeps)

    # Media.

    def _on_video(self, number: int, frame: VideoFrame) -> None:
        """Send a picture to all who want pictures."""
        viewers = [session for session in self.sessions.values() if session.video]
        if not viewers or self.faults.frozen:
            return
        self._frame_number += 1
        self.counters.frames_sent += 1
        now = time.time()
        self.sent.add(Sent(self.counters.frames_sent, number, frame.key, time.monotonic_ns(), now))
        picture = self.spec.picture
        self._distribute(
            viewers,
            media.Frame(
                frame.payload, _VIDEO_CODECS[picture.video], int(frame.key), self._frame_number, int(now),
                int(now % 1 * 1_000_000), key=frame.key, fps=picture.fps,
                tier=1 if picture.height <= 360 else 4, viewers=len(self.sessions),  # noqa: PLR2004
                mac=self.spec.mac.encode(),
            ),
        )  # fmt: skip

    def _on_audio(self, packet: bytes) -> None:
        """Send a packet of sound to all who want sound."""
        viewers = [session for session in self.sessions.values() if session.audio]
        sound = self._footage.sound
        if not viewers or not sound or self.faults.frozen or self.faults.silent_audio:
            return
        self._audio_number += 1
        self.counters.audio_sent += 1
        now = time.time()
        frame = media.Frame(
            packet, sound.codec, media.audio_flags(sound.rate), self._audio_number, int(now),
            int(now % 1 * 1_000_000), audio=True, viewers=len(self.sessions), mac=self.spec.mac.encode(),
        )  # fmt: skip
        self._distribute(viewers, frame)

    def _distribute(self, viewers: list[Session], frame: media.Frame) -> None:
        """Cut a frame once and send it to each viewer."""
        packets = media.fragments(frame, self._packet_number)
        self._packet_number += len(packets)
        for session in viewers:
            for packet in packets:
                session.send_packet(packet)
