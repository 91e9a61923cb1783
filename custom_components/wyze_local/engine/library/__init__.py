"""The clips on the disk: found, opened, kept and deleted by their names alone."""

from .opening import OpenFile, open_below

__all__ = ["OpenFile", "open_below"]
