"""The vendor's pictures of events: none unless a person wants them, and then of trusted cameras only."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud.events import Event
from dev.simulator.cloud.serving import STILL

from .account_rig import own_host
from .canaries import shapes
from .line_rig import HOUR, Days
from .ownership_rig import PORT, Trusting, look_for, trusting
from .rigging import Home, open_options, wait_for

pytestmark = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", host=own_host(), port=PORT)]], indirect=True
)

IMAGE = "image.porch_vendor_s_last_picture"
MINUTE = 60.0
SIGNATURE = "X-Amz-Signature=invented"


@pytest.fixture
async def here(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Trusting]:
    """Run a person's account that has the porch camera, and a neighbour's that has three."""
    async with trusting(hass, home, simulator, caplog) as found:
        yield found


async def choose(here: Trusting, *, pictures: bool) -> None:
    """Choose in the options whether the vendor's pictures are shown, as a person does."""
    hass, entry = here.house.hass, here.house.entry
    before = here.account
    flows = hass.config_entries.options
    flow = await open_options(hass, entry)
    port = before._shared.installation.webrtc_port
    values = {**here.house.home.networks_input(port=port), "cloud_pictures": pictures}
    done = await flows.async_configure(flow["flow_id"], values)
    assert done["type"] is FlowResultType.CREATE_ENTRY, done.get("errors")
    await hass.async_block_till_done()
    await wait_for(lambda: here.account is not before and here.house.state == "signed_in", 30)


def happen(here: Trusting, **more: Any) -> Event:
    """Let something happen before the porch camera."""
    cloud, mac = here.house.cloud, here.house.camera.spec.mac
    number = len(here.house.user.events)
    values = {"mac": mac, "at_ms": int(cloud.clock.now() * 1000)} | more
    event = Event(f"{values['mac']}-{number}", model="WYZE_CAKP2JFUS", **values)
    here.house.user.events.append(event)
    return event


def fetched(here: Trusting) -> int:
    """Count the pictures that were asked for, and whatever else is no call of the vendor's."""
    return len(here.house.cloud.calls("picture")) + len(here.house.cloud.calls("portal"))


def asked(here: Trusting) -> int:
    """Count the questions for events."""
    return len(here.house.cloud.calls("events"))


async def look(here: Trusting) -> None:
    """Let it be time to ask, and wait for what comes of it."""
    before = asked(here)
    here.house.clock.advance(61)
    await wait_for(lambda: asked(here) > before)
    await over(here)


async def over(here: Trusting) -> None:
    """Wait until nothing is being asked."""
    await wait_for(lambda: here.account.pictures._looking is None, 20)
    await here.house.hass.async_block_till_done()


async def shown(here: Trusting) -> None:
    """Have a picture shown."""
    happen(here)
    await choose(here, pictures=True)
    await look(here)
    assert here.house.home.state(IMAGE) not in (None, "unavailable", "unknown")
    assert fetched(here) == 1


def is_forgotten(here: Trusting) -> bool:
    """Tell whether no picture is held any more, nor shown."""
    return not here.account.pictures._kept and here.house.home.state(IMAGE) in (None, "unavailable")


async def test_none_unless_it_is_wanted(here: Trusting) -> None:
    """Off by default: no event is asked for in a day, and there is nothing to show one with."""
    happen(here)
    for _ in range(24):
        await here.later(HOUR)
    assert here.house.state == "signed_in"
    assert (asked(here), fetched(here)) == (0, 0)
    assert here.house.home.state(IMAGE) is None


async def test_shown_as_the_vendors(
    hass: HomeAssistant, here: Trusting, hass_client: ClientSessionGenerator
) -> None:
    """Its state is when the event was; the camera's own still is another's; off, nothing is left of it."""
    await shown(here)
    state = hass.states.get(IMAGE)
    assert state is not None
    assert state.name == "Porch Vendor's last picture"
    client = await hass_client()
    answer = await client.get(state.attributes["entity_picture"])
    assert (answer.status, answer.content_type, await answer.read()) == (HTTPStatus.OK, "image/jpeg", STILL)
    registry = er.async_get(hass)
    entries = er.async_entries_for_config_entry(registry, here.house.entry.entry_id)
    device = next(one.device_id for one in entries if one.entity_id == IMAGE)
    assert len([one for one in entries if one.device_id == device and one.disabled_by is None]) <= 8

    await choose(here, pictures=False)
    assert hass.states.get(IMAGE) is None
    assert registry.async_get(IMAGE) is None
    for _ in range(3):
        await here.later(HOUR)
    assert (asked(here), fetched(here)) == (1, 1)


