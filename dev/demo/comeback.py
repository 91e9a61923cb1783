"""Judges from the frames that were shown when an interrupted picture moved again. Pure."""

import itertools
from collections.abc import Sequence

from .judge import Sighting

GAP = 0.3
"""A picture that stands for longer than this, in seconds, was interrupted."""

STANDS = 0.6
"""One that has stood for this long by now is not moving."""

PROOF = 1.0
"""Seconds that it has to move again, …"""

FRAMES = 6
"""… with so many different frames in them, to count as back."""

SETTLE = 4.0
"""Seconds after which a picture that was not interrupted by then is not going to be."""


def back_at(shown: Sequence[Sighting], moment: float, now: float) -> float | None:
    """Return when the picture moved again after a moment; None while that cannot be said yet.

    `shown` are the frames since before the moment, the oldest first; all times are Unix times. A picture
    that went on as if nothing had happened was back at the moment itself. The longest stand is the one that
    counts: a busy machine stumbles, too.
    """
    if not shown or now - shown[-1].at > STANDS:
        return None
    stood = [0.0, *(later.at - sooner.at for sooner, later in itertools.pairwise(shown))]
    start = stood.index(longest) if (longest := max(stood)) > GAP else 0
    since = shown[start].at
    if since <= moment:
        return moment if now - moment > SETTLE else None
    if shown[-1].at - since < PROOF:
        return None
    numbers = {sighting.number for sighting in shown[start:]} - {None}
    return since if len(numbers) >= FRAMES else None
