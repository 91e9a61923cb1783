"""`python -m dev.simulator`."""

from .cli import main

main()
