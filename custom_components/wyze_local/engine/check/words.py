"""The words of a report, in whatever language they are given: those of the integration's translations.

Home Assistant hands them over in its own language; a terminal reads the English ones from the file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from .values import Cue, Diagnosis, Ending, Note, Outcome, Rung, Trial

ENGLISH = Path(__file__).parents[2] / "translations" / "en.json"
PREFIX = "check_"
"""What the groups of texts about a check begin with, among the translations of selectors."""

type Word = Note | Outcome | Rung | Trial | Ending | Cue


class Words:
    """Texts by group and key."""

    def __init__(self, groups: Mapping[str, Mapping[str, str]]) -> None:
        """Take the groups `check_…`; a text that is missing reads as its key."""
        self._groups = groups

    @classmethod
    def english(cls) -> Self:
        """Read the English ones; blocks on the disk. Raises OSError."""
        selectors = json.loads(ENGLISH.read_text("utf-8"))["selector"]
        return cls({name: one["options"] for name, one in selectors.items() if name.startswith(PREFIX)})

    def text(self, group: str, key: str) -> str:
        """Return a text of a group."""
        return self._groups.get(f"{PREFIX}{group}", {}).get(key, key)

    def of(self, word: Word) -> str:
        """Return the text of a word."""
        return self.text(type(word).__name__.lower(), word.value)

    def cause(self, diagnosis: Diagnosis) -> str:
        """Return what a diagnosis means."""
        return self.text("diagnosis", diagnosis.value)

    def remedy(self, diagnosis: Diagnosis) -> str:
        """Return what to do about it."""
        return self.text("remedy", diagnosis.value)
