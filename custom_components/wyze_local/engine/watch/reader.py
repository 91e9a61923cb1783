"""One camera's thread: opens its stream, reads it for as long as it is wanted, and opens it again.

PyAV calls take as long as they take, so each camera has a thread of its own and none waits for another. The
process's event loop only hands over orders and hears news. A thread that is stuck in native code cannot be
ended: `stuck` tells, and the process makes room for a new one.
"""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ..model import Secret, SystemClock
from .board import Mark
from .cost import Meter
from .entries import Unplayable
from .eye import Eye, Motion
from .intake import AnyPacket
from .recorder import Recorder
from .source import OPEN_WITHIN, Unreadable, open_stream, reason_of
from .stamps import Stamps
from .states import MotionBegan, MotionEnded, WatchNews, WatchPhase, WatchSettings, WatchState
from .writer import Writer

PAUSES = (0.3, 1.0, 2.0, 3.0, 5.0, 10.0)
"""Seconds between two tries to open a stream; the last one again and again."""
JITTER = 0.2
SILENCE = 10.0
"""Seconds without a picture after which the stream is opened anew, however much sound still comes."""
HEALTHY = 10.0
"""Seconds that a stream must have been read for the next failure to count as the first."""
STUCK = OPEN_WITHIN + 20.0
"""Seconds for which a thread may neither read nor end."""

_LOGGER = logging.getLogger(__name__)


class Hears(Protocol):
    """Who hears of a camera; called in its thread, and in the disk's."""

    def state(self, state: WatchState) -> None:
        """Take how its watch stands now."""
        ...

    def news(self, news: WatchNews) -> None:
        """Take what happened before it."""
        ...


