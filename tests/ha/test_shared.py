"""The one stream server of all entries: settings that do not work, a server that stands still, its end."""

import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local.engine.model import Secret, SystemClock
from custom_components.wyze_local.engine.stream import LanDoor
from custom_components.wyze_local.environment import DATA_ENVIRONMENT, Environment
from custom_components.wyze_local.keys import async_get_keys, vault_path
from custom_components.wyze_local.shared import DATA_SHARED, async_get_shared
from dev.ports import free_port
from dev.simulator import Simulator

from .rigging import DOMAIN, LOOPBACK, TOOLS, Home, open_options, wait_for


class Breakable:
    """A go2rtc that starts, or does not, as the test wants it."""

    def __init__(self, folder: Path) -> None:
        """Write the program."""
        self.path = folder / "go2rtc"
        self._mark = folder / "broken"
        real = TOOLS / "go2rtc"
        self.path.write_text(
            f'#!/bin/sh\n[ "$1" = -v ] && exec {real} -v\n[ -e {self._mark} ] && exit 1\nexec {real} "$@"\n'
        )
        self.path.chmod(0o755)

    def spoil(self) -> None:
        """Let it end right after every start from now on."""
        self._mark.touch()

    def mend(self) -> None:
        """Let it start again."""
        self._mark.unlink()


@pytest.fixture
def program(tmp_path: Path) -> Breakable:
    """Return the go2rtc that the installation uses."""
    return Breakable(tmp_path)


@pytest.fixture
async def entry(hass: HomeAssistant, home: Home, program: Breakable) -> ConfigEntry:
    """Return an entry whose stream server runs."""
    flow = await home.start_flow()
    values = home.networks_input(binary=str(program.path))
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], values)
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return home.entry


async def change(hass: HomeAssistant, entry: ConfigEntry, values: dict[str, Any]) -> dict[str, Any]:
    """Submit the options."""
    flow = await open_options(hass, entry)
    result = await hass.config_entries.options.async_configure(flow["flow_id"], values)
    await hass.async_block_till_done()
    return dict(result)


async def break_down(hass: HomeAssistant, home: Home, entry: ConfigEntry, program: Breakable) -> None:
    """Fail a change of settings so that not even the old ones work any more."""
    program.spoil()
    with socket.create_server(("0.0.0.0", 0)) as other:
        values = home.networks_input(LOOPBACK, port=other.getsockname()[1], binary=str(program.path))
        result = await change(hass, entry, values)
    assert result["errors"] == {"base": "server_port_taken"}, "what the person did, not what came of it"
    assert entry.runtime_data.coordinator.server.state.phase == "stopped"


async def test_a_server_that_stands_still_is_never_called_a_success(
    hass: HomeAssistant, home: Home, entry: ConfigEntry, program: Breakable, simulator: Simulator
) -> None:
    """The settings of before are no longer good because they were: they have to start the server again."""
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    await break_down(hass, home, entry, program)
    assert home.state("sensor.porch_connection") == "server_down"
    good = home.networks_input(LOOPBACK, binary=str(program.path))
    assert (await change(hass, entry, good))["errors"] == {"base": "server_exited"}
    program.mend()
    assert (await change(hass, entry, good))["type"] is FlowResultType.CREATE_ENTRY
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_a_server_that_stands_still_is_tried_again(
    hass: HomeAssistant, home: Home, entry: ConfigEntry, program: Breakable
) -> None:
    """Nobody has to do anything once the cause is gone."""
    await break_down(hass, home, entry, program)
    server = entry.runtime_data.coordinator.server
    failed = server.state
    async_fire_time_changed(hass, dt_util.utcnow().replace(year=2030))
    await wait_for(lambda: server.state.reason == "exited" and server.state is not failed)
    await hass.async_block_till_done()
    program.mend()
    async_fire_time_changed(hass, dt_util.utcnow().replace(year=2031))
    await wait_for(lambda: server.state.phase == "ready")


async def test_an_entry_never_loads_on_a_server_that_stands_still(
    hass: HomeAssistant, home: Home, entry: ConfigEntry, program: Breakable
) -> None:
    """A set-up starts it, or says why it cannot."""
    await break_down(hass, home, entry, program)
    await hass.config_entries.async_reload(entry.entry_id)
    assert (entry.state, entry.error_reason_translation_key) == (
        ConfigEntryState.SETUP_RETRY,
        "server_exited",
    )
    program.mend()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.coordinator.server.state.phase == "ready"


async def test_a_change_to_the_same_settings_restarts_nothing(
    hass: HomeAssistant, home: Home, entry: ConfigEntry, program: Breakable
) -> None:
    """Another network costs nobody a picture."""
    pid = entry.runtime_data.coordinator.server.pid
    values = home.networks_input(LOOPBACK, "192.0.2.0/24", binary=str(program.path))
    assert (await change(hass, entry, values))["type"] is FlowResultType.CREATE_ENTRY
    assert entry.runtime_data.coordinator.server.pid == pid


