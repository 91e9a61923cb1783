"""One walk before one camera: when Home Assistant said what, and what became of it."""

import asyncio
import time
from dataclasses import asdict
from typing import Any

import aiohttp
from av.error import FFmpegError

from dev.home import ApiError

from ..scenario.report import FACTOR, Figures
from .tape import look
from .town import PRE_ROLL_S, EventsTown
from .witness import Witness

NOTICED_S = 12.0
"""Seconds after which motion that nobody noticed is given up."""
FINISHED_S = 45.0
"""Seconds for quiet, the end of the clip and what follows."""
CLIP = "wyze_local_clip"


class Walk:
    """Follows what a walk leads to; its figures fill up on the way."""

    def __init__(self, town: EventsTown, witness: Witness, name: str, since: float) -> None:
        """Begin to look for what a camera sees from a moment on."""
        self.figures: Figures = {}
        self.clip: dict[str, Any] = {}
        """What is told of the clip once it is finished."""
        self._town = town
        self._client = town.home.client
        self._witness = witness
        self._name = name
        self._since = since
        self._event: dict[str, Any] = {}

    async def follow(self) -> None:
        """Follow it from the first frame with somebody to the finished clip."""
        if await self._noticed():
            await asyncio.gather(self._told(), self._playable())
            await self._finished()

    async def _noticed(self) -> bool:
        """Wait for sensor and event; figures count from the camera's first frame with somebody."""
        entity = f"event.{self._name}_events"
        limit = NOTICED_S * FACTOR
        found = await self._witness.state(entity, None, since=self._since, limit=limit)
        moved = await self._witness.state(
            f"binary_sensor.{self._name}_motion", "on", since=self._since, limit=limit
        )
        walks = await self._town.simulator.walks(self._name)
        began = walks[-1]["began"]["wall"]
        self.figures["motion_s"] = moved and moved[0] - began
        self.figures["event_s"] = found and found[0] - began
        if found is None:
            return False
        at, state = found
        self._event = {"at": at, **state["attributes"]}
        self.figures |= {name: self._event[name] for name in ("event_type", "origin", "score")}
        return True

    async def _told(self) -> None:
        """Wait for the automation and for the phone."""
        at, event_id = self._event["at"], self._event["event_id"]
        found = await self._witness.first(
            "automation_triggered",
            lambda data: data["source"].endswith(f"event.{self._name}_events"),
            since=at,
            limit=NOTICED_S,
        )
        self.figures["automation_s"] = found and found[0] - at
        first = await self._notified(event_id, "image", NOTICED_S)
        self.figures["phone_s"] = first and first.wall - at
        self.figures["picture"] = first is not None and await self._is_picture(first.data["image"])

    async def _notified(self, event_id: str, what: str, limit: float) -> Any:
        """Wait for a notification of an event that has something."""
        end = time.time() + limit * FACTOR
        while time.time() < end:
            for one in self._town.phone.notifications:
                if one.data.get("tag") == event_id and one.data.get(what):
                    return one
            await asyncio.sleep(0.05)
        return None

    async def _is_picture(self, path: str) -> bool:
        """Tell whether the phone gets a picture there, and a stranger nothing."""
        async with (
            aiohttp.ClientSession() as stranger,
            stranger.get(f"{self._town.home.url}{path}") as answer,
        ):
            private = answer.status in (401, 403)
        try:
            return private and (await self._client.rest("GET", path)).startswith(b"\xff\xd8")
        except ApiError:
            return False

    async def _playable(self) -> None:
        """Wait until the clip, which is still being written, can be played by its media id."""
        clip, end = self._event["clip"], time.time() + NOTICED_S * FACTOR
        self.figures["playable_s"] = None
        while clip and time.time() < end:
            try:
                found = await self._client.command("media_source/resolve_media", media_content_id=clip)
                grown = await self._client.rest("GET", found["url"])
                await asyncio.to_thread(look, grown, 0)
            except ApiError, FFmpegError:
                await asyncio.sleep(0.02)
                continue
            self.figures["playable_s"] = time.time() - self._event["at"]
            return

    async def _listed(self, since: float) -> None:
        """Wait until the media browser lists the clip."""
        clip, end = self.clip["clip"], time.time() + NOTICED_S * FACTOR
        self.figures["listed_s"] = None
        while time.time() < end:
            for day in await self._children(clip.rpartition("/")[0]):
                if clip in await self._children(day):
                    self.figures["listed_s"] = time.time() - since
                    return
            await asyncio.sleep(0.02)

    async def _children(self, shelf: str) -> list[str]:
        found = await self._client.command("media_source/browse_media", media_content_id=shelf)
        return [str(child["media_content_id"]) for child in found["children"]]

    async def _finished(self) -> None:
        """Wait for the finished clip, fetch it as the phone does, and look into it."""
        event_id = self._event["event_id"]
        found = await self._witness.first(
            CLIP,
            lambda data: data["event_id"] == event_id,
            since=self._since,
            limit=FINISHED_S * FACTOR,
        )
        walks = await self._town.simulator.walks(self._name)
        ended = walks[-1]["ended"]
        self.figures["finished_s"] = found and ended and found[0] - ended["wall"]
        if found is None:
            return
        self.clip = found[1]
        await self._listed(found[0])
        second = await self._notified(event_id, "video", NOTICED_S)
        self.figures["phone_gets_clip_s"] = second and second.wall - found[0]
        self.figures["best_picture"] = bool(self.clip["picture"]) and await self._is_picture(
            self.clip["picture"]
        )
        somebody_from = walks[-1]["began"]["frame"]
        try:
            tape = await asyncio.to_thread(
                look, await self._client.rest("GET", self.clip["video"]), somebody_from
            )
        except (ApiError, FFmpegError) as err:
            self.figures["clip_broken"] = str(err)
            return
        self.figures |= {f"clip_{name}": value for name, value in asdict(tape).items()}
        before = tape.before_s or 0.0
        self.figures["pre_roll_missing_s"] = max(0.0, PRE_ROLL_S - before)
        self.figures["length_off_s"] = abs(tape.seconds - self.clip["seconds"])
