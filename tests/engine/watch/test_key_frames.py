"""Where only key frames are looked at, their pace says when a visit is over and a picture is old."""

import io
import subprocess
from functools import cache

import av
import pytest

from engine.model import WatchMode
from engine.watch import MotionBegan, MotionEnded, WatchSettings
from engine.watch.episodes import QUIET
from engine.watch.eye import RECENT, Eye, Motion
from engine.watch.key_pace import INTERVALS, MOST_QUIET, KeyPace

APART = 12
"""Seconds between two key frames."""
START = 1000.0
COMES, GOES = 84, 97
"""Seconds after which somebody comes and is gone again: two key frames show them."""


@cache
def footage() -> bytes:
    """Return a calm picture with key frames far apart, through which somebody walks."""
    ground, body = "color=c=0x406040:s=320x180:r=2:d=240[ground]", "color=c=white:s=50x90:r=2:d=240[body]"
    walk = f"overlay=x='40+mod(t*7\\,200)':y=60:enable='between(t,{COMES},{GOES})'"
    command = [
        *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"{ground};{body};[ground][body]{walk}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-sc_threshold", "0"),
        *("-g", str(APART * 2), "-keyint_min", str(APART * 2), "-pix_fmt", "yuv420p", "-f", "nut", "-"),
    ]
    return subprocess.run(command, capture_output=True, check=True, timeout=100).stdout


class Seen:
    """A camera of which key frames are looked at, and what is told of it."""

    def __init__(self, until: float = 1e9) -> None:
        self.news: list[tuple[Motion, float]] = []
        self.eye = Eye(WatchSettings(WatchMode.KEY), self._take)
        self.now = START
        self._play(until)

    def _take(self, motion: Motion, at: float) -> None:
        self.news.append((motion, at - START))

    def _play(self, until: float) -> None:
        with av.open(io.BytesIO(footage()), "r") as source:
            self.eye.open(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.pts is None or packet.time_base is None:
                    continue
                self.now = START + float(packet.pts * packet.time_base)
                if self.now - START > until:
                    return
                self.eye.take(packet, self.now)


def test_one_visit_is_one_event_however_far_apart_key_frames_are() -> None:
    seen = Seen()
    assert [type(news) for news, _ in seen.news if isinstance(news, MotionBegan | MotionEnded)] == [
        MotionBegan,
        MotionEnded,
    ]
    assert seen.news[0][1] == pytest.approx(COMES, abs=1)
    assert seen.news[-1][1] == pytest.approx(96, abs=1)


def test_what_moves_has_ended_when_the_stream_breaks_off() -> None:
    """Also where it comes back at once: whoever told that nobody looks any more needs a new beginning."""
    seen = Seen(until=COMES + 30)
    assert seen.eye.moving
    seen.eye.close()
    (began, _), (ended, _) = seen.news[0], seen.news[-1]
    assert isinstance(ended, MotionEnded)
    assert ended.event_id == began.event_id
    assert not seen.eye.moving
    assert seen.eye.recent_picture(seen.now) is None


def test_a_picture_that_is_older_than_the_next_should_be_is_none() -> None:
    seen = Seen(until=COMES)
    assert seen.eye.recent_picture(seen.now + APART) is not None
    assert seen.eye.recent_picture(seen.now + APART + RECENT + 0.5) is None


@pytest.mark.parametrize(
    ("apart", "quiet"), [(1.0, QUIET), (4.0, QUIET), (12.0, 12.0 * INTERVALS), (300.0, MOST_QUIET)]
)
def test_it_is_quiet_after_some_key_frames(apart: float, quiet: float) -> None:
    pace = KeyPace()
    for number in range(6):
        pace.key(number * apart)
    assert pace.quiet == quiet


def test_the_time_without_a_connection_is_no_interval() -> None:
    pace = KeyPace()
    for at in (0.0, 1.0, 2.0):
        pace.key(at)
    pace.begin()
    for at in (50.0, 51.0):
        pace.key(at)
    assert pace.longest == 1.0
