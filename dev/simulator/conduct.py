"""A camera's settings, and what it does when it is told to change them."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict
from itertools import cycle
from typing import Any

from .commands import QUESTIONS, Answer, answers
from .counters import Counters
from .faults import Faults, Stubborn
from .look import USUAL, Light, Look, look_of
from .settings import OFF, ON, PAN_RANGE, REST, Settings, WayPoint
from .specs import CameraSpec
from .wire import WireError

_YES, _NO = b"\1", b"\0"
_WIDE_SWEEP = [WayPoint(REST[1], pan, 3) for pan in (0, REST[0], PAN_RANGE, REST[0])]
"""What a patrol looks at when nobody has said where."""


class Conduct:
    """Answers commands, patrols, and tells when the pictures must look different."""

    def __init__(
        self, spec: CameraSpec, faults: Faults, counters: Counters, on_look: Callable[[Look], None]
    ) -> None:
        """Take a complete spec; be as a camera comes from its box."""
        self.settings = Settings(fps=spec.picture.fps)
        self.light = Light.DAY
        self._faults = faults
        self._counters = counters
        self._on_look = on_look
        self._answers = answers(spec.able)
        self._look = USUAL
        self._siren = OFF
        self._orders: set[asyncio.TimerHandle] = set()
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
        dawdle = 0.0 if code in QUESTIONS else self._faults.dawdle
        result = answer(deepcopy(self.settings) if dawdle else self.settings, payload)
        if result is None:
            raise WireError("malformed command")
        if dawdle:
            self._later(dawdle, lambda: self._carry_out(answer, payload))
        elif code not in QUESTIONS:
            self._carried_out()
        return result

    def _carry_out(self, answer: Answer, payload: bytes) -> None:
        """Do at last what was answered long ago."""
        answer(self.settings, payload)
        self._carried_out()

    def _carried_out(self) -> None:
        """Count an order, and do what the settings say now."""
        self._counters.orders += 1
        self._follow()

    def _later(self, delay: float, action: Callable[[], None]) -> None:
        """Do something after a delay, unless the camera stops before."""

        def act() -> None:
            self._orders.discard(timer)
            action()

        timer = asyncio.get_running_loop().call_later(delay, act)
        self._orders.add(timer)

    def change(self, values: Mapping[str, Any]) -> None:
        """Change settings by name, as another app does; raises ValueError for what is none of them."""
        known = asdict(self.settings)
        for name, value in values.items():
            if type(known.get(name)) is not int or type(value) is not int:
                raise ValueError(f"no setting with a number: {name}")
        for name, value in values.items():
            setattr(self.settings, name, value)
        self._follow()

    def light_up(self, light: Light) -> None:
        """Let it be day, dusk or dark before the camera."""
        self.light = light
        self._follow()

    def restart(self) -> None:
        """Be silent, stand still and forget what was still to be done, as after a restart."""
        self.stop()
        self.settings.siren = self.settings.pan_scan = OFF
        self._follow()

    def stop(self) -> None:
        """End the patrol, and do nothing that is still to be done."""
        for timer in self._orders:
            timer.cancel()
        self._orders.clear()
        self._stand_still()

    def _stand_still(self) -> None:
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
            self._stand_still()
        elif self._patrol is None:
            self._go_on(cycle(settings.way_points or _WIDE_SWEEP))
        self._show()

    def _go_on(self, points: Iterator[WayPoint]) -> None:
        """Turn to the next way-point, and to the one after it when its time is over."""
        point = next(points)
        self.settings.turn_to(point.pan, point.tilt)
        self._show()
        wait = max(1, point.wait)
        self._patrol = asyncio.get_running_loop().call_later(wait, self._go_on, points)

    def _show(self) -> None:
        """Tell how the pictures look when that has changed."""
        look = look_of(self.settings, self.light)
        if look != self._look:
            self._look = look
            self._on_look(look)
