"""Commands through the cloud: what is sent, and that an accepted one that was ignored is noticed."""

import asyncio
from typing import Any

import pytest

from engine.cloud import Action, CloudError, CloudReason, CloudSession, Property
from engine.cloud.answers import cameras
from engine.model import Tokens
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import Respond, answer, good, refused

STATES = "/app/v2/device/get_property_list"
SET = "/app/v2/device/set_property"
ACT = "/app/v2/auto/run_action"
EVENTS = "/app/v2/device/get_event_list"
MANAGED_STATES = "/device-management/api/device-property/get_iot_prop"
MANAGED_ACT = "/device-management/api/action/run_action"

(CAMERA, MANAGED) = cameras(
    {"device_list": [r.device(), r.device(mac="LD_CFP_2CAA8E010204", product_model="LD_CFP")]}
).cameras


async def no_tokens(_: Tokens) -> None:
    raise AssertionError


def states(**values: Any) -> Respond:
    rows = [{"pid": pid, "value": value, "ts": 1} for pid, value in values.items()]
    return good({"property_list": [*rows, {"pid": "P1018", "value": "1"}, {"pid": None}, None]})


def managed(**values: Any) -> Respond:
    rows = [{"name": name.replace("_", "-"), "iid": 1, "properties": value} for name, value in values.items()]
    return answer({"code": 1, "data": {"capabilities": [*rows, None, {"name": "wifi", "properties": 1}]}})


async def run(rig: r.Rig, *commands: Any) -> None:
    """Give commands to a session, one after the other, while time goes by."""
    session = CloudSession(rig.client, r.account(r.tokens(rig.clock.time())), on_tokens=no_tokens)
    for command in commands:
        task = asyncio.ensure_future(command(session))
        while not task.done():
            await asyncio.sleep(0.005)
            await rig.clock.advance(0.5)
        await task


async def test_states_are_those_that_are_known() -> None:
    async with r.rig() as rig:
        rig.on(STATES, states(P3="1", P1056=2, P5=None))
        session = CloudSession(rig.client, r.account(r.tokens(rig.clock.time())), on_tokens=no_tokens)
        assert await session.properties(CAMERA) == {Property.POWER: "1", Property.LIGHT: "2"}
        body = rig.server.asked[-1].body
        assert (body["device_mac"], body["device_model"]) == ("2CAA8E010203", "HL_CAM4")


@pytest.mark.parametrize(
    ("action", "key", "after"),
    [
        (Action.POWER_ON, "power_on", {"P3": "1"}),
        (Action.POWER_OFF, "power_off", {"P3": "0"}),
        (Action.SIREN_ON, "siren_on", {"P1049": 1}),
        (Action.SIREN_OFF, "siren_off", {"P1049": "0"}),
    ],
)
async def test_an_action_is_looked_after(action: Action, key: str, after: dict[str, Any]) -> None:
    async with r.rig() as rig:
        rig.on(ACT, good({"result": 1}))
        rig.in_turn(STATES, states(P3="5", P1049="5"), states(**after))
        await run(rig, lambda session: session.act(CAMERA, action))
        body = rig.server.asked[0].body
        assert (body["action_key"], body["instance_id"]) == (key, "2CAA8E010203")
        assert body["provider_key"] == "HL_CAM4"
        assert rig.server.count(STATES) == 2


async def test_a_restart_shows_nowhere() -> None:
    async with r.rig() as rig:
        rig.on(ACT, good())
        await run(rig, lambda session: session.act(CAMERA, Action.RESTART))
        assert len(rig.server.asked) == 1


@pytest.mark.parametrize("said", [good({"result": 3}), good({"result": "3"})])
async def test_an_action_that_the_vendor_says_is_ignored(said: Respond) -> None:
    async with r.rig() as rig:
        rig.on(ACT, said)
        with pytest.raises(CloudError) as caught:
            await run(rig, lambda session: session.act(CAMERA, Action.POWER_ON))
        assert caught.value.word is CloudReason.IGNORED
        assert rig.records[-1].status == "ignored"


async def test_an_action_that_is_silently_ignored_is_noticed() -> None:
    async with r.rig() as rig:
        rig.on(ACT, good({"result": 1}))
        rig.on(STATES, states(P3="0"))
        with pytest.raises(CloudError, match="ignored"):
            await run(rig, lambda session: session.act(CAMERA, Action.POWER_ON))
        assert rig.server.count(STATES) == 3
        assert rig.server.count(ACT) == 1


async def test_what_a_camera_does_not_tell_was_not_ignored() -> None:
    async with r.rig() as rig:
        rig.on(ACT, good())
        rig.on(STATES, states())
        await run(rig, lambda session: session.act(CAMERA, Action.SIREN_ON))


