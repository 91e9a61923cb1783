"""What the vendor's cloud tells of events: of trusted cameras, in time, once, and asked for seldom."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.wyze_local.cameras import async_change_camera
from custom_components.wyze_local.cloud_hints import AFTER_MOTION, MOST_AN_HOUR, POLL, POLLS_A_DAY
from custom_components.wyze_local.engine.events import AHEAD, LATE, Fired
from custom_components.wyze_local.engine.uplink import Policy
from custom_components.wyze_local.engine.watch import MotionBegan, MotionEnded, WatchPhase, WatchState
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud.events import DOORBELL, MOTION, PERSON, PET, SOUND, Event

from .account_rig import own_host
from .automating import automate
from .canaries import shapes
from .line_rig import HOUR, Days
from .ownership_rig import PORT, Trusting, look_for, trusting
from .rigging import Home, wait_for

MODEL = "HL_DB2"
"""A doorbell whose picture can be had on the local network."""

pytestmark = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", host=own_host(), port=PORT, model=MODEL)]], indirect=True
)

EVENTS = "event.porch_events"
HINTS, PRESSES, BUTTON = (
    "switch.a_e_ask_the_cloud_what_moved",
    "switch.porch_ask_the_cloud_for_presses",
    "event.porch_doorbell",
)


@pytest.fixture
async def here(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Trusting]:
    """Run a person's account that has the porch doorbell, and a neighbour's that has three cameras."""
    async with trusting(hass, home, simulator, caplog) as found:
        yield found


@pytest.fixture
async def patient(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Trusting]:
    """Run the same with the pace of everybody's home."""
    async with trusting(hass, home, simulator, caplog, uplink=Policy()) as found:
        yield found


def news_of(here: Trusting) -> Any:
    """Return the porch's events."""
    (camera_key,) = here.house.entry.data["cameras"]
    return here.house.entry.runtime_data.events.camera(camera_key)


@pytest.fixture
def told(here: Trusting) -> list[Fired]:
    """Return, in a list that grows, what is told of the porch."""
    found: list[Fired] = []
    news_of(here).async_listen_events(found.append)
    return found


def words(told: list[Fired]) -> list[str]:
    """Return what was told, and by whom, and begin anew."""
    found = [f"{one.kind} {one.event.origin}" for one in told]
    told.clear()
    return found


_numbers: Iterator[int] = iter(range(1_000_000))


def move(here: Trusting) -> None:
    """Let something move before the porch, for a second, as the watch worker tells it."""
    news, at, name = news_of(here), here.house.clock.time(), f"motion {next(_numbers)}"
    news.async_take_state(WatchState(WatchPhase.WATCHING))
    news.makes_clips = False
    news.async_take(MotionBegan(name, at, 0.5, (), None))
    news.async_take(MotionEnded(name, at + 1, 0.5, (), None))


def happen(here: Trusting, value: str = MOTION, *tags: int, ago: float = 0.0, **more: Any) -> Event:
    """Let the vendor know that something happened before the porch."""
    house = here.house
    values = {"mac": house.camera.spec.mac, "model": MODEL} | more
    at_ms = int((house.cloud.clock.now() - ago) * 1000)
    event = Event(f"{values['mac']}-{next(_numbers)}", at_ms=at_ms, value=value, tags=tags, **values)
    house.user.events.append(event)
    return event


def asked(here: Trusting) -> int:
    """Count the questions for events."""
    return len(here.house.cloud.calls("events"))


async def pass_time(here: Trusting, seconds: float) -> None:
    """Let time pass, and wait until what was due is done."""
    await here.later(seconds)
    await asyncio.sleep(0)
    hints = here.house.entry.runtime_data.events.hints
    await wait_for(lambda: not hints.asking, 20)
    await here.house.hass.async_block_till_done()


async def turn(here: Trusting, entity_id: str, *, on: bool) -> None:
    """Turn a switch as a person does."""
    service = "turn_on" if on else "turn_off"
    await here.house.hass.services.async_call("switch", service, {ATTR_ENTITY_ID: entity_id}, blocking=True)
    await here.house.hass.async_block_till_done()


