"""The vendor is asked about cameras out of reach, whatever goes wrong in our own house meanwhile."""

import logging
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wyze_local.control_cloud_rounds import EVERY, SETTLE, CloudRounds
from custom_components.wyze_local.control_state import ControlState, Path
from custom_components.wyze_local.engine.control import Feature
from custom_components.wyze_local.status import Connection
from tests.support.clock import FakeClock, settle

from .rigging import DOMAIN


@dataclass
class Vendor:
    """Two cameras out of reach, and what is asked about them."""

    clock: FakeClock = field(default_factory=FakeClock)
    asked: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    faults: dict[str, Exception] = field(default_factory=dict)
    """What goes wrong when one is asked about."""
    standing: Exception | None = None
    """What goes wrong when it is looked who may be asked about."""

    def within_reach(self, _camera_key: str, _features: object) -> frozenset[Feature]:
        """Tell what it can change."""
        if self.standing is not None:
            raise self.standing
        return frozenset({Feature.SIREN})

    async def async_read(self, camera_key: str, _features: object) -> dict[Feature, bool]:
        """Answer, or stumble."""
        self.asked.append(camera_key)
        if (fault := self.faults.get(camera_key)) is not None:
            raise fault
        return {Feature.SIREN: True}

    async def begin(self, hass: HomeAssistant) -> MockConfigEntry:
        """Begin the rounds; they end with the entry."""
        entry = MockConfigEntry(domain=DOMAIN)
        away = SimpleNamespace(connection=Connection.NO_ANSWER)
        coordinator: Any = SimpleNamespace(
            hass=hass,
            config_entry=entry,
            data={"porch": away, "shed": away},
            shared=SimpleNamespace(environment=SimpleNamespace(clock=self.clock)),
            async_add_listener=lambda _: lambda: None,
        )
        account: Any = SimpleNamespace(
            async_add_listener=lambda _: lambda: None, trust=SimpleNamespace(listeners=[])
        )
        controls: Any = SimpleNamespace(
            of=lambda _: ControlState(frozenset({Feature.SIREN}), path=Path.NONE),
            async_hear_of=lambda camera_key, _: self.heard.append(camera_key),
        )
        cloud: Any = SimpleNamespace(
            may=lambda _: True, within_reach=self.within_reach, async_read=self.async_read
        )
        CloudRounds(controls, cloud, coordinator, account).async_start()
        await settle()
        return entry

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, and all that comes of it happen."""
        await self.clock.advance(seconds)
        for _ in range(6):
            await settle()


async def test_a_mistake_costs_one_question_and_is_logged_once(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the other camera nor the next round has to do without."""
    vendor = Vendor(faults={"porch": KeyError("ours")})
    entry = await vendor.begin(hass)
    await vendor.pass_time(SETTLE)
    assert (sorted(vendor.asked), vendor.heard) == (["porch", "shed"], ["shed"])
    await vendor.pass_time(EVERY)
    assert sorted(vendor.asked) == ["porch", "porch", "shed", "shed"]
    vendor.standing = ValueError("ours, too")
    await vendor.pass_time(EVERY)
    vendor.standing = None
    vendor.faults.clear()
    vendor.heard.clear()
    await vendor.pass_time(EVERY)
    assert sorted(vendor.heard) == ["porch", "shed"]
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1
    caplog.clear()
    await entry._async_process_on_unload(hass)
