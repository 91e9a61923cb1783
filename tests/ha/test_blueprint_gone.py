"""The blueprint that tells when a camera or the cloud is gone, run in Home Assistant with a phone."""

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.uplink import Uplink
from custom_components.wyze_local.status import AVAILABLE, Connection
from dev.simulator import Simulator

from .account_rig import House
from .blueprint_rig import Automations, automations, blueprint
from .line_rig import UPLINK, Days, cloud, house
from .rigging import Home, wait_for
from .test_connection import looking, says

__all__ = ["automations", "cloud", "house"]

SENSOR = "sensor.porch_connection"
NOT_GONE = {Connection.CHECKING, Connection.UNPROVEN, Connection.NO_LOCAL_VIDEO, Connection.ASLEEP}
"""Words that are neither well nor gone: no verdict yet, or what such a camera always is."""


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


def test_every_word_of_the_sensors_is_known() -> None:
    """A word that a sensor learns must be called well or gone here, too."""
    made = blueprint("tell_what_is_gone")
    gone, well = set(made["triggers"][0]["to"]), set(made["variables"]["well"])
    assert gone == (set(Connection) - AVAILABLE - NOT_GONE) | {Uplink.OFFLINE, Uplink.RECOVERING}
    assert well == AVAILABLE | {Connection.ASLEEP, Uplink.ONLINE, Uplink.LIMITED}
