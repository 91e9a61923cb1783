"""The fake cloud as a program: its household, and its part of the control API."""

import asyncio
import contextlib
import json
import os
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import KINDS, Device, FakeCloud, User
from dev.simulator.cloud.control import ORDERS, CloudControl
from dev.simulator.cloud.household import NEIGHBOUR, PASSWORD, credentials, move_in
from dev.simulator.control import Control

from .vendor import Vendor

ROOT = Path(__file__).parents[2]
ANN = "/cloud/users/ann@example.org"
BODIES: dict[str, dict[str, Any]] = {"certificate": {"kind": "expired"}, "clock": {"skew": 60}}


@pytest.fixture
async def cloud() -> AsyncIterator[FakeCloud]:
    async with FakeCloud() as running:
        yield running


@pytest.fixture
def ann(cloud: FakeCloud) -> User:
    cloud.add_user("ben@example.org")
    return cloud.add_user(devices=[Device.of_spec(CameraSpec("porch"), "127.0.0.21", "Porch")])


@pytest.fixture
async def vendor(cloud: FakeCloud, ann: User) -> AsyncIterator[Vendor]:
    async with Vendor(cloud, ann) as client:
        await client.log_in()
        yield client


@pytest.fixture
async def api(cloud: FakeCloud) -> AsyncIterator[aiohttp.ClientSession]:
    control = Control({}, CloudControl(cloud).routes())
    port = await control.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        yield client
    await control.stop()


async def post(api: aiohttp.ClientSession, path: str, **body: Any) -> dict[str, Any]:
    async with api.post(path, json=body) as answer:
        found: dict[str, Any] = await answer.json()
        assert answer.status == 200, found
        return found


async def test_calls_are_told_without_secrets(
    cloud: FakeCloud, api: aiohttp.ClientSession, vendor: Vendor
) -> None:
    await vendor.list()
    async with api.get("/cloud/calls", params={"since": 1}) as answer:
        text = await answer.text()
    (call,) = json.loads(text)["calls"]
    assert (call["endpoint"], call["user"], call["status"]) == ("devices", "ann@example.org", 200)
    assert "access_token" in call["fields"]
    async with api.get("/cloud") as answer:
        text += await answer.text()
    secrets = {what: value for what, value in cloud.secrets().items() if not what.startswith("e-mail")}
    assert [what for what, value in secrets.items() if value in text] == []


async def test_faults_are_given_and_taken(api: aiohttp.ClientSession, vendor: Vendor) -> None:
    described = await post(api, "/cloud/faults/code", endpoint="devices", after=1, times=1, code=3044)
    assert described["faults"][0]["kind"] == "code"
    assert [(await vendor.list()).body["code"] for _ in range(3)] == ["1", "3044", "1"]
    await post(api, "/cloud/faults/broken")
    assert (await vendor.list()).status == 502
    assert (await post(api, "/cloud/resume"))["faults"] == []
    assert (await vendor.list()).status == 200


@pytest.mark.parametrize("order", ORDERS)
async def test_every_order_can_be_given(
    cloud: FakeCloud, api: aiohttp.ClientSession, vendor: Vendor, order: str
) -> None:
    """Each leaves the cloud so that resuming, and a new log-in, puts all right."""
    await post(api, f"/cloud/{order}", **BODIES.get(order, {}))
    if order == "invalidate":
        assert (await vendor.list()).body["code"] == "2001"
    elif order in {"refuse", "certificate"}:
        with pytest.raises(aiohttp.ClientConnectorError):
            await vendor.list()
    assert cloud.skew == (60 if order == "clock" else 0)
    await post(api, "/cloud/resume")
    assert (await vendor.log_in()).status == 200
    assert (await vendor.list()).body["code"] == "1"


async def test_people_and_devices_are_changed(
    cloud: FakeCloud, api: aiohttp.ClientSession, vendor: Vendor
) -> None:
    seen = await post(api, f"{ANN}/devices/Porch", ip="127.0.0.99", nickname="Back door", dtls=0)
    assert seen["devices"][0]["nickname"] == "Back door"
    (device,) = await vendor.devices()
    assert (device["device_params"]["ip"], device["device_params"]["dtls"]) == ("127.0.0.99", 0)
    await post(api, f"{ANN}/events", device="Back door", tags=[101])
    assert (await vendor.events()).data["event_list"][0]["tag_list"] == [101]
    await post(api, f"{ANN}/devices/Back door", to="ben@example.org")
    assert await vendor.devices() == []
    await post(api, "/cloud/users/ben@example.org/devices/Back door", removed=True)
    assert cloud.world.users["ben@example.org"].devices == []
    await post(api, ANN, locked=True)
    assert (await vendor.log_in()).body["description"] == "UserIsLocked"


