"""The fake cloud from the first log-in to the last call, judged by a client that was written for this."""

import calendar
import re
import ssl
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import PERSON, Device, Event, Factor, FakeCloud, User, make_key, plug
from dev.simulator.cloud.totp import code_of

from .vendor import Vendor

SPEC = CameraSpec("porch").complete()


@pytest.fixture
async def cloud() -> AsyncIterator[FakeCloud]:
    async with FakeCloud() as running:
        yield running


@pytest.fixture
def ann(cloud: FakeCloud) -> User:
    devices = [Device.of_spec(SPEC, "127.0.0.21", "Porch"), Device.elsewhere("Alley", "GW_GC1"), plug()]
    return cloud.add_user(devices=devices)


@pytest.fixture
async def vendor(cloud: FakeCloud, ann: User) -> AsyncIterator[Vendor]:
    async with Vendor(cloud, ann) as client:
        await client.log_in()
        yield client


def test_one_time_codes_are_those_of_the_standard() -> None:
    """The vectors of RFC 6238 for SHA-1, of which authenticator apps show the last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert code_of(secret, seconds // 30) == code


async def test_a_log_in_gives_tokens(cloud: FakeCloud, ann: User) -> None:
    async with Vendor(cloud, ann, password="  correct horse ") as client:
        client.password = client.password.strip()
        reply = await client.log_in()
        assert reply.status == 200
        assert reply.body["user_id"] == ann.user_id
        assert reply.body["mfa_options"] is reply.body["mfa_details"] is reply.body["sms_session_id"] is None
        info = await client.call("/app/user/get_user_info")
    assert info.body["code"] == "1"
    assert info.data["email"] == ann.email
    (call,) = cloud.calls("login")
    assert (call.user, call.status, call.code, call.agent) == (ann.email, 200, "1", "test")


async def test_a_password_may_hold_any_letter(cloud: FakeCloud) -> None:
    user = cloud.add_user("zoe@example.org", "čevapčići ☂")
    async with Vendor(cloud, user, password="čevapčići ☂") as client:
        assert (await client.log_in()).status == 200


async def test_a_code_of_an_app_is_taken_once(cloud: FakeCloud) -> None:
    user = cloud.add_user(factors=(Factor.TOTP,))
    async with Vendor(cloud, user) as client:
        asked = await client.log_in()
        assert asked.body["access_token"] is None
        assert asked.body["mfa_options"] == ["TotpVerificationCode"]
        app = asked.body["mfa_details"]["totp_apps"][0]["app_id"]
        wrong = await client.answer("TotpVerificationCode", app, "abcdef")
        assert (wrong.status, wrong.body["errorCode"]) == (400, 1000)
        code = cloud.code(user)
        assert (await client.answer("TotpVerificationCode", app, code)).body["access_token"]
        again = await client.answer("TotpVerificationCode", app, code)
        assert "used before" in again.body["description"]
        late = code_of(user.totp_secret, int(cloud.clock.now()) // 30 - 5)
        assert "expired" in (await client.answer("TotpVerificationCode", app, late)).body["description"]
    assert len(cloud.calls("second_factor")) == 4


@pytest.mark.parametrize("by", ["app", "key"])
async def test_a_code_comes_by_text_message_only_when_asked_for(cloud: FakeCloud, by: str) -> None:
    user = cloud.add_user(factors=(Factor.SMS, Factor.TOTP))
    async with Vendor(cloud, user) as client:
        asked = await client.log_in()
        assert set(asked.body["mfa_options"]) == {"PrimaryPhone", "TotpVerificationCode"}
        assert user.phone == []
        sent = await client.send_sms(asked.body["sms_session_id"], asked.body["user_id"])
        session, (message,) = sent.body["session_id"], user.phone
        signed_in = await client.answer("PrimaryPhone", session, message.code, by=by)
        assert signed_in.body["access_token"]
        again = await client.answer("PrimaryPhone", session, message.code)
        assert "used before" in again.body["description"]
        sent = await client.send_sms(asked.body["sms_session_id"], asked.body["user_id"])
        cloud.clock.advance(301)
        late = await client.answer("PrimaryPhone", sent.body["session_id"], user.phone[-1].code)
        assert "expired" in late.body["description"]
        nobody = await client.send_sms("guessed", asked.body["user_id"])
        assert nobody.status == 400
    assert len(user.phone) == 2


async def test_a_code_can_come_with_the_log_in_itself(cloud: FakeCloud) -> None:
    user = cloud.add_user(factors=(Factor.TOTP,))
    async with Vendor(cloud, user) as client:
        app = (await client.log_in()).body["mfa_details"]["totp_apps"][0]["app_id"]
        more = {"mfa_type": "TotpVerificationCode", "verification_id": app}
        assert (await client.log_in(**more, verification_code=cloud.code(user))).body["access_token"]
    assert [call.endpoint for call in cloud.calls()] == ["login", "second_factor"]


async def test_factors_that_only_the_app_can_answer_are_named(cloud: FakeCloud) -> None:
    user = cloud.add_user(factors=(Factor.EMAIL, Factor.PASSKEY))
    async with Vendor(cloud, user) as client:
        asked = (await client.log_in()).body
    assert asked["email_session_id"]
    assert asked["sms_session_id"] is None
    assert asked["mfa_options"] == ["Email", "Passkey"]


async def test_a_refused_log_in_says_why(cloud: FakeCloud, ann: User) -> None:
    ben = cloud.add_user("ben@example.org")
    told = {}
    async with Vendor(cloud, ann, password="wrong") as client:
        told["password"] = await client.log_in()
        client.password = "correct horse"
        client.key = make_key()
        told["key"] = await client.log_in()
        client.key = ben.key
        told["another's key"] = await client.log_in()
        client.key = make_key(expired=True)
        ann.keys.append(client.key)
        told["old key"] = await client.log_in()
        ann.locked = True
        told["lock"] = await client.log_in()
    async with Vendor(cloud, ben) as client:
        ben.no_password = True
        told["no password"] = await client.log_in()
    assert {reply.status for reply in told.values()} == {400}
    assert {reply.body["errorCode"] for reply in told.values()} == {1000}
    assert all(reply.body["requestId"] for reply in told.values())
    assert len({reply.body["description"] for reply in told.values()}) == len(told)
    assert told["lock"].body["description"] == "UserIsLocked"
    assert told["password"].body["description"] == "UserNameOrPasswordError"


async def test_a_log_in_can_keep_to_itself_what_was_wrong(cloud: FakeCloud, ann: User) -> None:
    cloud.world.explains = False
    async with Vendor(cloud, ann, password="wrong") as client:
        first = (await client.log_in()).body["description"]
        client.password, client.key = "correct horse", make_key()
        assert (await client.log_in()).body["description"] == first


async def test_after_many_failures_nothing_works_for_a_while(cloud: FakeCloud, ann: User) -> None:
    async with Vendor(cloud, ann, password="wrong") as client:
        for _ in range(5):
            await client.log_in()
        client.password = "correct horse"
        assert (await client.log_in()).body["description"] == "Too many failed attempts"
        cloud.clock.advance(601)
        assert (await client.log_in()).status == 200


async def test_the_old_way_in_is_closed(cloud: FakeCloud, ann: User) -> None:
    async with Vendor(cloud, ann) as client:
        old = await client.post("auth", "/user/login", {"email": ann.email, "password": ann.password_hash})
    assert old.status == 403


async def test_a_refresh_rotates_and_the_old_pair_dies(vendor: Vendor) -> None:
    old = vendor.tokens
    assert (await vendor.refresh()).body["code"] == "1"
    assert not set(old) & set(vendor.tokens)
    assert (await vendor.list()).body["code"] == "1"
    vendor.tokens = old
    assert (await vendor.list()).body["code"] == "2001"
    assert (await vendor.refresh()).body["code"] == "2001"


async def test_tokens_end_by_themselves(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.clock.advance(60 * 3600 + 1)
    assert (await vendor.list()).body["code"] == "2001"
    assert (await vendor.refresh()).body["code"] == "1"
    assert (await vendor.list()).body["code"] == "1"
    cloud.clock.advance(16_001 * 3600)
    assert (await vendor.refresh()).body["code"] == "2001"


async def test_the_vendor_can_sign_everybody_out(cloud: FakeCloud, vendor: Vendor) -> None:
    ben = cloud.add_user("ben@example.org")
    async with Vendor(cloud, ben) as other:
        await other.log_in()
        cloud.invalidate(ben)
        assert (await vendor.list()).body["code"] == "1"
        assert (await other.list()).body["code"] == (await other.refresh()).body["code"] == "2001"
        await other.log_in()
        cloud.invalidate(refresh_too=False)
        assert (await vendor.list()).body["code"] == (await other.list()).body["code"] == "2001"
        assert (await vendor.refresh()).body["code"] == "1"
        cloud.invalidate()
        assert (await vendor.refresh()).body["code"] == (await other.refresh()).body["code"] == "2001"


async def test_the_list_has_everything_that_the_vendor_sends(cloud: FakeCloud, vendor: Vendor) -> None:
    porch, alley, kettle = await vendor.devices()
    assert (porch["mac"], porch["enr"], porch["product_model"]) == (SPEC.mac, SPEC.enr, SPEC.model)
    params = porch["device_params"]
    assert (params["p2p_id"], params["ip"], params["dtls"]) == (SPEC.uid, "127.0.0.21", 1)
    assert {"ssid", "rssi", "power_switch", "electricity", "dongle_product_model", "p2p_type"} <= set(params)
    assert {"timezone_name", "binding_user_nickname", "user_role", "conn_state", "push_switch"} <= set(porch)
    assert alley["mac"].startswith("GW_GC1_")
    assert (alley["device_params"]["ip"], alley["device_params"]["p2p_id"]) == ("", alley["mac"])
    assert kettle["product_type"] == "Plug"
    async with vendor.session.get(params["camera_thumbnails"]["thumbnails_url"]) as picture:
        assert (await picture.read()).startswith(b"\xff\xd8")
    assert [call.path for call in cloud.calls("picture")] == [f"/pictures/{SPEC.mac}.jpg"]


async def test_cameras_are_where_the_simulated_ones_are(cloud: FakeCloud, ann: User, vendor: Vendor) -> None:
    async with Simulator([CameraSpec("attic", host="127.0.0.31")]) as simulator:
        camera = simulator.cameras["attic"]
        ann.devices = [Device.of_camera(camera)]
        (listed,) = await vendor.devices()
        credentials = camera.credentials
        assert listed["nickname"] == "Attic"
        assert listed["device_params"]["p2p_id"] == credentials.uid
        assert listed["device_params"]["ip"] == credentials.address == "127.0.0.31"
        camera.move("127.0.0.32")
        assert (await vendor.devices())[0]["device_params"]["ip"] == "127.0.0.32"
        order = {"action_params": {}, "custom_string": "", "instance_id": credentials.mac}
        order |= {"provider_key": credentials.model, "action_key": "power_off"}
        assert (await vendor.call("/app/v2/auto/run_action", **order)).data == {"result": 1}
        assert (await vendor.devices())[0]["device_params"]["power_switch"] == 0
        assert camera.faults.says == "off"


async def test_properties_can_be_read_and_set(ann: User, vendor: Vendor) -> None:
    porch = {"device_mac": SPEC.mac, "device_model": SPEC.model}

    async def read(*pids: str) -> dict[str, str]:
        path = "/app/v2/device/get_property_list"
        reply = await vendor.call(path, **porch, target_pid_list=list(pids))
        return {row["pid"]: row["value"] for row in reply.data["property_list"]}

    assert await read("P3", "P1056") == {"P3": "1", "P1056": "2"}
    assert {"P1", "P3", "P5", "P1047"} <= set(await read())
    change = {"pid": "P1056", "pvalue": "1"}
    assert (await vendor.call("/app/v2/device/set_property", **porch, **change)).data == {}
    pairs = [{"pid": "P1047", "pvalue": "0"}, {"pid": "P1048", "pvalue": "1"}]
    await vendor.call("/app/v2/device/set_property_list", **porch, property_list=pairs)
    assert await read("P1056", "P1047", "P1048") == {"P1056": "1", "P1047": "0", "P1048": "1"}
    macs = [device.mac for device in ann.devices]
    path = "/app/v2/device_list/get_property_list"
    many = (await vendor.call(path, device_list=macs, target_pid_list=["P3"])).data["device_list"]
    # The second one is of the kind that only device management answers for.
    assert [len(row["device_property_list"]) for row in many] == [1, 0, 1]
    info = await vendor.call("/app/v2/device/get_device_Info", **porch)
    assert info.data["firmware_ver"] == SPEC.firmware
    ann.devices[0].online = False
    assert (await vendor.call("/app/v2/device/set_property", **porch, **change)).body["code"] == "3019"
    strange = await vendor.call("/app/v2/device/set_property", **porch | {"device_mac": "0"}, **change)
    assert strange.body["code"] == "1001"


async def test_an_action_can_be_accepted_and_ignored(cloud: FakeCloud, ann: User, vendor: Vendor) -> None:
    async def act(key: str, device: Device) -> Any:
        body = {"action_key": key, "instance_id": device.mac, "provider_key": device.model}
        path = "/app/v2/auto/run_action"
        return (await vendor.call(path, **body, action_params={}, custom_string="")).data

    porch, alley, _ = ann.devices
    assert await act("siren_on", porch) == {"result": 1}
    assert porch.properties["P1049"] == "1"
    porch.ignores = frozenset({"power_off"})
    assert await act("power_off", porch) == {"result": 3}
    assert await act("power_off", alley) == {"result": 3}
    assert porch.power
    assert alley.power
    assert [call.what for call in cloud.calls("action")] == ["siren_on", "power_off", "power_off"]


async def test_newer_models_are_managed_elsewhere(ann: User, vendor: Vendor) -> None:
    alley = ann.device("Alley")
    target = {"id": alley.mac, "productModel": alley.model, "type": "DEVICE"}
    sleep = {
        "iid": 1,
        "name": "iot-device",
        "functions": [{"name": "sleep", "in": {"wakeup-live-view": "1"}}],
    }
    common = {"nonce": 1, "targetInfo": target}
    done = await vendor.manage("action/run_action", {"capabilities": [sleep], "transactionId": "1", **common})
    assert done.body["code"] == 1
    wanted = [{"iid": 1, "name": "iot-device", "properties": ["iot-state", "iot-power", "unheard-of"]}]
    state = await vendor.manage("device-property/get_iot_prop", {"capabilities": wanted, **common})
    assert state.data["capabilities"] == [
        {"iid": 1, "name": "iot-device", "properties": {"iot-state": 1, "iot-power": 0}}
    ]
    vendor.tokens = ("nothing", "nothing")
    refused = await vendor.manage("device-property/get_iot_prop", {"capabilities": wanted, **common})
    assert refused.body["code"] == 2001


async def test_events_come_in_pages(ann: User, vendor: Vendor) -> None:
    porch = ann.devices[0]
    ann.events = [
        Event(f"e{number}", porch.mac, porch.model, 1_000 * number, tags=(PERSON,) if number % 2 else ())
        for number in range(30)
    ]
    first = (await vendor.events()).data["event_list"]
    rest = (await vendor.events(begin_time=first[-1]["event_ts"] + 1)).data["event_list"]
    assert [event["event_id"] for event in first + rest] == [f"e{number}" for number in range(30)]
    newest = (await vendor.events(order_by=2, count=2)).data["event_list"]
    assert [event["event_id"] for event in newest] == ["e29", "e28"]
    assert len((await vendor.events(end_time=5_000)).data["event_list"]) == 6
    assert len((await vendor.events(event_tag_list=[PERSON])).data["event_list"]) == 15
    assert (await vendor.events(event_value_list=["10"])).data["event_list"] == []
    assert (await vendor.events(device_mac_list=["0"])).data["event_list"] == []
    assert (await vendor.events(count=21)).body["code"] == "1001"
    assert {file["type"] for file in first[0]["file_list"]} == {1, 2}


async def test_each_answer_says_how_many_calls_are_left(cloud: FakeCloud, vendor: Vendor) -> None:
    cloud.limits.budget = 3
    left = [(await vendor.list()).headers["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    stopped = await vendor.list()
    assert stopped.status == 429
    until = calendar.timegm(time.strptime(stopped.headers["X-RateLimit-Reset-By"], "%a %b %d %H:%M:%S %Z %Y"))
    assert 250 < until - cloud.clock.now() <= 301
    cloud.clock.advance(301)
    assert (await vendor.list()).status == 200


async def test_a_call_without_the_usual_fields_is_refused(vendor: Vendor) -> None:
    body = {"access_token": vendor.tokens[0], "phone_id": "x"}
    reply = await vendor.post("api", "/app/v2/home_page/get_object_list", body)
    assert reply.body["code"] == "1001"
    assert (await vendor.post("api", "/app/v4/camera/get-streams", body)).status == 404
    assert (await vendor.post("devmgmt", "/app/v2/home_page/get_object_list", body)).status == 404


@pytest.mark.parametrize(("size", "code"), [(600_000, "1"), (1_200_000, "1001")])
async def test_a_large_body_is_read_whole_or_refused(vendor: Vendor, size: int, code: str) -> None:
    reply = await vendor.call("/app/v2/home_page/get_object_list", more="x" * size)
    assert reply.body["code"] == code


async def test_nothing_secret_is_kept_or_shown(cloud: FakeCloud, ann: User, vendor: Vendor) -> None:
    await vendor.refresh()
    await vendor.list()
    shown = repr((list(cloud.world.calls), cloud.describe(), cloud.world.users, ann, cloud.tokens.given))
    secrets = {what: value for what, value in cloud.secrets().items() if value != ann.email}
    assert len([what for what in secrets if "token" in what]) == 4
    assert [what for what, value in secrets.items() if value in shown] == []
    assert re.search(r"correct horse", shown) is None


async def test_a_name_is_seen_in_the_handshake(cloud: FakeCloud, ann: User) -> None:
    async with Vendor(cloud, ann) as by_address, Vendor(cloud, ann, name="localhost") as by_name:
        await by_address.log_in()
        await by_name.log_in()
    assert [call.server_name for call in cloud.calls()] == [None, "localhost"]
    assert cloud.handshakes == 2


async def test_nobody_trusts_it_without_being_told(cloud: FakeCloud) -> None:
    context = ssl.create_default_context()
    async with Vendor(cloud, cloud.add_user()) as client:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await client.session.get(cloud.hosts()["api"], ssl=context)
    assert cloud.calls() == []
