"""From media packets to frames: one lane for pictures, one for sound, and the timer of their patience."""

import asyncio

from ..model import Clock
from .media import AUDIO, CODECS, Info, parse_fragment
from .order import Assembled, Lane
from .values import FrameHandler, Kind, LinkStats, MediaFrame

_KEY = 1


class Receiver:
    """Takes media packets, hands out frames."""

    def __init__(self, clock: Clock, on_frame: FrameHandler, stats: LinkStats) -> None:
        """Start without anything."""
        self.sound: Info | None = None
        """The format of the camera's sound, once there was any."""
        self.heard = asyncio.Event()
        """Set once there was sound, or nothing comes any more."""
        self._clock = clock
        self._on_frame = on_frame
        self._stats = stats
        self._lanes = {kind: Lane(stats) for kind in Kind}
        self._timer: asyncio.TimerHandle | None = None

    def receive(self, packet: bytes) -> None:
        """Take a packet for which `is_media` holds; raises Malformed."""
        fragment = parse_fragment(packet)
        kind = Kind.AUDIO if fragment.stream == AUDIO else Kind.VIDEO
        lane = self._lanes[kind]
        for frame in lane.add(fragment, self._clock.monotonic()):
            self._hand_out(kind, frame)
        if self._timer is None and lane.deadline is not None:
            self._wait()

    def close(self) -> None:
        """Stop the timer; who waits for sound waits no longer."""
        self.heard.set()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        """Look again when the first lane's patience ends."""
        deadlines = [lane.deadline for lane in self._lanes.values() if lane.deadline is not None]
        if deadlines:
            delay = max(0.0, min(deadlines) - self._clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._look)

    def _look(self) -> None:
        self._timer = None
        now = self._clock.monotonic()
        for kind, lane in self._lanes.items():
            for frame in lane.poll(now):
                self._hand_out(kind, frame)
        self._wait()

    def _hand_out(self, kind: Kind, frame: Assembled) -> None:
        info = frame.info
        found = CODECS.get(info.codec_id & 0xFF)
        if found is None or found[0] is not kind:
            self._stats.malformed += 1
            return
        sound = kind is Kind.AUDIO
        if sound:
            self.sound = info
            self.heard.set()
        self._stats.frames += 1
        self._on_frame(
            MediaFrame(
                kind=kind,
                codec=found[1],
                key=sound or info.flags == _KEY,
                data=frame.data,
                number=frame.number,
                camera_seconds=info.seconds,
                camera_microseconds=info.microseconds,
                sample_rate=info.sample_rate if sound else 0,
                channels=info.channels if sound else 0,
                fps=0 if sound else info.fps,
                received_at=frame.arrived,
            )
        )
