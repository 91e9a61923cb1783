"""When a picture was taken, on our monotonic clock: stamps tell distances, arrival tells the rest."""

EARLY_GAIN = 1.0
"""What comes earlier than expected took a shorter way: believe it."""
LATE_GAIN = 1 / 512
"""What comes late was mostly held up: believe little, enough to follow a clock that drifts."""
JUMP = 5.0
"""Off by more than this many seconds, the stamps have jumped: begin anew at the time of arrival."""


class Stamps:
    """The clock of one connection."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._offset: float | None = None
        self._last = float("-inf")

    def map(self, stamp: float | None, arrived: float) -> float:
        """Return when a picture was taken; never earlier than the one before, never later than it arrived.

        The stamp is in seconds by whatever clock, None where there is none; the first pictures of a stream
        are often some seconds old and come all at once, which the stamps alone would not tell.
        """
        at = arrived if stamp is None else self._mapped(stamp, arrived)
        self._last = max(self._last, min(at, arrived))
        return self._last

    def _mapped(self, stamp: float, arrived: float) -> float:
        error = 0.0 if self._offset is None else arrived - (stamp + self._offset)
        if self._offset is None or abs(error) > JUMP:
            self._offset = arrived - stamp
        else:
            self._offset += error * (EARLY_GAIN if error < 0 else LATE_GAIN)
        return stamp + self._offset
