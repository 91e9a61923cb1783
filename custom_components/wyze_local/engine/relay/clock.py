"""The camera's clock mapped to ours, so that pictures and sound share one line of time that never runs back.

Cameras start at 1970, jump when they learn the time, and drift; arrival times jitter. Neither alone will do.
"""

RESYNC = 1.0
"""Off by more than this many seconds, the camera's clock has jumped: begin anew at the time of arrival."""

EARLY_GAIN = 0.25
"""What comes earlier than expected took a shorter way: believe a large part of it at once."""

LATE_GAIN = 1 / 512
"""What comes late was mostly held up: believe little, enough to follow a clock that drifts."""

TICK = 0.001
"""Least distance between two stamps of one lane, in seconds."""

_WRAP = 500_000
"""A fall of so many microseconds within one second means that the second was not counted."""


class CameraClock:
    """Maps stamps of one session's camera to seconds of our monotonic clock."""

    def __init__(self) -> None:
        """Know nothing yet; the first frame sets the clock."""
        self._offset: float | None = None
        self._last: dict[str, float] = {}
        self._raw: dict[str, tuple[int, int]] = {}
        self._whole_seconds = True
        """Whether the camera's count of seconds is one; some send a constant there."""
        self.resyncs = 0

    def session(self) -> None:
        """Begin a new session: its clock may say anything; what was handed out is not taken back."""
        self._offset = None
        self._raw.clear()
        self._whole_seconds = True

    def map(self, lane: str, seconds: int, microseconds: int, received_at: float) -> float:
        """Return when a frame of a lane (`video`, `audio`) was taken: later than that lane's frame before."""
        camera = self._camera_time(lane, seconds, microseconds, received_at)
        if self._offset is None:
            self._offset = received_at - camera
        error = received_at - (camera + self._offset)
        if abs(error) > RESYNC:
            self._offset = received_at - camera
            self.resyncs += 1
        else:
            self._offset += error * (EARLY_GAIN if error < 0 else LATE_GAIN)
        stamp = camera + self._offset
        if (last := self._last.get(lane)) is not None:
            stamp = max(stamp, last + TICK)
        self._last[lane] = stamp
        return stamp

    def _camera_time(self, lane: str, seconds: int, microseconds: int, received_at: float) -> float:
        """Return the camera's time; where its seconds stand still, the nearest that fits the arrival."""
        before = self._raw.get(lane)
        self._raw[lane] = seconds, microseconds
        if before is not None and before[0] == seconds and microseconds < before[1] - _WRAP:
            self._whole_seconds = False
        fraction = microseconds / 1e6
        if self._whole_seconds:
            return seconds + fraction
        expected = received_at - (self._offset or 0.0)
        return fraction + round(expected - fraction)
