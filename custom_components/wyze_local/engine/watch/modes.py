"""What differs between the two ways of looking: five pictures in a second, or key frames seconds apart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mode:
    """The times and counts of one way of looking."""

    warm_up: float
    """Seconds after the first picture in which nothing counts as motion."""
    warm_looks: int
    """Pictures that must have been seen by then."""
    learning: float
    """Seconds in which the usual value of a pixel follows the picture."""
    straying: float
    """Seconds in which its usual deviation does."""
    restless: float
    """Seconds over which it is remembered how often a cell moves."""
    calm_before: float
    """Seconds that every cell is thought to have been calm before the first picture."""
    often: float
    """Share of the time from which on a cell that moves says nothing."""
    relearn: float
    """Share of each picture that is learnt while the light changes: the old values are worth little then."""
    shift: float
    """Grey levels by which most of the picture must become brighter, or darker, to call it the light."""
    another_view: int | None
    """Sixteenths of the picture in which something must seem to move at once to call it another view.

    None where a second picture would show it.
    """
    hold_light: float
    """Seconds after a change of the light in which nothing counts."""
    hold_infrared: float
    hold_looks: int
    """Pictures that a hold after night vision lasts at least."""
    confirm: bool
    """Whether a second picture must show it too, near by, and whether it must have changed in a second."""
    remembers: int
    """Pictures before this one that it is compared with, beside the usual values."""
    faint: float
    """Share of the change that a sensitivity asks for which is enough."""
    fewer: int
    """Cells fewer than it asks for which are enough."""


FULL = Mode(
    warm_up=3.0,
    warm_looks=5,
    learning=8.0,
    straying=12.0,
    restless=60.0,
    calm_before=1.0,
    often=0.12,
    relearn=0.35,
    shift=5.0,
    another_view=None,
    hold_light=0.8,
    hold_infrared=4.0,
    hold_looks=2,
    confirm=True,
    remembers=0,
    faint=1.0,
    fewer=0,
)
KEY = Mode(
    warm_up=10.0,
    warm_looks=4,
    learning=30.0,
    straying=40.0,
    restless=180.0,
    calm_before=24.0,
    often=0.25,
    relearn=1.0,
    shift=40.0,
    another_view=12,
    hold_light=0.5,
    hold_infrared=4.5,
    hold_looks=3,
    confirm=False,
    remembers=4,
    faint=0.9,
    fewer=1,
)
