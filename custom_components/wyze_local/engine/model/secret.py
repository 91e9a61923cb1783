"""A value that must never be printed: the wrapper all keys and personal data travel in."""

import hmac
from typing import Any, NoReturn, final

MASK = "<secret>"


@final
class Secret:
    """A string that prints as nothing.

    `str`, `repr`, `format`, pickling and JSON all fail to show the value; `reveal` is the one way
    to it, so that every place that handles a bare key can be found by searching for that word.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Wrap a value."""
        self._value = value

    def reveal(self) -> str:
        """Return the bare value. Never pass it to a log, an exception or an argument list."""
        return self._value

    def __repr__(self) -> str:
        """Show a mask."""
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        """Show a mask, whatever the format asks for."""
        return MASK

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        """Hash with the interpreter's own random seed."""
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        """Tell whether there is a value."""
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled."""
        raise TypeError("a secret cannot be pickled")

    def __copy__(self) -> Secret:
        """Return itself: it is immutable."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        """Return itself: it is immutable."""
        return self
