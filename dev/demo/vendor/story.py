"""What plays are written with: acts, their figures and limits, and a timeline for whoever watches."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from ..report import complaints
from ..scenario.report import FACTOR, Figures, Report
from ..stage import say
from .audience import Audience
from .eyes import AWAY, Eyes
from .strangers import Strangers, known
from .ties import Stretch, look
from .town import HOUR, TOLD, WATCHED, VendorTown

MOST_STILL_S = 1.0
"""Seconds for which a picture that nothing interrupts may stand still."""
BACK_S = 20.0
"""Seconds after the entry's set-up within which pictures move again by themselves."""
SET_UP = "[homeassistant.components.camera] Setting up wyze_local.camera"

LOADED_S = 5.0
"""Seconds that the set-up of the entry may take, however the cloud is."""


MOST_WARNINGS = 6
"""Lines that a bad day of the cloud may leave in the log."""

WELL = {"uplink": "online", "trust": "normal", "account": "signed_in"}
"""What the entities of the account say when nothing is wrong."""


class Story:
    """One play: it tells what goes on, and its figures go to the report."""

    def __init__(
        self,
        name: str,
        town: VendorTown,
        eyes: Eyes,
        strangers: Strangers,
        audience: Audience,
        report: Report,
    ) -> None:
        """Take the stage and whoever watches."""
        self.name = name
        self.town = town
        self.eyes = eyes
        self.audience = audience
        self.began = time.time()
        self._strangers = strangers
        self._report = report
        self._stretches: list[Stretch] = []
        self._known: frozenset[str] = frozenset()
        self._complaints = self._dials = 0
        self._entities: dict[str, str] = {}
        self._close: Callable[[], Any] | None = None

    # The timeline.

    def tell(self, text: str) -> None:
        """Write a line of the timeline: real seconds, and what they stand for."""
        passed = time.time() - self.began
        hours, minutes = divmod(round(passed / HOUR * 60), 60)
        say(f"  {passed:6.1f} s  {hours:2} h {minutes:02}  {text}")

    # The stage.

    async def open(self, *, settled: float) -> None:
        """Look at what there is before anything happens, and wait until all is well for so long at most."""
        self._known = await known(self.town)
        self._complaints, self._dials = len(complaints(self.town.home)), self.town.ears.heard
        for kind in TOLD:
            for entity_id in await self.town.registered(kind):
                self._entities[kind] = entity_id
        self.eyes.name({entity: TOLD[kind] for kind, entity in self._entities.items()}, self.tell)
        for kind, state in WELL.items():
            await self.until(kind, state, since=time.time(), limit=settled)
        self.began = time.time()
        await self.watch()

    async def vendor(self, order: str, **body: Any) -> None:
        """Give the fake cloud an order or a fault."""
        await self.town.simulator.tell_cloud(order, **body)

    async def watch(self) -> None:
        """From here on nothing may interrupt a picture."""
        ties = await look(self.town, WATCHED, await self.audience.peers())
        self._stretches.append(Stretch(time.time(), ties))

    async def interrupt(self) -> None:
        """Up to here nothing may have interrupted a picture; what comes now does."""
        stretch = self._stretches[-1]
        stretch.until = time.time()
        stretch.figures = stretch.ties.lost(await look(self.town, WATCHED, await self.audience.peers()))

    async def until(self, kind: str, *states: str, since: float, limit: float) -> float | None:
        """Return the seconds from a moment until an entity of the account says one of these, or None."""
        entity_id = self._entities.get(kind)
        if entity_id is None:
            return None
        now = await self.town.home.client.state(entity_id)
        if now["state"] in states:
            return max(0.0, datetime.fromisoformat(now["last_changed"]).timestamp() - since)
        left = since + limit * FACTOR - time.time()
        found = await self.eyes.wait(entity_id, states.__contains__, since=since, limit=left)
        return None if found is None else found[0] - since

    async def state(self, kind: str) -> str | None:
        """Return what an entity of the account says; None if there is none."""
        return (await self._states()).get(self._entities.get(kind, ""))

    def changes(self, kind: str, since: float) -> int:
        """Return how often an entity of the account came to say something else since a Unix time."""
        return len(self.eyes.since(since, self._entities.get(kind, "")))

    async def press(self, kind: str) -> None:
        """Press a button of the account."""
        for entity_id in await self.town.registered(kind):
            await self.town.home.client.call("button", "press", entity_id=entity_id)

    async def repaired(self, kind: str, action: str, *, since: float, limit: float) -> float | None:
        """Return the seconds from a moment until a repair was raised or withdrawn; None if it never was."""
        while (at := self.eyes.repair(kind, action, since)) is None:
            if time.time() > since + limit * FACTOR:
                return None
            await asyncio.sleep(0.05)
        return at - since

    async def asked(self, count: int, endpoint: str, *, since: int, limit: float) -> None:
        """Wait until the cloud was asked so often after a call; gives up after `limit` seconds."""
        end = time.time() + limit
        while time.time() < end:
            if len(await self.town.calls(endpoint, since=since)) >= count:
                return
            await asyncio.sleep(0.1)

    # Acts.

    @contextlib.asynccontextmanager
    async def act(
        self, name: str, told: str, limits: dict[str, float] | None = None
    ) -> AsyncIterator[Figures]:
        """Play an act: it fills in its figures, which are judged by the limits afterwards."""
        say("")
        self.tell(told)
        began, before = time.time(), await self.town.newest_call()
        figures: Figures = {}
        yield figures
        calls = await self.town.calls(since=before)
        kinds = Counter(str(call["endpoint"]) for call in calls)
        figures |= {"seconds": time.time() - began, "calls": len(calls), "asked": dict(sorted(kinds.items()))}
        self._add(name, figures, limits or {})

    async def restart(self, name: str, told: str) -> None:
        """Let Home Assistant restart in the middle, and see that the pictures come back by themselves."""
        await self.interrupt()
        limits = {"loaded_s": LOADED_S, "picture_s": BACK_S, "shown_s": BACK_S}
        async with self.act(name, told, limits) as figures:
            async with self.away():
                await self.town.home.restart()
            up = time.time()
            figures["start_s"] = self.town.home.start_seconds
            times = await self.town.home.client.command("integration/setup_info")
            figures["loaded_s"] = next(
                (one["seconds"] for one in times if one["domain"] == "wyze_local"), None
            )
            waited = up - self._set_up()
            back = await self.audience.back_after(up, limit=BACK_S)
            figures["picture_s"] = None if back is None else waited + back
            shown = await self._all_shown(up)
            figures["shown_s"] = None if shown is None else waited + shown
            figures["uplink"] = await self.state("uplink")
            await self.audience.picture(f"{self.name}-{name}")
        await self.watch()

    @contextlib.asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Shut the eyes while Home Assistant is away."""
        assert self._close is not None
        await self._close()
        yield
        await self.look()

    async def look(self) -> None:
        """Open the eyes."""
        stack = contextlib.AsyncExitStack()
        await stack.enter_async_context(self.eyes.follow(self.town.home.client))
        self._close = stack.aclose

    async def close(self) -> None:
        """Shut the eyes."""
        if self._close is not None:
            await self._close()

    def _set_up(self) -> float:
        """Return when the entry's cameras were set up, by the last such line of Home Assistant's log."""
        lines = [line for line in self.town.home.log_path.read_text().splitlines() if SET_UP in line]
        return datetime.fromisoformat(" ".join(lines[-1].split(" ")[:2])).timestamp()

    async def _states(self) -> dict[str, str]:
        found = await self.town.home.client.command("get_states")
        return {one["entity_id"]: one["state"] for one in found}

    async def _all_shown(self, moment: float) -> float | None:
        """Return the seconds from a moment until no camera of ours is without a picture."""
        while time.time() - moment < BACK_S * FACTOR:
            states = await self._states()
            cameras = [camera.entity_id for camera in self.town.simulator.cameras]
            if not any(states.get(camera, "gone") in AWAY for camera in cameras):
                return time.time() - moment
            await asyncio.sleep(0.1)
        return None

    # The end.

    async def end(self) -> None:
        """Judge what holds for the whole play: nothing was interrupted, and nothing is somebody else's."""
        await self.interrupt()
        figures: Figures = {"sessions_lost": 0, "processes_lost": 0, "peers_lost": 0, "unavailable": 0}
        gaps: dict[str, float] = {}
        for stretch in self._stretches:
            assert stretch.until is not None
            for name, lost in stretch.figures.items():
                figures[name] += lost
            for name, gap in (await self.audience.gaps(stretch.since, stretch.until)).items():
                gaps[name] = max(gaps.get(name, 0.0), gap)
            figures["unavailable"] += sum(
                self.eyes.away(camera.entity_id, stretch.since, stretch.until)
                for camera in self.town.simulator.cameras
            )
        found = await self._strangers.find(self.town, self.eyes.heard)
        strange = (await known(self.town)) - self._known
        figures |= {"foreign_places": len(found.places), "foreign_cameras": len(strange)}
        figures |= {"blind_places": found.blind, "foreign_dials": self.town.ears.heard - self._dials}
        limits = dict.fromkeys(figures, 0.0)
        figures["warnings"] = len(complaints(self.town.home)) - self._complaints
        limits["warnings"] = MOST_WARNINGS
        for name, gap in gaps.items():
            figures[f"{name}_gap_s"] = gap
            limits[f"{name}_gap_s"] = MOST_STILL_S
        figures["watched_s"] = sum(one.until - one.since for one in self._stretches if one.until)
        say("")
        self.tell("the end")
        self._add("throughout", figures, limits)
        self._report.failures += [f"{self.name}: {place}" for place in found.places]

    def _add(self, name: str, figures: Figures, limits: dict[str, float]) -> None:
        broken = self._report.add(f"{self.name}/{name}", figures, limits)
        for sentence in broken:
            self.tell(f"✗ {sentence}")
        shown = ", ".join(
            f"{what} {value:.2f}" if isinstance(value, float) else f"{what} {value}"
            for what, value in figures.items()
        )
        self.tell(f"{'✗' if broken else '✓'} {shown}")
