"""What the relay's own errors are, and the words they use for why."""

from ..child import ChildError


class RelayError(ChildError):
    """Something the relay could not do.

    Reasons of its own: `relay_down` (the process is on its way back), `not_started`, `not_ready`,
    `timeout`, `unknown_camera`, `relay_fault`. Besides, every reason of a LanError is passed on as it is.
    """

    reason = "relay_fault"
