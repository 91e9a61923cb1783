"""A camera's settings, and what it does when it is told to change them."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import cycle
from typing import Any

from .commands import QUESTIONS, answers
from .counters import Counters
from .faults import Faults, Stubborn
from .settings import OFF, ON, PAN_RANGE, REST, Settings, WayPoint
from .specs import CameraSpec
from .wire import WireError

_YES, _NO = b"\1", b"\0"
_WIDE_SWEEP = [WayPoint(REST[1], pan, 3) for pan in (0, REST[0], PAN_RANGE, REST[0])]
"""What a patrol looks at when nobody has said where."""


class Conduct:
    """Answers commands, and patrols."""

    def __init__(self, spec: CameraSpec, faults: Faults, counters: Counters) -> None:
        """Take a complete spec; be as a camera comes from its box."""
        self.settings = Settings(fps=spec.picture.fps)
        self._faults = faults
        self._counters = counters
        self._answers = answers(spec.able)
        self._siren = OFF
        self._patrol: asyncio.TimerHandle | None = None

    def obey(self, code: int, payload: bytes) -> bytes | None:
        """Return the answer to a command, None for what the camera does not answer.

        Raises WireError for a malformed command.
        """
        answer = self._answers.get(code)
        stubborn = self._faults.stubborn
        if answer is None or stubborn is Stubborn.SILENT:
            return None
        if code not in QUESTIONS and stubborn:
            return _YES if stubborn is Stubborn.IGNORES else _NO
        result = answer(self.settings, payload)
        if result is None:
            raise WireError("malformed command")
        if code not in QUESTIONS:
            self._counters.orders += 1
            self._follow()
        return result

    def change(self, values: Mapping[str, Any]) -> None:
        """Change settings by name, as another app does; raises ValueError for what is none of them."""
        known = asdict(self.settings)
        for name, value in values.items():
            if type(known.get(name)) is not int or type(value) is not int:
                raise ValueError(f"no setting with a number: {name}")
        for name, value in values.items():
            setattr(self.settings, name, value)
        self._follow()

    def restart(self) -> None:
        """Be silent and stand still, as after a restart; all else is remembered."""
        self.settings.siren = self.settings.pan_scan = OFF
        self._follow()

    def stop(self) -> None:
        """End the patrol."""
        if self._patrol:
            self._patrol.cancel()
            self._patrol = None

    def _follow(self) -> None:
        """Do what the settings say now."""
        settings = self.settings
        if settings.siren == ON and self._siren != ON:
            self._counters.sirens += 1
        self._siren = settings.siren
        if settings.pan_scan != ON:
            self.stop()
        elif self._patrol is None:
            self._go_on(cycle(settings.way_points or _WIDE_SWEEP))

    def _go_on(self, points: Iterator[WayPoint]) -> None:
        """Turn to the next way-point, and to the one after it when its time is over."""
        point = next(points)
        self.settings.turn_to(point.pan, point.tilt)
        wait = max(1, point.wait)
        self._patrol = asyncio.get_running_loop().call_later(wait, self._go_on, points)
