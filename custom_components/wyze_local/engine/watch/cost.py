"""What the watch of one camera costs, and which pictures are looked at because of it. Pure."""

from collections import deque

from ..model import WatchMode

WINDOW = 60.0
"""Seconds over which cost and bytes are averaged."""
TOO_MUCH = 0.05
"""Share of a core above which all pictures are too many, where nobody insisted on them."""
SMALL = 640 * 360
"""Pixels up to which all pictures of a camera are looked at to begin with."""
_STEP = 5.0
"""Seconds between two readings that are kept."""


class Meter:
    """Adds up processor time and bytes over the last minute."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._readings: deque[tuple[float, float, int]] = deque()
        self._bytes = 0
        self.cost = 0.0
        """Share of a core."""
        self.rate = 0.0
        """Bytes per second."""
        self.full = False
        """Whether the averages are those of a whole minute."""

    def begin(self, now: float, cpu: float) -> None:
        """Begin anew: another connection, or other pictures are looked at."""
        self._readings.clear()
        self._readings.append((now, cpu, self._bytes))
        self.full = False

    def count(self, size: int) -> None:
        """Count bytes that arrived."""
        self._bytes += size

    def read(self, now: float, cpu: float) -> bool:
        """Take a steady clock's seconds and the processor time so far; returns whether figures are new."""
        if self._readings and now - self._readings[-1][0] < _STEP:
            return False
        self._readings.append((now, cpu, self._bytes))
        while len(self._readings) > 2 and now - self._readings[1][0] >= WINDOW:
            self._readings.popleft()
        then, spent, arrived = self._readings[0]
        if now <= then:
            return False
        self.cost = (cpu - spent) / (now - then)
        self.rate = (self._bytes - arrived) / (now - then)
        self.full = now - then >= WINDOW
        return True


class Choice:
    """Which pictures of a camera are looked at."""

    def __init__(self, wanted: WatchMode) -> None:
        """Take what the person wants."""
        self._wanted = wanted
        self.mode = WatchMode.OFF
        """`full` or `key`; `off` before the first picture."""

    def first_picture(self, width: int, height: int) -> None:
        """Choose by the size of the first picture of a connection, in pixels."""
        if self._wanted is not WatchMode.AUTO:
            self.mode = self._wanted
        elif self.mode is WatchMode.OFF:
            self.mode = WatchMode.FULL if width * height <= SMALL else WatchMode.KEY

    def measured(self, meter: Meter) -> bool:
        """Go over to key frames where all pictures cost too much; returns whether that is news."""
        too_much = meter.full and meter.cost > TOO_MUCH
        if self._wanted is WatchMode.AUTO and self.mode is WatchMode.FULL and too_much:
            self.mode = WatchMode.KEY
            return True
        return False
