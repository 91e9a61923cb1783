"""A vendor who lies while a person is at the pages of their account: no page is a way around the rules."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device

from .account_flow_rig import Person, options
from .account_rig import own_host
from .ownership_rig import PORT, Trusting, canaries_of, trusting
from .rigging import Home, wait_for

pytestmark = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", host=own_host(), port=PORT)]], indirect=True
)
MINUTE = 60


@pytest.fixture
async def here(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Trusting]:
    """Run a person's account that has the porch camera, and a neighbour's that has three."""
    async with trusting(hass, home, simulator, caplog) as found:
        yield found


async def cameras_again(here: Trusting) -> tuple[Person, dict[str, Any]]:
    """Sign in once more from Reconfigure; returns the page that follows."""
    house = here.house
    person = Person(house.hass, house.cloud, house.user)
    context: Any = {"source": "reconfigure", "entry_id": house.entry.entry_id}
    page: Any = await house.hass.config_entries.flow.async_init("wyze_local", context=context)
    return person, await person.sign_in(await person.choose(page, "account"))


@pytest.mark.parametrize("known", [True, False], ids=["frozen before", "at this page"])
async def test_a_strangers_cameras_are_on_no_page(here: Trusting, known: bool) -> None:
    """Neither when the answers are known to be somebody else's, nor when the page is the first to ask."""
    house = here.house
    fault = house.cloud.fault("wrong_account", "devices", other=here.neighbour.email)
    if known:
        await here.list()
        assert here.standing == "frozen"
    person, page = await cameras_again(here)
    await here.rest()
    shown = str([person.seen, options(page) if page["step_id"] == "cameras" else ""])
    for what, forms in canaries_of(here.neighbour).items():
        assert not [form for form in forms if form and form in shown], f"the {what} is on a page"
    assert page["step_id"] == "again", page
    assert "not yours" in await person.text(page, "base")
    assert house.entry.data["ignored"] == []
    assert here.standing == "frozen"
    assert here.issue("cloud_not_yours") is not None, "the page says that it is there"
    house.cloud.faults.clear(fault)
    await here.account.async_release()
    page = await person.submit(page)
    assert page["step_id"] == "cameras", "once the answers are right again it goes on without a sign-in"


async def test_strangers_that_a_page_showed_speak_for_no_account(here: Trusting) -> None:
    """What a person does not tick may be anybody's: a list of nothing but such cameras is none of theirs."""
    house = here.house
    house.cloud.fault("wrong_account", "devices", other=here.neighbour.email)
    person, page = await cameras_again(here)
    if page["step_id"] == "cameras":
        await person.submit(page, cameras=[])
    await here.list(8, after=12 * MINUTE)
    assert here.standing == "frozen"


async def test_what_lay_in_a_cache_is_on_no_page(here: Trusting) -> None:
    """It may be anybody's, whoever asked: so it is for somebody who signs in for the first time as well."""
    house = here.house
    fault = house.cloud.fault("from_cache", "devices")
    bob = Person(house.hass, house.cloud, here.neighbour)
    for page in ((await cameras_again(here))[1], await bob.sign_in(password="tr0ub4dor")):
        assert page["step_id"] == "again", page
        assert page["errors"] == {"base": "answers_old"}
    house.cloud.faults.clear(fault)
    assert (await bob.submit(page))["step_id"] == "cameras"


async def test_a_tick_replaces_no_keys(here: Trusting) -> None:
    """Who leaves a camera ticked that is off was asked whether it is to be here, and not about its keys."""
    house, before = here.house, here.kept()
    house.camera.stop()
    await wait_for(lambda: house.home.state("camera.porch") == "unavailable", 20)
    house.user.devices[:] = [
        Device.of_camera(house.camera, "Porch", ip="127.9.9.9"),
        Device.of_spec(CameraSpec("attic"), own_host(), "Attic"),
    ]
    house.user.devices[0].enr = "NobodysKey123456"
    person, page = await cameras_again(here)
    assert page["step_id"] == "cameras"
    page = await person.submit(page, cameras=list(options(page).values()))
    assert page["reason"] == "reconfigure_successful"
    await here.rest()
    assert here.kept() == before
    assert here.names == {"Porch", "Attic"}
