"""What the tests of controls share: a camera that has everything, as it is shown and as it really is."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er

from dev.simulator import Ability, Camera, CameraSpec, Simulator

from .rigging import Home, wait_for

EVERYTHING = CameraSpec("porch", model="HL_PANP", abilities=frozenset(Ability))
"""A camera that has whatever any camera has."""
NO_LAMP = replace(EVERYTHING, abilities=frozenset({Ability.SIREN}))
"""One whose siren is the first thing that one looks for."""
PLAIN = CameraSpec("porch", model="WYZEC1-JZ")
"""One without lamp, siren and motor."""


@dataclass(frozen=True, slots=True)
class Able:
    """The one camera, in Home Assistant and on the table."""

    hass: HomeAssistant
    home: Home
    camera: Camera

    @property
    def key(self) -> str:
        """Its key."""
        (subentry,) = self.home.entry.subentries.values()
        return str(subentry.data["camera_key"])

    @property
    def settings(self) -> Any:
        """How it really is."""
        return self.camera.settings

    @property
    def controls(self) -> Any:
        """What passes wishes on."""
        return self.home.entry.runtime_data.controls

    def state(self, entity_id: str) -> str | None:
        """Return what is shown."""
        return self.home.state(entity_id)

    async def call(self, service: str, context: Context | None = None, **data: Any) -> None:
        """Have something done, as the UI does; returns when it is."""
        domain, _, name = service.partition(".")
        await self.hass.services.async_call(domain, name, data, blocking=True, context=context)

    async def switch(self, entity_id: str, *, on: bool) -> str | None:
        """Switch something on or off; returns what is shown then."""
        domain = entity_id.partition(".")[0]
        await self.call(f"{domain}.turn_{'on' if on else 'off'}", entity_id=entity_id)
        return self.state(entity_id)

    async def asked(self) -> None:
        """Wait until it was asked what it has and how that stands."""
        await wait_for(lambda: self.controls.of(self.key).values, 20)
        await self.hass.async_block_till_done()

    async def enable(self) -> None:
        """Have all of its entities, also those that are disabled by default."""
        registry = er.async_get(self.hass)
        for entity in er.async_entries_for_config_entry(registry, self.home.entry.entry_id):
            if entity.disabled_by is not None:
                registry.async_update_entity(entity.entity_id, disabled_by=None)
        await self.hass.config_entries.async_reload(self.home.entry.entry_id)
        await wait_for(lambda: self.state("camera.porch") == "idle", 20)
        await self.asked()


@pytest.fixture
async def fresh(hass: HomeAssistant, home: Home, simulator: Simulator) -> Able:
    """Set up the one camera as it comes, and wait until it was asked what it has."""
    (camera,) = simulator.cameras.values()
    await home.set_up()
    await home.add(camera.link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    able = Able(hass, home, camera)
    await able.asked()
    return able


@pytest.fixture
async def able(fresh: Able) -> Able:
    """Have all entities of the one camera."""
    await fresh.enable()
    return fresh
