"""Few entities: whatever a camera of any model turns out to have, eight of it are enabled at most."""

from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.wyze_local.control_memory import Remembered, async_get_control_memory
from custom_components.wyze_local.engine.catalog import Catalog
from custom_components.wyze_local.engine.control import Feature
from custom_components.wyze_local.engine.relay.formats import AudioFormat, Formats
from custom_components.wyze_local.engine.relay.messages import formats_to_text
from custom_components.wyze_local.ranks import MOST, RANKS, enabled
from custom_components.wyze_local.shared import async_get_shared
from dev.simulator import CameraSpec
from dev.simulator.cloud import FakeCloud
from dev.simulator.specs import Credentials

from .account_rig import account_entry, cloud, live_at, signed_in
from .rigging import Home

__all__ = ["cloud"]

SPEAKER = formats_to_text(Formats(audio=AudioFormat("pcmu", 8000), talk=True))


def of_model(model: str) -> Any:
    """Return a camera of a model that is switched off."""
    spec = CameraSpec(model, model=model).complete()
    return SimpleNamespace(
        spec=spec, link=Credentials("127.0.0.9", 9, spec.uid, spec.enr, spec.mac, model).link
    )


@pytest.mark.timeout(60)
async def test_eight_at_most_of_every_model(hass: HomeAssistant, home: Home, cloud: FakeCloud) -> None:
    """All models of the catalog, each watched, its presses wanted, with all that any camera has."""
    live_at(hass, cloud)
    catalog = await hass.async_add_executor_job(Catalog.load)
    models = [model.model_id for model in catalog.models()]
    user = cloud.add_user(devices=[])
    entry = await account_entry(hass, map(of_model, models), account=signed_in(cloud, user))
    kept = {key: {**data, "watch": "key", "presses": True} for key, data in entry.data["cameras"].items()}
    hass.config_entries.async_update_entry(entry, data={**entry.data, "cameras": kept})
    memory, relaying = async_get_control_memory(hass), (await async_get_shared(hass)).relaying
    await memory.async_load()
    for key in kept:
        memory.async_keep(key, Remembered("4.36.13.0416", frozenset(Feature)))
        relaying._async_on_remember(key, SPEAKER)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    for key, data in kept.items():
        names = {one.unique_id.removeprefix(f"{key}_"): one for one in registered if key in one.unique_id}
        found = {name for name, one in names.items() if one.disabled_by is None}
        model = catalog.model(data["model"])
        print(f"{model.model_id}: {len(found)} of {len(names)}: {', '.join(sorted(found))}")
        assert len(found) <= MOST, model
        assert "speaker" in names, model
        assert found == enabled({*Feature, "speaker"}, watchable=not model.battery, button=model.doorbell), (
            model
        )


def test_the_first_in_rank_are_enabled() -> None:
    """Of whatever there is: nothing stands behind something that is not enabled itself."""
    for count in range(len(RANKS) + 1):
        for has in combinations(RANKS, count):
            for watchable in (True, False):
                found = enabled(set(has), watchable=watchable)
                assert len(found) <= MOST
                there = [key for key in RANKS if key in found or key in has]
                assert set(there[: len(found)]) == found
