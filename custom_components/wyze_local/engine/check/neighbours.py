"""What this machine's own network knows of an address: whether any hardware answers for it, and whose."""

from dataclasses import dataclass
from pathlib import Path

TABLE = Path("/proc/net/arp")
_COMPLETE = 2


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Who answers for an address on the local network."""

    there: bool
    """Whether any hardware does."""
    mac: str = ""
    """12 capital hexadecimal digits; empty when nobody does. Never part of a report."""


def neighbour(address: str, table: Path = TABLE) -> Neighbour | None:
    """Return what is known of an address that was just written to; None for one behind a router.

    Blocks for a moment: the file is the kernel's.
    """
    try:
        lines = table.read_text("ascii").splitlines()[1:]
    except OSError, ValueError:
        return None
    for line in lines:
        fields = line.split()
        if len(fields) >= 4 and fields[0] == address:
            try:
                there = bool(int(fields[2], 16) & _COMPLETE)
            except ValueError:
                return None
            return Neighbour(there, fields[3].replace(":", "").upper() if there else "")
    return None
