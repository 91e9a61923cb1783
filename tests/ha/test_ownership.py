"""A vendor whose answers are not this person's: nothing appears, is shown, replaced, kept or told."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.vault import VaultError
from custom_components.wyze_local.entry_vault import EntryVault
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device

from .account_rig import PATIENT, account_entry, key_of, own_host, signed_in
from .ownership_rig import PORT, TRUST, Trusting, canaries_of, look_for, stranger, trusting
from .rigging import Home, view, wait_for

pytestmark = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", host=own_host(), port=PORT)]], indirect=True
)

MINUTE = 60
HOUR = 60 * MINUTE


@pytest.fixture
async def here(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Trusting]:
    """Run a person's account that has the porch camera, and a neighbour's that has three."""
    async with trusting(hass, home, simulator, caplog) as found:
        yield found


async def frozen(here: Trusting) -> None:
    """Have the vendor answer with the neighbour's cameras, once."""
    fault = here.house.cloud.fault("wrong_account", "devices", other=here.neighbour.email)
    await here.list()
    here.house.cloud.faults.clear(fault)
    assert here.standing == "frozen"


async def test_a_list_of_strangers_freezes_at_once_and_leaves_no_trace(
    hass: HomeAssistant, here: Trusting, caplog: pytest.LogCaptureFixture
) -> None:
    """The first answer is enough; of it there are counts, and nothing else anywhere. Who watches goes on."""
    house, before = here.house, dict(here.house.entry.data)
    assert here.standing == "normal"
    (key,) = house.entry.data["cameras"]
    viewer = await view(house.entry.runtime_data.coordinator.server.restream_url(key).reveal())
    try:
        await wait_for(lambda: house.home.state("camera.porch") == "streaming", 15)
        dials, kept = house.camera.counters.dials, here.kept()
        await frozen(here)
        assert house.state == "unfamiliar"
        assert house.home.state("sensor.a_e_line_to_the_vendor") == "offline"
        assert dict(house.entry.data) == before
        assert here.kept() == kept
        assert here.camera("Porch") == "trusted"
        assert house.home.state("camera.porch") == "streaming"
        assert viewer.returncode is None
        assert house.camera.counters.dials == dials
    finally:
        viewer.kill()
        await viewer.wait()
    issue = here.issue("cloud_not_yours")
    assert issue is not None
    assert issue.translation_placeholders["listed"] == "3"
    (told,) = here.events
    assert (told["from"], told["to"], told["reason"]) == ("normal", "frozen", "strangers")
    assert told["counts"] == {
        **dict.fromkeys(("changed", "elsewhere", "ours"), 0),
        "listed": 3,
        "new": 3,
        "missing": 1,
    }
    await look_for(
        hass,
        canaries_of(here.neighbour),
        {"log": caplog.text, "states": "\n".join(here.states), "events": str(here.events)},
        [house.entry],
    )


async def test_it_stays_frozen_over_a_restart(here: Trusting) -> None:
    """What was known of the answers is known again, and the repair is there again."""
    house = here.house
    await frozen(here)
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert here.standing == "frozen"
    assert here.issue("cloud_not_yours") is not None
    assert here.house.home.state(TRUST) == "frozen"
    state = house.hass.states.get(TRUST)
    assert state is not None
    assert state.attributes["why"] == "strangers"
    await wait_for(lambda: house.home.state("camera.porch") == "idle", 20)


