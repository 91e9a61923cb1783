"""What goes wrong with child processes."""

from ..model import EngineError


class ChildError(EngineError):
    """Something that a child process could not do; each program has its own kind.

    Reasons: `not_started`, `not_ready`, `timeout`, the program's own for being down; and what the child says.
    """

    reason = "child_fault"


class ProtocolError(EngineError):
    """Bytes that cannot be right, on the pipe or from whoever talks to a child."""

    reason = "protocol"
