"""Whether a camera is watched is asked when it is set up, suggested for few, and never for a battery."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.wyze_local.cameras import all_cameras, async_change_camera
from custom_components.wyze_local.settings import CameraSettings
from dev.simulator import CameraSpec, Simulator

from .account_flow_rig import Person, cloud, lan_device, person
from .rigging import Home, fields, suggested

__all__ = ["cloud", "person"]

NAMES = ["one", "two", "three", "four", "five"]
FIVE = pytest.mark.parametrize("simulator", [[CameraSpec(name) for name in NAMES]], indirect=True)


def modes(hass: HomeAssistant) -> dict[str, str]:
    """Return how each camera is watched."""
    return {item.name: CameraSettings.parse(item.data).watch.value for item in all_cameras(hass)}


@FIVE
async def test_the_first_four_local_cameras_are_suggested(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """Each form shows the tick; the fifth does not, but a person may set it."""
    await home.set_up()
    for number, name in enumerate(NAMES):
        flow = await home.camera_flow()
        assert suggested(flow)["watch"] is (number < 4)
        values = {"name": name, "link": simulator.cameras[name].link, "watch": suggested(flow)["watch"]}
        result = await home.submit(flow, values)
        assert result["type"] is FlowResultType.CREATE_ENTRY
    assert modes(hass) == dict.fromkeys(NAMES[:4], "key") | {"five": "off"}
    four = next(item for item in all_cameras(hass) if item.name == "four")
    async_change_camera(hass, home.entry, four.key, watch="off")
    assert suggested(await home.camera_flow("fields"))["watch"] is True, "there is a place again"
    assert suggested(await home.camera_flow("stream"))["watch"] is True


async def test_a_camera_is_watched_only_when_the_person_says_so(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """What was shown as ticked and came back without a tick is off, through errors too."""
    await home.set_up()
    link = simulator.cameras["porch"].link
    flow = await home.camera_flow()
    result = await home.submit(flow, {"name": " ", "link": link, "watch": False})
    assert suggested(result)["watch"] is False, "what was typed stays"
    await home.submit(flow, {"name": "Porch", "link": link, "watch": False})
    assert modes(hass) == {"Porch": "off"}


async def test_changing_a_camera_does_not_ask_again(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """A new address or link leaves the answer as it was."""
    await home.set_up()
    link = simulator.cameras["porch"].link
    await home.submit(await home.camera_flow(), {"name": "Porch", "link": link, "watch": True})
    (subentry_id,) = home.entry.subentries
    flow = await home.camera_flow("link", subentry_id=subentry_id)
    assert "watch" not in suggested(flow)
    simulator.cameras["porch"].move()
    link = simulator.cameras["porch"].link
    result = await home.submit(flow, {"name": "Door", "link": link})
    assert result["reason"] == "reconfigure_successful"
    assert modes(hass) == {"Door": "key"}


@pytest.mark.parametrize("simulator", [[CameraSpec("porch", model="WVOD1")]], indirect=True)
@pytest.mark.parametrize("way", ["link", "fields"])
async def test_a_battery_camera_is_watched_for_no_tick(
    hass: HomeAssistant, home: Home, simulator: Simulator, way: str
) -> None:
    """The form cannot know the model before it is typed; what is kept does."""
    await home.set_up()
    link = simulator.cameras["porch"].link
    typed: dict[str, Any] = {"name": "Porch", "link": link} if way == "link" else fields(link)
    result = await home.submit(await home.camera_flow(way), typed | {"watch": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert modes(hass) == {"Porch": "off"}
    assert suggested(await home.camera_flow())["watch"] is True, "it takes nobody's place"


def listed(page: dict[str, Any], name: str = "watch") -> dict[str, str]:
    """Return the cameras of a list: value by name."""
    found = [part for field, part in page["data_schema"].schema.items() if field == name]
    options = found[0].config["options"] if found else []
    return {one["label"].partition(" (")[0]: one["value"] for one in options}


def ticked(page: dict[str, Any]) -> set[str]:
    """Return the names of those that the list about watching shows as ticked."""
    values = suggested(page)["watch"]
    return {name for name, value in listed(page).items() if value in values}


async def test_of_an_account_the_first_four_are_suggested(hass: HomeAssistant, person: Person) -> None:
    """By name; a battery camera is not even asked about. The answer holds, mode and all."""
    person.user.devices += [
        lan_device(name, number) for number, name in enumerate(("Attic", "Shed", "Yard"), 3)
    ]
    person.user.devices.append(lan_device("Bird", 9, model="WVOD1"))
    page = await person.sign_in()
    assert set(listed(page)) == {"Attic", "Garden", "Porch", "Shed", "Yard"}
    assert ticked(page) == {"Attic", "Garden", "Porch", "Shed"}
    assert "Bird" in listed(page, "cameras")
    wanted = [listed(page)[name] for name in ("Attic", "Yard")]
    page = await person.submit(page, cameras=list(listed(page, "cameras").values()), watch=wanted)
    page = await person.submit(page)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    watched = {"Attic": "key", "Yard": "key"}
    assert modes(hass) == dict.fromkeys(("Bird", "Garden", "Porch", "Shed"), "off") | watched


async def again(person: Person, entry: Any) -> dict[str, Any]:
    """Fetch the cameras of an account once more; returns the page on which they are chosen."""
    context: Any = {"source": "reconfigure", "entry_id": entry.entry_id}
    page: Any = await person.hass.config_entries.flow.async_init("wyze_local", context=context)
    return await person.sign_in(await person.choose(page, "fetch"))


async def test_choosing_anew_shows_and_changes_what_is_watched(hass: HomeAssistant, person: Person) -> None:
    """Whoever is watched is ticked, with the mode they have; an answer that is not given changes nothing."""
    page = await person.sign_in(keep=False)
    both = listed(page, "cameras")
    page = await person.submit(page, cameras=list(both.values()), watch=[both["Porch"]])
    await person.submit(page)
    (entry,) = person.entries
    key = next(key for key, one in entry.data["cameras"].items() if one["name"] == "Porch")
    async_change_camera(hass, entry, key, watch="full")
    page = await again(person, entry)
    assert ticked(page) == {"Porch"}, "who was said no to is not suggested again"
    await person.submit(page, cameras=list(both.values()))
    assert modes(hass) == {"Porch": "full", "Garden": "off"}
    await person.submit(await again(person, entry), cameras=list(both.values()), watch=list(both.values()))
    assert modes(hass) == {"Porch": "full", "Garden": "key"}
    page = await person.submit(await again(person, entry), cameras=list(both.values()), watch=[])
    assert page["reason"] == "reconfigure_successful"
    assert modes(hass) == {"Porch": "off", "Garden": "off"}


async def test_the_answer_survives_the_page_about_used_cameras(hass: HomeAssistant, person: Person) -> None:
    page = await person.sign_in()
    both = listed(page, "cameras")
    page = await person.submit(page, cameras=list(both.values()), watch=[both["Garden"]], used=True)
    assert page["step_id"] == "used"
    page = await person.submit(await person.submit(page))
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert modes(hass) == {"Porch": "off", "Garden": "key"}


async def test_places_are_counted_over_all_entries(
    hass: HomeAssistant, home: Home, simulator: Simulator, person: Person
) -> None:
    """Four of the installation, not four of each entry."""
    person.user.devices += [lan_device(name, number) for number, name in enumerate(("Attic", "Shed"), 3)]
    await home.set_up()
    await home.submit(
        await home.camera_flow(), {"name": "Local", "link": simulator.cameras["porch"].link, "watch": True}
    )
    assert ticked(await person.sign_in()) == {"Attic", "Garden", "Porch"}
