"""One camera's controls: what it has, how that stands, and how it is told to be otherwise.

Nothing is assumed: what a camera was told is read back until it says so itself. The session repeats what
stays unanswered, so all commands used here may be said twice; `steering.py` has those that may not.
"""

from collections.abc import Iterable

from ..catalog import ModelControls
from ..model import Clock
from .asking import COLD, WARM, Asking, number_in
from .codec import build_question, build_way_points, parse_done, parse_parameters, parse_way_points
from .errors import ControlError, ControlReason
from .line import UNANSWERED, CameraLine
from .moves import Move
from .steering import steer
from .table import GET_WAY_POINTS, PARAMETERS, SET_WAY_POINTS, SETTINGS, Setting
from .values import Feature, Position, Sender, Survey, Value, WayPoint

LOOKS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds before each look whether a camera does what it was told."""


class CameraControl:
    """Tells one camera what to do, and asks it. One command at a time is the caller's affair."""

    def __init__(self, sender: Sender, clock: Clock, model: ModelControls) -> None:
        """Speak through `sender`; `model` is what is known of such cameras."""
        self._line = CameraLine(sender)
        self._clock = clock
        self._model = model

    @property
    def conceivable(self) -> frozenset[Feature]:
        """What a camera of this model may have and can be asked for."""
        turns = self._model.turns is not False
        settings = {feature for feature, setting in SETTINGS.items() if turns or not setting.turns}
        return frozenset(settings | ({Feature.POSITION, Feature.WAY_POINTS} if turns else set()))

    async def ask(self, features: Iterable[Feature]) -> Survey:
        """Return how these features stand, as far as the camera answered sensibly.

        What it does not answer it has not got, or not now. Ends within 15 s, whatever the camera does.
        Raises ControlError (`no_answer`) when it answers nothing at all, or when the session ends.
        """
        return await Asking(self._line, self._clock, features).run()

    async def set(self, feature: Feature, value: Value) -> Value:
        """Change a feature, and return how it stands then, by the camera's own word.

        Raises ControlError: `unsupported`, `refused`, `ignored` (it says yes and reads otherwise),
        `no_answer`, `malformed`.
        """
        setting = SETTINGS.get(feature)
        if setting is None or (number := setting.meaning.write(value)) is None:
            raise ControlError(ControlReason.UNSUPPORTED)
        unheard = await self._say(*setting.write(number, self._model))
        found: Value | None = None
        for pause in LOOKS:
            if pause:
                await self._clock.sleep(pause)
            found = await self._read(feature, setting)
            if found is None:
                break
            if _same(value, found, setting.slack):
                return found
        if found is None:
            raise ControlError(ControlReason.NO_ANSWER, UNANSWERED)
        if unheard is not None:
            raise ControlError(unheard.word, unheard.cause, found)
        raise ControlError(ControlReason.IGNORED, found=found)

    async def move(self, move: Move) -> Position | None:
        """Have the camera look elsewhere; returns where it looks then, None if it does not say.

        Raises ControlError as `set` does.
        """
        return await steer(self._line, self._clock, move)

    async def save_way_points(self, points: tuple[WayPoint, ...]) -> tuple[WayPoint, ...]:
        """Have the camera remember these positions instead of its own; returns what it remembers then.

        Raises ControlError as `set` does.
        """
        unheard = await self._say(SET_WAY_POINTS, build_way_points(points))
        answer = await self._line.question(GET_WAY_POINTS, b"", WARM)
        if answer is None:
            raise ControlError(ControlReason.NO_ANSWER, UNANSWERED)
        found = parse_way_points(answer)
        if found != points:
            raise unheard or ControlError(ControlReason.IGNORED)
        return found

    async def _say(self, code: int, payload: bytes) -> ControlError | None:
        """Send a command that changes something; returns an error when only its answer is missing.

        That may have been lost, and not the command: the camera will say which. Raises ControlError.
        """
        try:
            parse_done(await self._line.command(code, payload, COLD))
        except ControlError as err:
            if err.cause != UNANSWERED:
                raise
            return err
        return None

    async def _read(self, feature: Feature, setting: Setting) -> Value | None:
        """Return how a feature stands; None when the camera does not say. Raises ControlError."""
        ways = [setting.read.code] if setting.read else []
        if setting.parameter:
            # The short question first, except for what is one of many numbers in the answer to it as well.
            ways.insert(int(bool(ways) and setting.read is not None and not setting.read.at), PARAMETERS)
        for code in sorted(ways, key=self._line.mute.__contains__):
            many = code == PARAMETERS
            question = build_question((setting.parameter,)) if many else b""
            if (answer := await self._line.question(code, question, WARM)) is None:
                continue
            if many:
                number = parse_parameters(answer).get(setting.parameter)
            else:
                number = number_in(answer, setting.read) if setting.read else None
            if number is not None:
                return setting.meaning.read(number)
        return None


def _same(wanted: Value, found: Value, slack: int) -> bool:
    """Tell whether a camera does what it was told."""
    if slack and isinstance(wanted, int) and isinstance(found, int):
        return abs(wanted - found) <= slack
    return wanted == found
