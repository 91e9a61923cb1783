"""An external go2rtc as the stream server, through the doors that a person uses: from set-up to end."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.event import async_track_state_change_event

from custom_components.wyze_local.shared import DATA_SHARED
from dev.ports import free_port
from dev.simulator import Simulator
from tests.support.external import OTHERS, PASSWORD, USER, External, external_go2rtc

from .rigging import DOMAIN, LOOPBACK, OFFER, Home, open_options, suggested, wait_for


@pytest.fixture
async def external(tmp_path: Path) -> AsyncIterator[External]:
    """Run somebody else's go2rtc."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    async with external_go2rtc(folder) as running:
        yield running


def typed(external: External, **changes: Any) -> dict[str, Any]:
    """Return what a person types on the page of an external server."""
    return {
        "url": external.url, "username": USER, "password": PASSWORD, "keys_allowed": False, **changes
    }  # fmt: skip


def choosing(home: Home, server: str = "external") -> dict[str, Any]:
    """Return the networks page with another stream server chosen."""
    values = home.networks_input()
    values["stream_server"]["server"] = server
    return values


async def set_up(hass: HomeAssistant, home: Home, external: External, **changes: Any) -> None:
    """Create the entry with an external server."""
    flow = await home.start_flow()
    manager = hass.config_entries.flow
    result = await manager.async_configure(flow["flow_id"], choosing(home))
    assert result["step_id"] == "external"
    result = await manager.async_configure(flow["flow_id"], typed(external, **changes))
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    for open_flow in hass.config_entries.subentries.async_progress():
        hass.config_entries.subentries.async_abort(open_flow["flow_id"])


async def ask(hass_ws_client: Any, entity_id: str) -> str:
    """Ask for a picture by WebRTC as the frontend does; returns the type of the first real answer."""
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "camera/webrtc/offer", "entity_id": entity_id, "offer": OFFER})
    while True:
        message = await client.receive_json()
        if message.get("type") == "event" and message["event"]["type"] != "session":
            return str(message["event"].get("code") or message["event"]["type"])


def everything_stored(hass: HomeAssistant) -> str:
    """Return all that Home Assistant keeps in clear, of entries and beside them."""
    folder = Path(hass.config.path(".storage"))
    entries = [entry.as_dict() for entry in hass.config_entries.async_entries(DOMAIN)]
    files = [path.read_bytes().decode(errors="replace") for path in folder.iterdir() if path.is_file()]
    return json.dumps(entries, default=str) + "".join(files)


