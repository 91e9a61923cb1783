"""Somebody walks through the picture while the cloud is dead: event, automation, notification and clip.

`town` is the stage, `witness` hears all that Home Assistant says of it, `tape` looks into the clip, `browse`
plays it in Home Assistant's media browser, `desk` deletes one and keeps one, `play` puts all of it in order.
"""

from .play import events

__all__ = ["events"]
