"""User, password and URL of a stream are looked for everywhere they could leak, also while it fails."""

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from homeassistant.components.camera import async_get_image
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir

from tests.support.foreign import PASSWORD, Door, ForeignServer

from .canaries import listen, search_processes, shapes
from .foreign_rig import add_stream, door, foreign
from .rigging import Home, wait_for

__all__ = ["door", "foreign"]

USER = "c4n4ryUser"
QUERY = "c4n4ryToken77"


async def test_nothing_leaks(
    hass: HomeAssistant,
    home: Home,
    foreign: ForeignServer,
    door: Door,
    caplog: pytest.LogCaptureFixture,
    hass_storage: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Through set-up, viewing, failing, crashing and changing: in no place but the vault and memory."""
    states = listen(hass, caplog)
    entry = await home.set_up()
    door.user = USER
    url = f"{door.url}?video&key={QUERY}"
    keys = shapes(USER) | shapes(PASSWORD) | shapes(QUERY) | shapes(f"{door.port}/camera")
    values = {"name": "Yard", "url": url, "user": USER, "password": PASSWORD}
    subentry = await add_stream(home, values)
    await wait_for(lambda: home.state("camera.yard") == "idle")
    await async_get_image(hass, "camera.yard")
    stream = await hass.data["camera"].get_entity("camera.yard").async_create_stream()
    await stream.start()
    await wait_for(lambda: home.state("camera.yard") == "streaming", 15)
    search_processes(keys)

    # A server that dies and comes back, a password that does not fit, a go2rtc that is killed.
    await door.shut()
    await wait_for(lambda: home.state("camera.yard") == "unavailable", 15)
    await stream.stop()
    await door.open()
    errors = []
    for change in (
        {"password": f"{PASSWORD}x"},
        {"url": f"http://127.0.0.1:1/{QUERY}"},
        {"url": foreign.http_url(f"{QUERY}.ts")},
        {"url": f"{url}#{QUERY}"},
    ):
        flow = await home.camera_flow("stream", subentry_id=subentry.subentry_id)
        errors += (await home.submit(flow, values | change))["errors"].values()
    wanted = ["stream_wrong_key", "stream_not_here", "stream_wrong_key", "url_fragment_not_allowed"]
    assert errors == wanted
    coordinator = entry.runtime_data.coordinator
    killed = coordinator.server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    await wait_for(lambda: coordinator.server.pid not in (None, killed))
    async with asyncio.timeout(15):
        while (await async_get_image(hass, "camera.yard")).content[:2] != b"\xff\xd8":
            await asyncio.sleep(0.1)
    search_processes(keys)

    assert "wyze_local" in caplog.text
    everything = [
        caplog.text,
        *states,
        str(errors),
        *(str(state.as_dict()) for state in hass.states.async_all()),
        *(str(one) for one in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)),
        *(str(one) for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)),
        *(str(issue) for issue in ir.async_get(hass).issues.values()),
        json.dumps(entry.as_dict(), default=str),
        json.dumps(hass_storage, default=str),
    ]
    for found in keys:
        for text in everything:
            assert found not in text, f"a key is in {text[:60]}"
    for path in (
        path for path in tmp_path.rglob("*") if path.is_file() and foreign.folder not in path.parents
    ):
        content = path.read_bytes()
        for found in keys:
            assert found.encode() not in content, f"a key is in {path.name}"