async def test_a_person_uses_a_go2rtc_of_his_own(
    hass: HomeAssistant,
    home: Home,
    external: External,
    simulator: Simulator,
    hass_ws_client: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Pictures come through it, its file stays as it is, and nothing that opens it lies in clear."""
    before = external.file.read_bytes(), external.file.stat().st_mtime_ns
    await set_up(hass, home, external)
    assert home.entry.options == {"networks": [LOOPBACK], "server": "external", "keys_allowed": False}
    assert hass.data[DATA_SHARED].server is None, "no go2rtc of ours runs for it"
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    assert await ask(hass_ws_client, "camera.porch") == "answer"
    assert (external.file.read_bytes(), external.file.stat().st_mtime_ns) == before
    names = await external.names()
    assert OTHERS in names
    assert all(name.startswith("wyze_local_") for name in names - {OTHERS})
    stored = everything_stored(hass)
    # What asyncio itself prints of connections when it is told to debug is not ours.
    logged = "".join(record.getMessage() for record in caplog.records if record.name != "asyncio")
    for secret in (external.url, str(external.api), PASSWORD):
        assert secret not in stored
        assert secret not in logged
    assert USER not in stored


async def test_away_it_is_named_and_back_it_is_given_everything(
    hass: HomeAssistant, home: Home, external: External, simulator: Simulator, hass_ws_client: Any
) -> None:
    """The camera stays, as the relay still serves it; a restart of that go2rtc costs nobody a click."""
    await set_up(hass, home, external)
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    seen: list[str | None] = []

    @callback
    def note(_event: Event[EventStateChangedData]) -> None:
        seen.append(home.state("camera.porch"))

    unlisten = async_track_state_change_event(hass, ["camera.porch"], note)
    await external.kill()
    await wait_for(lambda: home.state("sensor.porch_connection") == "external_down", 10)
    assert home.state("camera.porch") == "idle"
    assert "unavailable" not in seen
    unlisten()
    assert await ask(hass_ws_client, "camera.porch") == "webrtc_offer_failed"
    url = home.entry.runtime_data.coordinator.stream_url(
        next(iter(home.entry.runtime_data.coordinator.data))
    ).reveal()
    assert url.startswith(f"rtsp://127.0.0.1:{hass.data[DATA_SHARED].relaying._relay.port}/")
    await external.start()
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    assert len(await external.names()) > 1
    assert await ask(hass_ws_client, "camera.porch") == "answer"


async def test_it_may_be_away_when_home_assistant_starts(
    hass: HomeAssistant, home: Home, external: External, simulator: Simulator
) -> None:
    """An entry loads without its stream server, and finds it later."""
    await set_up(hass, home, external)
    await home.add(simulator.cameras["porch"].link)
    await external.kill()
    await hass.config_entries.async_unload(home.entry.entry_id)
    await hass.data[DATA_SHARED].externals.async_stop()
    await hass.config_entries.async_setup(home.entry.entry_id)
    await hass.async_block_till_done()
    assert home.entry.state is ConfigEntryState.LOADED
    await wait_for(lambda: home.state("sensor.porch_connection") == "external_down", 30)
    await external.start()
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)


async def test_a_camera_that_is_removed_leaves_no_name_there(
    hass: HomeAssistant, home: Home, external: External, simulator: Simulator
) -> None:
    """Neither one camera, nor all with the entry; what is not ours stays."""
    await set_up(hass, home, external)
    subentry = await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    assert len(await external.names()) > 1
    hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    await hass.async_block_till_done()
    check = {name for name in await external.names() if name != OTHERS}
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    await hass.config_entries.async_remove(home.entry.entry_id)
    await hass.async_block_till_done()
    # The one name that is left is that of the check at the set-up, and leads nowhere.
    assert await external.names() == {OTHERS, *check}
    assert len(check) == 1


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"password": "wrong"}, "base", "server_external_login"),
        ({"username": "", "password": ""}, "base", "server_external_login"),
        ({"url": "http://127.0.0.1:1"}, "base", "server_external_unreachable"),
        ({"url": "nvr"}, "url", "external_url_not_http"),
        ({"url": "http://a:b@127.0.0.1"}, "url", "external_url_user_info"),
        ({"username": "a:b"}, "username", "external_bad_user"),
        ({"username": ""}, "password", "external_user_missing"),
        ({"relay_host": "127.0.0.1"}, "relay_host", "external_host_not_usable"),
        ({"relay_host": "nvr:80"}, "relay_host", "external_host_not_usable"),
    ],
)
async def test_each_trouble_has_its_text_and_what_was_typed_stays(
    hass: HomeAssistant, home: Home, external: External, changes: dict[str, Any], field: str, error: str
) -> None:
    """Nothing is saved before everything is right."""
    flow = await home.start_flow()
    manager = hass.config_entries.flow
    await manager.async_configure(flow["flow_id"], choosing(home))
    result = await manager.async_configure(flow["flow_id"], typed(external, **changes))
    assert result["errors"] == {field: error}
    assert suggested(dict(result))["url"] == changes.get("url", external.url)
    assert not hass.config_entries.async_entries(DOMAIN)
    result = await manager.async_configure(flow["flow_id"], typed(external))
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_options_go_there_and_back(
    hass: HomeAssistant, home: Home, external: External, simulator: Simulator, tmp_path: Path
) -> None:
    """Another stream server reloads the entry; the password is kept, but only for where it was meant for."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    options = hass.config_entries.options
    flow = await open_options(hass, home.entry)
    result = await options.async_configure(flow["flow_id"], choosing(home))
    assert result["step_id"] == "external"
    result = await options.async_configure(flow["flow_id"], typed(external, keys_allowed=True))
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    assert len(await external.names()) > 1

    flow = await open_options(hass, home.entry)
    result = await options.async_configure(flow["flow_id"], choosing(home))
    shown = suggested(dict(result))
    assert (shown["url"], shown["username"], shown["password"]) == (external.url, USER, None)
    again = typed(external)
    del again["password"]
    other = tmp_path / "other"
    other.mkdir()
    async with external_go2rtc(other) as elsewhere:
        # The same password would open it, and is not sent there.
        result = await options.async_configure(flow["flow_id"], {**again, "url": elsewhere.url})
    assert result["errors"] == {"base": "server_external_login"}
    result = await options.async_configure(flow["flow_id"], again)
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()

    flow = await open_options(hass, home.entry)
    result = await options.async_configure(flow["flow_id"], choosing(home, "managed"))
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert home.entry.options == {"networks": [LOOPBACK]}
    assert home.entry.runtime_data.vault.logins.server is None
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)


