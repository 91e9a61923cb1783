"""The blueprint that tells when a camera or the cloud is gone, run in Home Assistant with a phone."""

from typing import Any

import pytest

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant

from custom_components.wyze_local.account_status import AccountState
from custom_components.wyze_local.engine.uplink import Uplink
from custom_components.wyze_local.engine.watch import WatchPhase
from custom_components.wyze_local.status import AVAILABLE, Connection
from dev.simulator import Simulator

from .account_rig import House
from .blueprint_rig import Automations, automations, blueprint
from .line_rig import UPLINK, Days, cloud, house
from .rigging import Home, wait_for
from .test_connection import looking, says

__all__ = ["automations", "cloud", "house"]

SENSOR = "sensor.porch_connection"
NOT_GONE = {
    *(Connection.CHECKING, Connection.UNPROVEN, Connection.NO_LOCAL_VIDEO, Connection.ASLEEP),
    *(AccountState.CHECKING, AccountState.LAN_ONLY, WatchPhase.OFF, WatchPhase.OPENING),
}
"""Words that are neither well nor gone: no verdict yet, or what such a camera always is."""
WELL = {Uplink.ONLINE, Uplink.LIMITED, AccountState.SIGNED_IN, WatchPhase.WARMING, WatchPhase.WATCHING}
"""Words of other sensors that are well."""


