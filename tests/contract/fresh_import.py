"""Run in a fresh interpreter: imports every engine module while Home Assistant is refused.

Usage: fresh_import.py PATH_OF_WYZE_LOCAL. Prints one line of JSON.
"""

import importlib
import json
import runpy
import sys
import time
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import override

REFUSED = frozenset(
    {"homeassistant", "custom_components", "voluptuous", "probatio", "pytest", "dev", "tests"}
)
HEAVY = frozenset({"aiohttp", "av", "numpy", "cryptography"})


class Refuse(MetaPathFinder):
    """Says no to what the engine must live without."""

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in REFUSED:
            raise ImportError(f"{fullname} is refused here")
        return None


def main(folder: Path) -> None:
    """Import the engine room by room, and say what each brought along."""
    sys.meta_path.insert(0, Refuse())
    # As the child processes have it: the package, and nothing of what lies beside it.
    runpy.run_path(str(folder / "engine" / "start.py"))["load"](folder / "engine")
    started = time.perf_counter()
    rooms = sorted(path.parent for path in (folder / "engine").glob("*/__init__.py"))
    heavy: dict[str, list[str]] = {}
    modules = 0
    for light_first in sorted(
        rooms, key=lambda room: (room.name not in {"model", "catalog", "vault"}, room.name)
    ):
        before = set(sys.modules)
        for file in sorted(light_first.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            importlib.import_module(".".join(part for part in parts if part != "__init__"))
            modules += 1
        heavy[light_first.name] = sorted((set(sys.modules) - before) & HEAVY)
    print(
        json.dumps({"heavy": heavy, "modules": modules, "seconds": round(time.perf_counter() - started, 3)})
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
