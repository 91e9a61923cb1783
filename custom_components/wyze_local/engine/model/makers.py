"""Whose a hardware address is, by the blocks that are given to makers."""

BLOCKS = ("2CAA8E", "7C78B2", "80482C", "A4DA222", "D03F27", "F0C88B")
"""What the vendor's hardware addresses begin with. The manifest has the same ones."""


def is_vendors(mac: str) -> bool:
    """Tell whether a hardware address, as 12 capital hexadecimal digits, is one of the vendor's."""
    return mac.startswith(BLOCKS)
