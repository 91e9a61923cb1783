"""Builds up what is measured: two equal cameras, one behind Home Assistant, one behind a plain go2rtc."""

import contextlib
import os
import shutil
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
ENTITY_ID = f"camera.{OURS}"
PICTURE = Picture(scene=Scene.PORCH)


class Stage:
    """Cameras, Home Assistant, a plain go2rtc and a browser, while the `async with` block runs."""

    home: HomeAssistantRig
    plain: PlainGo2rtc
    browser: Browser
    _simulator: Simulator

    def __init__(self, seed: int) -> None:
        """Choose the invented identities of the cameras by a seed."""
        self.folder = RUNS / str(os.getpid())
        self._seed = seed
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

    @property
    def ours(self) -> Camera:
        """The camera that Home Assistant shows."""
        return self._simulator.cameras[OURS]

    @property
    def theirs(self) -> Camera:
        """The camera that the plain go2rtc shows."""
        return self._simulator.cameras[THEIRS]

    @property
    def dashboard_url(self) -> str:
        """The page with the card of our camera."""
        return f"{self.home.url}/{DASHBOARD}"

    async def _build(self) -> None:
        self.folder.mkdir(parents=True)
        self._exits.callback(shutil.rmtree, self.folder, ignore_errors=True)
        say("… starting two simulated cameras, a plain go2rtc and Home Assistant")
        specs = [CameraSpec(name, seed=self._seed, picture=PICTURE) for name in (OURS, THEIRS)]
        self._simulator = await self._exits.enter_async_context(Simulator(specs))
        self.plain = await PlainGo2rtc.start(self.folder, self.theirs.link)
        self._exits.push_async_callback(self.plain.stop)
        self.home = HomeAssistantRig(self.folder / "config", prepare="dev.benchmarks.home:prepare")
        await self._exits.enter_async_context(self.home)
        entry_id = await set_up_integration(self.home)
        await add_camera(self.home, entry_id, OURS.capitalize(), self.ours.link)
        await self._make_dashboard()
        self.browser = await self._exits.enter_async_context(Browser())

    async def _make_dashboard(self) -> None:
        card = {"type": "picture-entity", "entity": ENTITY_ID, "camera_view": "auto"}
        view = {"title": "Bench", "cards": [card]}
        dashboard: dict[str, Any] = {"title": "Bench", "mode": "storage", "require_admin": False}
        await self.home.client.command("lovelace/dashboards/create", url_path=DASHBOARD, **dashboard)
        config = {"views": [view]}
        await self.home.client.command("lovelace/config/save", url_path=DASHBOARD, config=config)
