"""The action that tells a restream: to administrators, of the cameras that were meant, nowhere else."""

from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import area_registry as ar, device_registry as dr

from dev.ports import free_port
from dev.simulator import CameraSpec, Simulator

from .account_rig import account_entry
from .rigging import DOMAIN, Home, open_options, saw, view, wait_for

ACTION = "get_restream_url"
TWO = pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("hall")]], indirect=True)


async def tell(hass: HomeAssistant, **call: Any) -> list[dict[str, str]]:
    """Ask as an administrator does."""
    options = {"blocking": True, "return_response": True, **call.pop("options", {})}
    answer = await hass.services.async_call(DOMAIN, ACTION, call, **options)
    assert answer is not None
    cameras: Any = answer["cameras"]
    return list(cameras)


@pytest.fixture
async def both(home: Home, simulator: Simulator) -> Home:
    """Set two cameras up."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link, "Porch")
    await home.add(simulator.cameras["hall"].link, "Hall")
    return home


@TWO
async def test_each_camera_has_an_address_of_its_own(
    hass: HomeAssistant, both: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """By entity or by device; what is told plays, and stands in no log and no state."""
    (porch,) = await tell(hass, entity_id="camera.porch")
    assert porch["name"] == "Porch"
    assert set(porch) == {"name", "url"}
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, next(iter(both.entry.runtime_data.coordinator.data))), both.entry.entry_id
    )
    assert device is not None
    assert await tell(hass, device_id=device.id) == [porch]
    found = await tell(hass, entity_id=["camera.porch", "camera.hall", "sensor.porch_connection"])
    assert sorted(camera["name"] for camera in found) == ["Hall", "Porch"]
    assert len({camera["url"] for camera in found}) == 2
    viewer = await view(porch["url"], frames=10)
    assert await saw(viewer) == 10
    token = porch["url"].rpartition("/")[2]
    assert token not in caplog.text
    assert all(token not in str(state.as_dict()) for state in hass.states.async_all())


@TWO
async def test_nobody_but_an_administrator_is_told(
    hass: HomeAssistant, both: Home, hass_read_only_user: User
) -> None:
    """Whoever may only look does not get an address to keep."""
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await tell(hass, entity_id="camera.porch", options={"context": context})


@TWO
async def test_something_else_is_no_camera_of_ours(hass: HomeAssistant, both: Home) -> None:
    """A wrong target is said to be one."""
    with pytest.raises(ServiceValidationError) as caught:
        await tell(hass, entity_id="camera.somebody_elses")
    assert caught.value.translation_key == "no_camera_chosen"


async def test_an_accounts_own_device_is_no_camera(hass: HomeAssistant, simulator: Simulator) -> None:
    """Whoever chooses a room gets its cameras, though the account's device is in there as well."""
    entry = await account_entry(hass, simulator.cameras.values())
    assert await hass.config_entries.async_setup(entry.entry_id)
    devices = dr.async_get(hass)
    own = devices.async_get_or_create(config_entry_id=entry.entry_id, identifiers={(DOMAIN, entry.entry_id)})
    room = ar.async_get(hass).async_create("Room")
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        devices.async_update_device(device.id, area_id=room.id)
    assert [one["name"] for one in await tell(hass, area_id=room.id)] == ["Porch"]
    with pytest.raises(ServiceValidationError) as caught:
        await tell(hass, device_id=own.id)
    assert caught.value.translation_key == "no_camera_chosen"


async def test_other_machines_are_let_in_and_shut_out_again(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """The option makes user and password, the action tells them, the entry does not; off, it is as before."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    port = free_port()
    options = hass.config_entries.options

    async def choose(lan: bool) -> None:
        flow = await open_options(hass, entry)
        values = {**home.networks_input(), "other_machines": {"lan": lan, "lan_port": port}}
        await options.async_configure(flow["flow_id"], values)
        await hass.async_block_till_done()

    pid = entry.runtime_data.coordinator.server.pid
    await choose(lan=True)
    server = entry.runtime_data.coordinator.server
    assert server.pid != pid, "one restart"
    assert entry.options["lan_port"] == port
    (told,) = await tell(hass, entity_id="camera.porch")
    login, _, place = told["lan_url"].removeprefix("rtsp://").partition("@")
    user, _, password = login.partition(":")
    assert len(password) == 32
    assert place.partition(":")[2] == f"{port}/{told['url'].rpartition('/')[2]}"
    assert password not in str(entry.as_dict())
    assert (server.lan.user.reveal(), server.lan.password.reveal()) == (user, password)

    pid = server.pid
    await choose(lan=True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.runtime_data.coordinator.server.pid == pid, "nothing else restarts it"
    assert (await tell(hass, entity_id="camera.porch"))[0]["lan_url"] == told["lan_url"]

    await choose(lan=False)
    assert "lan_port" not in entry.options
    assert "lan_url" not in (await tell(hass, entity_id="camera.porch"))[0]
    assert entry.runtime_data.vault.logins.lan is None
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)


async def test_a_look_at_the_page_of_an_external_server_shuts_nobody_out(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """Nothing has changed before that page was submitted: other machines keep their password."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    options = hass.config_entries.options
    flow = await open_options(hass, entry)
    values = {**home.networks_input(), "other_machines": {"lan": True, "lan_port": free_port()}}
    await options.async_configure(flow["flow_id"], values)
    await hass.async_block_till_done()
    (told,) = await tell(hass, entity_id="camera.porch")
    flow = await open_options(hass, entry)
    values["stream_server"]["server"] = "external"
    assert (await options.async_configure(flow["flow_id"], values))["step_id"] == "external"
    options.async_abort(flow["flow_id"])
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert (await tell(hass, entity_id="camera.porch"))[0].get("lan_url") == told["lan_url"]


async def test_a_page_that_was_not_taken_shuts_nobody_out(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """Other machines are switched off, and something else on the page is wrong: all is as before."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    options = hass.config_entries.options
    flow = await open_options(hass, entry)
    values = {**home.networks_input(), "other_machines": {"lan": True, "lan_port": free_port()}}
    await options.async_configure(flow["flow_id"], values)
    await hass.async_block_till_done()
    (told,) = await tell(hass, entity_id="camera.porch")
    flow = await open_options(hass, entry)
    values = {**values, "other_machines": {"lan": False, "lan_port": free_port()}}
    page = await options.async_configure(flow["flow_id"], {**values, "networks": ["no network"]})
    assert page["type"] is FlowResultType.FORM
    assert page["errors"]
    options.async_abort(flow["flow_id"])
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert (await tell(hass, entity_id="camera.porch"))[0].get("lan_url") == told["lan_url"]
