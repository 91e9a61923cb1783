"""A voice of Home Assistant's that says everything in one tone."""

from typing import Any

from homeassistant.components import tts

from tests.support.tones import tone

FREQUENCY = 440


class Voice(tts.TextToSpeechEntity):
    """Says a text in a tenth of a second for each letter."""

    _attr_name: str | None = "Voice"

    def __init__(self) -> None:
        """Say nothing yet."""
        self.said: list[str] = []

    @property
    def default_language(self) -> str:
        """Return the one it has."""
        return "en"

    @property
    def supported_languages(self) -> list[str]:
        """Return it as the only one."""
        return ["en"]

    def get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> tts.TtsAudioType:
        """Return the tone."""
        self.said.append(message)
        return "wav", tone(FREQUENCY, len(message) / 10)