async def test_asked_once_some_time_after_motion(here: Trusting, told: list[Fired]) -> None:
    """Not before, since the vendor knows nothing sooner; its word joins what was seen here."""
    moved = here.house.cloud.clock.now()
    move(here)
    assert words(told) == ["motion local"]
    happen(here, MOTION, PERSON)
    await pass_time(here, AFTER_MOTION - 1)
    await pass_time(here, 1)
    assert (asked(here), words(told)) == (1, ["person both"])
    (question,) = here.house.cloud.calls("events")
    # By two clocks of one machine; not sooner by more than these may part.
    assert question.at > moved + AFTER_MOTION - 0.1
    await pass_time(here, 600)
    assert asked(here) == 1


async def test_motion_in_between_is_asked_about_in_its_own_time(here: Trusting, told: list[Fired]) -> None:
    """One question for all that moved until then; each is asked about twenty seconds later or more."""
    move(here)
    await pass_time(here, 10)
    move(here)
    await pass_time(here, 5)
    move(here)
    happen(here, MOTION, PET)
    await pass_time(here, 5)
    assert asked(here) == 1
    await pass_time(here, 15)
    assert (asked(here), words(told)) == (2, ["motion local"] * 3 + ["pet both"])


async def test_at_most_so_many_an_hour(here: Trusting) -> None:
    """Whatever moves; then it goes on."""
    for _ in range(60):
        move(here)
        await pass_time(here, 50)
    assert asked(here) == MOST_AN_HOUR
    await pass_time(here, HOUR)
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert asked(here) == MOST_AN_HOUR + 1


async def test_a_reload_does_not_begin_the_hour_anew(here: Trusting) -> None:
    """However often somebody changes something that needs one."""
    for _ in range(MOST_AN_HOUR):
        move(here)
        await pass_time(here, 50)
    assert asked(here) == MOST_AN_HOUR
    assert await here.house.hass.config_entries.async_reload(here.house.entry.entry_id)
    await wait_for(lambda: here.house.state == "signed_in", 20)
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert asked(here) == MOST_AN_HOUR


@pytest.mark.parametrize("ahead", [150.0, -150.0])
async def test_a_wrong_clock_takes_nothing_away(here: Trusting, told: list[Fired], ahead: float) -> None:
    """The vendor's answers tell its own time; what it says joins what was seen here all the same."""
    here.house.clock.ahead = ahead
    await here.house.ask()
    move(here)
    happen(here, MOTION, PERSON)
    await pass_time(here, AFTER_MOTION)
    assert (asked(here), words(told)) == (1, ["motion local", "person both"])


async def test_the_events_entity_says_whether_anybody_asks(here: Trusting) -> None:
    """Where nobody watches and nothing is asked, nobody could tell."""
    hass, entry = here.house.hass, here.house.entry
    await turn(here, PRESSES, on=True)
    assert here.house.home.state(EVENTS) == "unknown"
    (camera_key,) = entry.data["cameras"]
    async_change_camera(hass, entry, camera_key, watch="key")
    news_of(here).async_take_state(WatchState(WatchPhase.STALLED))
    await turn(here, PRESSES, on=False)
    await wait_for(lambda: not news_of(here).watched)
    assert here.house.home.state(EVENTS) == "unknown"
    await turn(here, HINTS, on=False)
    news_of(here).async_take_state(WatchState(WatchPhase.STALLED))
    assert here.house.home.state(EVENTS) == "unavailable"
    await turn(here, HINTS, on=True)
    assert here.house.home.state(EVENTS) == "unknown"
    await turn(here, PRESSES, on=True)
    await turn(here, HINTS, on=False)
    news_of(here).async_take_state(WatchState(WatchPhase.STALLED))
    assert (here.house.home.state(EVENTS), here.house.home.state(BUTTON)) == ("unavailable", "unknown")


async def test_off_is_off(here: Trusting, told: list[Fired]) -> None:
    """The person may have it so; what is seen here is told as ever, also after a restart."""
    state = here.house.hass.states.get(HINTS)
    assert state is not None
    assert (state.state, state.attributes["calls_per_hour_at_most"]) == ("on", MOST_AN_HOUR)
    move(here)
    await turn(here, HINTS, on=False)
    await pass_time(here, AFTER_MOTION)
    move(here)
    await pass_time(here, HOUR)
    assert (asked(here), words(told)) == (0, ["motion local"] * 2)
    assert await here.house.hass.config_entries.async_reload(here.house.entry.entry_id)
    assert here.house.home.state(HINTS) == "off"


