"""The household of the demo: simulated cameras and the fake cloud in a process of their own."""

import json
import ssl
from pathlib import Path

import aiohttp
import pytest

from dev.demo.cameras import HOUSE, SimulatorProcess


@pytest.mark.usefixtures("socket_enabled")
async def test_the_cloud_is_told_and_asked_from_outside(tmp_path: Path) -> None:
    """Whoever plays the person reads their phone; whoever plays the vendor gives orders and counts calls."""
    simulator = await SimulatorProcess.start(tmp_path / "log", HOUSE, cloud=tmp_path / "cloud")
    try:
        account = simulator.account
        assert account is not None
        told = json.loads(Path(account["file"]).read_text())
        seen = await simulator.ask_cloud(f"users/{account['email']}")
        addresses = {camera.link.split("/")[2].partition("?")[0] for camera in simulator.cameras}
        assert {device["ip"] for device in seen["devices"]} == {*addresses, ""}
        assert len(addresses) == len(simulator.cameras) == 5
        assert len(seen["totp"]) == 6
        await simulator.tell_cloud("faults/broken", endpoint="login", times=1)
        context = ssl.create_default_context(cafile=told["ca"])
        async with aiohttp.ClientSession() as session:
            url = f"{told['hosts']['auth']}/api/user/login"
            for status in (502, 400):
                async with session.post(url, json={}, ssl=context) as answer:
                    assert answer.status == status
        calls = (await simulator.ask_cloud("calls?endpoint=login"))["calls"]
        assert [call["faults"] for call in calls] == [["broken"], []]
    finally:
        await simulator.stop()
