"""Builds the demo up in order, and takes it down again."""

import contextlib
import os
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, override

from dev.home import PASSWORD, USERNAME, HomeAssistantRig
from dev.home.folder import ROOT
from dev.ports import free_port

from .cameras import DEMO, SimulatorProcess

DOMAIN = "wyze_local"
DASHBOARD = "wyze-local"
RUNS = ROOT / ".cache" / "demo"


class DemoError(Exception):
    """Something of the demo could not be built; the message says what."""


def say(text: str) -> None:
    """Tell the person what goes on; standard output is for results."""
    print(text, file=sys.stderr, flush=True)


class Stage(ABC):
    """A folder, simulated cameras and a Home Assistant, while the `async with` block runs."""

    def __init__(self) -> None:
        """Prepare; whoever derives from this builds up."""
        self.folder = RUNS / str(os.getpid())
        self._home: HomeAssistantRig | None = None
        self._simulator: SimulatorProcess | None = None
        self._exits = contextlib.AsyncExitStack()

    @property
    def home(self) -> HomeAssistantRig:
        """Home Assistant, from its start on."""
        assert self._home is not None
        return self._home

    @property
    def url(self) -> str:
        """The dashboard with the cameras."""
        return f"{self.home.url}/{DASHBOARD}"

    @property
    def simulator(self) -> SimulatorProcess:
        """The simulator, while it runs."""
        assert self._simulator is not None
        return self._simulator

    async def __aenter__(self) -> Self:
        """Build everything up; raises DemoError, RigError or SimulatorError and leaves nothing behind."""
        try:
            remove_dead_runs()
            self.folder.mkdir(parents=True)
            self._exits.callback(shutil.rmtree, self.folder, ignore_errors=True)
            await self._build()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take everything down."""
        await self._exits.aclose()

    @abstractmethod
    async def _build(self) -> None:
        """Build everything up, each thing with what takes it down again."""

    async def _start_simulator(self, cameras: Sequence[str], cloud: Path | None = None) -> SimulatorProcess:
        self._simulator = await SimulatorProcess.start(self.folder / "simulator.log", cameras, cloud=cloud)
        self._exits.push_async_callback(self._simulator.stop)
        return self._simulator

    async def _start_home(self, home: HomeAssistantRig) -> None:
        say("… starting Home Assistant")
        self._home = home
        await home.start()
        self._exits.push_async_callback(home.stop)
        say(f"✓ Home Assistant ({home.start_seconds:.1f} s)")


def invite(invitation: str, town: Stage, **more: object) -> None:
    """Tell a person where to look, who to be there, and where the cameras are told what to do."""
    who = {"name": USERNAME, "password": PASSWORD, "control": town.simulator.control_url}
    say(invitation.format(url=town.url, **who, **more))


class Demo(Stage):
    """A Home Assistant that shows simulated cameras, added one by one."""

    def __init__(self, port: int | None = None, cameras: Sequence[str] = DEMO) -> None:
        """Prepare; `port` is Home Assistant's (None: a free one), `cameras` `script/simulator`'s words."""
        super().__init__()
        self.webrtc_port = free_port()
        self._port = port
        self._cameras = cameras

    @override
    async def _build(self) -> None:
        say("… starting simulated cameras")
        simulator = await self._start_simulator(self._cameras)
        await self._start_home(HomeAssistantRig(self.folder / "config", port=self._port))
        say("… setting up the integration, through its own pages")
        entry_id = await set_up_integration(self.home, self.webrtc_port)
        for camera in simulator.cameras:
            await add_camera(self.home, entry_id, camera.title, camera.link)
            say(f"  added {camera.title}")
        await make_dashboard(self.home, simulator)


def remove_dead_runs() -> None:
    """Remove what demos left behind that were ended by force."""
    for folder in RUNS.glob("[0-9]*"):
        if not Path(f"/proc/{folder.name}").exists():
            shutil.rmtree(folder, ignore_errors=True)


async def set_up_integration(home: HomeAssistantRig, webrtc_port: int | None = None) -> str:
    """Go through the integration's first pages as a person would; returns the entry's id."""
    flow = await home.client.flow(DOMAIN)
    if flow.step == "way":
        await flow.choose("local")
    if flow.step != "networks":
        raise DemoError(f"The integration did not ask for networks: {flow.result}")
    networks = [*suggested(flow.result, "networks"), "127.0.0.0/8"]
    result = await flow.submit(networks=networks, stream_server={"webrtc_port": webrtc_port or free_port()})
    if flow.step == "local_passphrase":
        result = await flow.submit()
    if result["type"] != "create_entry":
        raise DemoError(f"The integration could not be set up: {result.get('errors') or result}")
    # The page for the first camera opens by itself; the demo opens its own.
    _, flow_id = result["next_flow"]
    await home.client.rest("DELETE", f"/api/config/config_entries/subentries/flow/{flow_id}")
    return str(result["result"]["entry_id"])


def suggested(form: dict[str, Any], name: str) -> list[str]:
    """Return what a page suggests for a field."""
    found = [field for field in form["data_schema"] if field["name"] == name]
    return list(found[0].get("description", {}).get("suggested_value", []))


async def add_camera(home: HomeAssistantRig, entry_id: str, title: str, link: str) -> None:
    """Add a camera by its link, as a person would."""
    flow = await home.client.flow([entry_id, "camera"], "subentry")
    await flow.choose("link")
    result = await flow.submit(name=title, link=link)
    if result["type"] != "create_entry":
        raise DemoError(f"The camera {title} could not be added: {result.get('errors') or result}")


async def make_dashboard(home: HomeAssistantRig, simulator: SimulatorProcess) -> None:
    """Make a dashboard with a card for every camera, and let it be the first page."""
    # The pictures bear the cameras' names themselves.
    look = {"type": "picture-entity", "camera_view": "auto", "show_name": False, "show_state": False}
    cards = [{**look, "entity": camera.entity_id} for camera in simulator.cameras]
    states = [f"sensor.{camera.name}_connection" for camera in simulator.cameras]
    sections = [
        {"type": "grid", "cards": [{"type": "heading", "heading": "Cameras"}, *cards]},
        {
            "type": "grid",
            "cards": [
                {"type": "heading", "heading": "Connections"},
                *({"type": "tile", "entity": entity_id} for entity_id in states),
                {"type": "logbook", "target": {"entity_id": states}},
            ],
        },
    ]
    await publish(home, sections)


async def publish(home: HomeAssistantRig, sections: list[dict[str, Any]]) -> None:
    """Make a dashboard of sections, and let it be the first page."""
    view = {"type": "sections", "title": "Cameras", "path": "cameras", "max_columns": 2, "sections": sections}
    dashboard: dict[str, Any] = {"title": "Cameras", "icon": "mdi:cctv", "show_in_sidebar": True}
    await home.client.command(
        "lovelace/dashboards/create", url_path=DASHBOARD, mode="storage", require_admin=False, **dashboard
    )
    config = {"views": [view]}
    await home.client.command("lovelace/config/save", url_path=DASHBOARD, config=config)
    first_page = {"default_panel": DASHBOARD}
    await home.client.command("frontend/set_system_data", key="core", value=first_page)
