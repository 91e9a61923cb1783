"""Asks a camera how it stands: many things at once where it can, the rest one by one, a few at a time."""

import asyncio
from collections import deque
from collections.abc import Iterable

from ..model import Clock
from .codec import build_question, parse_number, parse_parameters, parse_position, parse_way_points
from .errors import ControlError, ControlReason
from .line import UNANSWERED, CameraLine
from .table import GET_POSITION, GET_WAY_POINTS, PARAMETERS, SETTINGS, Read, Setting
from .values import Feature, Position, Survey, Value, WayPoint

COLD = 5.0
"""Seconds for a question before the first answer: a session may have to be opened for it."""

WARM = 1.5
"""Seconds for any other: the session repeats it meanwhile."""

WITHIN = 10.0
"""Seconds after which nothing more is asked, whatever is still unknown."""

SILENT = 4
"""After so many questions without any answer there is nobody to be asked."""

AT_ONCE = 3
"""Questions under way at a time: cameras are small machines."""


class Asking:
    """One round of questions."""

    def __init__(self, line: CameraLine, clock: Clock, features: Iterable[Feature]) -> None:
        """Prepare to ask for these; what is no question is left out."""
        self._line = line
        self._clock = clock
        self._wanted = set(features)
        self._until = clock.monotonic() + WITHIN
        self._values: dict[Feature, Value] = {}
        self._position: Position | None = None
        self._way_points: tuple[WayPoint, ...] | None = None
        self._asked = self._answered = 0
        self._failure: ControlError | None = None
        self._complete = True

    async def run(self) -> Survey:
        """Ask, and return what was answered sensibly. Ends within 15 s, whatever the camera does.

        Raises ControlError (`no_answer`) when it answers nothing at all, or when the session ends.
        """
        if PARAMETERS not in self._line.mute:
            await self._many()
        await self._one_by_one()
        if PARAMETERS in self._line.mute:
            # Not the first time: it cost seconds then. It may have other firmware by now, though.
            await self._many()
        if self._failure is not None:
            raise self._failure
        if self._asked and not self._answered:
            raise ControlError(ControlReason.NO_ANSWER, UNANSWERED)
        return Survey(self._found, self._values, self._position, self._way_points or (), self._complete)

    @property
    def _found(self) -> frozenset[Feature]:
        found = set(self._values)
        if self._position is not None:
            found.add(Feature.POSITION)
        if self._way_points is not None:
            found.add(Feature.WAY_POINTS)
        return frozenset(found)

    async def _many(self) -> None:
        """Ask for everything that has a number, and is not known yet, in one question."""
        wanted = {
            setting.parameter: (feature, setting)
            for feature, setting in SETTINGS.items()
            if setting.parameter and feature in self._wanted - self._values.keys()
        }
        if not wanted or (answer := await self._ask(PARAMETERS, build_question(tuple(wanted)))) is None:
            return
        try:
            numbers = parse_parameters(answer)
        except ControlError:
            return
        for number in wanted.keys() & numbers.keys():
            feature, setting = wanted[number]
            self._take(feature, setting, numbers[number])

    async def _one_by_one(self) -> None:
        codes: dict[int, list[Feature]] = {}
        for feature in sorted(self._wanted - self._values.keys()):
            if (code := _code(feature)) is not None:
                codes.setdefault(code, []).append(feature)
        # What it left unanswered before comes last, where time may run out.
        left = deque(sorted(codes, key=lambda code: (code in self._line.mute, code)))

        async def worker() -> None:
            while left and self._failure is None:
                code = left.popleft()
                if (answer := await self._ask(code, b"")) is not None:
                    self._hear(code, codes[code], answer)

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(AT_ONCE, len(left))):
                workers.create_task(worker())

    async def _ask(self, code: int, payload: bytes) -> bytes | None:
        """Return an answer, if there is any time left for one."""
        left = self._until - self._clock.monotonic()
        if left <= 0 or self._failure is not None or (self._asked >= SILENT and not self._answered):
            self._complete = False
            return None
        self._asked += 1
        try:
            answer = await self._line.question(code, payload, min(left, WARM if self._answered else COLD))
        except ControlError as err:
            self._failure = self._failure or err
            return None
        self._answered += answer is not None
        return answer

    def _hear(self, code: int, features: list[Feature], answer: bytes) -> None:
        """Take an answer; one that makes no sense is as good as none."""
        try:
            if code == GET_POSITION:
                self._position = parse_position(answer)
            elif code == GET_WAY_POINTS:
                self._way_points = parse_way_points(answer)
            else:
                for feature in features:
                    self._take_from(feature, answer)
        except ControlError:
            return

    def _take_from(self, feature: Feature, answer: bytes) -> None:
        setting = SETTINGS[feature]
        if setting.read is not None:
            self._take(feature, setting, number_in(answer, setting.read))

    def _take(self, feature: Feature, setting: Setting, number: int) -> None:
        if (value := setting.meaning.read(number)) is not None:
            self._values[feature] = value


def number_in(answer: bytes, read: Read) -> int:
    """Return the number that an answer holds; raises ControlError (`malformed`)."""
    return parse_number(answer, read.at, read.size) - read.less


def _code(feature: Feature) -> int | None:
    """Return which command asks for a feature alone."""
    match feature:
        case Feature.POSITION:
            return GET_POSITION
        case Feature.WAY_POINTS:
            return GET_WAY_POINTS
        case _:
            setting = SETTINGS.get(feature)
            return setting.read.code if setting and setting.read else None