async def test_asked_every_half_hour_and_fetched_once(here: Trusting) -> None:
    """Not sooner, whatever happens; and a picture that is here is not fetched again."""
    await shown(here)
    await here.later(10 * MINUTE)
    assert asked(here) == 1
    event = happen(here, at_ms=int((here.house.cloud.clock.now() + 19 * MINUTE) * 1000))
    here.house.clock.advance(20 * MINUTE)
    await wait_for(lambda: fetched(here) == 2)
    await over(here)
    assert asked(here) == 2
    (kept,) = here.account.pictures._kept.values()
    # The vendor tells its time in whole seconds, and its word takes a while to come.
    assert kept.at == pytest.approx(event.at_ms / 1000, abs=10)


@pytest.mark.parametrize("ahead", [150.0, -150.0])
async def test_a_wrong_clock_takes_none_away(here: Trusting, ahead: float) -> None:
    """The vendor's answers tell its own time; here the picture is of when this machine says that it was."""
    here.house.clock.ahead = ahead
    await here.house.ask()
    await shown(here)
    (kept,) = here.account.pictures._kept.values()
    assert kept.at == pytest.approx(here.house.clock.time() - 61, abs=10)


async def test_nothing_of_it_is_told_or_kept(
    hass: HomeAssistant, here: Trusting, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the picture lies, and the picture, are in no log, state, registry, report, file or child."""
    await shown(here)
    event = here.house.user.events[0]
    places = {"log": caplog.text, "states": "\n".join(here.states), "events": str(here.events)}
    canaries = {
        "picture's place": {f"/pictures/{event.event_id}", *shapes(event.event_id), SIGNATURE},
        "picture": {STILL.decode("latin-1"), str(STILL)[2:60]},
    }
    await look_for(hass, canaries, places, [here.house.entry])


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.2:{port}/pictures/x.jpg",
        "http://127.0.0.1:{port}/pictures/x.jpg",
        "https://somebody@127.0.0.1:{port}/pictures/x.jpg",
        "https://127.0.0.1:{port}.example.org/pictures/x.jpg",
        "https://127.0.0.1:{port}@127.0.0.2/pictures/x.jpg",
        "https://127.0.0.1:{port}/pictures/2CAA8EFFFFFF/x.jpg",
        "https://[::1/pictures/x.jpg",
        "/pictures/x.jpg",
    ],
    ids=["host", "http", "user", "suffix", "before the at", "device", "no address", "path"],
)
async def test_no_other_place_is_asked(here: Trusting, url: str) -> None:
    """Only the listed hosts, over TLS, and never where the address names another camera."""
    port = here.house.cloud.hosts()["api"].rpartition(":")[2]
    await choose(here, pictures=True)
    happen(here, image=url.format(port=port))
    before = here.house.cloud.handshakes
    await look(here)
    assert fetched(here) == 0
    assert here.house.cloud.handshakes == before + 1, "the question for events, and nothing else"
    assert is_forgotten(here)


@pytest.mark.parametrize("what", ["redirect", "too large", "no image", "page", "refused"])
async def test_what_is_no_picture_is_not_shown(here: Trusting, what: str) -> None:
    """It leads nowhere, and is dropped."""
    cloud = here.house.cloud
    bodies = {"too large": STILL + bytes(2 << 20), "no image": b"<html>not a picture</html>"}
    await choose(here, pictures=True)
    event = happen(here, body=bodies.get(what))
    if what == "redirect":
        other = happen(here, mac="2CAA8EFFFFFF")
        cloud.fault("portal", "picture", location=f"{cloud.hosts()['api']}/pictures/{other.event_id}.jpg")
    elif what == "page":
        cloud.fault("login_page", "picture")
    elif what == "refused":
        cloud.fault("forbidden", "picture")
    await look(here)
    (call,) = cloud.calls("picture")
    assert call.path == f"/pictures/{event.event_id}.jpg"
    assert is_forgotten(here)


async def test_of_a_strangers_camera_nothing_is_fetched(here: Trusting) -> None:
    """Nor of an event that is not of now, or that is older than the camera's time here."""
    cloud = here.house.cloud
    await choose(here, pictures=True)
    stranger = here.neighbour.devices[0]
    happen(here, mac=stranger.mac)
    happen(here, at_ms=int((cloud.clock.now() - 3 * MINUTE) * 1000))
    happen(here, at_ms=int((cloud.clock.now() - 20 * MINUTE) * 1000))
    happen(here, at_ms=int((cloud.clock.now() + 5 * MINUTE) * 1000))
    await look(here)
    assert fetched(here) == 0
    assert is_forgotten(here)


async def test_of_a_camera_that_is_not_trusted_none_is_fetched_or_kept(here: Trusting) -> None:
    """What a camera's own answers say against it counts for its pictures, too."""
    await shown(here)
    # What answers with its key is trusted again.
    here.house.camera.sleep()
    here.suspect()
    (camera_key,) = here.house.entry.data["cameras"]
    assert here.account.ownership.camera_standing(camera_key) == "suspect"
    assert is_forgotten(here)
    happen(here, at_ms=int((here.house.cloud.clock.now() + 30 * MINUTE) * 1000))
    here.house.clock.advance(30 * MINUTE)
    await wait_for(lambda: asked(here) == 2)
    await over(here)
    assert here.account.ownership.camera_standing(camera_key) == "suspect"
    assert fetched(here) == 1


async def test_forgotten_when_the_account_freezes(here: Trusting) -> None:
    """At the first answer that is not ours; and while it lasts nothing is asked."""
    await shown(here)
    here.house.cloud.fault("wrong_account", "devices", other=here.neighbour.email)
    await here.list()
    assert here.standing == "frozen"
    assert is_forgotten(here)
    happen(here, at_ms=int((here.house.cloud.clock.now() + HOUR) * 1000))
    await here.later(HOUR)
    assert (asked(here), fetched(here)) == (1, 1)


async def test_given_up_when_the_account_freezes(here: Trusting) -> None:
    """A picture that is on its way then comes too late."""
    await choose(here, pictures=True)
    happen(here)
    hanging = here.house.cloud.fault("hang", "picture")
    here.house.clock.advance(61)
    await wait_for(lambda: fetched(here) == 1)
    here.house.cloud.fault("wrong_account", "devices", other=here.neighbour.email)
    await here.list()
    here.house.cloud.faults.clear(hanging)
    await over(here)
    assert is_forgotten(here)


async def test_nothing_is_asked_while_the_line_is_coming_back(here: Trusting) -> None:
    """After an outage answers only confirm what is known: pictures are not among what is known."""
    await choose(here, pictures=True)
    days = Days(here.house)
    await here.house.cloud.refuse()
    while days.passed < HOUR:
        await days.next_call()
    await here.house.cloud.resume()
    before = asked(here)
    await days.until("recovering", HOUR)
    happen(here, at_ms=int((here.house.cloud.clock.now() + 5 * MINUTE) * 1000))
    await here.later(5 * MINUTE)
    assert here.account.line.state.value == "recovering"
    assert (asked(here), fetched(here)) == (before, 0)


async def test_lan_only_forgets_and_asks_nothing(here: Trusting) -> None:
    """From the moment it is on."""
    await shown(here)
    await here.account.async_set_lan_only(True)
    assert is_forgotten(here)
    before = here.house.cloud.handshakes
    happen(here, at_ms=int((here.house.cloud.clock.now() + HOUR) * 1000))
    await here.later(HOUR)
    assert here.house.cloud.handshakes == before


async def test_forgotten_with_the_camera(here: Trusting) -> None:
    """A camera that leaves the entry takes its picture along."""
    await shown(here)
    hass, entry = here.house.hass, here.house.entry
    hass.config_entries.async_update_entry(entry, data={**entry.data, "cameras": {}})
    assert not here.account.pictures._kept
    await hass.async_block_till_done()
    assert is_forgotten(here)
