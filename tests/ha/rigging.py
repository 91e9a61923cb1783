"""Fixtures of the Home Assistant tests: real go2rtc, simulated cameras on loopback, the real config flow."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_socket

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentry,
    SubentryFlowContext,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

from custom_components.wyze_local import control_rounds
from dev.ports import free_port
from dev.simulator import CameraSpec, Simulator
from tests.support.offer import OFFER as OFFER  # noqa: PLC0414 - for the tests here

DOMAIN = "wyze_local"
TOOLS = Path(__file__).parents[2] / ".tools" / "bin"
LOOPBACK = "127.0.0.0/8"


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give every test a configuration folder of its own, with nothing in it."""
    folder = tmp_path / "config"
    (folder / ".storage").mkdir(parents=True)
    return str(folder)


@pytest.fixture
def threads_end(verify_cleanup: None) -> Iterator[None]:
    """Let our threads that have been told to end do so, before it is judged that none is left."""
    before = frozenset(threading.enumerate())
    yield
    for thread in frozenset(threading.enumerate()) - before:
        if thread.name.startswith(DOMAIN):
            thread.join(10.0)


@pytest.fixture(autouse=True)
def real_loopback(threads_end: None, socket_enabled: None, enable_custom_integrations: None) -> None:
    """Let sockets work, on loopback and inside this machine only, and custom integrations load.

    `threads_end` comes first, so that it is done last: once Home Assistant has stopped.
    """
    pytest_socket.socket_allow_hosts([LOOPBACK], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def go2rtc_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the go2rtc that the set-up brought on the path, where users have it."""
    monkeypatch.setenv("PATH", f"{TOOLS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
async def simulator(request: pytest.FixtureRequest) -> AsyncIterator[Simulator]:
    """Run simulated cameras: one called porch, or those that the test asks for by parameter."""
    specs = getattr(request, "param", None) or [CameraSpec("porch")]
    async with Simulator(specs) as running:
        yield running


async def open_options(hass: HomeAssistant, entry: ConfigEntry) -> ConfigFlowResult:
    """Open the options of an entry, past the page that asks what it is about."""
    manager = hass.config_entries.options
    flow = await manager.async_init(entry.entry_id)
    return await manager.async_configure(flow["flow_id"], {"next_step_id": "settings"})


@dataclass
class Home:
    """What a test does with the integration, through the doors that a person uses."""

    hass: HomeAssistant
    port: int = field(default_factory=free_port)

    async def start_flow(self, way: str = "local") -> dict[str, Any]:
        """Open the config flow, and choose a way to cameras once it is asked for."""
        manager = self.hass.config_entries.flow
        return await self.choose(dict(await manager.async_init(DOMAIN, context={"source": SOURCE_USER})), way)

    async def choose(self, flow: dict[str, Any], way: str = "local") -> dict[str, Any]:
        """Choose a way to cameras where a page asks for one."""
        if flow["type"] is not FlowResultType.MENU:
            return flow
        manager = self.hass.config_entries.flow
        return dict(await manager.async_configure(flow["flow_id"], {"next_step_id": way}))

    def networks_input(
        self, *networks: str, port: int | None = None, binary: str | None = None
    ) -> dict[str, Any]:
        """Return what a person types on the networks page."""
        server: dict[str, Any] = {"webrtc_port": port or self.port}
        if binary is not None:
            server["binary"] = binary
        return {"networks": list(networks or (LOOPBACK,)), "stream_server": server}

    async def finish(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Leave the recovery passphrase for later where a page offers one; returns what comes next."""
        if result.get("step_id") != "local_passphrase":
            return result
        return await self.hass.config_entries.flow.async_configure(result["flow_id"], {})

    async def set_up(self, *networks: str, flow: dict[str, Any] | None = None) -> ConfigEntry:
        """Create the entry for local cameras."""
        flow = flow or await self.start_flow()
        page = await self.hass.config_entries.flow.async_configure(
            flow["flow_id"], self.networks_input(*networks)
        )
        result = await self.finish(page)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        await self.hass.async_block_till_done()
        for open_flow in self.hass.config_entries.subentries.async_progress():
            self.hass.config_entries.subentries.async_abort(open_flow["flow_id"])
        return self.entry

    @property
    def entry(self) -> ConfigEntry:
        """The one entry."""
        return self.hass.config_entries.async_entries(DOMAIN)[0]

    async def camera_flow(self, way: str = "link", *, subentry_id: str | None = None) -> dict[str, Any]:
        """Open the form for a camera, new or known."""
        context: SubentryFlowContext = {"source": "reconfigure" if subentry_id else SOURCE_USER}
        if subentry_id:
            context["subentry_id"] = subentry_id
        manager = self.hass.config_entries.subentries
        menu = await manager.async_init((self.entry.entry_id, "camera"), context=context)
        if menu["type"] is not FlowResultType.MENU:
            return dict(menu)
        return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": way}))

    async def submit(self, flow: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """Submit a camera's form."""
        result = await self.hass.config_entries.subentries.async_configure(flow["flow_id"], values)
        await self.hass.async_block_till_done()
        return dict(result)

    async def add(self, link: str, name: str = "Porch") -> ConfigSubentry:
        """Add a camera by its link."""
        result = await self.submit(await self.camera_flow(), {"name": name, "link": link})
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        return list(self.entry.subentries.values())[-1]

    async def enable(self, *entity_ids: str) -> None:
        """Enable entities that are disabled by default, and wait until they are there."""
        registry = er.async_get(self.hass)
        entries = {registry.async_update_entity(one, disabled_by=None).config_entry_id for one in entity_ids}
        for entry_id in entries:
            assert entry_id is not None
            assert await self.hass.config_entries.async_reload(entry_id)
        await wait_for(lambda: all(self.state(one) is not None for one in entity_ids))

    def state(self, entity_id: str) -> str | None:
        """Return the state of an entity."""
        found = self.hass.states.get(entity_id)
        return found.state if found else None


async def wait_for(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait until something is true; fails after the limit."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.fixture
async def home(hass: HomeAssistant) -> AsyncIterator[Home]:
    """Return the doors to the integration."""
    # The harness has one for all tests, in the place where it is installed itself.
    hass.config.media_dirs = {"local": hass.config.path("media")}
    yield Home(hass)
    await hass.async_block_till_done()


@pytest.fixture
async def porch(home: Home, simulator: Simulator) -> Any:
    """Set up one camera and wait until it is ready."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    return simulator.cameras["porch"]


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody ask cameras how their controls stand: where every session with one is counted."""
    monkeypatch.setattr(control_rounds.ControlRounds, "async_start", lambda _: lambda: None)


async def view(url: str, frames: int = 100_000) -> asyncio.subprocess.Process:
    """Watch a restream with another program; `saw` counts the frames of one that watches a few."""
    quiet, few = asyncio.subprocess.DEVNULL, frames < 1000
    return await asyncio.create_subprocess_exec(
        "ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-an",
        "-frames:v", str(frames), "-c", "copy", "-f", "framecrc" if few else "null", "-",
        stdin=quiet, stdout=asyncio.subprocess.PIPE if few else quiet, stderr=quiet,
    )  # fmt: skip


async def saw(viewer: asyncio.subprocess.Process) -> int:
    """Wait until a program has watched; returns how many frames it got, which ends well also too soon."""
    told, _ = await viewer.communicate()
    return sum(not line.startswith(b"#") for line in told.splitlines())


def fields(link: str, **changes: Any) -> dict[str, Any]:
    """Return a link's parts as the form's fields."""
    parts = urlsplit(link)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    values: dict[str, Any] = {
        "name": "Porch",
        "ip_address": parts.hostname,
        "uid": query["uid"],
        "enr": query["enr"],
        "mac": query["mac"],
        "model": query.get("model", ""),
        "port": parts.port or 32761,
    }
    return values | changes


def suggested(result: dict[str, Any]) -> dict[str, Any]:
    """Return what a form shows in its fields."""
    return {str(key): (key.description or {}).get("suggested_value") for key in result["data_schema"].schema}
