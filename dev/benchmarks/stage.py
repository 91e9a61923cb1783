"""Builds up what is measured: equal cameras, some behind Home Assistant, some behind a plain go2rtc."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from dev.demo.stage import DASHBOARD, add_camera, say, set_up_integration
from dev.home import HomeAssistantRig
from dev.home.browser import Browser
from dev.home.folder import ROOT
from dev.simulator import Camera, CameraSpec, Picture, Scene, Simulator

from .go2rtc import PlainGo2rtc

RUNS = ROOT / ".cache" / "bench"
OURS, THEIRS = "ours", "theirs"
PICTURE = Picture(scene=Scene.PORCH)
OUR_PICTURES = {OURS: PICTURE}
THEIR_PICTURES = {THEIRS: PICTURE}


class Stage:
    """Cameras, Home Assistant, a plain go2rtc and a browser, while the `async with` block runs."""

    home: HomeAssistantRig
    plain: PlainGo2rtc
    browser: Browser
    entry_id: str
    """The entry that the cameras in Home Assistant belong to."""
    cameras: Mapping[str, Camera]
    """All simulated cameras, by name."""

    def __init__(
        self,
        seed: int,
        ours: Mapping[str, Picture] = OUR_PICTURES,
        theirs: Mapping[str, Picture] = THEIR_PICTURES,
    ) -> None:
        """Take the cameras of both sides by name, and a seed that chooses their invented identities."""
        self.folder = RUNS / str(os.getpid())
        self._seed = seed
        self._ours = ours
        self._theirs = theirs
        self._exits = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Build everything up; leaves nothing behind when that fails."""
        try:
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

    @staticmethod
    def entity_id(name: str) -> str:
        """Return the camera entity of a camera in Home Assistant."""
        return f"camera.{name}"

    def dashboard_url(self, name: str) -> str:
        """Return the page with the card of a camera in Home Assistant."""
        return f"{self.home.url}/{DASHBOARD}-{name}"

    async def ask(self, command: str, name: str, **more: Any) -> Any:
        """Give Home Assistant one of the bench's own commands for a camera."""
        return await self.home.client.command(f"bench/{command}", entity_id=self.entity_id(name), **more)

    async def restream(self, name: str) -> str:
        """Return where programs on this machine read a camera in Home Assistant."""
        return str((await self.ask("restream", name))["url"])

    async def _build(self) -> None:
        self.folder.mkdir(parents=True)
        self._exits.callback(shutil.rmtree, self.folder, ignore_errors=True)
        pictures = {**self._ours, **self._theirs}
        say(f"… starting {len(pictures)} simulated cameras, a plain go2rtc and Home Assistant")
        specs = [CameraSpec(name, seed=self._seed, picture=picture) for name, picture in pictures.items()]
        self.cameras = (await self._exits.enter_async_context(Simulator(specs))).cameras
        self.plain = await PlainGo2rtc.start(
            self.folder, {name: self.cameras[name].link for name in self._theirs}
        )
        self._exits.push_async_callback(self.plain.stop)
        self.home = HomeAssistantRig(self.folder / "config", prepare="dev.benchmarks.home:prepare")
        await self._exits.enter_async_context(self.home)
        self.entry_id = await set_up_integration(self.home)
        for name in self._ours:
            await add_camera(self.home, self.entry_id, name.capitalize(), self.cameras[name].link)
            await self._make_dashboard(name)
        self.browser = await self._exits.enter_async_context(Browser())

    async def _make_dashboard(self, name: str) -> None:
        card = {"type": "picture-entity", "entity": self.entity_id(name), "camera_view": "auto"}
        path = f"{DASHBOARD}-{name}"
        dashboard: dict[str, Any] = {"title": "Bench", "mode": "storage", "require_admin": False}
        await self.home.client.command("lovelace/dashboards/create", url_path=path, **dashboard)
        config = {"views": [{"title": "Bench", "cards": [card]}]}
        await self.home.client.command("lovelace/config/save", url_path=path, config=config)
