"""Names in texts that are shown as Markdown: a name comes from the vendor, and is to be no link."""

import re
from collections.abc import Iterable

# Addresses of pages and of mail are links without any brackets.
_MARKS = re.compile(r"[\\`*_{}\[\]()<>#!|~@]|(?<=www)\.|(?<=http):|(?<=https):|(?<=ftp):", re.IGNORECASE)


def plain(text: str) -> str:
    """Return a text that shows as it is."""
    return _MARKS.sub(r"\\\g<0>", text)


def plain_list(names: Iterable[str]) -> str:
    """Return names in order, as one text that shows as it is."""
    return ", ".join(map(plain, sorted(names))) or "–"
