"""The pages about a camera's motion and clips: what they show, take, refuse, keep, and leave in peace."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.translation import async_get_translations
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.wyze_local import motion_form
from custom_components.wyze_local.cameras import async_change_camera
from custom_components.wyze_local.diagnostics import async_get_config_entry_diagnostics
from custom_components.wyze_local.motion_fields import MOTION_FIELDS
from custom_components.wyze_local.settings import CameraSettings
from custom_components.wyze_local.zone_view import DATA_PREVIEWS
from dev.simulator import CameraSpec, Picture, Simulator
from tests.support.foreign import ForeignServer

from .account_rig import account_entry, key_of
from .canaries import listen
from .foreign_rig import add_stream, foreign, typed
from .rigging import DOMAIN, Home, view, wait_for

__all__ = ["foreign"]

DOOR = {"name": "Door", "left": 25, "top": 50, "width": 25, "height": 50}
GATE = {"name": "Gate", "left": 0, "top": 0, "width": 100, "height": 33.3}
TYPED = {"watch": "key", "sensitivity": "high", "clips": False, "pre_roll": 8}
BATTERY = [CameraSpec("porch", model="WVOD1")]


async def open_page(home: Home) -> dict[str, Any]:
    """Open the page about the one local camera."""
    (subentry_id,) = home.entry.subentries
    return await home.camera_flow("motion", subentry_id=subentry_id)


def kept(home: Home) -> dict[str, Any]:
    """Return what is kept of the one local camera."""
    (subentry,) = home.entry.subentries.values()
    return dict(subentry.data)


def shown(page: dict[str, Any]) -> dict[str, Any]:
    """Return the values that the form shows, its zones included."""
    found: dict[str, Any] = {}
    for field, part in page["data_schema"].schema.items():
        if str(field).startswith("zone_"):
            zone = {str(one): (one.description or {}).get("suggested_value") for one in part.schema.schema}
            found |= {str(field): zone} if zone["name"] else {}
        else:
            found[str(field)] = field.description["suggested_value"]
    return found


async def test_what_is_typed_is_kept(home: Home, porch: Any) -> None:
    """Without zones there is nothing to be looked at first."""
    page = await open_page(home)
    assert page["step_id"] == "motion"
    assert shown(page) == {"watch": "off", "sensitivity": "medium", "clips": True, "pre_roll": 5.0}
    assert page["description_placeholders"]["name"] == "Porch"
    result = await home.submit(page, TYPED)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "motion_saved")
    assert {name: kept(home)[name] for name in TYPED} == TYPED
    assert shown(await open_page(home)) == TYPED


async def test_zones_are_drawn_before_they_are_kept(home: Home, porch: Any) -> None:
    """Up to four; whoever does not like where they lie changes the numbers, and nothing was kept."""
    before = kept(home)
    page = await home.submit(await open_page(home), TYPED | {"zone_1": DOOR, "zone_4": GATE})
    assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "zones")
    assert kept(home) == before
    page = await home.submit(page, {"next_step_id": "motion"})
    assert shown(page) == TYPED | {"zone_1": DOOR, "zone_4": GATE}
    page = await home.submit(page, TYPED | {"zone_1": DOOR | {"width": 30}, "zone_4": GATE})
    result = await home.submit(page, {"next_step_id": "save_motion"})
    assert result["reason"] == "motion_saved"
    door, gate = CameraSettings.parse(kept(home)).zones
    assert (door.name, door.left, door.top, door.width, door.height) == ("Door", 0.25, 0.5, 0.3, 0.5)
    assert gate.name == "Gate"
    assert gate.height == pytest.approx(0.333)
    page = await open_page(home)
    assert shown(page) == TYPED | {"zone_1": DOOR | {"width": 30}, "zone_2": GATE}
    result = await home.submit(page, shown(page) | {"pre_roll": 3})
    assert result["reason"] == "motion_saved", "known zones need no second look"
    without = {"zone_1": DOOR | {"width": 30, "name": ""}, "zone_2": GATE}
    page = await home.submit(await open_page(home), TYPED | without)
    await home.submit(page, {"next_step_id": "save_motion"})
    assert [zone.name for zone in CameraSettings.parse(kept(home)).zones] == ["Gate"]


@pytest.mark.parametrize(
    ("zones", "error", "word"),
    [
        ({"zone_1": DOOR | {"width": 80}}, "motion_outside", "Door"),
        ({"zone_1": DOOR, "zone_2": GATE | {"top": 70}}, "motion_outside", "Gate"),
        ({"zone_1": DOOR, "zone_3": DOOR | {"name": " door"}}, "motion_same_name", ""),
        ({"zone_2": DOOR | {"name": "x" * 41}}, "motion_too_long", "x" * 41),
        ({"zone_1": DOOR | {"name": "a\u202eb"}}, "motion_unprintable", ""),
        ({"zone_1": {**DOOR, "name": ""}}, "motion_nameless", ""),
        ({"zone_1": {"left": 10, "width": 90}}, "motion_nameless", ""),
    ],
)
async def test_zones_that_cannot_be_are_refused(
    hass: HomeAssistant, home: Home, porch: Any, zones: dict[str, Any], error: str, word: str
) -> None:
    """Each with its own words; what was typed stays, and nothing is kept."""
    before = kept(home)
    page = await home.submit(await open_page(home), TYPED | zones)
    assert page["errors"] == {"base": error}
    texts = await async_get_translations(hass, "en", "config_subentries", {DOMAIN})
    text = texts[f"component.{DOMAIN}.config_subentries.camera.error.{error}"]
    assert word in text.format(**page["description_placeholders"])
    assert shown(page)["watch"] == "key"
    assert kept(home) == before
    result = await home.submit(page, TYPED)
    assert result["reason"] == "motion_saved"


@pytest.mark.parametrize(
    "odd",
    [
        {"watch": "always"},
        {"sensitivity": "extreme"},
        {"pre_roll": 16},
        {"pre_roll": -1},
        {"zone_1": DOOR | {"left": -1}},
        {"zone_1": DOOR | {"width": 4}},
        {"zone_5": DOOR},
    ],
)
async def test_what_no_form_holds_is_refused(home: Home, porch: Any, odd: dict[str, Any]) -> None:
    page = await open_page(home)
    with pytest.raises(Exception, match=next(iter(odd))):
        await home.submit(page, TYPED | odd)


async def test_nobody_is_interrupted(home: Home, porch: Any) -> None:
    """Another zone, mode or pre-roll ends no session, no picture and no verdict on the camera."""
    relaying = home.entry.runtime_data.shared.relaying
    key = kept(home)["camera_key"]
    viewer = await view(relaying.source(key).reveal())
    await wait_for(lambda: home.state("camera.porch") == "streaming")
    states = listen_to(home, "camera.porch")
    before, watched = porch.counters.handshakes, home.entry.runtime_data.coordinator.watched(key)
    page = await home.submit(await open_page(home), TYPED | {"zone_1": DOOR})
    await home.submit(page, {"next_step_id": "save_motion"})
    await wait_for(lambda: watched.settings.pre_roll == 8)
    assert home.entry.runtime_data.coordinator.watched(key) is watched
    assert watched.settings.zones[0].name == "Door"
    assert porch.counters.handshakes == before
    assert viewer.returncode is None
    assert set(states) <= {"streaming"}
    viewer.kill()
    await viewer.wait()


def listen_to(home: Home, entity_id: str) -> list[str]:
    """Return the states of an entity from now on."""
    states: list[str] = []
    home.hass.bus.async_listen(
        "state_changed",
        lambda event: (
            states.append(event.data["new_state"].state) if event.data["entity_id"] == entity_id else None
        ),
    )
    return states


@pytest.mark.parametrize("simulator", [BATTERY], indirect=True)
async def test_a_battery_camera_is_never_watched(home: Home, simulator: Simulator) -> None:
    """There is no such page for it: it says why."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    page = await open_page(home)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "never_watched")
    assert "watch" not in kept(home)


@pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", picture=Picture(gop=15))]], indirect=True, ids=["gop-1s"]
)
async def test_a_camera_of_stills_is_never_watched(
    hass: HomeAssistant, home: Home, simulator: Simulator, foreign: ForeignServer
) -> None:
    """Nothing moves in one picture every few seconds: no page, and no sensor that could say nothing."""
    await home.set_up()
    await add_stream(home, typed(foreign.http_url("stream.mjpeg", "mjpeg")))
    await wait_for(lambda: home.state("camera.yard") == "idle")
    page = await open_page(home)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "stills_only")
    async_change_camera(hass, home.entry, kept(home)["camera_key"], watch="full")
    await hass.async_block_till_done()
    assert not hass.states.async_entity_ids(("binary_sensor", "event", "image"))


async def test_the_picture_is_there_for_whoever_has_the_form(
    hass: HomeAssistant, home: Home, porch: Any, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Still and zones under a signed path that ends with the page; without the signature nothing is shown."""
    client = await hass_client_no_auth()
    page = await open_page(home)
    first = page["description_placeholders"]["picture"]
    assert kept(home)["camera_key"] not in first
    answer = await client.get(first)
    assert answer.status == 200
    assert answer.content_type == "image/svg+xml"
    assert "script" not in (text := await answer.text())
    assert "data:image/jpeg;base64," in text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await client.get(first.partition("?")[0])).status == 401
    page = await home.submit(page, TYPED | {"zone_1": DOOR | {"name": "Door <b>&"}})
    second = page["description_placeholders"]["picture"]
    assert "Door &lt;b&gt;&amp;" in await (await client.get(second)).text()
    assert (await client.get(first)).status == 404, "the page before is gone, and so is its picture"
    await home.submit(page, {"next_step_id": "save_motion"})
    assert (await client.get(second)).status == 404
    assert hass.data[DATA_PREVIEWS] == {}


async def test_whoever_may_not_see_the_camera_does_not_see_its_picture(
    home: Home,
    porch: Any,
    hass_client: ClientSessionGenerator,
    hass_read_only_user: User,
    hass_read_only_access_token: str,
) -> None:
    """The address is no permission, should somebody else come by it."""
    page = await open_page(home)
    path = page["description_placeholders"]["picture"].partition("?")[0]
    client = await hass_client(hass_read_only_access_token)
    assert (await client.get(path)).status == 200
    hass_read_only_user.groups = []
    assert (await client.get(path)).status == 403


async def test_a_form_that_is_shut_shows_nothing_any_more(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    page = await open_page(home)
    assert len(hass.data[DATA_PREVIEWS]) == 1
    hass.config_entries.subentries.async_abort(page["flow_id"])
    assert hass.data[DATA_PREVIEWS] == {}


async def test_a_camera_that_is_away_has_the_grid(
    hass: HomeAssistant, home: Home, simulator: Simulator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The form opens at once all the same."""
    camera = simulator.cameras["porch"]
    await home.set_up()
    flow = await home.camera_flow()
    values = {"name": "Porch", "link": camera.link}
    await hass.config_entries.subentries.async_configure(flow["flow_id"], values)
    # Before anything else can happen: its first still is made as soon as it has been added.
    camera.sleep()
    await hass.async_block_till_done()
    client = await hass_client_no_auth()
    page = await open_page(home)
    text = await (await client.get(page["description_placeholders"]["picture"])).text()
    assert text.startswith("<svg")
    assert "data:image" not in text


async def test_what_watching_costs_is_measured_where_it_runs(home: Home, porch: Any) -> None:
    """Before the first picture it is what such a camera sends at most, by the size that was chosen."""
    key = kept(home)["camera_key"]
    assert (await open_page(home))["description_placeholders"]["kilobits"] == "1900"
    relaying = home.entry.runtime_data.shared.relaying
    viewer = await view(relaying.source(key).reveal())
    await wait_for(lambda: relaying.stats(key).frames >= 100, 30)
    await wait_for(lambda: relaying.stats(key).fps > 0, 10)
    measured = int((await open_page(home))["description_placeholders"]["kilobits"])
    stats = relaying.stats(key)
    assert measured == pytest.approx(stats.bytes / stats.frames * stats.fps * 8 / 1000, rel=0.5)
    viewer.kill()
    await viewer.wait()


async def test_what_watching_takes_is_told_as_the_watch_measures_it(home: Home, porch: Any) -> None:
    """Where the watch runs, its own figure counts: that is what it takes."""
    await home.submit(await open_page(home), TYPED)
    watching, key = home.entry.runtime_data.shared.watching, kept(home)["camera_key"]
    await wait_for(lambda: watching.state(key).rate > 0, 60)
    shown_rate = int((await open_page(home))["description_placeholders"]["kilobits"])
    assert shown_rate == pytest.approx(watching.state(key).rate * 8 / 1000, rel=0.5, abs=2)
    assert shown_rate != 1900


async def test_an_entry_that_is_not_loaded_says_so(hass: HomeAssistant, home: Home, porch: Any) -> None:
    page = await open_page(home)
    await hass.config_entries.async_unload(home.entry.entry_id)
    result = await home.submit(page, TYPED)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "entry_not_loaded")