async def test_no_key_goes_there_without_the_owners_word(
    hass: HomeAssistant, home: Home, external: External, simulator: Simulator
) -> None:
    """A camera that was to be held by go2rtc itself goes through the relay; with the tick it does not."""
    await set_up(hass, home, external)
    subentry = await home.add(simulator.cameras["porch"].link)
    data = {**subentry.data, "engine": "go2rtc"}
    hass.config_entries.async_update_subentry(home.entry, subentry, data=data)
    await hass.async_block_till_done()
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    camera = simulator.cameras["porch"].credentials
    assert camera.enr not in json.dumps(await external.ask("api/streams"))

    options = hass.config_entries.options
    flow = await open_options(hass, home.entry)
    await options.async_configure(flow["flow_id"], choosing(home))
    await options.async_configure(flow["flow_id"], typed(external, keys_allowed=True))
    await hass.async_block_till_done()
    found = json.dumps(await external.ask("api/streams"))
    assert "wyze://" in found


async def refused(port: int) -> bool:
    """Tell whether nobody listens on a port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def test_a_server_elsewhere_reads_through_a_door_until_it_is_shut(
    hass: HomeAssistant, home: Home, external: External, simulator: Simulator, hass_ws_client: Any
) -> None:
    """The login of the door is sealed, and goes nowhere but to that server; a try opens nothing."""
    port = free_port()
    elsewhere = {"relay_host": "localhost", "relay_port": port}
    flow = await home.start_flow()
    manager = hass.config_entries.flow
    await manager.async_configure(flow["flow_id"], choosing(home))
    async with await asyncio.start_server(lambda _reader, _writer: None, "0.0.0.0", port):
        result = await manager.async_configure(flow["flow_id"], typed(external, **elsewhere))
        assert result["errors"] == {"base": "server_lan_port_taken"}
    wrong = typed(external, password="wrong", **elsewhere)
    result = await manager.async_configure(flow["flow_id"], wrong)
    assert result["errors"] == {"base": "server_external_login"}
    assert await refused(port)
    result = await manager.async_configure(flow["flow_id"], typed(external, **elsewhere))
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    assert await ask(hass_ws_client, "camera.porch") == "answer"
    door = home.entry.runtime_data.vault.logins.server.door
    login = f"{door.user.reveal()}:{door.password.reveal()}@localhost:{port}"
    assert login in json.dumps(await external.ask("api/streams"))
    assert door.password.reveal() not in everything_stored(hass)

    options = hass.config_entries.options
    opened = await open_options(hass, home.entry)
    shown = suggested(dict(await options.async_configure(opened["flow_id"], choosing(home))))
    assert (shown["relay_host"], shown["relay_port"]) == ("localhost", port)
    # Without the address nothing is open any more.
    await options.async_configure(opened["flow_id"], typed(external))
    await hass.async_block_till_done()
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    assert await refused(port)
    assert await ask(hass_ws_client, "camera.porch") == "answer"
