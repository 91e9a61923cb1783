"""The watch worker's process: `start.py watch PARENT CONTROL_FD BOARD_FD`, started by `child/process.py`."""

import sys

from ..child.ties import tie_to


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and run until the parent says stop or is gone."""
    parent, control, board = map(int, arguments)
    tie_to(parent)
    # What is heavy comes after the ties.
    from .child import run  # noqa: PLC0415

    run(control, board)


if __name__ == "__main__":
    main(sys.argv[1:])
