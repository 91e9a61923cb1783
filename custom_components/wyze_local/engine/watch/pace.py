"""When a packet was taken, evenly: a clip's steps from picture to picture have to be the sender's own.

Senders count from anywhere, jump when they learn the time, and start anew after a reconnect. Their steps are
right nearly always, and smoother than the network; their jumps are not. Where `stamps.py` follows arrival a
little with every packet, this keeps one distance to our clock for as long as that can be.
"""

JUMP = 5.0
"""Seconds by which a packet may come late; later, its sender's time means something else than before."""
EARLY = 0.5
"""Seconds by which a packet may come early; earlier, its sender's time has jumped."""
SLEW = 1 / 8
"""How much of what comes early is believed with each packet."""
TOGETHER = 0.4
"""Seconds by which sound and picture of one sender may seem apart and still count by one clock."""
WINDOW = 60.0
"""Seconds in which something has to have come in time; otherwise our clock is the faster one."""
DRIFT = 0.05
"""Seconds by which the two clocks may be apart before we take a step."""


class Pace:
    """The time of one stream of a connection. All times are in seconds, ours monotonic."""

    def __init__(self, base: Pace | None = None) -> None:
        """Begin; sound is given the pace of the picture, to count by the same clock if it seems to."""
        self._base = base
        self._offset: float | None = None
        """What the sender's time is behind ours."""
        self._said = 0.0
        self._last: float | None = None
        self._since = 0.0
        self._late = 0.0

    def moment(self, said: float | None, at: float) -> float:
        """Return when a packet was taken that says so and arrived now; never earlier than the one before."""
        moment = at if said is None else self._placed(said, at)
        if self._last is not None and moment < self._last:
            moment = self._last
        self._last = moment
        return moment

    def _placed(self, said: float, at: float) -> float:
        late = 0.0 if self._offset is None else at - (said + self._offset)
        if self._offset is None or said <= self._said or late > JUMP:
            self._offset = self._anchor(said, at)
            self._begin_window(at)
        elif late < 0:
            # What comes before its time took a shorter way than what we had measured by. Little by little:
            # two pictures that seem to be of one moment are an error to some players.
            self._offset += late if late < -EARLY else late * SLEW
            self._begin_window(at)
        elif at - self._since > WINDOW:
            if self._late > DRIFT:
                self._offset += self._late
            self._begin_window(at)
        self._late = min(self._late, max(late, 0.0))
        self._said = said
        return said + self._offset

    def _begin_window(self, at: float) -> None:
        self._since, self._late = at, JUMP

    def _anchor(self, said: float, at: float) -> float:
        base = self._base._offset if self._base is not None else None  # noqa: SLF001 - of the same class
        if base is not None and 0 <= at - (said + base) < TOGETHER:
            return base
        return at - said
