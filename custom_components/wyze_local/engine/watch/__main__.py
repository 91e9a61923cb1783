"""The watch worker's process: `engine/start.py watch PARENT CONTROL_FD`, started by `child/process.py`."""

import sys

from ..child.ties import tie_to


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and run until the parent says stop or is gone."""
    parent, control = map(int, arguments)
    tie_to(parent)
    # What is heavy comes after the ties.
    from .child import run  # noqa: PLC0415

    run(control)


if __name__ == "__main__":
    main(sys.argv[1:])
