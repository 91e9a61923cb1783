"""Every trouble of the fake cloud does what it says, over real TLS."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dev.simulator import CameraSpec
from dev.simulator.cloud import KINDS, Certificate, Device, Event, FakeCloud, Role, User

from .vendor import Vendor

PORCH = CameraSpec("porch").complete()
HALL = CameraSpec("hall").complete()
LOST = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)


@pytest.fixture
async def cloud() -> AsyncIterator[FakeCloud]:
    async with FakeCloud() as running:
        yield running


@pytest.fixture
def ann(cloud: FakeCloud) -> User:
    user = cloud.add_user(devices=[Device.of_spec(PORCH, "127.0.0.21", "Porch")])
    user.events = [Event(f"e{number}", PORCH.mac, PORCH.model, number) for number in range(4)]
    return user


@pytest.fixture
def ben(cloud: FakeCloud) -> User:
    user = cloud.add_user("ben@example.org", devices=[Device.of_spec(HALL, "127.0.0.22", "Hall")])
    user.events = [Event("foreign", HALL.mac, HALL.model, 9)]
    return user


@pytest.fixture
async def vendor(cloud: FakeCloud, ann: User) -> AsyncIterator[Vendor]:
    async with Vendor(cloud, ann) as client:
        await client.log_in()
        yield client


# When a fault strikes.


async def test_a_fault_strikes_whom_and_when_it_was_told(cloud: FakeCloud, ben: User, vendor: Vendor) -> None:
    async with Vendor(cloud, ben) as other:
        await other.log_in()
        cloud.fault("bad_token", "devices", after=1, times=2, user=vendor.user.email)
        codes = [(await vendor.list()).body["code"] for _ in range(4)]
        assert (await other.list()).body["code"] == "1"
        assert (await vendor.events()).body["code"] == "1"
    assert codes == ["1", "2001", "2001", "1"]
    assert [call.faults for call in cloud.calls("devices", user=vendor.user.email)] == [
        (),
        ("bad_token",),
        ("bad_token",),
        (),
    ]


async def test_a_fault_can_be_taken_away(cloud: FakeCloud, vendor: Vendor) -> None:
    fault = cloud.fault("broken")
    cloud.fault("forbidden", "events")
    assert (await vendor.list()).status == 502
    cloud.faults.clear(fault)
    assert (await vendor.list()).status == 200
    assert (await vendor.events()).status == 403
    await cloud.resume()
    assert (await vendor.events()).status == 200


def test_what_there_is_not_cannot_be_given(cloud: FakeCloud) -> None:
    with pytest.raises(ValueError, match="rate_limit"):
        cloud.fault("explode")
    with pytest.raises(ValueError, match="devices"):
        cloud.fault("broken", "nothing")


# Refusals.


@pytest.mark.parametrize(
    ("options", "headers"),
    [
        ({"retry_after": 3600, "reset_by": None}, {"Retry-After": "3600"}),
        ({"reset_by": "soon"}, {"X-RateLimit-Reset-By": "soon", "X-RateLimit-Remaining": "0"}),
    ],
)
async def test_rate_limit(
    cloud: FakeCloud, vendor: Vendor, options: dict[str, Any], headers: dict[str, str]
) -> None:
    cloud.fault("rate_limit", "devices", after=1, **options)
    assert (await vendor.list()).status == 200
    stopped = await vendor.list()
    assert stopped.status == 429
    assert {name: stopped.headers[name] for name in headers} == headers
    assert ("X-RateLimit-Reset-By" in stopped.headers) is ("X-RateLimit-Reset-By" in headers)


@pytest.mark.parametrize(
    ("kind", "code"), [("system_limit", "1011"), ("too_often", "3044"), ("bad_token", "2001")]
)
async def test_codes(cloud: FakeCloud, vendor: Vendor, kind: str, code: str) -> None:
    cloud.fault(kind)
    assert (await vendor.list()).body["code"] == code
    assert cloud.calls("devices")[-1].code == code
    refused = await vendor.log_in()
    assert (refused.status, refused.body["errorCode"]) == (400, int(code))


async def test_any_code_can_be_sent(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("code", code=3019, message="DeviceOffline", status=500)
    reply = await vendor.list()
    assert (reply.status, reply.body["code"], reply.body["msg"]) == (500, "3019", "DeviceOffline")


async def test_a_refresh_can_fail_and_leave_the_pair_alive(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("bad_token", "refresh", times=1)
    assert (await vendor.refresh()).body["code"] == "2001"
    assert (await vendor.refresh()).body["code"] == "1"


@pytest.mark.parametrize(("kind", "status"), [("forbidden", 403), ("broken", 502), ("login_page", 200)])
async def test_pages_instead_of_json(cloud: FakeCloud, vendor: Vendor, kind: str, status: int) -> None:
    cloud.fault(kind)
    reply = await vendor.list()
    assert reply.status == status
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "<html>" in reply.body


async def test_a_portal_leads_to_its_page(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("portal", "devices")
    reply = await vendor.list()
    assert reply.status == 302
    assert cloud.calls("portal") == []
    async with vendor.session.get(reply.headers["Location"]) as page:
        assert "guest network" in await page.text()
    assert len(cloud.calls("portal")) == 1


async def test_raw(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("raw", body='{"code": null}')
    assert (await vendor.list()).body == {"code": None}


# Time and connection.


async def test_slow_answers_come_late(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("slow", seconds=0.2)
    began = time.monotonic()
    assert (await vendor.list()).status == 200
    assert time.monotonic() - began >= 0.2


async def test_what_hangs_goes_on_when_the_fault_is_gone(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("hang", "devices")
    waiting = [asyncio.create_task(vendor.list()) for _ in range(3)]
    async with asyncio.timeout(10):
        while len(cloud.calls("devices")) < 3:
            await asyncio.sleep(0.01)
    assert cloud.most_together("devices") == 3
    assert {call.status for call in cloud.calls("devices")} == {None}
    await cloud.resume()
    assert {(await task).status for task in waiting} == {200}


async def test_who_hangs_up_is_not_waited_for(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("hang", "devices")
    waiting = asyncio.create_task(vendor.list())
    async with asyncio.timeout(10):
        while not cloud.calls("devices"):
            await asyncio.sleep(0.01)
    waiting.cancel()
    async with asyncio.timeout(10):
        while cloud.calls("devices")[-1].seconds is None:
            await asyncio.sleep(0.01)
    assert cloud.calls("devices")[-1].status is None


async def test_reset_does_nothing_but_cut(cloud: FakeCloud, vendor: Vendor) -> None:
    fault = cloud.fault("reset", "refresh")
    with pytest.raises(LOST):
        await vendor.refresh()
    cloud.faults.clear(fault)
    assert (await vendor.refresh()).body["code"] == "1"


async def test_an_answer_can_be_lost_after_all_was_done(cloud: FakeCloud, vendor: Vendor) -> None:
    fault = cloud.fault("lose_answer", "refresh")
    with pytest.raises(LOST):
        await vendor.refresh()
    cloud.faults.clear(fault)
    assert (await vendor.refresh()).body["code"] == "2001"


async def test_nobody_is_there_and_comes_back(cloud: FakeCloud, vendor: Vendor) -> None:
    await cloud.refuse()
    with pytest.raises(aiohttp.ClientConnectorError):
        await vendor.list()
    before = cloud.hosts()
    await cloud.resume()
    assert cloud.hosts() == before
    assert (await vendor.list()).status == 200


# Bodies.


async def test_drip(cloud: FakeCloud, vendor: Vendor) -> None:
    fault = cloud.fault("drip", seconds=0.1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await vendor.list()
    cloud.faults.clear(fault)
    cloud.fault("drip", seconds=0.0)
    assert (await vendor.list()).body["code"] == "1"


async def test_cut(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("cut")
    with pytest.raises(LOST):
        await vendor.list()


@pytest.mark.parametrize(
    ("kind", "options", "size"),
    [
        ("huge", {}, 3 << 20),
        ("huge", {"told": True}, 3 << 20),
        ("gzip_bomb", {"bytes": 16 << 20}, 16 << 20),
        ("deep", {}, 200_000),
    ],
)
async def test_too_much(
    cloud: FakeCloud, vendor: Vendor, kind: str, options: dict[str, Any], size: int
) -> None:
    cloud.fault(kind, **options)
    url, body = cloud.hosts()["api"], {"access_token": vendor.tokens[0]}
    async with vendor.session.post(f"{url}/app/v2/home_page/get_object_list", json=body) as answer:
        sent = int(answer.headers.get("Content-Length", 0))
        received = len(await answer.read())
    assert received > size
    assert bool(sent) is (kind == "deep" or bool(options.get("told")))


async def test_a_bomb_is_small_on_its_way(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("gzip_bomb", bytes=16 << 20)
    url = f"{cloud.hosts()['api']}/app/v2/home_page/get_object_list"
    connector = aiohttp.TCPConnector(ssl=cloud.tls_context())
    async with (
        aiohttp.ClientSession(connector=connector, auto_decompress=False) as session,
        session.post(url, json={}) as answer,
    ):
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(await answer.read()) < 64 << 10


async def test_bad_json(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("bad_json")
    with pytest.raises(json.JSONDecodeError):
        await vendor.list()


async def test_as_text(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("as_text")
    reply = await vendor.list()
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert reply.body["code"] == "1"


# What answers say.


async def test_codes_change_their_type(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("other_codes")
    assert (await vendor.list()).body["code"] == 1
    target = {"id": PORCH.mac, "productModel": PORCH.model, "type": "DEVICE"}
    body = {"capabilities": [], "targetInfo": target, "nonce": 1}
    assert (await vendor.manage("device-property/get_iot_prop", body)).body["code"] == "1"


async def test_null_data(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("null_data")
    reply = await vendor.list()
    assert (reply.body["code"], reply.data) == ("1", None)


async def test_old_answers_come_from_a_cache(cloud: FakeCloud, ann: User, vendor: Vendor) -> None:
    await vendor.list()
    ann.devices[0].ip = "127.0.0.99"
    fault = cloud.fault("stale", "devices")
    old = await vendor.list()
    assert old.data["device_list"][0]["device_params"]["ip"] == "127.0.0.21"
    assert old.headers["Age"] == "3600"
    assert "Hit" in old.headers["X-Cache"]
    cloud.faults.clear(fault)
    assert (await vendor.devices())[0]["device_params"]["ip"] == "127.0.0.99"
    cloud.fault("from_cache")
    assert "Age" in (await vendor.list()).headers


async def test_somebody_elses_answer(cloud: FakeCloud, ben: User, vendor: Vendor) -> None:
    cloud.fault("wrong_account", other=ben.email)
    assert [device["mac"] for device in await vendor.devices()] == [HALL.mac]
    assert [event["event_id"] for event in (await vendor.events()).data["event_list"]] == ["foreign"]
    assert cloud.calls("devices")[-1].user == vendor.user.email


async def test_some_of_somebody_elses(cloud: FakeCloud, ben: User, vendor: Vendor) -> None:
    cloud.fault("mixed", other=ben.email)
    assert [device["mac"] for device in await vendor.devices()] == [PORCH.mac, HALL.mac]
    assert (await vendor.events()).data["event_list"][-1]["event_id"] == "foreign"


async def test_ones_own_cameras_with_somebody_elses_keys(cloud: FakeCloud, ben: User, vendor: Vendor) -> None:
    (right,) = await vendor.devices()
    cloud.fault("mixed_ids", other=ben.email)
    (told,) = await vendor.devices()
    (theirs,) = ben.devices
    assert (told["mac"], told["nickname"]) == (right["mac"], right["nickname"])
    params = told["device_params"]
    assert (told["enr"], params["p2p_id"], params["ip"]) == (theirs.enr, theirs.p2p_id, theirs.address)


async def test_events_twice_in_no_order_without_pictures(cloud: FakeCloud, vendor: Vendor) -> None:
    async def ids() -> list[str]:
        return [event["event_id"] for event in (await vendor.events()).data["event_list"]]

    cloud.fault("duplicate_events", "events", times=1)
    assert await ids() == ["e0", "e1", "e2", "e3"] * 2
    cloud.fault("unordered_events", "events", times=1)
    assert await ids() == ["e1", "e3", "e0", "e2"]
    cloud.fault("events_without_image", "events", times=1)
    files = [event["file_list"] for event in (await vendor.events()).data["event_list"]]
    assert {file["type"] for entry in files for file in entry} == {2}
    cloud.fault("events_without_image", "events", text="null")
    assert (await vendor.events()).data["event_list"][0]["file_list"][1]["url"] == "null"


async def test_devices_lack_what_they_usually_have(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.fault("null_thumbnails", "devices", times=1)
    assert (await vendor.devices())[0]["device_params"]["camera_thumbnails"] is None
    cloud.fault("no_params", "devices", times=1)
    assert "device_params" not in (await vendor.devices())[0]
    cloud.fault("no_devices", "devices", times=1)
    assert await vendor.devices() == []


async def test_devices_change_between_two_lists(ann: User, ben: User, vendor: Vendor) -> None:
    """By setting fields: moved, renamed, shared, of another kind, added, removed."""
    (porch,) = ann.devices
    porch.ip, porch.nickname, porch.dtls, porch.shared_by = "", "Back door", 0, "Ben"
    porch.thumbnails = False
    porch.extra = {"firmware_ver": None}
    porch.extra_params = {"rssi": -1}
    ann.devices.append(ben.devices[0])
    changed, added = await vendor.devices()
    assert (changed["nickname"], changed["user_role"], changed["firmware_ver"]) == ("Back door", 2, None)
    params = changed["device_params"]
    assert (params["ip"], params["dtls"], params["rssi"]) == ("", 0, -1)
    assert "camera_thumbnails" not in params
    assert added["mac"] == HALL.mac
    ann.devices.remove(porch)
    assert len(await vendor.devices()) == 1


async def test_an_action_is_accepted_with_a_hint_that_nothing_is_done(
    cloud: FakeCloud, vendor: Vendor
) -> None:
    cloud.fault("ignore", "action")
    body = {"action_key": "siren_on", "instance_id": PORCH.mac, "provider_key": PORCH.model}
    reply = await vendor.call("/app/v2/auto/run_action", **body, action_params={}, custom_string="")
    assert (reply.body["code"], reply.data) == ("1", {"result": 3})
    assert vendor.user.devices[0].properties["P1049"] == "2"


# Certificates and clocks.


@pytest.mark.parametrize(
    ("certificate", "word"),
    [
        (Certificate.EXPIRED, "expired"),
        (Certificate.EARLY, "not yet valid"),
        (Certificate.FOREIGN, "unable to get local issuer"),
        (Certificate.OTHER_NAME, "mismatch"),
    ],
)
async def test_certificates(cloud: FakeCloud, vendor: Vendor, certificate: Certificate, word: str) -> None:
    await vendor.list()
    calls, handshakes = len(cloud.calls()), cloud.handshakes
    await cloud.show(certificate, Role.API)
    with pytest.raises(aiohttp.ClientConnectorCertificateError) as caught:
        await vendor.list()
    assert isinstance(caught.value.certificate_error, ssl.SSLCertVerificationError)
    assert word in str(caught.value.certificate_error)
    assert len(cloud.calls()) == calls
    assert cloud.handshakes == handshakes + 1
    assert (await vendor.log_in()).status == 200
    await cloud.resume()
    assert (await vendor.list()).status == 200


async def test_the_date_can_be_wrong(cloud: FakeCloud, vendor: Vendor) -> None:
    async def ahead() -> float:
        date = (await vendor.list()).headers["Date"]
        return parsedate_to_datetime(date).timestamp() - time.time()

    assert abs(await ahead()) < 30
    cloud.skew = 86_400.0
    assert abs(await ahead() - 86_400) < 30
    cloud.skew = 0.0
    cloud.fault("old", seconds=7200)
    assert abs(await ahead() + 7200) < 30


def test_each_fault_is_tried_here() -> None:
    """No fault is there that nobody has seen work."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []
