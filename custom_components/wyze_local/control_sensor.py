"""The sensors of what a camera tells of itself, most of it when it lets somebody in."""

from typing import override

from homeassistant.components.sensor import SensorEntity
from homeassistant.const import SIGNAL_STRENGTH_DECIBELS_MILLIWATT

from .control_entity import ControlEntity


class ControlSensor(ControlEntity, SensorEntity):
    """A number that a camera told of itself."""

    @property
    @override
    def native_value(self) -> int | None:
        """Return the number."""
        return said if isinstance(said := self.said, int) else None


class WordSensor(ControlEntity, SensorEntity):
    """One of a few words for how something of a camera stands."""

    @property
    @override
    def native_value(self) -> str | None:
        """Return the word."""
        return said if isinstance(said := self.said, str) else None


class SignalSensor(ControlSensor):
    """How well a camera hears its Wi-Fi: firmware tells it in decibels, or in a measure of its own."""

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """Return the unit where the number shows it: only decibels of a radio are negative."""
        negative = (value := self.native_value) is not None and value < 0
        return SIGNAL_STRENGTH_DECIBELS_MILLIWATT if negative else None
