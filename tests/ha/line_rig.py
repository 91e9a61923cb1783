"""What the tests of the line need: a house in which days pass, and what is asked of the vendor in them."""

import logging
from collections.abc import Iterator

import pytest

from homeassistant.core import Event, HomeAssistant, callback

from custom_components.wyze_local.engine.uplink import Policy
from dev.simulator import Simulator
from dev.simulator.cloud import FakeCloud

from .account_rig import House, OwnPace, cloud, make_house
from .rigging import Home, wait_for

__all__ = ["cloud"]

UPLINK = "sensor.a_e_line_to_the_vendor"
BUTTON = "button.a_e_check_the_cloud_now"
HOUR, DAY = 3600.0, 86_400.0
LIST = 1081.0
"""Seconds after which the next list has fallen due."""
MANY = 64
"""Sessions that a camera takes here: hours pass in seconds, and with them the checks that are minutes apart,
so that one may come while the session of the one before is being closed."""


@pytest.fixture
async def house(hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud) -> House:
    """Run a person's account that has the porch camera, as patient as it is at everybody's home."""
    house = await make_house(hass, home, simulator, cloud, uplink=Policy(), time=OwnPace)
    house.camera.limit_sessions(MANY)
    await house.start()
    return house


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Return what the log says of the line, from now on."""
    caplog.set_level(logging.INFO, "custom_components.wyze_local")
    found: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("custom_components.wyze_local")
    handler.addFilter(lambda record: "line to the vendor" in record.getMessage())
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)


class Days:
    """Lets time pass in a house, and counts what is asked of the vendor meanwhile, answered or not."""

    def __init__(self, house: House) -> None:
        """Begin now."""
        self.house = house
        self.passed = 0.0
        self.asked = 0
        self._seen: set[float] = set()
        self._count()
        self.asked = 0

    def _count(self) -> bool:
        """Count the calls that are over, and tell whether there are new ones."""
        new = {call.at for call in self.house.entry.runtime_data.account.calls} - self._seen
        self._seen |= new
        self.asked += len(new)
        return bool(new)

    async def next_call(self) -> None:
        """Let time pass until the vendor is asked again, and it is known what came of that."""
        clock, line = self.house.clock, self.house.entry.runtime_data.account.line
        planned = line.status.next_try
        wait = LIST if planned is None else max(planned.timestamp() - clock.time(), 0.0) + 1.0
        self.passed += wait
        clock.advance(wait)
        await wait_for(self._count)
        await self.answered()
        self._count()

    async def answered(self) -> None:
        """Wait until nothing is being asked: time that passes meanwhile makes an answer look old."""
        line = self.house.entry.runtime_data.account.line
        await wait_for(lambda: all(task is None or task.done() for task in (line._listing, line._probing)))

    async def until(self, word: str, within: float) -> None:
        """Let time pass until the line stands like that; fails after so many seconds of it."""
        end = self.passed + within
        while self.house.home.state(UPLINK) != word:
            await self.next_call()
            assert self.passed < end


def attributes(house: House) -> dict[str, object]:
    """Return what the sensor tells beside its word."""
    state = house.hass.states.get(UPLINK)
    assert state is not None
    return dict(state.attributes)


def name_of(house: House) -> str:
    """Return what the camera is called."""
    state = house.hass.states.get("camera.porch")
    assert state is not None
    return state.name


async def press(house: House) -> None:
    """Press the button, as a person does."""
    await house.hass.services.async_call("button", "press", {"entity_id": BUTTON}, blocking=True)


def outages_of_cameras(house: House) -> list[str]:
    """Return, in a list that grows, whenever the camera's entity becomes unavailable."""
    found: list[str] = []

    @callback
    def note(event: Event) -> None:
        state = event.data["new_state"]
        if event.data["entity_id"].startswith("camera.") and (state is None or state.state == "unavailable"):
            found.append(event.data["entity_id"])

    house.hass.bus.async_listen("state_changed", note)
    return found
