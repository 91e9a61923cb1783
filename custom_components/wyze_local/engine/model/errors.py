"""The root of the engine's errors. A room's own errors live in that room."""


class EngineError(Exception):
    """Something the engine could not do.

    `reason` is a stable word for programs and translations. Messages never hold keys or personal data.
    """

    reason = "unknown"

    def __init__(self, message: str = "", *, reason: str | None = None) -> None:
        """Remember the reason."""
        super().__init__(message)
        if reason is not None:
            self.reason = reason


class InvalidField(EngineError, ValueError):
    """A typed or pasted value that cannot be right.

    `field` names the value (`address`, `uid`, `enr`, `mac`, `model`, `name`, `link`, `url`, `user`,
    `password` …); `reason` says why.
    """

    def __init__(self, field: str, reason: str) -> None:
        """Remember field and reason; the value itself is not kept."""
        super().__init__(f"{field}: {reason}", reason=reason)
        self.field = field
