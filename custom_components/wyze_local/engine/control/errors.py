"""Why a camera could not be told something, as words that stay the same."""

from enum import StrEnum

from ..model import EngineError
from .values import Value


class ControlReason(StrEnum):
    """What went wrong."""

    NO_ANSWER = "no_answer"
    """No session, or no answer to the command: whether it was obeyed is not known."""
    REFUSED = "refused"
    """The camera said no."""
    IGNORED = "ignored"
    """The camera said yes, and reads otherwise."""
    UNSUPPORTED = "unsupported"
    """This camera has nothing of the kind, or there is no such value."""
    MALFORMED = "malformed"
    """The answer makes no sense."""


class ControlError(EngineError):
    """What this room raises. `reason` is always one of `ControlReason`."""

    def __init__(self, word: ControlReason, cause: str = "", found: Value | None = None) -> None:
        """Remember the reason, with `no_answer` the reason that the session gave, and what was read."""
        super().__init__(f"{word} ({cause})" if cause else word, reason=word)
        self.word = word
        """The reason, for a `match`."""
        self.cause = cause
        """Why nothing was heard, as whoever holds the session says; empty for any other reason."""
        self.found = found
        """How the feature stands instead, by the camera's own word; None where it did not say."""
