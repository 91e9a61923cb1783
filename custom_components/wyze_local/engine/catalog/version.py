"""Firmware versions as the vendor writes them: whole numbers with dots between them."""

import re
from dataclasses import dataclass
from typing import Self

_DOTTED = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,7}")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A firmware version. Any two can be compared; `4.9` equals `4.9.0`."""

    numbers: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the version that a text spells, or None when it spells none. Never raises."""
        if not _DOTTED.fullmatch(text):
            return None
        numbers = [int(part) for part in text.split(".")]
        while numbers and not numbers[-1]:
            numbers.pop()
        return cls(tuple(numbers))
