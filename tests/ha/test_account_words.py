"""A person's words on an account's answers, said by the real repairs to the real account and its cameras."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.wyze_local.engine.ownership import AccountStanding, Apart, Word
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device

from .account_flow_rig import Person, chosen_names, options, values_of
from .account_rig import key_of, own_host
from .ownership_rig import PORT, Trusting, stranger, trusting
from .repairs_rig import NOT_YOURS, WAITING, Repairs
from .rigging import Home, wait_for

MINUTE = 60


@pytest.fixture
async def here(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Trusting]:
    """Run a person's account that has the porch camera, and a neighbour's that has three."""
    await async_setup_component(hass, "repairs", {})
    async with trusting(hass, home, simulator, caplog) as found:
        yield found


@pytest.fixture
async def repairs(
    hass: HomeAssistant,
    here: Trusting,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> Repairs:
    """Return a person at the repairs of that account."""
    ws = await hass_ws_client(hass)
    return Repairs(hass, here.house.entry, await hass_client(), ws)


async def frozen(here: Trusting) -> None:
    """Have the vendor answer with the neighbour's cameras, once."""
    fault = here.house.cloud.fault("wrong_account", "devices", other=here.neighbour.email)
    await here.list()
    here.house.cloud.faults.clear(fault)
    assert here.standing == AccountStanding.FROZEN


async def test_a_check_does_not_cut_the_wait_short(here: Trusting, repairs: Repairs) -> None:
    """The vendor is asked once, and says nothing wrong; that ends nothing. Asked again it is too soon."""
    await frozen(here)
    page = await repairs.choose(await repairs.open(NOT_YOURS), "check_now")
    assert page["reason"] == "not_over"
    assert here.standing == AccountStanding.FROZEN
    page = await repairs.choose(await repairs.open(NOT_YOURS), "check_now")
    assert page["reason"] == "not_done"
    text = await repairs.text(NOT_YOURS, "fix_flow", "abort", "not_done", page=page)
    assert "seconds" in text
    assert "{" not in text


async def test_a_persons_word_ends_it(here: Trusting, repairs: Repairs) -> None:
    """The account counts again, under watch; the repair is gone, and is not asked for anew."""
    await frozen(here)
    page = await repairs.choose(await repairs.open(NOT_YOURS), "release")
    page = await repairs.submit(page)
    assert page["type"] == "create_entry"
    assert here.standing == AccountStanding.WATCH
    await here.list(after=20 * MINUTE)
    assert not await repairs.listed()
    assert here.names == {"Porch"}


async def test_added_cameras_join_and_strangers_do_not(here: Trusting, repairs: Repairs) -> None:
    """By the repair for cameras that wait: what answers here joins, at once; the rest can be refused."""
    house = here.house
    specs = [CameraSpec(name, host=own_host(), port=PORT) for name in ("attic", "cellar", "shed")]
    async with Simulator(specs) as more:
        house.user.devices += [Device.of_camera(one) for one in more.cameras.values()]
        house.user.devices.append(stranger("nursery"))
        await here.list()
        (issue,) = (await repairs.listed()).values()
        assert issue["translation_placeholders"]["count"] == "4"
        page = await repairs.choose(await repairs.open(WAITING), "try_again")
        assert page["reason"] == "trying", "one is left that does not answer"
        assert here.names == {"Porch", "Attic", "Cellar", "Shed"}
        assert (await repairs.listed())[WAITING]["translation_placeholders"]["count"] == "1"
        page = await repairs.submit(await repairs.choose(await repairs.open(WAITING), "not_mine"))
        assert page["type"] == "create_entry"
        await here.list(after=20 * MINUTE)
        assert not await repairs.listed()
        await wait_for(lambda: house.home.state("camera.shed") == "idle", 20)


async def test_nothing_is_tried_while_the_vendor_is_left_alone(here: Trusting, repairs: Repairs) -> None:
    """Each page says so, and asks nobody."""
    await frozen(here)
    await here.account.async_set_lan_only(True)
    before = len(here.house.cloud.calls("devices")) + len(here.house.cloud.calls("user"))
    page = await repairs.choose(await repairs.open(NOT_YOURS), "check_now")
    assert page["reason"] == "not_done"
    text = await repairs.text(NOT_YOURS, "fix_flow", "abort", "not_done", page=page)
    assert "LAN only is on" in text
    page = await repairs.choose(await repairs.open(NOT_YOURS), "admit")
    assert page["reason"] == "no_list"
    assert len(here.house.cloud.calls("devices")) + len(here.house.cloud.calls("user")) == before


async def test_a_stranger_is_not_chosen_for_anybody(
    hass: HomeAssistant, here: Trusting, repairs: Repairs
) -> None:
    """Reconfigure lists by name, and a camera that waits or was refused has to be ticked by the person."""
    house = here.house
    house.user.devices.append(stranger("nursery"))
    await here.list(2, after=20 * MINUTE)
    person = Person(hass, house.cloud, house.user)
    page: dict[str, Any] = {}
    for refused in (False, True):
        if refused:
            await repairs.submit(await repairs.choose(await repairs.open(WAITING), "not_mine"))
        # The vendor takes a sign-in every half minute.
        house.clock.advance(MINUTE)
        context: Any = {"source": "reconfigure", "entry_id": house.entry.entry_id}
        page = dict(await hass.config_entries.flow.async_init("wyze_local", context=context))
        page = await person.sign_in(await person.choose(page, "account"))
        assert {label.partition(" (")[0] for label in options(page)} == {"Porch", "Their nursery"}
        assert chosen_names(page) == {"Porch"}
    await person.submit(page, cameras=values_of(page, ["Porch", "Their nursery"]))
    assert here.names == {"Porch", "Their nursery"}, "a person's word brings it back"


async def test_a_sold_camera_is_known_to_be_sold(hass: HomeAssistant, here: Trusting) -> None:
    """Events of it are dropped, and no list makes it ours again."""
    entry = here.house.entry
    key = key_of(entry, "Porch")
    fingerprint = entry.data["cameras"][key]["mac_hash"]
    context: Any = {"source": "reconfigure", "entry_id": entry.entry_id}
    flow = hass.config_entries.flow
    page = await flow.async_init("wyze_local", context=context)
    page = await flow.async_configure(page["flow_id"], {"next_step_id": "sell"})
    page = await flow.async_configure(page["flow_id"], {"camera": key, "confirm": True})
    assert page["reason"] == "sold"
    await hass.async_block_till_done()
    assert here.account.ownership.state.cameras[fingerprint] == Apart(Word.SOLD)
    await here.list(2, after=20 * MINUTE)
    assert here.names == set()
    assert here.account.ownership.state.cameras[fingerprint] == Apart(Word.SOLD)