async def test_a_light_and_a_switch_are_properties() -> None:
    async with r.rig() as rig:
        rig.on(SET, good())
        rig.on(STATES, states(P1056="2", P1="1"))
        await run(
            rig,
            lambda session: session.act(CAMERA, Action.LIGHT_OFF),
            lambda session: session.set_property(CAMERA, Property.NOTIFICATIONS, "1"),
        )
        sent = [asked.body for asked in rig.server.asked if asked.path == SET]
        assert [(body["pid"], body["pvalue"]) for body in sent] == [("P1056", "2"), ("P1", "1")]
        with pytest.raises(CloudError, match="ignored"):
            await run(rig, lambda session: session.set_property(CAMERA, Property.NOTIFICATIONS, "0"))
        with pytest.raises(CloudError, match="bad_request"):
            await run(rig, lambda session: session.set_property(CAMERA, Property.ONLINE, "1"))


async def test_a_camera_that_is_away() -> None:
    async with r.rig() as rig:
        rig.on(ACT, refused("3019"))
        with pytest.raises(CloudError) as caught:
            await run(rig, lambda session: session.act(CAMERA, Action.POWER_ON))
        assert caught.value.word is CloudReason.OFFLINE_DEVICE


@pytest.mark.parametrize(
    ("action", "capability", "after"),
    [
        (
            Action.POWER_OFF,
            {
                "iid": 1,
                "name": "iot-device",
                "functions": [{"name": "sleep", "in": {"wakeup-live-view": "1"}}],
            },
            {"iot_device": {"iot-power": False, "unwanted": 1}},
        ),
        (
            Action.POWER_ON,
            {
                "iid": 1,
                "name": "iot-device",
                "functions": [{"name": "wakeup", "in": {"wakeup-live-view": "1"}}],
            },
            {"iot_device": {"iot-power": "1"}},
        ),
        (
            Action.LIGHT_ON,
            {"iid": 4, "name": "floodlight", "properties": [{"prop": "on", "value": "1"}]},
            {"floodlight": {"on": 1}},
        ),
        (Action.SIREN_ON, {"name": "siren", "functions": [{"name": "siren-on", "in": {}}]}, {}),
    ],
)
async def test_newer_models_are_spoken_to_in_their_own_way(
    action: Action, capability: dict[str, Any], after: dict[str, Any]
) -> None:
    async with r.rig() as rig:
        rig.on(MANAGED_ACT, answer({"code": 1}))
        rig.on(MANAGED_STATES, managed(**after))
        await run(rig, lambda session: session.act(MANAGED, action))
        asked = rig.server.asked[0]
        assert asked.headers["authorization"] == r.ACCESS
        assert asked.body["capabilities"] == [capability]
        assert asked.body["targetInfo"] == {
            "id": "LD_CFP_2CAA8E010204",
            "productModel": "LD_CFP",
            "type": "DEVICE",
        }
        assert "access_token" not in asked.body


async def test_newer_models_that_ignore_a_command_are_noticed() -> None:
    async with r.rig() as rig:
        rig.on(MANAGED_ACT, answer({"code": 1}))
        rig.on(MANAGED_STATES, managed(iot_device={"iot-power": True}))
        with pytest.raises(CloudError, match="ignored"):
            await run(rig, lambda session: session.act(MANAGED, Action.POWER_OFF))
        for command in (
            lambda session: session.act(MANAGED, Action.RESTART),
            lambda session: session.set_property(MANAGED, Property.RECORDING, "1"),
        ):
            with pytest.raises(CloudError, match="bad_request"):
                await run(rig, command)


async def test_events_of_some_cameras() -> None:
    async with r.rig() as rig:
        rig.on(EVENTS, good({"event_list": []}))
        session = CloudSession(rig.client, r.account(r.tokens(rig.clock.time())), on_tokens=no_tokens)
        assert await session.events(100.5, 200.0, [CAMERA]) == ()
        body = rig.server.asked[0].body
        assert (body["begin_time"], body["end_time"], body["device_mac_list"]) == (
            100500,
            200000,
            ["2CAA8E010203"],
        )
        await session.events(1, 2)
        assert rig.server.asked[1].body["device_mac_list"] == []


async def test_whose_account_it_is() -> None:
    async with r.rig() as rig:
        rig.on(r.USER, good({"user_center_id": r.USER_ID}))
        session = CloudSession(rig.client, r.account(r.tokens(rig.clock.time())), on_tokens=no_tokens)
        assert (await session.user()).user_id.reveal() == r.USER_ID
