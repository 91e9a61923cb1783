"""What happens in the scenarios, in the order in which it does, and what may be expected."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from .report import Figures

CAMERAS = ("--camera", "porch", "--camera", "garden,framing=cc51,scene=garden,status=6")
"""The one that gets the troubles, and the one that must not notice: a browser can play both."""

SHOWN_S = 8.0
BACK_S = 5.0


@dataclass(frozen=True, slots=True)
class CameraFault:
    """A camera that goes away, and answers again once everybody knows and `away` seconds are over."""

    name: str
    told: str
    trouble: str
    body: Mapping[str, object] = field(default_factory=dict)
    away: float = 6.0

    @property
    def limits(self) -> dict[str, float]:
        """What may be expected."""
        return {"shown_s": SHOWN_S, "back_s": BACK_S, "lost_frames": 0, "others_troubles": 0}


CAMERA_FAULTS = (
    CameraFault("frozen", "freezes: it hears nothing and says nothing, like a stopped program", "mute"),
    CameraFault("picture_stopped", "sends no more pictures, but answers as if nothing were wrong", "freeze"),
    CameraFault(
        "killed",
        "is killed, and starts again",
        "reboot",
        {"away": 600, "refused": True},
    ),
    CameraFault("rebooted", "reboots without a word", "reboot", {"away": 600}),
    CameraFault("closed", "hangs up properly and falls asleep", "sleep"),
    CameraFault("away_20_s", "is off the network for 20 seconds", "mute", away=20.0),
)

OPENED_WHILE_AWAY = "opened_while_away"
OPENED_LIMITS: dict[str, float] = {"back_s": BACK_S}


@dataclass(frozen=True, slots=True)
class ProcessFault:
    """A process of the integration that gets a signal."""

    name: str
    told: str
    process: str
    number: signal.Signals
    limits: dict[str, float]


PROCESS_FAULTS = (
    ProcessFault(
        "go2rtc_killed",
        "go2rtc is killed",
        "go2rtc",
        signal.SIGKILL,
        {"process_s": 2.0, "back_s": 6.0},
    ),
    ProcessFault(
        "relay_killed",
        "the relay is killed",
        "relay",
        signal.SIGKILL,
        {"process_s": 2.0, "back_s": 4.0},
    ),
    ProcessFault(
        "go2rtc_stopped",
        "go2rtc hangs",
        "go2rtc",
        signal.SIGSTOP,
        {"process_s": 15.0, "back_s": 21.0},
    ),
    ProcessFault(
        "relay_stopped",
        "the relay hangs",
        "relay",
        signal.SIGSTOP,
        {"process_s": 15.0, "back_s": 19.0},
    ),
)
"""For one that hangs `back_s` is the limit for another one, and what a viewer may wait after a death."""

RESTARTED = "home_assistant_restarted"
RESTARTED_LIMITS: dict[str, float] = {"back_s": 10.0}

CRASH_LOOP = "crash_loop"
CRASHES = 5
"""So many deaths in a row may there be until the person is told."""

REPAIRS = {"go2rtc": "stream_server_failing", "relay": "relay_failing"}
"""Process → the repair that tells of it."""

CRASH_LIMITS: dict[str, float] = {f"{process}_deaths_until_repair": CRASHES for process in REPAIRS}


LEAST_PAUSE_S = 0.8
"""Seconds that the second restart waits at least; each further one waits for twice as long."""


def is_patient(pauses: list[float]) -> bool:
    """Tell whether each restart waited as long as it must at least; the first may come at once.

    A start takes its own time beside that, and of one that was slow nothing follows for the next.
    """
    return all(pause >= LEAST_PAUSE_S * 2**number for number, pause in enumerate(pauses[1:]))


def told(figures: Figures) -> str:
    """Return a fault's figures as a person reads them."""
    words = {
        "shown_s": "shown after {:.1f} s",
        "process_s": "another one after {:.1f} s",
        "back_s": "the picture moves again after {:.1f} s",
        "lost_frames": "the other camera lost {} frames",
    } | {
        f"{process}_deaths_until_repair": f"a repair tells of {process} after {{}} deaths"
        for process in REPAIRS
    }
    parts = [text.format(figures[name]) for name, text in words.items() if figures.get(name) is not None]
    return ", ".join(parts) or "nothing came of it"
