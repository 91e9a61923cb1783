"""Keys and hardware addresses are looked for everywhere they could leak, at DEBUG, also while things fail."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from homeassistant.components.camera import async_get_image
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir

from dev.simulator import CameraSpec, Simulator

from .canaries import listen, mac_shapes, search_processes, shapes
from .rigging import DOMAIN, Home, wait_for
from .watch_rig import have_watched, workers

# An enr with signs that look different in every encoding.
CANARY = CameraSpec("porch", enr="cAnArY+/=-_.~!*(", mac="02CAFEC0FFEE")


@pytest.mark.parametrize("simulator", [[CANARY]], indirect=True)
async def test_nothing_leaks(
    hass: HomeAssistant,
    home: Home,
    simulator: Simulator,
    caplog: pytest.LogCaptureFixture,
    hass_storage: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Through set-up, viewing, failing, crashing and removing: no key in any place but the vault's memory."""
    states = listen(hass, caplog)
    entry = await home.set_up()
    camera = simulator.cameras["porch"]
    keys = shapes(camera.credentials.uid) | shapes(camera.credentials.enr)
    macs = mac_shapes(camera.credentials.mac)
    subentry = await home.add(camera.link)
    token = entry.runtime_data.vault.records[subentry.data["camera_key"]].token.reveal()
    source = entry.runtime_data.shared.relaying.source(subentry.data["camera_key"]).reveal()
    names = {token, source.partition("auth=")[2]}
    await wait_for(lambda: home.state("camera.porch") == "idle")
    await have_watched(home, subentry.data["camera_key"])
    await async_get_image(hass, "camera.porch")
    stream = await hass.data["camera"].get_entity("camera.porch").async_create_stream()
    await stream.start()
    await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
    search_processes(keys | macs)

    # A producer that dies, a camera that is away, a key that does not fit, processes that are killed.
    camera.reboot(away=1)
    relay = next(child for child in psutil.Process().children() if "relay" in child.cmdline())
    os.kill(relay.pid, signal.SIGKILL)
    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    await stream.stop()
    camera.change_key()
    flow = await home.camera_flow(subentry_id=subentry.subentry_id)
    result = await home.submit(flow, {"name": "Porch", "link": camera.link})
    assert result["errors"]
    camera.resume()
    server = next(child for child in psutil.Process().children(recursive=True) if "go2rtc" in child.name())
    os.kill(server.pid, signal.SIGKILL)
    await wait_for(
        lambda: any(
            child.pid != server.pid and "go2rtc" in child.name()
            for child in psutil.Process().children(recursive=True)
        )
    )
    search_processes(keys | macs)

    log = caplog.text
    assert "wyze_local" in log
    for found in keys | macs:
        assert found not in log, "a key or address is in the log"
    # At DEBUG Home Assistant's stream component prints what it was given to play, and errors name it.
    assert "Started stream: rtsp://" in log
    for found in names:
        assert found not in log, "what opens a stream is in the log"
    everything = "\n".join(
        [
            *states,
            *(str(state.as_dict()) for state in hass.states.async_all()),
            *(
                str(device)
                for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
            ),
            *(str(one) for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)),
            *(str(issue) for issue in ir.async_get(hass).issues.values()),
            json.dumps(entry.as_dict(), default=str),
            json.dumps(hass_storage, default=str),
            str(result),
        ]
    )
    typed = json.dumps(camera.link)[1:-1]
    everything = everything.replace(typed, "").replace(camera.link, "")
    for found in keys | macs | names:
        assert found not in everything, "a key or address is in a state, registry, entry or store"
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for found in keys | macs | names:
            assert found.encode() not in content, f"a key or address is in {path.name}"
    assert Path(hass.config.path(".storage", f"{DOMAIN}.vault.{entry.data['vault_id']}")).exists()
