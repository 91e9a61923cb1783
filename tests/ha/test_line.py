"""The line to the vendor: an outage costs few calls and no picture; who is back is not believed at once."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.wyze_local.engine.uplink import Policy
from dev.simulator import Simulator
from dev.simulator.cloud import Device, FakeCloud

from .account_rig import House, let_guests_leave, make_house
from .rigging import DOMAIN, Home, wait_for

UPLINK = "sensor.a_e_line_to_the_vendor"
BUTTON = "button.a_e_check_the_cloud_now"
HOUR, DAY = 3600.0, 86_400.0
LIST = 1081.0
"""Seconds after which the next list has fallen due."""


@pytest.fixture
async def cloud(hass: HomeAssistant) -> AsyncIterator[FakeCloud]:
    """Run a vendor."""
    let_guests_leave(hass)
    async with FakeCloud() as running:
        yield running


@pytest.fixture
async def house(hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud) -> House:
    """Run a person's account that has the porch camera, as patient as it is at everybody's home."""
    house = await make_house(hass, home, simulator, cloud, uplink=Policy())
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
        await wait_for(lambda: all(task is None or task.done() for task in (line._listing, line._probing)))
        self._count()

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


async def test_a_day_without_the_vendor(house: House, lines: list[str]) -> None:
    """Three lists, then a probe now and then; the way back takes an hour in which nothing is taken over."""
    days, cameras = Days(house), outages_of_cameras(house)
    told = async_capture_events(house.hass, "wyze_local_uplink")
    assert house.home.state(UPLINK) == "online"
    await house.cloud.refuse()
    for _ in range(3):
        assert house.home.state(UPLINK) == "online"
        await days.next_call()
    assert house.home.state(UPLINK) == "offline"
    assert house.state == "offline"
    assert attributes(house)["why"] == "net"
    while days.passed < DAY:
        await days.next_call()
    print(f"{days.asked} calls in {days.passed / HOUR:.1f} hours of outage")
    assert days.asked <= 150
    assert house.home.state("sensor.a_e_stopped_without_the_cloud") == "news"

    await house.cloud.resume()
    house.user.devices[0].nickname = "Somebody else's"
    await days.until("recovering", 3600)
    back = days.passed
    await days.next_call()
    assert house.state == "signed_in"
    assert house.hass.states.get("camera.porch").name == "Porch"
    await days.until("online", 2 * HOUR)
    assert days.passed - back >= HOUR
    assert not cameras
    await wait_for(lambda: house.hass.states.get("camera.porch").name == "Somebody else's")
    assert [line.split(";")[0] for line in lines] == [
        "The line to the vendor is offline (net)",
        "The line to the vendor is online again",
    ]
    assert [(event.data["from"], event.data["to"], event.data["why"]) for event in told] == [
        ("online", "offline", "net"),
        ("offline", "recovering", "net"),
        ("recovering", "online", None),
    ]
    device = dr.async_get(house.hass).async_get(told[0].data["device_id"])
    assert device is not None
    assert (DOMAIN, house.entry.entry_id) in device.identifiers


@pytest.mark.parametrize(
    ("fault", "options", "why", "word"),
    [
        ("broken", {"status": 503}, "server", "fault"),
        ("code", {"code": 1000}, "server", "fault"),
        ("login_page", {}, "malformed", "not_trusted"),
        ("bad_json", {}, "malformed", "fault"),
        ("reset", {}, "net", "offline"),
    ],
    ids=["gateway", "1000", "portal", "half", "reset"],
)
async def test_half_a_day_of_nonsense(
    house: House, fault: str, options: dict[str, int], why: str, word: str
) -> None:
    """Whatever comes instead of an answer: few calls, one at a time, and the word for it stays true."""
    days, cameras, before = Days(house), outages_of_cameras(house), len(house.cloud.calls())
    house.cloud.fault(fault, **options)
    while days.passed < DAY / 2:
        await days.next_call()
    assert house.home.state(UPLINK) == "offline"
    assert attributes(house)["why"] == why
    assert house.state == word
    assert len(house.cloud.calls()) - before <= 75
    assert house.cloud.most_together("user") == 1
    assert not cameras


async def test_restarts_amid_an_outage_do_not_hurry(house: House, lines: list[str]) -> None:
    """Twenty starts in a row cost no call that would not have come anyway; what is shown is true at once."""
    days = Days(house)
    await house.cloud.refuse()
    while days.passed < 3 * HOUR:
        await days.next_call()
    lines.clear()
    await house.cloud.resume()
    house.cloud.fault("reset")
    since = attributes(house)["since"]
    before = len(house.cloud.calls())
    for _ in range(20):
        assert await house.hass.config_entries.async_reload(house.entry.entry_id)
        assert house.home.state(UPLINK) == "offline"
        house.clock.advance(5)
        await wait_for(lambda: house.home.state("camera.porch") == "idle")
    print(f"{len(house.cloud.calls()) - before} calls in 20 starts")
    assert len(house.cloud.calls()) - before <= 2
    assert attributes(house)["why"] == "net"
    assert str(attributes(house)["since"])[:13] <= str(since)[:13]
    assert not [line for line in lines if "still" not in line]


async def test_a_restart_in_a_recovery_does_not_shorten_it(house: House) -> None:
    """The hour begins once, and each list counts once."""
    days = Days(house)
    await house.cloud.refuse()
    while days.passed < HOUR:
        await days.next_call()
    await house.cloud.resume()
    await days.until("recovering", HOUR)
    back = days.passed
    for _ in range(3):
        assert await house.hass.config_entries.async_reload(house.entry.entry_id)
        assert house.home.state(UPLINK) == "recovering"
        assert not house.entry.runtime_data.account.line.may_change
        await days.next_call()
    await days.until("online", 2 * HOUR)
    assert days.passed - back >= HOUR


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
async def test_a_clock_that_is_set_leaves_nothing_stuck(house: House, jump: float) -> None:
    """A machine that has slept, or whose clock was mended, asks within a few minutes."""
    days = Days(house)
    await house.cloud.refuse()
    while days.passed < 3 * HOUR:
        await days.next_call()
    house.clock.ahead += jump
    before = days.asked
    for _ in range(5):
        house.clock.advance(40)
        await house.hass.async_block_till_done()
    await wait_for(lambda: days._count() or days.asked > before)


@pytest.mark.parametrize(
    ("told", "least"), [({"retry_after": 3600}, 3600), ({"retry_after": "soon", "reset_by": None}, 900)]
)
async def test_the_vendors_own_limit_has_a_clock_of_its_own(
    house: House, told: dict[str, object], least: float
) -> None:
    """Nothing is asked before the vendor allows it, not even by a person; that is no outage."""
    days = Days(house)
    house.cloud.fault("rate_limit", "devices", times=1, **told)
    await days.next_call()
    assert (house.home.state(UPLINK), attributes(house)["why"]) == ("limited", "rate")
    assert house.state == "limited"
    before = len(house.cloud.calls())
    with pytest.raises(HomeAssistantError) as refused:
        await press(house)
    assert refused.value.translation_key == "unchecked_limited"
    for _ in range(10):
        house.clock.advance((least - 30) / 10)
        await house.hass.async_block_till_done()
    assert len(house.cloud.calls()) == before
    house.clock.advance(least)
    await wait_for(lambda: house.home.state(UPLINK) == "online")
    house.clock.advance(LIST)
    await wait_for(lambda: house.state == "signed_in")


async def test_a_person_may_ask_now(house: House) -> None:
    """One call that says whose account it is, then the list; again after half a minute, and not before."""
    before = len(house.cloud.calls())
    await press(house)
    assert [call.endpoint for call in house.cloud.calls(since=before)] == ["user", "devices"]
    with pytest.raises(HomeAssistantError) as refused:
        await press(house)
    assert refused.value.translation_key == "unchecked_soon"
    assert refused.value.translation_placeholders is not None
    assert 0 < int(refused.value.translation_placeholders["seconds"]) <= 30
    house.clock.advance(31)
    await press(house)
    assert len(house.cloud.calls(since=before)) == 4


async def test_a_person_may_ask_amid_an_outage(house: House) -> None:
    """That is one probe; two good ones end a short outage, and a failed one makes nothing later."""
    days = Days(house)
    house.cloud.fault("reset")
    while days.passed < 3 * HOUR:
        await days.next_call()
    house.clock.advance(31)
    planned = attributes(house)["next_try"]
    before = len(house.cloud.calls())
    await press(house)
    assert [call.endpoint for call in house.cloud.calls(since=before)] == ["user"]
    assert attributes(house)["next_try"] == planned


async def test_a_probe_about_somebody_else_is_not_taken_for_the_vendor(house: House) -> None:
    """An answer that names another person stops everything at once, and the way back is the long one."""
    attic = Device.elsewhere("Attic", "WYZE_CAKP2JFUS")
    house.cloud.add_user("eve@example.org", devices=[attic])
    house.cloud.fault("wrong_account", "user", other="eve@example.org")
    await press(house)
    assert (house.home.state(UPLINK), attributes(house)["why"]) == ("offline", "trust")
    assert house.state == "unfamiliar"
    assert house.home.state("camera.porch") == "idle"
    await house.cloud.resume()
    days = Days(house)
    await days.until("recovering", HOUR)
    assert not house.entry.runtime_data.account.line.may_change


async def test_old_tokens_are_no_reason_for_more_calls_in_an_outage(house: House) -> None:
    """A probe is one call: tokens that have grown old meanwhile are renewed when the line is back."""
    days = Days(house)
    house.cloud.fault("broken", status=502)
    await days.until("offline", HOUR)
    house.clock.advance(2 * DAY)
    await days.next_call()
    before = len(house.cloud.calls())
    for _ in range(3):
        await days.next_call()
    assert [call.endpoint for call in house.cloud.calls(since=before)] == ["user"] * 3
