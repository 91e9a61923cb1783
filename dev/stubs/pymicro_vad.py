# ruff: noqa: INP001 - a folder on the path, not a package
"""Stands in for a package that must be compiled; only the demo and the tests put this folder on the path.

Home Assistant's voice component imports it, nothing here ever talks, and without it the frontend
does not render.
"""


class MicroVad:
    """Detects no voice."""

    def Process10ms(self, audio: bytes) -> float:  # noqa: N802 - the real one's name
        """Return the probability of speech, -1 for "more sound needed"."""
        return -1.0