@pytest.mark.parametrize("ago", [LATE + 1, 600.0, -AHEAD - 30])
async def test_never_late(here: Trusting, told: list[Fired], ago: float) -> None:
    """Nobody wants a light to go on for who was there minutes ago; nor for who has yet to come.

    However the vendor understands what it was asked for.
    """
    await pass_time(here, HOUR)
    event = happen(here, MOTION, PERSON)
    event.extra["event_ts"] = event.at_ms - int((ago - AFTER_MOTION) * 1000)
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert (asked(here), words(told)) == (1, ["motion local"])


async def test_what_nobody_saw_here_is_told_as_the_clouds(here: Trusting, told: list[Fired]) -> None:
    """If it is of now, and not of the time of anything that was seen."""
    await pass_time(here, HOUR)
    happen(here, SOUND, ago=60)
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert words(told) == ["motion local", "sound cloud"]


async def test_never_twice(hass: HomeAssistant, here: Trusting, told: list[Fired]) -> None:
    """However often the vendor says it, and over a restart; what it adds is told."""
    await pass_time(here, HOUR)
    move(here)
    event = happen(here)
    happen(here, SOUND, ago=70)
    await pass_time(here, AFTER_MOTION)
    assert words(told) == ["motion local", "sound cloud"]
    event.tags = (PERSON,)
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert (asked(here), words(told)) == (2, ["motion local", "person both"])

    assert await hass.config_entries.async_reload(here.house.entry.entry_id)
    await wait_for(lambda: here.house.state == "signed_in", 20)
    news_of(here).async_listen_events(told.append)
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert (asked(here), words(told)) == (3, ["motion local"])


async def test_only_of_trusted_cameras(here: Trusting, told: list[Fired]) -> None:
    """No stranger's camera is told of, nor one of ours that its own answers speak against."""
    happen(here, MOTION, PERSON, mac=here.neighbour.devices[0].mac)
    happen(here, MOTION, PERSON, model="WYZEC1")
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert (asked(here), words(told)) == (1, ["motion local"])
    here.house.camera.sleep()
    here.suspect()
    happen(here, MOTION, PERSON)
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert here.camera("porch") == "suspect"
    assert (asked(here), words(told)) == (2, ["motion local"])


async def test_doubt_that_comes_with_the_answer_comes_in_time(here: Trusting, told: list[Fired]) -> None:
    """An answer that is on its way when the account freezes tells nothing."""
    hanging = here.house.cloud.fault("hang", "events")
    move(here)
    happen(here, MOTION, PERSON)
    here.house.clock.advance(AFTER_MOTION)
    await wait_for(lambda: asked(here) == 1)
    here.house.cloud.fault("wrong_account", "devices", other=here.neighbour.email)
    await here.list()
    assert here.standing == "frozen"
    here.house.cloud.faults.clear(hanging)
    await pass_time(here, 0)
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert (asked(here), words(told)) == (1, ["motion local"] * 2)


async def test_nothing_is_asked_with_lan_only(here: Trusting, told: list[Fired]) -> None:
    """Also of motion before, and of presses; what is seen here is told as ever."""
    await turn(here, PRESSES, on=True)
    await pass_time(here, POLL)
    move(here)
    await here.account.async_set_lan_only(True)
    before = here.house.cloud.handshakes
    assert here.house.home.state(BUTTON) == "unavailable"
    await pass_time(here, AFTER_MOTION)
    move(here)
    await pass_time(here, HOUR)
    assert here.house.cloud.handshakes == before
    assert words(told) == ["motion local"] * 2


async def test_nothing_is_asked_while_the_line_is_down_or_comes_back(
    here: Trusting, told: list[Fired]
) -> None:
    """A cloud that is gone gets its probes, and nothing more, whatever moves."""
    await turn(here, PRESSES, on=True)
    await pass_time(here, 1)
    days = Days(here.house)
    await here.house.cloud.refuse()
    await days.until("offline", 3 * HOUR)
    before, moved = asked(here), 0
    assert here.house.home.state(BUTTON) == "unavailable"
    while days.passed < 8 * HOUR:
        move(here)
        moved += 1
        await days.next_call()
        await pass_time(here, AFTER_MOTION)
    await here.house.cloud.resume()
    await days.until("recovering", HOUR)
    await days.next_call()
    await wait_for(lambda: here.house.state == "signed_in")
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert here.account.line.state.value == "recovering"
    assert (asked(here), words(told)) == (before, ["motion local"] * (moved + 1))


