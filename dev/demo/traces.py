"""Looks for what must not be found: values, in every form in which they could have been written."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

type Wanted = Mapping[str, Iterable[str]]
"""What it is → the forms in which it could be there."""


def in_files(folder: Path, wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Yield the names of files in Home Assistant's folder that hold something, and what. Case is ignored."""
    for path in sorted(folder.rglob("*")):
        # The integration itself is linked into it.
        if "custom_components" in path.parts or not path.is_file():
            continue
        # What is gone meanwhile, such as a database's journal, holds nothing any more.
        with contextlib.suppress(FileNotFoundError):
            content = path.read_bytes().lower()
            yield from ((path.name, what) for what, forms in wanted.items() if holds(content, forms))


def in_text(text: str, wanted: Wanted) -> Iterator[str]:
    """Yield what a text holds. Case is ignored."""
    content = text.encode().lower()
    yield from (what for what, forms in wanted.items() if holds(content, forms))


def holds(content: bytes, forms: Iterable[str]) -> bool:
    """Tell whether lower-case bytes hold any of the forms."""
    return any(form.lower().encode() in content for form in forms)


def forms(what: str, value: str) -> set[str]:
    """Return the forms in which a value could be written: within JSON or an address, as an entity's id."""
    found = {value, quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
    if what.startswith("name"):
        found.add(value.lower().replace(" ", "_"))
        # The first word of a stranger's name is theirs alone.
        found.add(value.split(maxsplit=1)[0])
    if what.startswith("mac"):
        pairs = [value[i : i + 2] for i in range(0, len(value), 2)]
        found |= {":".join(pairs), "-".join(pairs)}
    return found