async def test_options_that_mend_a_failed_set_up_load_the_entry(
    hass: HomeAssistant, home: Home, entry: ConfigEntry, program: Breakable
) -> None:
    """Whoever gives a port that is free need not reload by hand; the new networks count at once."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.data[DATA_SHARED].async_end()
    with socket.create_server(("0.0.0.0", home.port)):
        assert not await hass.config_entries.async_setup(entry.entry_id)
        assert (entry.state, entry.error_reason_translation_key) == (
            ConfigEntryState.SETUP_RETRY,
            "server_port_taken",
        )
        values = home.networks_input("192.0.2.0/24", port=free_port(), binary=str(program.path))
        assert (await change(hass, entry, values))["type"] is FlowResultType.CREATE_ENTRY
        assert entry.state is ConfigEntryState.LOADED
    assert "192.0.2.1" in entry.runtime_data.coordinator.networks
    assert entry.options["networks"] == ["192.0.2.0/24"]


class FastClock(SystemClock):
    """A clock of a world in which pauses are short."""

    def monotonic(self) -> float:
        """Return the seconds of that world."""
        return super().monotonic() * 30

    async def sleep(self, seconds: float) -> None:
        """Sleep for seconds of that world."""
        await super().sleep(seconds / 30)


@pytest.fixture
def fast(hass: HomeAssistant) -> None:
    """Let the pauses between two starts be short; to be asked for before the entry."""
    hass.data[DATA_ENVIRONMENT] = Environment(clock=FastClock())


async def test_the_repair_goes_with_the_last_entry(
    hass: HomeAssistant, fast: None, entry: ConfigEntry, program: Breakable
) -> None:
    """A server that keeps failing is reported, and forgotten at once when nobody needs it any more."""
    server = entry.runtime_data.coordinator.server
    issues = ir.async_get(hass)
    program.spoil()
    psutil.Process(server.pid).kill()
    await wait_for(lambda: issues.async_get_issue(DOMAIN, "stream_server_failing"), 20)
    await hass.config_entries.async_remove(entry.entry_id)
    assert server.state.phase == "stopped"
    assert issues.async_get_issue(DOMAIN, "stream_server_failing") is None
    assert hass.data[DATA_SHARED].server is None


async def test_whoever_comes_while_settings_are_read_waits_for_them(hass: HomeAssistant) -> None:
    """A flow may be opened while Home Assistant starts."""
    go = threading.Event()

    def slow() -> ssl.SSLContext:
        go.wait(10)
        return ssl.create_default_context()

    hass.data[DATA_ENVIRONMENT] = Environment(tls=slow)
    first, second = (hass.async_create_task(async_get_shared(hass)) for _ in range(2))
    assert not first.done()
    assert not second.done()
    go.set()
    assert await first is await second


async def test_a_door_that_is_opened_while_the_server_starts_is_open_then(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    """Entries are set up side by side, and the second may be the one that lets others in."""
    shared = await async_get_shared(hass)
    starting = hass.async_create_task(shared.async_acquire("an entry", None))
    await wait_for(lambda: shared.relaying.state.phase == "ready")
    assert shared.server is None, "it is being started"
    door = LanDoor(free_port(), Secret("viewer"), Secret("0f" * 16))
    server = await shared.async_acquire("another entry", door)
    assert await starting is server
    assert server.lan == door
    for _ in range(2):
        await shared.async_release()
    await shared.async_end()


async def test_an_entry_whose_file_cannot_be_deleted_leaves_nothing_else(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """The key goes all the more: what is left of the vault opens nothing then."""
    entry = await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    assert await hass.config_entries.async_unload(entry.entry_id)
    path = vault_path(hass, entry.data["vault_id"])
    path.unlink()
    path.mkdir()
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.data[DATA_SHARED].server is None
    assert not async_get_keys(hass).places.current.path.exists()
    assert not hass.data[DATA_SHARED].relaying.cameras
    assert "could not be deleted" in caplog.text


async def test_the_repair_says_why_and_goes_when_the_server_runs_again(
    hass: HomeAssistant, fast: None, entry: ConfigEntry, program: Breakable
) -> None:
    """A crash loop is told with its reason; once the program starts again nobody has to click anything."""
    server = entry.runtime_data.coordinator.server
    issues = ir.async_get(hass)
    program.spoil()
    psutil.Process(server.pid).kill()
    await wait_for(lambda: issues.async_get_issue(DOMAIN, "stream_server_failing"), 20)
    issue = issues.async_get_issue(DOMAIN, "stream_server_failing")
    assert issue is not None
    assert (issue.translation_placeholders or {})["reason"] == "exited"
    program.mend()
    await wait_for(lambda: issues.async_get_issue(DOMAIN, "stream_server_failing") is None, 30)
    assert server.state.phase == "ready"
