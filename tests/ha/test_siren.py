"""The siren: sounds when told, and its end is seen whoever ended it."""

import pytest

from .control_rig import NO_LAMP, Able, fresh

__all__ = ["fresh"]


@pytest.mark.parametrize("simulator", [[NO_LAMP]], indirect=True)
async def test_it_sounds_once_and_ends(fresh: Able) -> None:
    """Being told twice is one noise; and what another app does is seen at the next look."""
    siren = "siren.porch_siren"
    for _ in range(2):
        assert await fresh.switch(siren, on=True) == "on"
    assert (fresh.settings.siren, fresh.camera.counters.sirens) == (1, 1)
    assert await fresh.switch(siren, on=False) == "off"
    fresh.settings.siren = 1
    await fresh.controls.async_refresh(fresh.key)
    assert fresh.state(siren) == "on"
