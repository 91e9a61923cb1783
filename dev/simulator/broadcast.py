"""Sends a camera's footage to the sessions that asked for it, and writes down when."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable

from .coding import VideoFrame
from .counters import Counters, Sent, SentLog, Walk
from .faults import Faults
from .footage import Footage
from .lens import Lens
from .look import Look
from .session import Session
from .specs import CameraSpec, Join, Video
from .wire import media

_VIDEO_CODECS = {Video.H264: 0x4E, Video.H265: 0x50}
_BURST = 24
"""Fragments sent at once. Viewers' queues are short, so the rest of a big frame comes a little later."""
_BURST_GAP = 0.003
_LONGEST_WALK = 3600.0
_LOW_TIER, _HIGH_TIER, _LOW_HEIGHT = 1, 4, 360


class Broadcast:
    """One camera's pictures and sound on their way to its sessions."""

    def __init__(
        self, spec: CameraSpec, footage: Footage, faults: Faults, counters: Counters,
        sessions: Callable[[], Iterable[Session]],
    ) -> None:  # fmt: skip
        """Stand still until `update` finds an audience."""
        self.sent = SentLog()
        self.walks: list[Walk] = []
        self._spec = spec
        self._sound = footage.sound
        self._walk_from = footage.walk_from
        self._somebody_from = footage.somebody_from
        self._faults = faults
        self._counters = counters
        self._sessions = sessions
        self._lens = Lens(spec.picture, footage, self._on_video, self._on_audio)
        self._queue: deque[tuple[list[Session], bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._mac = spec.mac.encode()
        self._pictures = self._sounds = self._packets = 0

    def update(self, *, newcomer: bool = False) -> None:
        """Run while anybody wants media. A newcomer gets a key frame if that is the camera's way."""
        if not any(session.video or session.audio for session in self._sessions()):
            self._stop()
        elif not self._lens.running:
            self._lens.start(mid_gop=self._spec.join is Join.MID_GOP)
        elif newcomer and self._spec.join is Join.KEY_FRAME:
            self._lens.cue_key()

    def walk(self, seconds: float) -> None:
        """Send somebody through the picture; raises ValueError when the scene has nobody."""
        if not self._walk_from:
            raise ValueError("in this scene nobody comes when asked; there is one: yard")
        if not 0 < seconds <= _LONGEST_WALK:
            raise ValueError(f"a walk takes up to {_LONGEST_WALK:.0f} seconds")
        self._lens.walk(seconds)

    def _note_walk(self, entry: Sent) -> None:
        """Write down when somebody was in the picture, by the frames that were sent."""
        under_way = bool(self.walks) and self.walks[-1].ended is None
        if not under_way and 0 < self._somebody_from <= entry.frame:
            self.walks.append(Walk(entry))
        elif under_way and entry.frame < self._walk_from:
            self.walks[-1].ended = entry

    def show(self, look: Look) -> None:
        """Let the pictures look different."""
        self._lens.show(look)

    async def closed(self) -> None:
        """Wait until nothing is made any more, after the last viewer went."""
        await self._lens.closed()

    def reboot(self) -> None:
        """Stop, and count pictures and sounds from the start again."""
        self._stop()
        self._pictures = self._sounds = self._packets = 0

    def _stop(self) -> None:
        """Stop the lens and forget what is queued."""
        self._lens.stop()
        self._queue.clear()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _on_video(self, number: int, frame: VideoFrame) -> None:
        """Send a picture to all who want pictures."""
        viewers = [session for session in self._sessions() if session.video]
        if not viewers or self._faults.frozen:
            return
        self._pictures += 1
        self._counters.frames_sent += 1
        now = time.time()
        picture = self._spec.picture
        tier = _LOW_TIER if picture.height <= _LOW_HEIGHT else _HIGH_TIER
        entry = Sent(self._counters.frames_sent, number, frame.key, time.monotonic_ns(), now)
        self.sent.add(entry)
        self._note_walk(entry)
        self._send(
            viewers,
            media.Frame(
                frame.payload, _VIDEO_CODECS[picture.video], int(frame.key), self._pictures, int(now),
                int(now % 1 * 1_000_000), frame.key, fps=picture.fps, tier=tier, viewers=len(viewers),
                mac=self._mac,
            ),
        )  # fmt: skip

    def _on_audio(self, packet: bytes) -> None:
        """Send a packet of sound to all who want sound."""
        viewers = [session for session in self._sessions() if session.audio]
        if not viewers or not self._sound or self._faults.frozen or self._faults.silent_audio:
            return
        self._sounds += 1
        self._counters.audio_sent += 1
        now = time.time()
        self._send(
            viewers,
            media.Frame(
                packet, self._sound.codec, media.audio_flags(self._sound.rate), self._sounds, int(now),
                int(now % 1 * 1_000_000), audio=True, viewers=len(viewers), mac=self._mac,
            ),
        )  # fmt: skip

    def _send(self, viewers: list[Session], frame: media.Frame) -> None:
        """Cut a frame once and queue it for each viewer."""
        packets = media.fragments(frame, self._packets)
        self._packets += len(packets)
        self._queue.extend((viewers, packet) for packet in packets)
        if self._timer is None:
            self._drain()

    def _drain(self) -> None:
        """Send one burst of the queue, and come back for the rest."""
        self._timer = None
        for _ in range(min(_BURST, len(self._queue))):
            viewers, packet = self._queue.popleft()
            for session in viewers:
                session.send_packet(packet)
        if self._queue:
            self._timer = asyncio.get_running_loop().call_later(_BURST_GAP, self._drain)
