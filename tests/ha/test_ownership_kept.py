"""What an account remembers of whose cameras are where: events that may be shown, other entries, the disk."""

from collections.abc import AsyncIterator
from itertools import batched
from pathlib import Path

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.cloud import CloudEvent, EventKind
from custom_components.wyze_local.engine.model import Secret
from custom_components.wyze_local.engine.ownership import Click, Word
from custom_components.wyze_local.engine.vault import VaultError
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device

from .account_rig import account_entry, own_host
from .ownership_rig import PORT, Trusting, stranger, trusting
from .rigging import Home, wait_for

pytestmark = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", host=own_host(), port=PORT)]], indirect=True
)

MINUTE = 60
ATTIC = CameraSpec("attic", host=own_host(), port=PORT, checks_mac=False)


@pytest.fixture
async def here(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Trusting]:
    """Run a person's account that has the porch camera, and a neighbour's that has three."""
    async with trusting(hass, home, simulator, caplog) as found:
        yield found


def shows(here: Trusting, mac: str = "", *, ago: float = 5, model: str = "") -> bool:
    """Tell whether something that happened before a camera so many seconds ago would be shown."""
    mac = mac or here.house.camera.spec.mac
    at = here.house.clock.time() - ago
    event = CloudEvent("1", Secret(mac), EventKind.MOTION, frozenset(), at, model=model)
    return bool(here.account.may_show(event))


async def test_only_what_happens_now_before_ones_own_camera_is_shown(here: Trusting) -> None:
    """Not what is old, or of a time to come, or of another model, or from before it was this person's."""
    assert not shows(here, ago=30), "it had another owner then, for all that is known"
    here.house.clock.advance(20 * MINUTE)
    for ago, shown in ((-50, True), (5, True), (9 * MINUTE, True), (11 * MINUTE, False), (-120, False)):
        assert shows(here, ago=ago) is shown
    assert not shows(here, ago=float("nan"))
    assert shows(here, model=here.house.camera.spec.model)
    assert not shows(here, model="WYZE_CAKP3JFUS")
    assert not shows(here, here.neighbour.devices[0].mac)
    for mac in ("", "2CAA8E", "no such thing", "2CAA8E0102030405"):
        event = CloudEvent("1", Secret(mac), EventKind.MOTION, frozenset(), here.house.clock.time())
        assert not here.account.may_show(event)


async def test_nothing_is_shown_of_an_account_that_is_frozen(here: Trusting) -> None:
    """Its answers are somebody else's."""
    here.house.clock.advance(MINUTE)
    assert shows(here)
    here.house.cloud.fault("wrong_account", "devices", other=here.neighbour.email)
    await here.list()
    assert not shows(here)
    assert not shows(here, here.neighbour.devices[0].mac)


async def test_a_camera_of_another_entry_is_that_ones(here: Trusting) -> None:
    """No event of it is shown here, it does not join, and comes when that entry is gone."""
    house = here.house
    async with Simulator([ATTIC]) as more:
        attic = more.cameras["attic"]
        other = await account_entry(house.hass, [attic])
        assert await house.hass.config_entries.async_setup(other.entry_id)
        house.user.devices.append(Device.of_camera(attic, "Attic"))
        await here.list(2, after=20 * MINUTE)
        assert here.names == {"Porch"}
        assert here.standing == "normal", "that is everyday"
        assert not shows(here, attic.spec.mac)
        assert await house.hass.config_entries.async_remove(other.entry_id)
        await here.list(2, after=20 * MINUTE)
        assert here.names == {"Porch", "Attic"}
        assert shows(here, attic.spec.mac)


