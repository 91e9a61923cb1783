"""Turns a camera. Where it looks cannot be said twice without thinking, so it is not.

A relative turn that arrives twice turns twice, and a session repeats what stays unanswered. So:

- The session itself never repeats the two relative commands (`engine/lan`): they are sent once.
- When no answer comes, either the command was lost or its answer. The position tells: if it changed, the
  camera obeyed. If the camera answers this later question for three seconds and looks where it looked before,
  the command was lost, for no datagram and hardly a motor is that late; then it is sent once more, and never
  again.
- A camera that does not tell its position is not told twice: the person sees whether it moved, and we say
  that we do not know.

Going to a position, or to rest, may be said any number of times.
"""

from ..model import Clock
from .codec import build_position, build_rotation, build_step, parse_done, parse_position
from .errors import ControlError, ControlReason
from .line import UNANSWERED, CameraLine
from .moves import CLOSE, GoTo, Home, Move, Step, Turn
from .table import GET_POSITION, REST, ROTATE, SET_POSITION, STEP
from .values import Position

ONCE = 1.0
"""Seconds that the answer to a relative turn may take: a session that had to be opened is open by then, since
the position was asked before."""

COLD = 5.0
WARM = 1.5
"""Seconds for a question: before the first answer, and after it."""

STARTS = (0.0, 0.3, 0.7, 1.0, 1.0)
"""Seconds before each look whether a camera has begun to turn, after a turn that it did not answer: only its
answer may have been lost, and a motor, or the position that is told of it, can be late."""

LOOKS = (0.1, 0.3, 0.6, 1.0, 1.5, 2.0, 2.0)
"""Seconds before each look whether a camera has arrived: motors are slow."""


async def steer(line: CameraLine, clock: Clock, move: Move) -> Position | None:
    """Have a camera look elsewhere, and return where it looks then; None if it does not say.

    Raises ControlError: `unsupported`, `refused`, `ignored` (it says yes and stays away), `no_answer`,
    `malformed`.
    """
    match move:
        case Turn():
            return await _relative(line, clock, ROTATE, build_rotation(move.pan, move.tilt, move.speed))
        case Step():
            return await _relative(line, clock, STEP, build_step(move.pan, move.tilt, move.speed))
        case Home():
            parse_done(await line.command(REST, b"\3", COLD))
            return await _position(line, WARM)
        case GoTo():
            return await _go_to(line, clock, move.position)


async def _relative(line: CameraLine, clock: Clock, code: int, payload: bytes) -> Position | None:
    """Say a relative turn so that it happens once."""
    before = await _position(line, COLD)
    for last in (False, True):
        try:
            parse_done(await line.command(code, payload, ONCE))
            break
        except ControlError as err:
            if err.cause != UNANSWERED:
                raise
            after = await _moved(line, clock, before) if before is not None else None
            if after is not None and after != before:
                return after
            if after is None or last:
                raise
    return await _position(line, WARM) if before is not None else None


async def _moved(line: CameraLine, clock: Clock, before: Position) -> Position | None:
    """Return where a camera looks as soon as that is elsewhere, or at last; None where it does not say."""
    for pause in STARTS:
        if pause:
            await clock.sleep(pause)
        if (found := await _position(line, WARM)) != before:
            return found
    return before


async def _go_to(line: CameraLine, clock: Clock, target: Position) -> Position | None:
    """Go to a position, and wait for the camera to arrive or to stand still."""
    before = await _position(line, COLD)
    milliseconds = int(clock.time() * 1000)
    parse_done(await line.command(SET_POSITION, build_position(target, milliseconds), COLD))
    last = await _position(line, WARM)
    for pause in LOOKS:
        if last is None or last.miss(target) <= CLOSE:
            return last
        await clock.sleep(pause)
        found = await _position(line, WARM)
        if found == last:
            break
        last = found
    if last == before:
        raise ControlError(ControlReason.IGNORED)
    # It stands where it can get no nearer, or is still on its way.
    return last


async def _position(line: CameraLine, within: float) -> Position | None:
    """Return where a camera looks; None where it does not say, or says what makes no sense."""
    answer = await line.question(GET_POSITION, b"", within)
    try:
        return None if answer is None else parse_position(answer)
    except ControlError:
        return None
