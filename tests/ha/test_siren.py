"""The siren: sounds when told, and its end is seen whoever ended it."""

import pytest

from .control_rig import EVERYTHING, Able, able, fresh

__all__ = ["able", "fresh"]


@pytest.mark.parametrize("simulator", [[EVERYTHING]], indirect=True)
async def test_it_sounds_once_and_ends(able: Able) -> None:
    """Being told twice is one noise; and what another app does is seen at the next look."""
    siren = "siren.porch_siren"
    for _ in range(2):
        assert await able.switch(siren, on=True) == "on"
    assert (able.settings.siren, able.camera.counters.sirens) == (1, 1)
    assert await able.switch(siren, on=False) == "off"
    able.settings.siren = 1
    await able.controls.async_refresh(able.key)
    assert able.state(siren) == "on"
