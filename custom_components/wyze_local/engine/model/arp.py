"""What this machine's own network knows of addresses: whether any hardware answers for them, and whose.

Nothing of it proves anything; it is the kernel's table, and reading it blocks for a moment.
"""

from dataclasses import dataclass, field
from pathlib import Path

TABLE = Path("/proc/net/arp")
_COMPLETE = 2
_DIGITS = frozenset("0123456789ABCDEF")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Who answers for an address on the local network."""

    there: bool
    """Whether any hardware does."""
    mac: str = field(default="", repr=False)
    """12 capital hexadecimal digits; empty when nobody does. Never part of a report."""


def neighbours(table: Path = TABLE) -> dict[str, Neighbour]:
    """Return who is known, by address; lines that say nothing are left out."""
    try:
        lines = table.read_text("ascii").splitlines()[1:]
    except OSError, ValueError:
        return {}
    found: dict[str, Neighbour] = {}
    for line in lines:
        match line.split():
            case [address, _, flags, mac, *_]:
                try:
                    there = bool(int(flags, 16) & _COMPLETE)
                except ValueError:
                    continue
                digits = mac.replace(":", "").upper()
                if not there or (len(digits) == 12 and _DIGITS.issuperset(digits)):
                    found[address] = Neighbour(there, digits if there else "")
    return found


def neighbour(address: str, table: Path = TABLE) -> Neighbour | None:
    """Return what is known of an address that was just written to; None for one behind a router."""
    return neighbours(table).get(address)
