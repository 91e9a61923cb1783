"""Looks at one camera's packets: decodes as many as its mode wants, and tells what moves. One thread's."""

import logging
import secrets
import time
from collections.abc import Callable

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ..model import WatchMode
from .cost import Choice
from .detector import Detector
from .episodes import QUIET, Began, Episode, Episodes, Grew
from .intake import AnyPacket
from .key_pace import KeyPace
from .look import Change
from .picture import picture_of
from .states import MotionBegan, MotionEnded, MotionGrew, WatchSettings

LOOK_EVERY = 0.2
"""Seconds between two looks: a person is no faster, and decoding is what costs."""
UNCLEAR = 1.0
"""Seconds for which what enters the picture may be looked at before it is enough to be motion."""
MOST_LATE = 10.0
"""Seconds between two looks that are more than a camera's habit."""
RECENT = 5.0
"""Seconds that a picture may come later than the next one is due, and the last one still be what is there."""
_EARLY = 0.03
"""So many seconds before its time a picture is looked at: cameras' paces do not divide a second."""

_LOGGER = logging.getLogger(__name__)

type Motion = MotionBegan | MotionGrew | MotionEnded


class Eye:
    """What is remembered of one camera's pictures, over reconnections."""

    def __init__(self, settings: WatchSettings, tell: Callable[[Motion, float], None]) -> None:
        """Look as is wanted; what moves is told with the time of our monotonic clock besides."""
        self._settings = settings
        self._tell = tell
        self._choice = Choice(settings.mode)
        self._episodes = Episodes()
        self._pace = KeyPace()
        self._detector: Detector | None = None
        self._event_id = ""
        self._looked_at = float("-inf")
        self._video: VideoStream | None = None
        self._synced = False
        self.warming = True
        self.late = UNCLEAR
        """Seconds before it is noticed that a motion may have begun, as the looks come now."""
        self.last_picture: tuple[VideoFrame, float] | None = None
        """The last picture that was looked at, or key frame, and when it was taken, in seconds since 1970.

        An event that begins has its picture from here: the last key frame might be of before. None after
        the stream has broken off, until a picture comes.
        """
        self._pictured = float("-inf")

    @property
    def choice(self) -> Choice:
        """Which pictures are looked at."""
        return self._choice

    @property
    def moving(self) -> bool:
        """Whether something moves."""
        return self._episodes.running

    def change(self, settings: WatchSettings) -> None:
        """Look otherwise from now on."""
        if settings.mode is not self._settings.mode:
            self._choice = Choice(settings.mode)
            self._synced = False
        if (settings.sensitivity, settings.zones) != (self._settings.sensitivity, self._settings.zones):
            self._detector = None
        self._settings = settings

    @property
    def seen(self) -> bool:
        """Whether there ever was a picture."""
        return self._pictured > float("-inf")

    def recent_picture(self, now: float) -> tuple[VideoFrame, float] | None:
        """Return the last picture if it may be shown as what is there at this time of the monotonic clock."""
        late = now - self._pictured > self._pace.longest + RECENT
        return None if late else self.last_picture

    def open(self, video: VideoStream) -> None:
        """Look at another connection: what was usual may not be any more."""
        self._video = video
        self._pace.begin()
        self._synced = False
        self._detector = None
        self.warming = True

    def take(self, packet: AnyPacket, at: float) -> None:
        """Look at a packet of pictures, taken at this time of our monotonic clock."""
        if packet.is_keyframe:
            self._pace.key(at)
        self._episodes.quiet = self._pace.quiet if self._choice.mode is WatchMode.KEY else QUIET
        for frame in self._decode(packet):
            if frame.key_frame:
                self._keep(frame, at)
            if at - self._looked_at >= LOOK_EVERY - _EARLY:
                self._look(frame, at)
        self.pass_time(at)

    def less(self) -> None:
        """Go over to key frames."""
        self._synced = False
        self._detector = None

    def pass_time(self, at: float) -> None:
        """Let time pass without a picture."""
        if (ended := self._episodes.pass_time(at)) is not None:
            self._say(ended)

    def close(self) -> None:
        """Look no more for now: whatever moves has ended, and the last picture is one of before."""
        self.last_picture = None
        if (ended := self._episodes.close()) is not None:
            self._say(ended)

    def _keep(self, frame: VideoFrame, at: float) -> None:
        self.last_picture, self._pictured = (frame, _wall(at)), at

    def _decode(self, packet: AnyPacket) -> list[VideoFrame]:
        assert self._video is not None
        if not self._synced:
            if not packet.is_keyframe:
                return []
            # Nothing of before is of any use, in whatever state the decoder is.
            self._video.codec_context.flush_buffers()
            self._synced = True
        everything = self._choice.mode is WatchMode.FULL
        if not everything and not packet.is_keyframe:
            return []
        try:
            frames = self._video.codec_context.decode(packet)
            if packet.is_keyframe and not everything:
                # A decoder that waits for pictures that are to be shown sooner waits in vain.
                frames = frames or self._video.codec_context.decode(None)
                self._video.codec_context.flush_buffers()
        except av.FFmpegError, ValueError:
            self._synced = False
            return []
        if frames and self._choice.mode is WatchMode.OFF:
            self._choice.first_picture(frames[0].width, frames[0].height)
        return [frame for frame in frames if not frame.is_corrupt]

    def _look(self, frame: VideoFrame, at: float) -> None:
        if self._detector is None:
            self._detector = Detector(
                self._settings.sensitivity,
                self._settings.zones,
                key_frames=self._choice.mode is WatchMode.KEY,
            )
        try:
            look = self._detector.look(picture_of(frame), at)
        except av.FFmpegError, ValueError:
            return
        self.late = min(at - self._looked_at, MOST_LATE) + UNCLEAR
        self._looked_at = at
        self._keep(frame, at)
        self.warming = look.change is Change.WARMING
        for episode in self._episodes.take(look, at):
            self._say(episode)

    def _say(self, episode: Episode) -> None:
        kind: type[Motion]
        if isinstance(episode, Began):
            # It begins with a letter: templates would make a number of digits alone.
            self._event_id = f"e{secrets.token_hex(8)}"
            kind = MotionBegan
        else:
            kind = MotionGrew if isinstance(episode, Grew) else MotionEnded
        news = kind(self._event_id, _wall(episode.at), episode.score, episode.zones, episode.box)
        self._tell(news, episode.at)


def _wall(at: float) -> float:
    """Return when that was in seconds since 1970, by what the wall clock says now."""
    return time.time() - (time.monotonic() - at)