async def test_the_list_that_ends_it_does_not_wait_for_its_turn(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Lists come every 18 minutes; the last one that is waited for comes when the line is well again."""
    seldom = replace(PATIENT, poll=18.0 * MINUTE, poll_jitter=1e-6)
    async with trusting(hass, home, simulator, caplog, uplink=seldom) as here:
        await frozen(here)
        minutes = 0
        while here.standing == "frozen":
            assert minutes < 100
            await here.later(MINUTE)
            minutes += 1
        print(f"believed again after {minutes} minutes, by itself")
        assert 60 <= minutes <= 66


async def test_it_is_believed_again_after_clean_answers_for_the_right_owner(here: Trusting) -> None:
    """Not before an hour, three clean lists and a word on whose account it is; and not long after them."""
    house = here.house
    await frozen(here)
    house.user.devices[0].nickname = "Front door"
    minutes = 0
    while here.standing == "frozen":
        assert minutes < 100
        assert here.names == {"Porch"}, "not even a name is taken"
        await here.list(after=5 * MINUTE)
        minutes += 5
    print(f"believed again after {minutes} minutes of clean answers")
    assert 60 <= minutes <= 80
    assert house.cloud.calls("user"), "whose account it is was asked"
    assert here.issue("cloud_not_yours") is None
    await here.list(2, after=5 * MINUTE)
    assert here.names == {"Front door"}
    assert here.standing == "normal"
    assert [(one["from"], one["to"]) for one in here.events] == [("normal", "frozen"), ("frozen", "normal")]


async def test_another_owner_freezes(here: Trusting) -> None:
    """An answer that says that the account is somebody else's is enough, whatever the lists say."""
    house = here.house
    house.cloud.fault("wrong_account", "user", other=here.neighbour.email)
    await here.account.async_check_now()
    assert here.standing == "frozen"
    assert here.account.trust.news.reason == "another_account"
    house.clock.advance(2 * HOUR)
    await here.list(4, after=11 * MINUTE)
    assert here.standing == "frozen", "as long as it is another's"
    await house.cloud.resume()
    for _ in range(20):
        if here.standing != "frozen":
            break
        await here.list(after=11 * MINUTE)
    assert here.standing != "frozen"


async def test_a_person_may_end_it(here: Trusting) -> None:
    """A word is enough; the account stays under watch until its answers are clean."""
    await frozen(here)
    await here.account.async_release()
    assert here.standing == "watch"
    assert here.issue("cloud_not_yours") is None


async def test_one_strangers_camera_among_ones_own_is_none(
    hass: HomeAssistant, here: Trusting, caplog: pytest.LogCaptureFixture
) -> None:
    """It proves nothing here, so it does not join, and a person is asked by model and number only."""
    house = here.house
    house.cloud.fault("mixed", "devices", other=here.neighbour.email)
    await here.list(3, after=20 * MINUTE)
    assert here.names == {"Porch"}
    assert here.standing == "normal", "one new camera is everyday"
    assert here.account.waiting.count == 1
    issue = here.issue("cameras_waiting")
    assert issue is not None
    assert issue.translation_placeholders["count"] == "1"
    mixed = canaries_of(here.neighbour)
    places = {"log": caplog.text, "states": "\n".join(here.states), "events": str(here.events)}
    await look_for(hass, mixed, places, [house.entry])
    await here.account.async_refuse_waiting()
    assert here.issue("cameras_waiting") is None
    await here.list(after=20 * MINUTE)
    assert here.account.waiting.count == 0
    assert here.names == {"Porch"}


async def test_many_new_cameras_wait_for_a_persons_word(here: Trusting) -> None:
    """Three at once are not even tried before; at a word those join that answer here."""
    house = here.house
    specs = [CameraSpec(name, host=own_host(), port=PORT) for name in ("attic", "cellar", "shed")]
    async with Simulator(specs) as more:
        house.user.devices += [Device.of_camera(one) for one in more.cameras.values()]
        house.user.devices.append(stranger("nursery"))
        await here.list()
        assert here.names == {"Porch"}
        assert sum(one.counters.dials for one in more.cameras.values()) == 0
        assert here.standing == "watch"
        assert here.account.waiting.count == 4
        assert here.issue("cameras_waiting") is not None
        await here.account.async_try_waiting()
        assert here.names == {"Porch", "Attic", "Cellar", "Shed"}
        await wait_for(lambda: house.home.state("camera.shed") == "idle", 20)
        assert here.account.waiting.count == 1
        await here.list(4, after=11 * MINUTE)
        assert here.standing == "normal"


@pytest.mark.parametrize(
    ("fault", "options", "state"),
    [
        ("from_cache", {}, "not_trusted"),
        ("old", {"seconds": 600}, "clock_wrong"),
        ("stale", {}, "not_trusted"),
    ],
)
async def test_an_answer_of_another_time_changes_nothing(
    here: Trusting, fault: str, options: dict[str, Any], state: str
) -> None:
    """What lay in a cache, or is dated otherwise, is dropped whole: not even a name is taken."""
    house = here.house
    house.user.devices[0].nickname = "Front door"
    house.cloud.fault(fault, "devices", times=1, **options)
    await here.list()
    assert house.state == state
    assert here.names == {"Porch"}
    assert here.standing == "watch"
    await here.list()
    assert here.names == {"Front door"}


@pytest.mark.parametrize("fault", ["from_cache", "null_data"])
async def test_two_answers_out_of_a_cache_or_without_content_freeze(here: Trusting, fault: str) -> None:
    """One may be chance."""
    here.house.cloud.fault(fault, "devices")
    await here.list()
    assert here.standing == "watch"
    await here.list()
    assert here.standing == "frozen"


async def test_another_persons_keys_do_not_replace_those_of_a_camera_that_is_off(here: Trusting) -> None:
    """A flatmate's camera takes its own key under any name. That ours is silent proves nothing."""
    house, before = here.house, here.kept()
    spec = CameraSpec("flatmate", host=own_host(), port=PORT, checks_mac=False)
    async with Simulator([spec]) as theirs:
        told = theirs.cameras["flatmate"]
        device = Device.of_camera(told, "Their flat")
        device.mac = house.camera.spec.mac
        house.user.devices[:] = [device]
        house.camera.sleep()
        await here.list(3, after=20 * MINUTE)
        assert told.counters.dials > 0, "it was tried, and took the key"
        assert here.kept() == before
        assert here.names == {"Porch"}, "under other keys a name is another's"
        assert here.account.waiting.count == 1


async def test_keys_that_nobody_has_replace_none(here: Trusting) -> None:
    """That the camera refuses the old ones is half of a proof."""
    house, before = here.house, here.kept()
    house.camera.change_key()
    house.user.devices[0].enr = "NobodysKey123456"
    await here.list(2, after=20 * MINUTE)
    assert here.kept() == before


async def test_keys_that_could_not_be_sealed_do_not_count(here: Trusting) -> None:
    """A camera joins when its keys are safe, and until then it is one that waits."""
    house = here.house
    async with Simulator([CameraSpec("attic", host=own_host(), port=PORT)]) as more:
        house.user.devices.append(Device.of_camera(more.cameras["attic"], "Attic"))
        key_file = here.break_vault()
        await here.list()
        assert here.names == {"Porch"}
        assert not [one for one in here.account.ownership.state.ours if one not in here.hashes]
        key_file.chmod(0o600)
        await here.list(3, after=20 * MINUTE)
        assert here.names == {"Porch", "Attic"}


async def test_while_the_line_recovers_nothing_is_taken(here: Trusting) -> None:
    """After a long outage names, addresses, keys and new cameras wait until the vendor has proved well."""
    house, before = here.house, here.kept()
    await house.cloud.refuse()
    await here.list(4, after=10 * MINUTE)
    await house.cloud.resume()
    async with Simulator([CameraSpec("attic", host=own_host(), port=PORT)]) as more:
        fault = house.cloud.fault("mixed", "devices", other=here.neighbour.email)
        house.user.devices[0].nickname = "Front door"
        house.user.devices.append(Device.of_camera(more.cameras["attic"], "Attic"))
        for minutes in range(0, 125, 5):
            if minutes == 10:
                house.cloud.faults.clear(fault)
            await here.list(after=5 * MINUTE)
            if house.home.state("sensor.a_e_line_to_the_vendor") == "online":
                break
            assert here.names == {"Porch"}
            assert here.kept() == before
            assert more.cameras["attic"].counters.dials == 0
        print(f"the line is well {minutes} minutes after the outage")
        await here.list(2, after=15 * MINUTE)
        assert here.names == {"Front door", "Attic"}


async def test_a_camera_that_is_always_listed_twice_does_not_keep_the_line_from_recovering(
    here: Trusting,
) -> None:
    """What is said of it is held; the line serves all others, and goes by what the vendor always says."""
    house, before = here.house, here.kept()
    house.user.devices.append(replace(house.user.devices[0], mac="02AA00CC0001", nickname="Ghost"))
    await house.cloud.refuse()
    await here.list(4, after=10 * MINUTE)
    await house.cloud.resume()
    seen: list[str | None] = []
    while len(seen) < 48 and seen[-1:] != ["online"]:
        await here.list(after=5 * MINUTE)
        seen.append(house.home.state("sensor.a_e_line_to_the_vendor"))
    print(f"the line is well {5 * len(seen)} minutes after the outage")
    assert seen[-1] == "online"
    assert "recovering" in seen
    assert here.names == {"Porch"}
    assert here.kept() == before


async def test_of_two_accounts_one_is_frozen(here: Trusting, home: Home) -> None:
    """The other one goes on as if nothing were."""
    house = here.house
    spec = CameraSpec("cottage", host=own_host(), port=PORT)
    async with Simulator([spec]) as more:
        cottage = more.cameras["cottage"]
        cat = house.cloud.add_user("cat@example.com", "hunter2", devices=[Device.of_camera(cottage)])
        other = await account_entry(house.hass, [cottage], account=signed_in(house.cloud, cat), title="c…@e…")
        assert await house.hass.config_entries.async_setup(other.entry_id)
        await wait_for(lambda: home.state("sensor.c_e_account") == "signed_in", 20)
        await frozen(here)
        cat.devices[0].nickname = "Cabin"
        await other.runtime_data.account.async_refresh()
        await house.hass.async_block_till_done()
        assert home.state("sensor.c_e_trust_in_the_answers") == "normal"
        assert key_of(other, "Cabin")
        house.user.devices.append(cat.devices[0])
        await here.account.async_release()
        await here.list(2, after=40 * MINUTE)
        assert here.names == {"Porch"}, "a camera of another entry is none of this one's"


async def test_a_refusal_is_sealed_or_is_none(here: Trusting) -> None:
    """Who said that a camera is not theirs is asked again when that could not be kept, and never else."""
    house = here.house
    async with Simulator([CameraSpec("attic", host=own_host(), port=PORT)]) as more:
        device = Device.of_camera(more.cameras["attic"], "Attic")
        more.cameras["attic"].sleep()
        house.user.devices.append(device)
        await here.list()
        key_file = here.break_vault()
        with pytest.raises(VaultError):
            await here.account.async_refuse_waiting()
        assert here.account.waiting.count == 1
        assert here.issue("cameras_waiting") is not None
        key_file.chmod(0o600)
        await here.account.async_refuse_waiting()
        assert here.issue("cameras_waiting") is None
        kept = EntryVault(house.hass, house.entry.data["vault_id"])
        await kept.async_load()
        assert "not_mine" in json.dumps(kept.memory["ownership"]), "no task has to run for it any more"
        more.cameras["attic"].sleep(False)
        assert await house.hass.config_entries.async_reload(house.entry.entry_id)
        await here.list(3, after=20 * MINUTE)
        assert here.names == {"Porch"}


@pytest.mark.parametrize("lost", ["ownership", "uplink"])
async def test_lost_memory_leaves_the_other_half_right(here: Trusting, lost: str) -> None:
    """A vault that opens late, with half of what was known: the line says whether answers only confirm."""
    house = here.house
    await house.cloud.refuse()
    await here.list(4, after=10 * MINUTE)
    assert here.account.ownership.only_confirms
    held = house.entry.runtime_data.vault
    await wait_for(lambda: '"open"' in json.dumps(held.memory.get("uplink")), 20)
    key_file = here.break_vault()
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    key_file.chmod(0o600)
    vault = EntryVault(house.hass, house.entry.data["vault_id"])
    await vault.async_load()
    await vault.async_put_memory(lost, None)
    key_file.chmod(0o644)
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    key_file.chmod(0o600)
    await house.entry.runtime_data.vault.async_open()
    await house.hass.async_block_till_done()
    line = here.account.line
    assert line.may_change is (lost == "uplink")
    assert here.account.ownership.only_confirms is not line.may_change
