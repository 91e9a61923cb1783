"""What this room makes of a session: commands with answers, and questions that may stay without one."""

from ..model import EngineError
from .errors import ControlError, ControlReason
from .values import Sender

UNANSWERED = "timeout"
"""What whoever holds the session says when there is one, but no answer to a command."""


class CameraLine:
    """The way to one camera, and what has been learned of what it answers."""

    def __init__(self, sender: Sender) -> None:
        """Speak through `sender`."""
        self._sender = sender
        self.mute: set[int] = set()
        """Questions that it left unanswered the last time: put last, since each costs seconds."""

    async def command(self, code: int, payload: bytes, within: float) -> bytes:
        """Send a command and return its answer; raises ControlError (`no_answer`, with its cause)."""
        try:
            return await self._sender.command(code, payload, within)
        except EngineError as err:
            raise ControlError(ControlReason.NO_ANSWER, err.reason) from None

    async def question(self, code: int, payload: bytes, within: float) -> bytes | None:
        """Return the answer to a question, None for no answer within some seconds.

        Raises ControlError (`no_answer`) when there is no session.
        """
        try:
            answer = await self.command(code, payload, within)
        except ControlError as err:
            if err.cause != UNANSWERED:
                raise
            self.mute.add(code)
            return None
        self.mute.discard(code)
        return answer
