"""Numbers of a camera: how much it spends on its picture."""

import pytest

from homeassistant.exceptions import ServiceValidationError

from .control_rig import EVERYTHING, Able, able, fresh

__all__ = ["able", "fresh"]


@pytest.mark.parametrize("simulator", [[EVERYTHING]], indirect=True)
async def test_the_bitrate_is_the_cameras(able: Able) -> None:
    """Another reaches it, and changes neither size nor rate of its pictures; what is none is refused."""
    entity_id = "number.porch_bitrate"
    assert able.state(entity_id) == str(able.settings.bitrate)
    before = (able.settings.resolution, able.settings.fps)
    await able.call("number.set_value", entity_id=entity_id, value=180)
    assert (able.settings.bitrate, able.state(entity_id)) == (180, "180")
    assert (able.settings.resolution, able.settings.fps) == before
    with pytest.raises(ServiceValidationError):
        await able.call("number.set_value", entity_id=entity_id, value=0)
    assert able.settings.bitrate == 180
