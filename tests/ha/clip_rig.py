"""A house with clips: cameras, files as the worker leaves them, and people with and without rights."""

import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from homeassistant.auth.models import Group, RefreshToken, User
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.wyze_local import clips as clips_module
from custom_components.wyze_local.engine.library import Library
from custom_components.wyze_local.engine.model import ClipDetails, ClipName, Suffix
from custom_components.wyze_local.shared import Shared, async_get_shared
from dev.simulator import Simulator
from tests.support.clips import JPEG, clip_bytes

from .rigging import DOMAIN, Home, wait_for

NOON = 1_790_000_000.0
"""A moment of 2026 in seconds since 1970; the clips of these tests are made around it."""


@contextmanager
def held(executor: ThreadPoolExecutor, threads: int = 1) -> Iterator[None]:
    """Have threads wait for a disk that does not answer."""
    answers = threading.Event()
    for _ in range(threads):
        executor.submit(answers.wait)
    try:
        yield
    finally:
        answers.set()


async def person(
    hass: HomeAssistant, *entity_ids: str, policy: tuple[str, ...] = ("read", "control")
) -> User:
    """Return a user who may do this with these entities, and nothing with any other."""
    may = {entity_id: dict.fromkeys(policy, True) for entity_id in entity_ids}
    groups = hass.auth._store._groups
    group = Group(name="some", policy={"entities": {"entity_ids": may}}, id=f"some-{len(groups)}")
    groups[group.id] = group
    return await hass.auth.async_create_user("Somebody", group_ids=[group.id])


@dataclass
class Clips:
    """What a test does with clips."""

    hass: HomeAssistant
    home: Home
    shared: Shared
    root: Path
    clients: ClientSessionGenerator
    sockets: WebSocketGenerator
    made: int = field(default=0)

    def key(self, entity_id: str) -> str:
        """Return the camera key behind a camera entity."""
        entity = er.async_get(self.hass).async_get(entity_id)
        assert entity is not None
        return entity.unique_id.removesuffix("_camera")

    async def make(
        self,
        camera_key: str,
        at: float = NOON,
        *,
        content: bytes | None = None,
        still: bytes | None = JPEG,
        suffix: Suffix = Suffix.CLIP,
        **told: Any,
    ) -> str:
        """Lay a clip down as the worker does, known to the library from then on; returns its id."""
        self.made += 1
        name = ClipName.new(at, f"{self.made:08x}")

        def lay() -> None:
            library = Library(self.root)
            self.root.mkdir(parents=True, exist_ok=True)
            folder = library.camera_folder(camera_key, "Porch")
            (folder / name.day).mkdir(exist_ok=True)
            name.path(folder, suffix).write_bytes(clip_bytes() if content is None else content)
            if still is not None:
                name.path(folder, Suffix.STILL).write_bytes(still)
            if told:
                details = ClipDetails(started=at, ended=at + 4, **told)
                name.path(folder, Suffix.DETAILS).write_bytes(details.to_bytes())
            self.shared.clips.keeper.library.added(camera_key, name.id)

        await self.hass.async_add_executor_job(lay)
        return name.id

    async def act(self, action: str, camera_key: str, clip_id: str) -> None:
        """Do to a clip what an action does."""
        media_id = {"media_content_id": f"media-source://{DOMAIN}/{camera_key}/{clip_id}"}
        await self.hass.services.async_call(DOMAIN, action, media_id, blocking=True)

    async def token(self, user: User) -> RefreshToken:
        """Log a user in."""
        return await self.hass.auth.async_create_refresh_token(user, "https://example.com/app")

    async def client(self, user: User) -> TestClient[Any, Any]:
        """Return the browser of a user."""
        access = self.hass.auth.async_create_access_token(await self.token(user))
        return await self.clients(access)

    async def socket(self, user: User) -> Asker:
        """Return the web socket of a user's browser."""
        access = self.hass.auth.async_create_access_token(await self.token(user))
        return Asker(await self.sockets(self.hass, access))

    async def person(self, *entity_ids: str, policy: tuple[str, ...] = ("read", "control")) -> User:
        """Return a user who may see these entities and no other."""
        return await person(self.hass, *entity_ids, policy=policy)


@dataclass
class Asker:
    """Asks over the web socket as the media browser does."""

    socket: Any
    asked: int = 0

    async def ask(self, kind: str, **values: Any) -> dict[str, Any]:
        """Ask, and return the whole answer."""
        self.asked += 1
        await self.socket.send_json({"id": self.asked, "type": kind, **values})
        answer: dict[str, Any] = await self.socket.receive_json()
        return answer

    async def browse(self, identifier: str = "") -> dict[str, Any]:
        """Open something in the media browser."""
        content_id = f"media-source://{DOMAIN}" + (f"/{identifier}" if identifier else "")
        return await self.ask("media_source/browse_media", media_content_id=content_id)

    async def titles(self, identifier: str = "") -> list[str]:
        """Return the titles of what lies there."""
        answer = await self.browse(identifier)
        assert answer["success"], answer
        return [child["title"] for child in answer["result"]["children"]]

    async def resolve(self, identifier: str) -> dict[str, Any]:
        """Ask for something to be played."""
        content_id = f"media-source://{DOMAIN}/{identifier}"
        return await self.ask("media_source/resolve_media", media_content_id=content_id)


@asynccontextmanager
async def clip_house(
    hass: HomeAssistant,
    home: Home,
    clients: ClientSessionGenerator,
    sockets: WebSocketGenerator,
    folder: Path,
) -> AsyncIterator[Clips]:
    """Set up a house whose clips lie where they do unless another folder is chosen, with a media folder."""
    hass.config.media_dirs = {"local": str(folder)}
    assert await async_setup_component(hass, "websocket_api", {})
    assert await async_setup_component(hass, "media_source", {})
    await home.set_up()
    shared = await async_get_shared(hass)
    yield Clips(hass, home, shared, Path(hass.config.path("wyze_local_clips")), clients, sockets)


@pytest.fixture
def midday(hass: HomeAssistant) -> None:
    """Be where it is about noon, so that no day ends in the middle of a test."""
    dt_util.set_default_time_zone(timezone(timedelta(hours=12 - dt_util.utcnow().hour)))


@pytest.fixture
async def clips(
    hass: HomeAssistant,
    home: Home,
    simulator: Simulator,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Clips]:
    """Set up all simulated cameras, each by its own name, in a house with clips."""
    # A machine that is busy is no disk that keeps for itself what is told of clips.
    monkeypatch.setattr(clips_module, "TOLD_WITHIN", 15.0)
    async with clip_house(hass, home, hass_client, hass_ws_client, tmp_path / "media") as house:
        for name, camera in simulator.cameras.items():
            await home.add(camera.link, name.title())
        await wait_for(lambda: all(home.state(f"camera.{name}") == "idle" for name in simulator.cameras))
        yield house
