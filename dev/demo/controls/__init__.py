"""Cameras are turned, lit, switched and spoken through from a dashboard, on a machine that has no network.

`alone` cuts the machine off, `town` is the stage, `eyes` judges what the pictures show, `deeds` are the
things that are done, `play` puts all of it in order.
"""

from .play import controls

__all__ = ["controls"]
"""Plays it."""
