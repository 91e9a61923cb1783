"""The trials without internet, from the first to the last, on a simulated camera and in virtual time."""

import asyncio
from collections.abc import Callable

import pytest

from dev.simulator import Audio, Camera, CameraSpec, Framing, Simulator
from engine.check.offline import try_offline
from engine.check.values import Cue, Offline, Trial
from engine.model import CameraNetworks, Credentials

from ..lan.virtual import LoopClock, virtual

SPEC = CameraSpec("porch", Framing.CC51, audio=Audio.NONE)
WITHIN = 60.0
"""Seconds that the camera may take to come back; a person waits three times as long."""
NETWORKS = CameraNetworks.parse(["127.0.0.0/8"])

type Notice = Callable[[Camera], object]
"""What a camera does when it is cut off, or gets its power again."""


def _nothing(_: Camera) -> None:
    pass


def _give_up(camera: Camera) -> None:
    camera.freeze()
    camera.limit_sessions(0)


CASES: dict[str, tuple[Notice, Notice, tuple[str, str, str]]] = {
    "takes no notice": (_nothing, lambda camera: camera.reboot(away=40), ("yes", "yes", "yes")),
    "ends what stands": (lambda camera: camera.reboot(away=5), _nothing, ("no", "yes", "yes")),
    "is slow to come back": (
        _nothing,
        lambda camera: camera.reboot(away=WITHIN - 10),
        ("yes", "yes", "yes"),
    ),
    "lives by the cloud": (_give_up, lambda camera: camera.sleep(), ("no", "no", "no")),
    "comes back without pictures": (_nothing, lambda camera: camera.freeze(), ("yes", "yes", "no")),
}


@pytest.fixture(scope="module", autouse=True)
def _footage() -> None:
    """Have the pictures made in real time: ffmpeg would never be done while time jumps."""

    async def make() -> None:
        async with Simulator([SPEC]):
            pass

    asyncio.run(make())


async def _try(notices: dict[Cue, Notice], before: Notice = _nothing) -> tuple[Offline, list[Cue], float]:
    """Go through the trials; a cue without a notice is where the person ends them."""
    clock, asked = LoopClock(), list[Cue]()
    async with Simulator([SPEC]) as simulator:
        camera = simulator.cameras["porch"]
        before(camera)

        async def ask(cue: Cue) -> bool:
            asked.append(cue)
            if cue in notices:
                notices[cue](camera)
            return cue in notices

        found = camera.credentials
        way = Credentials.parse(
            address=found.address, port=found.port, uid=found.uid, enr=found.enr, mac=found.mac
        )
        began = clock.monotonic()
        offline = await try_offline(way, NETWORKS, clock=clock, ask=ask, stands=12, within=WITHIN)
        seconds = clock.monotonic() - began
        async with asyncio.timeout(30):
            while camera.sessions:
                await asyncio.sleep(0.1)
    return offline, asked, seconds


@pytest.mark.parametrize("name", CASES)
@virtual
async def test_the_whole_way(name: str) -> None:
    cut, power, expected = CASES[name]
    offline, asked, seconds = await _try({Cue.CUT: cut, Cue.POWER: power})
    assert tuple(offline.outcomes[trial].value for trial in Trial) == expected
    assert asked == [Cue.CUT, Cue.POWER]
    assert seconds < WITHIN + 40, "whoever waits at the plug is told when it is over"


@virtual
async def test_a_camera_that_lets_nobody_in_at_first_has_no_session_that_could_go_on() -> None:
    offline, asked, _ = await _try({Cue.CUT: lambda camera: camera.resume()}, lambda camera: camera.mute())
    assert [offline.outcomes[trial].value for trial in Trial] == ["not_tried", "yes", "not_tried"]
    assert asked == [Cue.CUT, Cue.POWER]


@virtual
async def test_nothing_is_tried_that_the_person_does_not_go_along_with() -> None:
    offline, asked, seconds = await _try({})
    assert {ending.value for ending in offline.outcomes.values()} == {"not_tried"}
    assert (asked, seconds < 10) == ([Cue.CUT], True)
