"""What a camera tells of itself at a log-in: signal, battery, card."""

import pytest

from .control_rig import EVERYTHING, Able, able, fresh

__all__ = ["able", "fresh"]


@pytest.mark.parametrize("simulator", [[EVERYTHING]], indirect=True)
async def test_they_show_what_the_camera_told(able: Able) -> None:
    """A signal of its own measure has no unit; the card's room is in gigabytes."""
    signal = able.hass.states.get("sensor.porch_wi_fi_signal")
    assert signal is not None
    assert signal.state == str(able.settings.wifi)
    assert "unit_of_measurement" not in signal.attributes
    assert able.state("binary_sensor.porch_sd_card") == "on"
    assert able.state("sensor.porch_free_on_the_sd_card") == "12.0"
    assert able.state("sensor.porch_size_of_the_sd_card") == "30.436"
