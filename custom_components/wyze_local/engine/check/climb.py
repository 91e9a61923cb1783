"""Goes up the ladder of one camera, rung by rung, and says where it ended and why.

Nothing is changed at the camera: it is asked, and listened to. Ends within a minute, whatever it does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ..catalog import Catalog, ControlCatalog
from ..control import CameraControl, ControlError
from ..lan import CameraInfo, EndHandler, FrameHandler, LanError, LanSession, Reason, Stage
from ..model import CameraNetworks, Clock, Credentials, Neighbour, is_vendors, neighbour
from .listening import Listener
from .values import Diagnosis, Figure, Figures, Note, Outcome, Report, Rung, Saying, Step

LISTEN = 10.0
"""Seconds of media."""
SLOW = 1.0
"""Seconds that a command may take before the camera counts as slow."""

_REACHED: dict[Stage, Rung] = {
    Stage.SEARCH: Rung.UDP,
    Stage.SESSION: Rung.FRAMING,
    Stage.HANDSHAKE: Rung.HANDSHAKE,
    Stage.LOGIN: Rung.LOGIN,
    Stage.CHALLENGE: Rung.CHALLENGE,
}
"""Which rung is being tried while a stage lasts."""

_AT_THE_ADDRESS = frozenset({Reason.OUTSIDE, Reason.UNREACHABLE, Reason.BLOCKED})
"""Failures before anything could have answered."""


class Climb:
    """One check of one camera."""

    def __init__(
        self,
        credentials: Credentials,
        networks: CameraNetworks,
        *,
        clock: Clock,
        catalog: Catalog,
        controls: ControlCatalog,
        look_up: Callable[[str], Neighbour | None] = neighbour,
        turn: Callable[[], Awaitable[None]] | None = None,
        held: bool = False,
    ) -> None:
        """Prepare; `run` begins. `turn` is awaited before the camera is dialled; `held`: it plays here."""
        self._credentials = credentials
        self._networks = networks
        self._clock = clock
        self._catalog = catalog
        self._controls = controls
        self._look_up = look_up
        self._turn = turn
        self._steps: list[Step] = []
        self._rung = Rung.ADDRESS
        self._since = clock.monotonic()
        self._said = Saying()
        self._notes = [Note.HELD] if held else []
        self._doubt: Diagnosis | None = None

    async def run(self, seconds: float = LISTEN) -> Report:
        """Check, with so many seconds of media; raises nothing but what is our own fault."""
        if self._turn is not None:
            await self._turn()
        self._since = self._clock.monotonic()
        listener = Listener(self._since)
        over = asyncio.Event()
        try:
            session = await self._open(listener.take, lambda _: over.set())
        except LanError as err:
            return self._report(await self._judge(err))
        try:
            return self._report(await self._inside(session, listener, over, seconds))
        finally:
            await session.close()

    async def _open(self, on_frame: FrameHandler, on_end: EndHandler) -> LanSession:
        return await LanSession.open(
            self._credentials,
            clock=self._clock,
            on_frame=on_frame,
            on_end=on_end,
            networks=self._networks,
            on_stage=self._on_stage,
        )

    # The way in

    def _on_stage(self, stage: Stage) -> None:
        self._pass(_REACHED[stage])

    def _pass(
        self, following: Rung | None, outcome: Outcome = Outcome.PASSED, figures: Figures | None = None
    ) -> None:
        """Note what came of the rung, and go on to the next."""
        now = self._clock.monotonic()
        self._steps.append(Step(self._rung, outcome, round(now - self._since, 3), figures or {}))
        self._since = now
        if following is not None:
            self._rung = following

    async def _judge(self, error: LanError) -> Diagnosis:
        """Return why the way ended here."""
        if error.word in _AT_THE_ADDRESS and self._rung is Rung.UDP:
            # The address was taken for good as soon as something could be sent to it.
            self._steps.clear()
            self._rung = Rung.ADDRESS
        self._pass(None, Outcome.FAILED)
        if error.word is Reason.NO_ANSWER:
            return await self._silence()
        return Diagnosis(error.word.value)

    async def _silence(self) -> Diagnosis:
        """Return what silence means, by what the local network knows of the address."""
        found = await asyncio.to_thread(self._look_up, self._credentials.address.reveal())
        if found is None:
            return self._asleep_or(Diagnosis.NO_ANSWER)
        if not found.there:
            return self._asleep_or(Diagnosis.NOBODY_THERE)
        # Some models call themselves by another hardware address than their network's.
        if found.mac != self._credentials.mac.reveal() and not is_vendors(found.mac):
            return Diagnosis.OTHER_DEVICE
        return self._asleep_or(Diagnosis.NO_ANSWER)

    def _asleep_or(self, otherwise: Diagnosis) -> Diagnosis:
        battery = self._catalog.model(self._credentials.model).battery
        return Diagnosis.ASLEEP if battery else otherwise

    # Inside

    async def _inside(
        self, session: LanSession, listener: Listener, over: asyncio.Event, seconds: float
    ) -> Diagnosis:
        """Ask and listen; return what it comes to."""
        self._take_said(session.info)
        self._pass(Rung.COMMANDS, figures=_facts(session.info))
        listening = asyncio.create_task(self._until(over, seconds))
        try:
            await self._ask(session)
            await listening
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        wall = self._clock.time()
        found = listener.judge(session.stats, sound=session.info.audio)
        if over.is_set() and not listener.playable:
            found = Diagnosis.HUNG_UP
        self._notes += listener.notes(session.stats, wall)
        bad = {Diagnosis.NO_MEDIA, Diagnosis.NO_KEY_FRAME, Diagnosis.HUNG_UP}
        outcome = Outcome.FAILED if found in bad else Outcome.DOUBTFUL if found else Outcome.PASSED
        self._pass(None, outcome, listener.figures(session.stats, wall))
        if found in bad or self._doubt is None:
            return found or Diagnosis.WELL
        return self._doubt

    async def _until(self, over: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await over.wait()

    async def _ask(self, session: LanSession) -> None:
        """Ask how everything stands that such a camera may have."""
        answer = await self._how_long(session)
        control = CameraControl(session, self._clock, self._controls.model(self._said.model or self._model))
        answered: list[str] = []
        began = self._clock.monotonic()
        with suppress(ControlError):
            survey = await control.ask(control.conceivable)
            answered = sorted(feature.value for feature in survey.features)
        figures: dict[str, Figure] = {
            "answers": ", ".join(answered),
            "survey_seconds": round(self._clock.monotonic() - began, 2),
        }
        if answer is not None:
            figures["answer_seconds"] = round(answer, 3)
            self._doubt = Diagnosis.SLOW if answer > SLOW else None
        elif not answered:
            self._doubt = Diagnosis.MUTE_COMMANDS
        self._pass(Rung.MEDIA, Outcome.DOUBTFUL if self._doubt else Outcome.PASSED, figures)

    async def _how_long(self, session: LanSession) -> float | None:
        """Return how many seconds one short question takes; None when it stays unanswered."""
        began = self._clock.monotonic()
        try:
            await session.command(_CLOCK)
        except LanError:
            return None
        return self._clock.monotonic() - began

    @property
    def _model(self) -> str:
        return self._credentials.model

    def _take_said(self, info: CameraInfo) -> None:
        self._said = Saying(info.model, info.firmware, info.framing.value, info.protocol)
        if not self._catalog.model(info.model or self._model).name:
            self._notes.append(Note.UNKNOWN_MODEL)
        if info.model and self._model and info.model.upper() != self._model.upper():
            self._notes.append(Note.OTHER_MODEL)

    def _report(self, diagnosis: Diagnosis) -> Report:
        tried = {step.rung for step in self._steps}
        rest = (Step(rung, Outcome.NOT_REACHED) for rung in Rung if rung not in tried)
        steps = tuple(sorted((*self._steps, *rest), key=lambda step: list(Rung).index(step.rung)))
        return Report(diagnosis, tuple(self._notes), self._said, self._model, steps)


_CLOCK = 10090
"""Asks for the camera's clock, which all models have."""


def _facts(info: CameraInfo) -> dict[str, Figure]:
    """Return what a camera said at its log-in, without what it left out."""
    found = {
        "sound_announced": info.audio,
        "speaker": info.two_way,
        "wifi_signal": info.wifi_signal,
        "card": info.sd_present,
        "battery": info.battery,
    }
    return {name: value for name, value in found.items() if value is not None}