async def test_zone_names_stay_at_home(
    hass: HomeAssistant, home: Home, porch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """What a person calls places at home is in no log, no state of ours and no diagnostics."""
    states = listen(hass, caplog)
    name = "Grandma's CANARY bedroom"
    page = await home.submit(await open_page(home), TYPED | {"zone_1": DOOR | {"name": name}})
    await home.submit(page, {"next_step_id": "save_motion"})
    diagnostics = str(await async_get_config_entry_diagnostics(hass, home.entry))
    # Home Assistant itself logs whole events at debug level; what counts is what we say.
    ours = [
        one.getMessage() for one in caplog.records if "wyze_local" in one.name and one.levelno > logging.DEBUG
    ]
    for place in (*states, *ours, diagnostics):
        assert "CANARY" not in place


async def test_every_choice_has_its_words(hass: HomeAssistant) -> None:
    """The words of the lists are checked nowhere else."""
    texts = await async_get_translations(hass, "en", "selector", {DOMAIN})
    for field in ("watch", "sensitivity"):
        options = MOTION_FIELDS[next(key for key in MOTION_FIELDS if key == field)].config["options"]
        assert {f"component.{DOMAIN}.selector.{field}.options.{word}" for word in options} <= set(texts)


TWO = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch"), CameraSpec("attic", model="WVOD1")]], indirect=True
)