async def test_a_camera_that_goes_and_comes_back(
    home: Home, simulator: Simulator, automations: Automations
) -> None:
    """One notification with the reason once the patience is over, and one when it is back."""
    camera = simulator.cameras["porch"]
    await home.set_up()
    subentry = await home.add(camera.link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    await automations.make("tell_what_is_gone", watched=[SENSOR], patience=5, phones=automations.phones)
    camera.mute()
    async with looking(home, {"porch": subentry}):
        await says(home, "porch", "no_answer")
    await automations.pass_time(200)
    assert not automations.phone.notifications
    await automations.pass_time(301)
    (gone,) = await automations.phone.until(1, 10)
    assert (gone.title, gone.message) == ("Porch", "Gone: No answer")
    camera.resume()
    await wait_for(lambda: home.state(SENSOR) in AVAILABLE, 60)
    _, back = await automations.phone.until(2, 10)
    assert back.title == "Porch"
    assert back.message.startswith("Back: ")
    assert gone.data["tag"] == back.data["tag"] == SENSOR


async def test_changing_reasons_are_one_absence(hass: HomeAssistant, automations: Automations) -> None:
    """What goes from one trouble to another has been gone all the time; what is back in time is not told."""
    heard = automations.listen("hear")
    words = {"reason": "{{ reason }}", "gone": "{{ gone }}"}
    hass.states.async_set("sensor.one", "ready")
    hass.states.async_set("sensor.two", "online")
    await automations.make(
        "tell_what_is_gone",
        watched=["sensor.one", "sensor.two"],
        patience=5,
        more=[{"action": "script.hear", "data": {"entity": "{{ entity }}", **words}}],
    )
    for one, two in (("no_answer", "offline"), ("not_here", "recovering"), ("stalled", "online")):
        hass.states.async_set("sensor.one", one)
        hass.states.async_set("sensor.two", two)
        await automations.settle()
    await automations.pass_time(301)
    assert heard == [{"entity": "sensor.one", "reason": "stalled", "gone": True}]
    hass.states.async_set("sensor.one", "unavailable")
    hass.states.async_set("sensor.one", "live")
    await automations.settle()
    assert heard[1:] == [{"entity": "sensor.one", "reason": "live", "gone": False}]


async def test_the_cloud_goes(house: House, automations: Automations) -> None:
    """The line to the vendor is watched in the same way, with the real line and a vendor that is away."""
    await automations.make("tell_what_is_gone", watched=[UPLINK], patience=0, phones=automations.phones)
    days = Days(house)
    await house.cloud.refuse()
    await days.until("offline", 86_400)
    (gone,) = await automations.phone.until(1, 20)
    assert gone.message == "Gone: Left alone"
    await house.cloud.resume()
    await days.until("recovering", 7200)
    await days.until("online", 7200)
    _, back = await automations.phone.until(2, 20)
    assert back.message == "Back: Online"


HEARD = {"entity": "{{ entity }}", "reason": "{{ reason }}", "gone": "{{ gone }}"}


def says_one(reason: str, *, gone: bool) -> dict[str, Any]:
    """Return what is heard of the one sensor."""
    return {"entity": "sensor.one", "reason": reason, "gone": gone}


async def one_watched(hass: HomeAssistant, automations: Automations, state: str) -> list[dict[str, Any]]:
    """Watch one sensor, and return what is told of it."""
    heard = automations.listen("hear")
    hass.states.async_set("sensor.one", state)
    more = [{"action": "script.hear", "data": HEARD}]
    await automations.make("tell_what_is_gone", watched=["sensor.one"], patience=5, more=more)
    return heard


@pytest.mark.parametrize("between", ["unavailable", "checking", "unknown"])
async def test_no_verdict_in_between_is_no_second_absence(
    hass: HomeAssistant, automations: Automations, between: str
) -> None:
    """Each is told once: that it is gone, and that it is back."""
    heard = await one_watched(hass, automations, "ready")
    for state in ("no_answer", between, "no_answer"):
        hass.states.async_set("sensor.one", state)
        await automations.settle()
    await automations.pass_time(301)
    assert heard == [says_one("no_answer", gone=True)]
    for state in (between, "no_answer"):
        hass.states.async_set("sensor.one", state)
        await automations.settle()
    await automations.pass_time(301)
    hass.states.async_set("sensor.one", "live")
    await automations.settle()
    assert heard[1:] == [says_one("live", gone=False)]


@pytest.mark.parametrize("state", ["unknown", "unavailable"])
async def test_what_nobody_can_say_is_not_gone(
    hass: HomeAssistant, automations: Automations, state: str
) -> None:
    """The line of a vendor that the person has left alone, say; it may go for good later."""
    heard = await one_watched(hass, automations, "online")
    for value in ("offline", state):
        hass.states.async_set("sensor.one", value)
        await automations.settle()
    await automations.pass_time(301)
    assert heard == []
    hass.states.async_set("sensor.one", "offline")
    await automations.settle()
    assert heard == []
    await automations.pass_time(301)
    assert heard == [says_one("offline", gone=True)]


async def test_a_restart_while_it_is_gone(hass: HomeAssistant, automations: Automations) -> None:
    """It is told again, once, and that it is back is not forgotten; what is well then is not told of."""
    heard = automations.listen("hear")
    more = [{"action": "script.hear", "data": HEARD}]
    hass.states.async_set("sensor.one", "no_answer")
    hass.states.async_set("sensor.two", "ready")
    hass.set_state(CoreState.starting)
    watched = ["sensor.one", "sensor.two"]
    await automations.make("tell_what_is_gone", watched=watched, patience=5, more=more)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await automations.settle()
    await automations.settle()
    await automations.pass_time(301)
    assert heard == [says_one("no_answer", gone=True)]
    hass.states.async_set("sensor.one", "ready")
    await automations.settle()
    assert heard[1:] == [says_one("ready", gone=False)]


async def test_an_account_and_a_watch(hass: HomeAssistant, automations: Automations) -> None:
    """Whoever chooses other sensors of ours hears of those, and of their return."""
    heard = await one_watched(hass, automations, "signed_in")
    hass.states.async_set("sensor.one", "signed_out")
    await automations.settle()
    await automations.pass_time(301)
    hass.states.async_set("sensor.one", "signed_in")
    await automations.settle()
    assert heard == [says_one("signed_out", gone=True), says_one("signed_in", gone=False)]


def test_every_word_of_the_sensors_is_known() -> None:
    """A word that a sensor learns must be called well or gone here, too."""
    made = blueprint("tell_what_is_gone")
    gone, well = set(made["variables"]["gone_words"]), set(made["variables"]["well"])
    others: set[str] = {*Uplink, *AccountState, *WatchPhase}
    assert well == AVAILABLE | {Connection.ASLEEP, *WELL}
    assert gone == (set(Connection) | others) - well - NOT_GONE
