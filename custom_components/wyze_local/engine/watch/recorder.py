"""The recorder of one camera: keeps what came before, and writes clips when it is told to.

    recorder = Recorder(settings, clock, writer, tell)
    recorder.opened(video, audio)                # after each connect; raises Unplayable
    recorder.expect(late)                        # how late motion may be noticed
    recorder.take(packet, at)                    # every packet, at the monotonic time of its arrival
    recorder.trigger(event_id, at); .best(at); .release(at)
    recorder.record(clip_id, seconds, at, pre_roll)
    recorder.give_up()                           # no clip can be made of the connection
    recorder.lost()                              # the connection is gone
    recorder.close()

All of it belongs to the one thread that reads the camera, and never waits for the disk. `tell` gets a
`ClipNews` for all that becomes of the clips, from this thread or the disk's.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from ..model import ClipFailed, ClipNews, ClipOwner, ClipSettings, Clock, Cut, Trouble
from .intake import AnyPacket, Format, Intake
from .piece import Piece
from .recording import Recording
from .ring import Ring
from .salvage import tidy
from .writer import Writer

_LOGGER = logging.getLogger(__name__)

MAX_RECORDINGS = 4
"""How many clips of one camera may be written at the same time."""


class Recorder:
    """One camera. Times named `at` are monotonic seconds."""

    def __init__(
        self,
        settings: ClipSettings | None,
        clock: Clock,
        writer: Writer,
        tell: Callable[[ClipNews], None],
    ) -> None:
        """Begin without a connection; without settings there is no place for clips, and nothing is kept."""
        self._settings = settings
        self._clock = clock
        self._writer = writer
        self._tell = tell
        self._intake: Intake | None = None
        self._format: Format | None = None
        self._recordings: list[Recording] = []
        self._given_up = False
        self._told_too_long = False
        self._late = 0.0
        self.ring = Ring(settings.pre_roll if settings else 0.0)
        self._tidy()

    def _tidy(self) -> None:
        """Have the folder looked through for what an earlier worker left."""
        if self._settings is not None:
            folder, owner = self._settings.folder, ClipOwner(self._settings.owner)
            self._writer.put(lambda: self._tidied(folder, owner))

    def _tidied(self, folder: Path, owner: ClipOwner) -> None:
        # A folder that is not there is told when a clip is to be written to it.
        with suppress(OSError):
            tidy(folder, self._writer, self._tell, owner)

    def change(self, settings: ClipSettings | None) -> None:
        """Take other settings, for all clips from the next on."""
        self._settings = settings
        self.expect(self._late)
        if settings is None:
            self.ring.clear()
        self._tidy()

    def expect(self, late: float) -> None:
        """Learn how many seconds before it is noticed motion may begin; the pre-roll comes before that."""
        self._late = late
        self.ring.span = self._settings.pre_roll + late if self._settings else 0.0

    def opened(self, video: VideoStream, audio: AudioStream | None) -> None:
        """Begin with a connection. Raises Unplayable when no clip can hold its picture."""
        self.lost()
        self._intake = Intake(video, audio)

    def lost(self) -> None:
        """End with a connection: clips end, and events that last go on in a further one."""
        self._intake = self._format = None
        self._given_up = False
        self.ring.clear()
        for recording in self._recordings:
            recording.interrupt(Cut.RECONNECTED)

    def give_up(self) -> None:
        """Make no clips of this connection after all; whoever waits for one is told, now and later."""
        self._intake = self._format = None
        self._given_up = True
        self.ring.clear()
        for recording in self._recordings:
            recording.give_up()
        self._recordings.clear()

    def take(self, packet: AnyPacket, at: float) -> None:
        """Take in a packet that arrived now."""
        if self._intake is None or (self._settings is None and not self._recordings):
            return
        # What ended while the camera was away must not begin again with its first picture.
        self._let_go(at)
        for piece in self._intake.pieces(packet, at):
            form = self._intake.format
            if form is None:
                continue
            if self._format is not form:
                if self._format is not None:
                    for recording in self._recordings:
                        recording.interrupt(Cut.CHANGED)
                self._format = form
                self.ring.clear()
            self._keep(piece)
            for recording in self._recordings:
                recording.add(form, piece)

    def _keep(self, piece: Piece) -> None:
        """Keep a piece for the clip of a motion that is yet to come."""
        self.ring.add(piece)
        if self.ring.too_long and not self._told_too_long:
            self._told_too_long = True
            _LOGGER.warning("A camera's key frames are too far apart to keep what comes before a motion")

    def trigger(self, event_id: str, at: float) -> None:
        """Record an event that was noticed at this moment, with what came before it, until `release`."""
        self._order(event_id, None, at, None, self.ring.span)

    def record(self, clip_id: str, seconds: float, at: float, pre_roll: float = 0.0) -> None:
        """Record for so many seconds, because somebody asked; refused while there is no camera."""
        if self._intake is None and self._settings is not None and not self._given_up:
            self._tell(ClipFailed(clip_id, None, Trouble.NO_PICTURE))
            return
        self._order(None, clip_id, at, at + seconds, pre_roll)

    def best(self, at: float) -> None:
        """Learn of a moment of the event that shows more than all before; the still is of it."""
        for recording in self._of_events():
            recording.best(at, self.ring.nearest_key(at))

    def release(self, at: float) -> None:
        """Learn that the event ended at this moment; the clip goes on for the time asked for after it."""
        after = self._settings.post_roll if self._settings else 0.0
        for recording in self._of_events():
            if recording.ends is None:
                recording.ends = at + after

    def close(self) -> None:
        """End all clips; the writer still has to be given the time to write them."""
        for recording in self._recordings:
            self._end(recording, Cut.CLOSED)
        self._recordings.clear()
        self._intake = None

    def _of_events(self) -> list[Recording]:
        return [recording for recording in self._recordings if recording.event_id is not None]

    def _order(
        self, event_id: str | None, clip_id: str | None, at: float, ends: float | None, pre_roll: float
    ) -> None:
        if self._settings is None or self._given_up or len(self._recordings) >= MAX_RECORDINGS:
            reason = Trouble.UNPLAYABLE if self._given_up else Trouble.BUSY
            self._tell(ClipFailed(clip_id, event_id, reason if self._settings else Trouble.NO_FOLDER))
            return
        recording = Recording(
            self._settings,
            self._clock,
            self._writer,
            self._tell,
            event_id=event_id,
            clip_id=clip_id,
            best=at,
            ends=ends,
        )
        self._recordings.append(recording)
        before = self.ring.since(at - pre_roll)
        if before and self._format is not None:
            recording.begin(self._format, before)

    def _let_go(self, at: float) -> None:
        """End the recordings whose time has come."""
        for recording in self._recordings:
            if recording.due(at):
                self._end(recording, Cut.NONE)
        self._recordings = [recording for recording in self._recordings if not recording.over]

    def _end(self, recording: Recording, cut: Cut) -> None:
        if not recording.begun:
            self._tell(ClipFailed(recording.clip_id, recording.event_id, Trouble.NO_PICTURE))
        recording.finish(cut)
