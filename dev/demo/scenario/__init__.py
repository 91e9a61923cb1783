"""Troubles that cameras and processes get while somebody watches, and how soon all is well again.

`faults` says what happens and what the limits are, `play` plays it on a stage, `tab`, `states` and
`processes` look at it from outside, `report` adds up.
"""

from .play import camera_faults

__all__ = ["camera_faults"]