async def test_presses_are_asked_for_by_choice(here: Trusting, told: list[Fired]) -> None:
    """Off by default, with its price beside it; on, each press is told, once."""
    hass = here.house.hass
    state = hass.states.get(PRESSES)
    assert state is not None
    assert (state.state, state.attributes["calls_per_day"]) == ("off", POLLS_A_DAY)
    happen(here, DOORBELL)
    await pass_time(here, HOUR)
    move(here)
    happen(here, DOORBELL)
    await pass_time(here, AFTER_MOTION)
    assert (asked(here), here.house.home.state(BUTTON)) == (1, None)
    assert words(told) == ["motion local"]

    await turn(here, PRESSES, on=True)
    assert here.house.home.state(BUTTON) == "unknown"
    ran = await automate(hass, rang={"trigger": "doorbell.rang", "target": {"entity_id": BUTTON}})
    await pass_time(here, POLL)
    for _ in range(2):
        happen(here, DOORBELL, PERSON)
        before = asked(here)
        await pass_time(here, POLL * 0.6)
        assert asked(here) == before
        await pass_time(here, POLL * 0.4)
    assert words(told) == ["person cloud", "ring cloud"] * 2
    await wait_for(lambda: ran == ["rang"] * 2)
    ring = hass.states.get(BUTTON)
    assert ring is not None
    assert (ring.attributes["event_type"], ring.attributes["device_class"]) == ("ring", "doorbell")

    # Who does not want to hear what moved does not hear it by the way.
    await turn(here, HINTS, on=False)
    happen(here, DOORBELL, PERSON)
    await pass_time(here, POLL)
    assert words(told) == ["ring cloud"]

    before = asked(here)
    await turn(here, PRESSES, on=False)
    await pass_time(here, HOUR)
    assert (asked(here), here.house.home.state(BUTTON)) == (before, None)


@pytest.mark.timeout(300)
async def test_presses_cost_what_is_said(patient: Trusting) -> None:
    """Over a day with motion all the time, beside the list, at the pace that everybody has."""
    here = patient
    await turn(here, PRESSES, on=True)
    before, polls = asked(here), 200
    for _ in range(polls):
        move(here)
        await pass_time(here, POLL)
    hours = polls * POLL / HOUR
    assert asked(here) - before <= polls + MOST_AN_HOUR * (hours + 1)
    assert asked(here) - before >= polls * 0.9


async def test_nothing_of_the_vendors_is_told_or_kept(
    hass: HomeAssistant, here: Trusting, told: list[Fired], caplog: pytest.LogCaptureFixture
) -> None:
    """What it calls an event has the camera's address in it; a stranger's has the stranger's."""
    await turn(here, PRESSES, on=True)
    ours = happen(here, DOORBELL, PERSON)
    theirs = happen(here, MOTION, PERSON, mac=here.neighbour.devices[0].mac)
    move(here)
    await pass_time(here, AFTER_MOTION)
    assert "ring both" in words(told)
    canaries = {
        "id of an event": shapes(ours.event_id),
        "id of a stranger's event": {*shapes(theirs.event_id), *shapes(theirs.mac)},
    }
    places = {"log": caplog.text, "states": "\n".join(here.states)}
    await look_for(hass, canaries, places, [here.house.entry])


async def test_few_entities(hass: HomeAssistant, here: Trusting) -> None:
    """Of a doorbell, too, at most eight are enabled; what a person switches on comes besides."""
    (camera_key,) = here.house.entry.data["cameras"]
    async_change_camera(hass, here.house.entry, camera_key, watch="key")
    # What it has it is asked for by itself, and its entities come then.
    controls = here.house.entry.runtime_data.controls
    await wait_for(lambda: controls.of(camera_key).features, 40)
    await hass.async_block_till_done()
    before = enabled(here)
    assert EVENTS in before
    assert len(before) <= 8
    await turn(here, PRESSES, on=True)
    assert enabled(here) - before == {BUTTON}


def enabled(here: Trusting) -> set[str]:
    """Return what is enabled of the porch's device."""
    entries = er.async_entries_for_config_entry(er.async_get(here.house.hass), here.house.entry.entry_id)
    device = next(one.device_id for one in entries if one.entity_id == PRESSES)
    return {one.entity_id for one in entries if one.device_id == device and one.disabled_by is None}
