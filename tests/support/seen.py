"""The table of what was seen while the vendor failed: one line for each thing that happened to it."""

from collections.abc import Iterable
from typing import Any

SEEN = "watched"
"""By this name a test's report holds what was seen in it: a row of the table."""
_HEAD = ("#", "what happens to the cloud", "pictures", "longest gap", "unavailable", "foreign")


def table(found: Iterable[dict[str, Any]]) -> list[str]:
    """Return the table's lines, in Markdown."""
    rows = [
        (
            str(one["row"]),
            str(one["what"]),
            str(one["frames"]),
            f"{one['gap']:.2f} s",
            str(one["away"]),
            str(one["foreign"]),
        )
        for one in sorted(found, key=lambda one: (one["row"], one["what"]))
    ]
    widths = [max(len(row[place]) for row in (_HEAD, *rows)) for place in range(len(_HEAD))]
    lines = [_HEAD, tuple("-" * width for width in widths), *rows]
    return [
        f"| {' | '.join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True))} |"
        for line in lines
    ]