async def test_an_entry_that_is_not_loaded_keeps_its_cameras(here: Trusting, unasked: None) -> None:
    """Neither the camera itself joins here meanwhile, nor one that is told to have its id."""
    house = here.house
    async with Simulator([ATTIC]) as more:
        attic = more.cameras["attic"]
        other = await account_entry(house.hass, [attic])
        assert await house.hass.config_entries.async_setup(other.entry_id)
        relaying, (key,) = house.entry.runtime_data.shared.relaying, other.data["cameras"]
        # Its first still is a dial, too, which would come after its entry has ended.
        await wait_for(lambda: house.home.state("camera.attic") == "idle", 20)
        await wait_for(lambda: relaying.camera_state(key).phase == "idle", 20)
        assert await house.hass.config_entries.async_unload(other.entry_id)
        dials = attic.counters.dials
        ghost = Device.of_camera(attic, "Ghost")
        ghost.mac = "02AA00CC0001"
        for device in (Device.of_camera(attic, "Attic"), ghost):
            house.user.devices[1:] = [device]
            await here.list(2, after=20 * MINUTE)
            assert here.names == {"Porch"}
        assert attic.counters.dials == dials, "it is not even tried"


async def test_a_camera_that_another_entry_lets_go_may_come(here: Trusting) -> None:
    """What an entry holds is known as soon as it changes."""
    house = here.house
    async with Simulator([ATTIC]) as more:
        attic = more.cameras["attic"]
        other = await account_entry(house.hass, [attic])
        assert await house.hass.config_entries.async_setup(other.entry_id)
        assert len(here.account.ownership.state.elsewhere) == 1
        house.hass.config_entries.async_update_entry(other, data={**other.data, "cameras": {}})
        await house.hass.async_block_till_done()
        assert not here.account.ownership.state.elsewhere
        house.user.devices.append(Device.of_camera(attic, "Attic"))
        await here.list(2, after=20 * MINUTE)
        assert here.names == {"Porch", "Attic"}


async def test_answers_that_say_nothing_new_cost_the_disk_nothing(here: Trusting) -> None:
    """A list comes every quarter of an hour, for years."""
    await here.list(2, after=15 * MINUTE)
    before = await here.house.hass.async_add_executor_job(_kept, here)
    assert before
    await here.list(4, after=15 * MINUTE)
    assert await here.house.hass.async_add_executor_job(_kept, here) == before


async def test_clean_answers_under_watch_outlive_a_restart(here: Trusting) -> None:
    """Whoever restarts often is not watched for ever."""
    house, own = here.house, list(here.house.user.devices)
    house.user.devices += [stranger(name) for name in ("one", "two", "three")]
    await here.list()
    assert here.standing == "watch"
    house.user.devices[:] = own
    await here.list(2, after=11 * MINUTE)
    assert here.standing == "watch"
    house.clock.advance(11 * MINUTE)
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.hass.async_block_till_done()
    await here.list()
    assert here.standing == "normal"


async def test_more_than_the_vault_remembers_costs_no_camera_and_no_session(
    here: Trusting, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once; a restart goes on with what was sealed before, and tokens are sealed as ever."""
    house, ownership, vault = here.house, here.account.ownership, here.house.entry.runtime_data.vault
    many = [f"{number:032x}" for number in range(450)]
    for some in batched(many, 150, strict=True):
        ownership.tell(*(Click(key, Word.MINE, key[::-1], key, "WYZE_CAKP2JFUS") for key in some))
        await wait_for(ownership._saving.done)
    assert ownership.state.cameras.keys() > {*many}
    told = [one for one in caplog.records if "cannot be sealed" in one.getMessage()]
    assert [one.getMessage().rpartition("(")[2] for one in told] == ["vault_too_large)"]
    with pytest.raises(VaultError):
        await ownership.async_say(Click("f" * 32, Word.NOT_MINE))

    house.cloud.invalidate(refresh_too=False)
    await house.ask()
    assert house.state == "signed_in"
    assert vault.account.tokens.access.reveal() == house.cloud.tokens.given[-1].access
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await wait_for(lambda: house.state == "signed_in", 20)
    await wait_for(lambda: house.home.state("camera.porch") == "idle", 20)
    assert here.names == {"Porch"}
    assert here.camera("Porch") == "trusted"


def _kept(here: Trusting) -> dict[str, bytes]:
    """Return every file that holds what is sealed."""
    folder = Path(here.house.hass.config.cache_path("wyze_local"))
    storage = Path(here.house.hass.config.path(".storage"))
    files = [*folder.rglob("*"), *storage.glob("wyze_local*")]
    return {path.name: path.read_bytes() for path in files if path.is_file()}
