"""Watching the cameras for motion: a child process that reads, looks, keeps what came before, and records."""

from .detector import Detector
from .episodes import QUIET, Began, Ended, Episode, Episodes, Grew
from .look import Change, Look
from .picture import Picture, picture_of

__all__ = [
    "QUIET",
    "Began",
    "Change",
    "Detector",
    "Ended",
    "Episode",
    "Episodes",
    "Grew",
    "Look",
    "Picture",
    "picture_of",
]
