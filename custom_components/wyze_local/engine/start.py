"""Starts a room of the engine as a program: `python -P engine/start.py ROOM ARGUMENT…`, as a file.

The folder above the engine is no place to import from: Home Assistant wants files there that bear the names
of standard modules (`select.py`). So the package is loaded from where it lies, and nothing else is in reach.
"""

import importlib.util
import runpy
import sys
from pathlib import Path

NAME = "engine"


def load(folder: Path) -> None:
    """Make a package known as `engine` without making its neighbours importable."""
    spec = importlib.util.spec_from_file_location(
        NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules[NAME] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def main() -> None:
    """Run the room that the first argument names."""
    room = sys.argv.pop(1)
    load(Path(__file__).parent)
    runpy.run_module(f"{NAME}.{room}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