class Reader:
    """The watch of one camera."""

    def __init__(
        self,
        url: Secret,
        settings: WatchSettings,
        hears: Hears,
        writer: Writer,
        rng: random.Random,
        mark: Mark,
    ) -> None:
        """Prepare; `start` begins. Clips are handed to the writer; the mark says when video is in hand."""
        self._url = url
        self._settings = settings
        self.keeps_clips = settings.clips is not None
        """Whether there will be a place for clips once all orders so far are obeyed."""
        self._hears = hears
        self._rng = rng
        self.mark = mark
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._again = False
        self._beat = time.monotonic()
        self._failures = 0
        self._state = WatchState()
        self._meter = Meter()
        self._eye = Eye(settings, self._moved)
        self._recorder = Recorder(settings.clips, SystemClock(), writer, hears.news)
        self._thread = threading.Thread(target=self._run, name=mark.thread, daemon=True)

    # For the event loop

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def change(self, url: Secret, settings: WatchSettings) -> None:
        """Want something else; the stream is opened anew only if it is another one."""
        self.keeps_clips = settings.clips is not None
        self._orders.put(lambda: self._change(url, settings))

    def record(self, clip_id: str, seconds: float, pre_roll: float) -> None:
        """Record for so many seconds from now on, and what came before as far as it is kept."""
        self._orders.put(
            lambda: self._clips(lambda: self._recorder.record(clip_id, seconds, time.monotonic(), pre_roll))
        )

    def stop(self) -> None:
        """Let it end as soon as it can; nothing more is told of it."""
        self._ending.set()
        self._orders.put(lambda: None)

    @property
    def ended(self) -> bool:
        """Whether nothing of it runs any more."""
        return not self._thread.is_alive()

    def join(self, within: float) -> None:
        """Wait for its end, at most so many seconds. Blocks."""
        self._thread.join(within)

    def stuck(self, now: float) -> bool:
        """Tell whether it neither reads nor ends, at this time of the monotonic clock."""
        return self._thread.is_alive() and now - self._beat > STUCK

    @property
    def seen(self) -> bool:
        """Whether there ever was a picture."""
        return self._eye.seen

    @property
    def last_picture(self) -> tuple[VideoFrame, float] | None:
        """The last picture and when it was taken, in seconds since 1970; None where it shows what was before.

        Who asks for a still of a camera that is away must not get one as if it were there.
        """
        if self._state.phase not in (WatchPhase.WARMING, WatchPhase.WATCHING):
            return None
        return self._eye.recent_picture(time.monotonic())

    # In the thread

    def _run(self) -> None:
        while not self._ending.is_set():
            reason = self._watch()
            if not self._ending.is_set() and not self._again:
                self._set(replace(self._state, phase=WatchPhase.STALLED, cost=0.0, rate=0.0, reason=reason))
                self._rest()
        self._clips(self._recorder.close)

    def _watch(self) -> str:
        """Read the stream until it ends; returns why it did."""
        self._again = False
        opened = None
        try:
            if self._state.phase is not WatchPhase.STALLED:
                self._set(replace(self._state, phase=WatchPhase.OPENING, reason=""))
            self._beat = time.monotonic()
            with self.mark:
                container, video = open_stream(self._url)
            opened = time.monotonic()
            with container:
                return self._read(container, video)
        except Unreadable as err:
            return err.reason
        except av.FFmpegError as err:
            return reason_of(err)
        except Exception:
            if not self._failures:
                # Whatever it was, the others' threads are none the worse; a second time nobody needs to know.
                _LOGGER.exception("A stream could not be watched")
            return "unreadable"
        finally:
            # Nobody saw the rest of it, and what moves on the next connection is told anew.
            self._eye.close()
            self._clips(self._recorder.lost)
            healthy = opened is not None and time.monotonic() - opened >= HEALTHY
            self._failures = 0 if healthy else self._failures + 1

    def _read(self, container: InputContainer, video: VideoStream) -> str:
        stamps = Stamps()
        seen = time.monotonic()
        audio = container.streams.audio[0] if container.streams.audio else None
        with self.mark:
            self._eye.open(video)
            self._clips(lambda: self._recorder.opened(video, audio))
        self._meter.begin(seen, time.thread_time())
        while time.monotonic() - seen < SILENCE:
            try:
                for packet in container.demux(video, *((audio,) if audio else ())):
                    now = self._beat = time.monotonic()
                    picture = packet.stream is video
                    seen = now if picture else seen
                    if packet.size:
                        with self.mark:
                            self._take(packet, picture, stamps, now)
                    if self._over():
                        return ""
                    if now - seen >= SILENCE:
                        break
            except av.ExitError, av.TimeoutError:
                self._beat = time.monotonic()
                self._eye.pass_time(self._beat)
                if self._over():
                    return ""
            else:
                break
        return "timeout" if time.monotonic() - seen >= SILENCE else "ended"

    def _clips(self, work: Callable[[], None]) -> None:
        """Do something for the clips; what goes wrong there costs this connection's clips, not its watch."""
        try:
            work()
        except Unplayable:
            self._recorder.give_up()
        except Exception:
            _LOGGER.exception("No clips can be made of a camera for now; it is watched all the same")
            self._recorder.give_up()

    def _over(self) -> bool:
        """Do what was ordered; returns whether this connection is not wanted any more."""
        while True:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return self._ending.is_set() or self._again
            order()

    def _take(self, packet: AnyPacket, picture: bool, stamps: Stamps, now: float) -> None:
        self._meter.count(packet.size)
        # Before it is looked at: a clip that begins with it has to hold it.
        self._clips(lambda: self._recorder.take(packet, now))
        if picture:
            self._look(packet, stamps, now)
        else:
            self._eye.pass_time(now)

    def _look(self, packet: AnyPacket, stamps: Stamps, now: float) -> None:
        stamp = None
        if packet.pts is not None and packet.time_base is not None:
            stamp = float(packet.pts * packet.time_base)
        self._eye.take(packet, stamps.map(stamp, now))
        self._recorder.expect(self._eye.late)
        phase = WatchPhase.WARMING if self._eye.warming else WatchPhase.WATCHING
        state = replace(self._state, phase=phase, mode=self._eye.choice.mode, reason="")
        if self._meter.read(now, time.thread_time()):
            if self._eye.choice.measured(self._meter):
                _LOGGER.warning("All pictures of a camera are too much work here; key frames are left")
                self._eye.less()
                self._meter.begin(now, time.thread_time())
            state = replace(state, cost=round(self._meter.cost, 4), rate=round(self._meter.rate))
        self._set(state)

    def _rest(self) -> None:
        """Wait before the next try; an order may shorten that."""
        pause = PAUSES[min(max(self._failures - 1, 0), len(PAUSES) - 1)]
        end = time.monotonic() + pause * self._rng.uniform(1 - JITTER, 1 + JITTER)
        while not self._ending.is_set() and not self._again:
            now = self._beat = time.monotonic()
            if now >= end:
                return
            try:
                order = self._orders.get(timeout=min(end - now, 1.0))
            except queue.Empty:
                continue
            order()

    def _change(self, url: Secret, settings: WatchSettings) -> None:
        if url != self._url:
            self._url, self._again, self._failures = url, True, 0
        if settings != self._settings:
            if settings.clips != self._settings.clips:
                self._clips(lambda: self._recorder.change(settings.clips))
            self._settings = settings
            self._eye.change(settings)

    def _moved(self, motion: Motion, at: float) -> None:
        if not self._ending.is_set():
            self._hears.news(motion)
        if isinstance(motion, MotionEnded):
            self._clips(lambda: self._recorder.release(at))
        elif not isinstance(motion, MotionBegan):
            self._clips(lambda: self._recorder.best(at))
        elif self._settings.keep_motion and self._settings.clips is not None:
            self._clips(lambda: self._recorder.trigger(motion.event_id, at))

    def _set(self, state: WatchState) -> None:
        if state != self._state:
            self._state = state
            if not self._ending.is_set():
                self._hears.state(state)
