"""The watch worker as the rest of the house sees it, in the parent: cameras go in, news come out."""

import asyncio
import itertools
import logging
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..child import (
    SLACK,
    Answer,
    ChildPhase,
    ChildProcess,
    ChildState,
    Failure,
    Log,
    ProtocolError,
    Questions,
    Supervisor,
    repeat,
    say,
)
from ..model import ClipName, Clock, Secret, parse_camera_key
from .board import SLOTS, Board
from .errors import WatchError
from .messages import WATCH, GetStill, News, Record, RemoveCamera, SetCamera, State, still_from_bytes
from .quarantine import Quarantine
from .states import WatchNews, WatchPhase, WatchSettings, WatchState, WatchStill

ASK_WITHIN = 5.0
"""Seconds that the worker has to answer."""
CRASHES = "crashes"
"""The reason of a camera that is held back because the worker died over its video."""

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class _Camera:
    """What the parent knows of a watched camera."""

    slot: int
    url: Secret
    settings: WatchSettings
    state: WatchState = field(default_factory=lambda: WatchState(WatchPhase.OPENING))

    def order(self, key: str) -> SetCamera:
        """Return what the process has to know of it."""
        return SetCamera.of(key, self.slot, self.url, self.settings)


class WatchWorker:
    """A supervised worker process that watches many cameras.

    What is added here stays added: after a crash the next process gets everything back, but for the camera
    that it died over, which is tried again later: it must not cost the others their watch.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        on_news: Callable[[str, WatchNews], None] = lambda _key, _news: None,
        on_state: Callable[[str, WatchState], None] = lambda _key, _state: None,
        on_worker: Callable[[ChildState], None] = lambda _: None,
    ) -> None:
        """Prepare; nothing runs before `start`.

        `on_news` gets a camera key and what happened before it, `on_state` how its watch stands now,
        `on_worker` how the process does. All are called in the event loop; what they raise is logged and
        changes nothing.
        """
        self._clock = clock
        self._on_news = on_news
        self._on_state = on_state
        self._on_worker = on_worker
        self._cameras: dict[str, _Camera] = {}
        self._slots = itertools.cycle(range(SLOTS))
        self._board: Board | None = None
        self._quarantine = Quarantine(rng)
        self._trials: asyncio.Task[None] | None = None
        self._questions = Questions(WATCH)
        self._turning = asyncio.Lock()
        """Who starts or ends the process does it alone; each of both has its limit."""
        self._supervisor = Supervisor(
            WATCH,
            clock=clock,
            rng=rng,
            hear=self._hear,
            restore=self._restore,
            ended=self._questions.nobody_there,
            on_state=self._worker_changed,
            excuse=self._hold_back,
        )

    @property
    def state(self) -> ChildState:
        """How the process stands."""
        return self._supervisor.state

    @property
    def pid(self) -> int | None:
        """Process id of the worker, or None while there is none."""
        return process.pid if (process := self._supervisor.process) else None

    @property
    def states(self) -> Mapping[str, WatchState]:
        """How the watch of each camera stands, by camera key."""
        return {key: camera.state for key, camera in self._cameras.items()}

    async def start(self) -> None:
        """Start the process and wait until it serves; raises WatchError."""
        async with self._turning:
            if self.state.phase is not ChildPhase.STOPPED:
                return
            try:
                self._board = Board()
            except OSError as err:
                raise WatchError(os.strerror(err.errno or 0), reason="not_started") from None
            try:
                await self._supervisor.start(self._board.fileno())
            except BaseException:
                await self._close()
                raise

    async def stop(self) -> None:
        """End everything; nothing is left. Cameras stay known for another start."""
        async with self._turning:
            try:
                await self._supervisor.stop()
            finally:
                await self._close()

    async def _close(self) -> None:
        """Let go of what there is besides the process."""
        trials, self._trials = self._trials, None
        board, self._board = self._board, None
        if board is not None:
            board.close()
        if trials is not None:
            trials.cancel()
            await asyncio.gather(trials, return_exceptions=True)

    async def add(self, camera_key: str, url: Secret, settings: WatchSettings) -> None:
        """Watch a camera, or watch it otherwise; only another URL opens its stream anew.

        Raises InvalidField for a key that is none.
        """
        parse_camera_key(camera_key)
        if (known := self._cameras.get(camera_key)) is None:
            known = self._cameras[camera_key] = _Camera(self._free_slot(), url, settings)
        else:
            known.url, known.settings = url, settings
        if not self._quarantine.holds(camera_key):
            await self._tell(known.order(camera_key))

    def _free_slot(self) -> int:
        """Return a slot that is nobody's, the longest unused; one is shared where there are too many."""
        taken = {camera.slot for camera in self._cameras.values()}
        circle = itertools.islice(self._slots, SLOTS)
        return next((slot for slot in circle if slot not in taken), 0)

    async def remove(self, camera_key: str) -> None:
        """Watch a camera no more, and bear it no grudge should it come again."""
        self._quarantine.forget(camera_key)
        if self._cameras.pop(camera_key, None) is not None:
            await self._tell(RemoveCamera(camera_key))

    async def still(self, camera_key: str) -> WatchStill:
        """Return the picture looked at last; raises WatchError (`no_picture`, `unknown_camera`, …)."""
        payload = await self._ask(lambda number: GetStill(number, camera_key))
        try:
            return still_from_bytes(payload)
        except ProtocolError:
            raise WatchError("not a still", reason="no_picture") from None

    async def record(self, camera_key: str, seconds: float, pre_roll: float = 0.0) -> str:
        """Begin to record now and return the clip's id; how it goes is told as news. Raises WatchError."""
        clip_id = ClipName.new(self._clock.time()).id
        await self._ask(lambda number: Record(number, camera_key, clip_id, seconds, pre_roll))
        return clip_id

    async def _tell(self, message: object) -> None:
        """Say something to the process; when there is none, the next one gets everything anyway."""
        if (process := self._supervisor.process) is not None:
            process.pipe.send(message)
            await process.pipe.drained(SLACK)

    async def _ask(self, message: Callable[[int], object]) -> bytes:
        if (process := self._supervisor.process) is not None:
            return await self._questions.ask(process.pipe, message, ASK_WITHIN)
        raise WatchError("the worker is not running", reason=WATCH.down)

    def _restore(self, process: ChildProcess) -> None:
        """Give a new process everything but those who are held back, and see to them."""
        if self._board is not None:
            self._board.wipe()
        for key, camera in self._cameras.items():
            if not self._quarantine.holds(key):
                process.pipe.send(camera.order(key))
        if self._trials is not None:
            self._trials.cancel()
        self._trials = asyncio.create_task(self._try_again(process), name="watch trials")

    def _hold_back(self) -> bool:
        """Hold back whom the process died over; returns whether there is anybody.

        The next process is spared what this one died of then, and nobody else has to wait for it.
        """
        slots = self._board.accused() if self._board is not None else ()
        keys = [key for key, camera in self._cameras.items() if camera.slot in slots]
        held = self._quarantine.accuse(keys, self._clock.monotonic())
        if any(self._quarantine.strikes(key) == 1 for key in held):
            _LOGGER.warning(
                "The watch worker died over a camera's video. Held back for a while: %d; their watch sensors "
                "tell which. All others are watched again at once",
                len(held),
            )
        for key in held:
            camera = self._cameras[key]
            self._set_state(key, camera, WatchState(WatchPhase.STALLED, camera.state.mode, reason=CRASHES))
        return bool(held)

    async def _try_again(self, process: ChildProcess) -> None:
        """Give this process those who were held back, each when its time has come, one at a time."""
        while (pause := self._quarantine.wait(self._clock.monotonic())) is not None:
            await self._clock.sleep(pause)
            if process is not self._supervisor.process:
                return
            key = self._quarantine.release(self._clock.monotonic())
            if key is not None and (camera := self._cameras.get(key)) is not None:
                self._set_state(key, camera, WatchState(WatchPhase.OPENING))
                process.pipe.send(camera.order(key))

    def _worker_changed(self, state: ChildState) -> None:
        if state.phase is not ChildPhase.READY:
            reason = WATCH.down if state.phase is ChildPhase.FAILED else ""
            phase = WatchPhase.STALLED if reason else WatchPhase.OPENING
            for key, camera in self._cameras.items():
                if not self._quarantine.holds(key):
                    self._set_state(key, camera, replace(camera.state, phase=phase, reason=reason))
        say(self._on_worker, state)

    def _set_state(self, key: str, camera: _Camera, state: WatchState) -> None:
        if state != camera.state:
            camera.state = state
            say(self._on_state, key, state)

    def _hear(self, message: Any) -> None:
        match message:
            case State(key=key, state=state) if camera := self._cameras.get(key):
                watched = state.phase in (WatchPhase.WARMING, WatchPhase.WATCHING)
                self._quarantine.note(key, watched=watched, now=self._clock.monotonic())
                self._set_state(key, camera, state)
            case News(key=key, news=news):
                # Also of a camera that was just taken away: its clips are finished all the same.
                say(self._on_news, key, news)
            case Answer(id=number, payload=payload):
                self._questions.answered(number, payload)
            case Failure(id=number, reason=reason):
                self._questions.failed(number, reason)
            case Log():
                repeat(_LOGGER, WATCH.room, message)
