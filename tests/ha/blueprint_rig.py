"""What the tests of the blueprints need: a phone, the sun, and automations made as people make them."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from dev.home.phone import Phone

from .rigging import Home

STUBS = Path(__file__).parents[2] / "dev" / "stubs"
BLUEPRINTS = Path(__file__).parents[2] / "blueprints" / "automation" / "wyze_local"
SETTLE = 200
"""Turns of the event loop: far more than the steps of an automation take. None of them leaves the loop."""


class Automations:
    """Makes automations of the blueprints, and lets time pass for them."""

    def __init__(self, hass: HomeAssistant, phone: Phone) -> None:
        """Take a phone that is not known yet."""
        self.hass = hass
        self.phone = phone
        self.phones: list[str] = []
        """The phone's device id, as the blueprints' input wants it."""

    async def prepare(self) -> None:
        """Put the blueprints where an import puts them, and register the phone."""
        folder = Path(self.hass.config.path("blueprints/automation/wyze_local"))
        await self.hass.async_add_executor_job(shutil.copytree, BLUEPRINTS, folder)
        assert await async_setup_component(self.hass, "mobile_app", {})
        await self.hass.config_entries.flow.async_init(
            "mobile_app",
            data=self.phone.registration | {"webhook_id": "phone", "user_id": "phone"},
            context={"source": "registration"},
        )
        await self.hass.async_block_till_done()
        (entry,) = self.hass.config_entries.async_entries("mobile_app")
        devices = dr.async_entries_for_config_entry(dr.async_get(self.hass), entry.entry_id)
        self.phones = [device.id for device in devices]

    async def make(self, blueprint: str, **inputs: Any) -> None:
        """Make an automation of a blueprint."""
        use = {"path": f"wyze_local/{blueprint}.yaml", "input": inputs}
        config = {"automation": {"alias": blueprint, "use_blueprint": use}}
        assert await async_setup_component(self.hass, "automation", config)
        await self.hass.async_block_till_done()
        state = self.hass.states.get(f"automation.{blueprint}")
        assert state is not None
        assert state.state == "on", "Home Assistant does not take the blueprint with these inputs"

    def listen(self, script: str) -> list[dict[str, Any]]:
        """Make a script, and return, in a list that grows, what it is called with."""
        heard: list[dict[str, Any]] = []

        # Without this mark it would be called by a thread, at whatever time.
        @callback
        def hear(call: ServiceCall) -> None:
            heard.append(dict(call.data))

        self.hass.services.async_register("script", script, hear)
        return heard

    async def pass_time(self, seconds: float) -> None:
        """Let so much time pass for what waits in Home Assistant."""
        async_fire_time_changed(self.hass, dt_util.utcnow() + timedelta(seconds=seconds))
        await self.settle()

    async def settle(self) -> None:
        """Let automations go on as far as they can. Home Assistant's own way would wait for their ends."""
        for _ in range(SETTLE):
            await asyncio.sleep(0)

    async def set_hour(self, hour: int) -> None:
        """Move the home to where the clock and the sun show that hour now."""
        offset = (hour - dt_util.utcnow().hour + 11) % 24 - 11
        await self.hass.config.async_update(
            latitude=0, longitude=offset * 15 - 0.1, time_zone=f"Etc/GMT{-offset:+d}"
        )


@pytest.fixture
async def automations(home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Automations]:
    """Run a phone and put the blueprints in their place; it is dark."""
    # What mobile_app imports, and need not work.
    monkeypatch.syspath_prepend(STUBS)
    async with Phone("Ann's phone") as phone:
        hass = home.hass
        made = Automations(hass, phone)
        await made.prepare()
        await made.set_hour(23)
        yield made
        # Or what still waits would be waited for.
        if running := hass.states.async_entity_ids("automation"):
            data = {"entity_id": running, "stop_actions": True}
            await hass.services.async_call("automation", "turn_off", data, blocking=True)


def blueprint(name: str) -> Any:
    """Return a blueprint as it is written, its inputs as tags."""

    class Loader(yaml.SafeLoader):
        """Knows the tag of inputs."""

    Loader.add_constructor("!input", lambda _, node: node.value)
    return yaml.load((BLUEPRINTS / f"{name}.yaml").read_text(), Loader)  # noqa: S506 - it is a safe loader
