"""What may be told of the clips to anybody: how many there are and what is wrong, never which and where."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clip_keeper import ClipKeeper


@dataclass(frozen=True, slots=True)
class ClipsReport:
    """How the folder of the clips stands, which all entries share."""

    trouble: str | None
    usable: bool
    """Whether clips are written there; not before one is wanted."""
    clips: int | None = None
    bytes: int | None = None

    def __str__(self) -> str:
        """Return the same in a few words."""
        told = [self.trouble.replace("_", " ")] if self.trouble else []
        if self.clips is not None and self.bytes is not None:
            told.append(f"{self.clips}, {self.bytes / 1e9:.1f} GB")
        return "; ".join(told) or "–"


def clips_report(keeper: ClipKeeper) -> ClipsReport:
    """Return what may be told of the clips."""
    trouble = keeper.trouble.value if keeper.trouble else None
    if (kept := keeper.kept) is None:
        return ClipsReport(trouble, keeper.usable)
    return ClipsReport(trouble, keeper.usable, kept.clips, kept.bytes)