async def reconfigure(hass: HomeAssistant, entry: Any, camera: str | None) -> dict[str, Any]:
    """Go to the page about an account's camera."""
    manager = hass.config_entries.flow
    context: Any = {"source": "reconfigure", "entry_id": entry.entry_id}
    page: Any = await manager.async_init(DOMAIN, context=context)
    page = await manager.async_configure(page["flow_id"], {"next_step_id": "motion_of"})
    if camera is None:
        return dict(page)
    return dict(await manager.async_configure(page["flow_id"], {"camera": camera}))


@TWO
async def test_cameras_of_an_account_have_the_same_pages(hass: HomeAssistant, simulator: Simulator) -> None:
    entry = await account_entry(hass, simulator.cameras.values())
    assert await hass.config_entries.async_setup(entry.entry_id)
    manager = hass.config_entries.flow
    key = key_of(entry, "Porch")
    page: Any = await reconfigure(hass, entry, key)
    assert page["description_placeholders"]["name"] == "Porch"
    page = await manager.async_configure(page["flow_id"], TYPED | {"zone_1": DOOR | {"left": 90}})
    assert page["errors"] == {"base": "motion_outside"}
    page = await manager.async_configure(page["flow_id"], TYPED | {"zone_1": DOOR})
    assert page["step_id"] == "zones"
    page = await manager.async_configure(page["flow_id"], {"next_step_id": "save_motion"})
    assert page["reason"] == "motion_saved"
    settings = CameraSettings.parse(entry.data["cameras"][key])
    assert (settings.watch.value, [zone.name for zone in settings.zones]) == ("key", ["Door"])
    assert "watch" not in entry.data["cameras"][key_of(entry, "Attic")]
    assert hass.data[DATA_PREVIEWS] == {}
    page = await reconfigure(hass, entry, key_of(entry, "Attic"))
    assert page["reason"] == "never_watched"


@TWO
async def test_an_account_without_cameras_or_not_loaded_says_so(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    entry = await account_entry(hass, simulator.cameras.values())
    assert await hass.config_entries.async_setup(entry.entry_id)
    key = key_of(entry, "Porch")
    page: Any = await reconfigure(hass, entry, key)
    await hass.config_entries.async_unload(entry.entry_id)
    page = await hass.config_entries.flow.async_configure(page["flow_id"], TYPED)
    assert page["reason"] == "entry_not_loaded"
    assert (await reconfigure(hass, entry, None))["reason"] == "entry_not_loaded"
    assert await hass.config_entries.async_setup(entry.entry_id)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "cameras": {}})
    assert (await reconfigure(hass, entry, None))["reason"] == "no_cameras"


def test_the_picture_is_in_the_texts_that_have_one() -> None:
    """Every page with zones shows them, in whatever words."""
    texts = json.loads((Path(motion_form.__file__).parent / "translations" / "en.json").read_text())
    for steps in (texts["config"]["step"], texts["config_subentries"]["camera"]["step"]):
        for step in ("motion", "zones"):
            assert re.search(r"!\[[^\]]+\]\(\{picture\}\)", steps[step]["description"])
