"""Which frames arrived, how late, and how many of them can be shown. Pure.

A picture that came by RTSP is known by its slice, which nobody on the way changes; the simulator's loop says
which number it bears, and its log when that was last sent.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dev.simulator import Sent
from dev.simulator.coding import VideoFrame

_START_CODE = b"\0\0\1"
_SLICES = frozenset({1, 5})
"""NAL unit types of H.264 slices."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture that arrived."""

    frame: int | None
    """Its number in the loop, None when it is none of the camera's pictures: pieces of it are missing."""
    monotonic_ns: int


def slice_of(units: Iterable[bytes]) -> bytes:
    """Return the first slice of an H.264 picture, nothing when it has none."""
    return next((unit.rstrip(b"\0") for unit in units if unit and unit[0] & 0x1F in _SLICES), b"")


def numbers(frames: Iterable[VideoFrame]) -> dict[bytes, int]:
    """Return the number of each picture of a loop by its slice."""
    return {slice_of(frame.payload.split(_START_CODE)): number for number, frame in enumerate(frames)}


def arrivals(sent: Sequence[Sent], seen: Iterable[Seen]) -> dict[int, float]:
    """Return for each sent frame that arrived, by its sequence, how late it first did, in ms.

    Numbers repeat with the loop: what arrives is the newest that was sent under its number before.
    """
    by_frame: dict[int, list[Sent]] = {}
    for entry in sent:
        by_frame.setdefault(entry.frame, []).append(entry)
    found: dict[int, float] = {}
    for picture in seen:
        before = [
            entry
            for entry in by_frame.get(-1 if picture.frame is None else picture.frame, [])
            if entry.monotonic_ns <= picture.monotonic_ns
        ]
        if before:
            found.setdefault(before[-1].sequence, (picture.monotonic_ns - before[-1].monotonic_ns) / 1e6)
    return found


def shares(window: Sequence[Sent], arrived: Collection[int] | Mapping[int, float]) -> tuple[float, float]:
    """Return the percentages of frames that arrived, and of those that can be shown.

    A frame can be shown when it and everything since the last key frame arrived; before the first key frame
    of the window nothing counts.
    """
    first = next((index for index, entry in enumerate(window) if entry.key), len(window))
    counted = window[first:]
    if not counted:
        return 0.0, 0.0
    came = shown = 0
    whole = False
    for entry in counted:
        here = entry.sequence in arrived
        whole = here and (entry.key or whole)
        came += here
        shown += whole
    return 100 * came / len(counted), 100 * shown / len(counted)
