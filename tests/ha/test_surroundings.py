"""Which networks this machine is attached to: also those that Home Assistant does not use by itself."""

from typing import Any

import pytest

from homeassistant.components import network
from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.catalog import Catalog
from custom_components.wyze_local.engine.model import Credentials
from custom_components.wyze_local.status import Connection
from custom_components.wyze_local.surroundings import (
    Surroundings,
    async_attached_networks,
    async_chosen_networks,
)


def adapter(address: str, *, enabled: bool) -> dict[str, Any]:
    """Return an adapter as Home Assistant lists it."""
    return {"enabled": enabled, "ipv4": [{"address": address, "network_prefix": 24}]}


async def test_a_second_network_is_attached_although_home_assistant_takes_the_first(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cameras often have one of their own: they are looked for there, and no router is blamed."""

    async def adapters(_: HomeAssistant) -> list[dict[str, Any]]:
        return [adapter("192.168.1.5", enabled=True), adapter("192.168.20.5", enabled=False)]

    monkeypatch.setattr(network, "async_get_adapters", adapters)
    attached = await async_attached_networks(hass)
    assert attached == ["192.168.1.0/24", "192.168.20.0/24"]
    assert await async_chosen_networks(hass) == ["192.168.1.0/24"]
    way = Credentials.parse(address="192.168.20.7", uid="A" * 20, enr="k" * 16, mac="2CAA8E000001")
    around = Surroundings(attached, await hass.async_add_executor_job(Catalog.load))
    assert around.judge("no_answer", way, proven=True) is Connection.NO_ANSWER