async def test_a_phone_shows_codes(cloud: FakeCloud, api: aiohttp.ClientSession, ann: User) -> None:
    async with api.get(ANN) as answer:
        assert (await answer.json())["totp"] in {ann.totp(cloud.clock.now()), ann.totp(cloud.clock.now() - 1)}


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("/cloud/explode", {}, 404, "refuse"),
        ("/cloud/faults/explode", {}, 400, "rate_limit"),
        ("/cloud/faults/broken", {"endpoint": "nothing"}, 400, "devices"),
        ("/cloud/certificate", {}, 400, "kind"),
        ("/cloud/users/nobody", {}, 404, "nobody"),
        (ANN, {"email": "x"}, 400, "locked"),
        (f"{ANN}/devices/Cellar", {}, 404, "no device"),
        (f"{ANN}/devices/Porch", {"colour": "red"}, 400, "nickname"),
    ],
)
async def test_mistakes_are_explained(
    api: aiohttp.ClientSession, ann: User, path: str, body: dict[str, Any], status: int, word: str
) -> None:
    async with api.post(path, json=body) as answer:
        assert answer.status == status
        assert word in (await answer.json())["error"]


async def test_the_household_lives_where_its_cameras_are(cloud: FakeCloud) -> None:
    async with Simulator([CameraSpec("porch", host="127.0.0.41")]) as simulator:
        person = move_in(cloud, simulator.cameras.values())
        assert credentials(person)["key_id"] == person.key.key_id
        async with Vendor(cloud, person, password=PASSWORD) as client:
            app = (await client.log_in()).body["mfa_details"]["totp_apps"][0]["app_id"]
            await client.answer("TotpVerificationCode", app, cloud.code(person))
            devices = await client.devices()
            events = (await client.events()).data["event_list"]
            cloud.fault("mixed", other=NEIGHBOUR)
            assert len(await client.devices()) == len(devices) + 1
    local = [device for device in devices if device.get("device_params", {}).get("dtls") == 1]
    assert [device["device_params"]["ip"] for device in local] == ["127.0.0.41"]
    assert {device["product_type"] for device in devices} == {"Camera", "Plug"}
    assert events


async def test_as_a_process(tmp_path: Path) -> None:
    """It writes where it is and whom to trust; what it prints is what a person would type. Then it ends."""
    folder = tmp_path / "cloud"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dev.simulator", "--camera", "porch", "--camera", "hall"),
        *("--cloud", str(folder), "--control", "0", "--json"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            ready = json.loads(await process.stdout.readline())
        account = ready["cloud"]
        links = [camera["link"] for camera in ready["cameras"]]
        told = json.loads(Path(account["file"]).read_text())
        assert not [link for link in links if ":" in link.removeprefix("wyze:").split("?")[0]]
        assert len({link.split("?")[0] for link in links}) == 2
        context = ssl.create_default_context(cafile=told["ca"])
        headers = {"keyid": account["key_id"], "apikey": account["api_key"]}
        async with aiohttp.ClientSession() as session:
            url = f"{told['hosts']['auth']}/api/user/login"
            async with session.post(url, json={}, headers=headers, ssl=context) as answer:
                assert (await answer.json())["errorCode"] == 1001
            url = f"http://127.0.0.1:{ready['control']}/cloud/calls"
            async with session.get(url) as answer:
                assert [call["endpoint"] for call in (await answer.json())["calls"]] == ["login"]
        written = "".join(path.read_text() for path in folder.iterdir())
        assert "PRIVATE" not in written
        assert [what for what, value in account.items() if what != "file" and value in written] == []
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await process.wait() == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def test_each_fault_says_what_it_does() -> None:
    assert [name for name, kind in KINDS.items() if "}" not in kind.what] == []
    for kind in KINDS.values():
        assert len([stage for stage in (kind.hinder, kind.twist, kind.deliver) if stage]) == 1
