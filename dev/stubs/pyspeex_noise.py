# ruff: noqa: INP001 - a folder on the path, not a package
"""Stands in for a package that must be compiled; only the demo and the tests put this folder on the path."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProcessResult:
    """Sound as it came in."""

    audio: bytes
    is_speech: None = None


class AudioProcessor:
    """Changes nothing."""

    def __init__(self, auto_gain: float, noise_suppression: float) -> None:
        """Ignore the settings."""

    def Process10ms(self, audio: bytes) -> ProcessResult:  # noqa: N802 - the real one's name
        """Return the sound unchanged."""
        return ProcessResult(audio)
