"""Adding and changing a stream of any make: it is played before it is saved, and every failure is named."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er

from dev.ports import free_port
from tests.support.foreign import PASSWORD, USER, Door, ForeignServer

from .foreign_rig import USER_INFO, add_stream, door, foreign, typed
from .rigging import Home, suggested, wait_for

__all__ = ["door", "foreign"]


async def test_add_by_url(hass: HomeAssistant, home: Home, door: Door) -> None:
    """A URL with user and password becomes a device with a camera that is ready; the entry holds no key."""
    entry = await home.set_up()
    subentry = await add_stream(home, typed(door.url))
    assert set(subentry.data) == {"camera_key", "mac_hash", "model", "kind"}
    assert (subentry.title, subentry.data["kind"], subentry.data["model"]) == ("Yard", "stream", "")
    await wait_for(lambda: home.state("camera.yard") == "idle")
    assert home.state("sensor.yard_connection") == "ready"
    record = entry.runtime_data.vault.records[subentry.data["camera_key"]]
    assert record.camera.proven
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert (device.manufacturer, device.model) == ("Generic", None)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert {one.domain for one in entities} == {"camera", "sensor"}, (
        "what nobody understands cannot be chosen"
    )


async def test_user_info_in_a_pasted_url_is_taken_apart(home: Home, door: Door) -> None:
    entry = await home.set_up()
    url = door.url.replace("://", f"://{USER}:{quote(PASSWORD, safe='')}@")
    subentry = await add_stream(home, {"name": "Yard", "url": f"  {url} "})
    way = entry.runtime_data.vault.records[subentry.data["camera_key"]].camera.credentials
    assert (way.user.reveal(), way.password.reveal()) == (USER, PASSWORD)
    assert USER not in way.identity.reveal()


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"url": "rtsp://127.0.0.1/two words"}, {"url": "url_illegal_characters"}),
        ({"url": "rtsp://127.0.0.1/{input}"}, {"url": "url_illegal_characters"}),
        ({"url": "rtsp://127.0.0.1/x#media=video"}, {"url": "url_fragment_not_allowed"}),
        ({"url": "exec:/bin/sh"}, {"url": "url_scheme_not_allowed"}),
        ({"url": "ffmpeg:rtsp://127.0.0.1/x"}, {"url": "url_scheme_not_allowed"}),
        ({"url": "wyze://127.0.0.1?uid=A"}, {"url": "url_scheme_not_allowed"}),
        ({"url": "camera"}, {"url": "url_not_a_url"}),
        ({"url": "   "}, {"url": "url_missing"}),
        ({"url": "rtsp://" + "a" * 10_000}, {"url": "url_too_long"}),
        ({"url": "rtsp:///x"}, {"url": "url_host_missing"}),
        ({"url": "rtsp://camera.local/x"}, {"url": "url_host_is_a_name"}),
        ({"url": "rtsp://[::1]/x"}, {"url": "url_host_is_ipv6"}),
        ({"url": "rtsp://127.0.0.1:0/x"}, {"url": "url_not_a_port"}),
        ({"url": "rtsp://a:p@ss@127.0.0.1/x"}, {"url": "url_user_info_not_encoded"}),
        ({"url": "rtsp://a:b@127.0.0.1/x", "user": "a"}, {"url": "url_user_info_twice"}),
        ({"url": "rtsp://127.0.0.1/x", "password": "b"}, {"user": "user_missing"}),
        ({"url": "rtsp://127.0.0.1/x", "user": "a:b"}, {"user": "user_colon_not_allowed"}),
        ({"url": "rtsp://127.0.0.1/x", "user": "\a"}, {"user": "user_illegal_characters"}),
        (
            {"url": "rtsp://127.0.0.1/x", "user": "a", "password": "\a"},
            {"password": "password_illegal_characters"},
        ),
        ({"url": "rtsp://127.0.0.1/x", "name": " "}, {"name": "name_missing"}),
        ({"url": "rtsp://192.168.77.1/x"}, {"base": "address_outside"}),
        ({"url": "rtsp://224.0.0.1/x"}, {"base": "address_not_for_cameras"}),
    ],
)  # fmt: skip
async def test_bad_input(home: Home, values: dict[str, Any], errors: dict[str, str]) -> None:
    """Each has its own message at its own field, and what was typed stays."""
    await home.set_up()
    values = {"name": "Yard", **values}
    result = await home.submit(await home.camera_flow("stream"), values)
    assert result["errors"] == errors
    shown = suggested(result)
    assert {name: shown[name] for name in values} == values


async def test_why_it_does_not_play(home: Home, foreign: ForeignServer, door: Door) -> None:
    """Told apart, nothing saved, and the same form works in the end."""
    await home.set_up()
    flow = await home.camera_flow("stream")

    async def error(url: str = door.url, **values: Any) -> str:
        result = await home.submit(flow, typed(url, **values))
        assert suggested(result)["url"] == url
        return str(result["errors"]["base"])

    assert await error(password="wrong") == "stream_wrong_key"
    assert door.refused == 1, "a camera may lock out whoever tries too often"
    assert await error(user="", password="") == "stream_wrong_key"
    assert await error(url=door.url.replace("camera", "nothing")) == "stream_no_stream"
    assert await error(url=door.url + "?audio") == "stream_no_media"
    assert await error(url=f"rtsp://127.0.0.1:{free_port()}/x") == "stream_not_here"
    assert await error(url=f"http://127.0.0.1:{foreign.http_port}/nothing") == "stream_no_stream"
    assert await error(url=foreign.http_url(), password="wrong") == "stream_wrong_key"
    assert await error(url=f"https://127.0.0.1:{foreign.http_port}/") == "stream_no_stream"
    assert await error(url=f"onvif://127.0.0.1:{foreign.http_port}") == "stream_wrong_key"
    assert not home.entry.subentries
    result = await home.submit(flow, typed(door.url))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_silent_server_may_be_saved_unproven_after_the_second_try(home: Home, door: Door) -> None:
    await home.set_up()
    door.freeze()
    flow = await home.camera_flow("stream")
    result = await home.submit(flow, typed(door.url))
    assert result["errors"] == {"base": "stream_no_answer"}
    assert "save_unproven" not in suggested(result)
    result = await home.submit(flow, typed(door.url))
    assert "save_unproven" in suggested(result)
    result = await home.submit(flow, typed(door.url, save_unproven=True))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    # Neither its still nor its answer is given up before five seconds.
    await wait_for(lambda: home.state("sensor.yard_connection") == "unproven", 30)
    door.thaw()
    (record,) = home.entry.runtime_data.vault.records.values()
    home.entry.runtime_data.coordinator._checks.soon(record.camera.key)
    await wait_for(lambda: home.state("sensor.yard_connection") == "ready", 15)


async def test_a_server_that_leads_out_of_the_networks_is_not_saved(
    home: Home, foreign: ForeignServer
) -> None:
    """go2rtc follows wherever it is sent, so where it arrived counts, not what was typed."""
    await home.set_up("127.0.0.0/24")
    async with Door(foreign.rtsp_port, host="127.0.9.9") as far, Door(foreign.rtsp_port) as near:
        near.elsewhere = far.url
        result = await home.submit(await home.camera_flow("stream"), typed(near.url))
        assert result["errors"] == {"base": "stream_outside_networks"}
        assert not home.entry.subentries


async def test_the_same_stream_is_taken_once(home: Home, foreign: ForeignServer, door: Door) -> None:
    """Whoever signs in; another path or another query of the same server is another camera."""
    await home.set_up()
    await add_stream(home, typed(door.url))
    result = await home.submit(await home.camera_flow("stream"), typed(door.url, name="Again", user="other"))
    assert result["errors"] == {"base": "already_added"}
    assert result["description_placeholders"]["name"] == "Yard"
    await add_stream(home, typed(door.url + "?video", name="Other"))
    assert len(home.entry.subentries) == 2


async def test_two_windows_add_the_same_stream_once(home: Home, door: Door) -> None:
    entry = await home.set_up()
    windows = [await home.camera_flow("stream"), await home.camera_flow("stream")]
    results = await asyncio.gather(*(home.submit(window, typed(door.url)) for window in windows))
    assert sorted(str(result["type"]) for result in results) == ["abort", "create_entry"]
    assert len(entry.runtime_data.vault.records) == 1


async def test_what_stays_empty_stays(home: Home, foreign: ForeignServer, door: Door) -> None:
    """A new password needs no URL, a new URL no password; nothing that is sealed is shown."""
    entry = await home.set_up()
    subentry = await add_stream(home, typed(door.url))
    camera_key, fingerprint = subentry.data["camera_key"], subentry.data["mac_hash"]

    async def change(**values: Any) -> dict[str, Any]:
        flow = await home.camera_flow("change_stream", subentry_id=subentry.subentry_id)
        assert {name: value for name, value in suggested(flow).items() if value} == {"name": "Yard"}
        return await home.submit(flow, {"name": "Yard", **values})

    before = entry.runtime_data.vault.records[camera_key]
    assert (await change(url="  "))["reason"] == "reconfigure_successful"
    assert entry.runtime_data.vault.records[camera_key] is before, "nothing changed, so nothing was dialled"
    door.password = "n3w: p@ss"
    assert (await change(user=USER))["reason"] == "reconfigure_successful", "the same user is no change"
    assert (await change(password="wrong"))["errors"] == {"base": "stream_wrong_key"}
    assert (await change(password=door.password))["reason"] == "reconfigure_successful"
    async with Door(foreign.rtsp_port) as moved:
        moved.password = door.password
        assert (await change(url=moved.url))["reason"] == "reconfigure_successful"
        assert moved.visitors
        after = entry.runtime_data.vault.records[camera_key]
        assert after.token == before.token
        assert after.camera.credentials.identity.reveal() == moved.url
        await wait_for(lambda: home.state("camera.yard") == "idle")
    (changed,) = entry.subentries.values()
    assert changed.unique_id == changed.data["mac_hash"] != fingerprint


async def test_the_whole_url_anew_takes_user_and_password_away(home: Home, foreign: ForeignServer) -> None:
    entry = await home.set_up()
    async with Door(foreign.rtsp_port, scheme="open") as door:
        subentry = await add_stream(home, typed(door.url))
        flow = await home.camera_flow("stream", subentry_id=subentry.subentry_id)
        assert suggested(flow)["url"] is None
        result = await home.submit(flow, {"name": "Front yard", "url": door.url})
        assert result["reason"] == "reconfigure_successful"
    way = entry.runtime_data.vault.records[subentry.data["camera_key"]].camera.credentials
    assert not way.user
    assert not way.password
    assert [one.title for one in entry.subentries.values()] == ["Front yard"]


async def test_basic_authentication(home: Home, foreign: ForeignServer) -> None:
    await home.set_up()
    async with Door(foreign.rtsp_port, scheme="basic") as door:
        flow = await home.camera_flow("stream")
        result = await home.submit(flow, typed(door.url, password="wrong"))
        assert result["errors"] == {"base": "stream_wrong_key"}
        result = await home.submit(flow, typed(door.url))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert USER_INFO["password"] not in str(result["data"])
