"""What the watch worker's errors are, and the words they use for why."""

from ..child import ChildError


class WatchError(ChildError):
    """Something the watch worker could not do.

    Reasons: `watch_down` (the process is on its way back), `not_started`, `not_ready`, `timeout`,
    `unknown_camera`, `no_picture` (none has come yet), `no_folder` (no place for clips), `watch_fault`.
    """

    reason = "watch_fault"
