"""What becomes of cameras, and of who watches one, in the course of what the vendor has done before.

Each course is a line of the list of faults in tests/faults/README.md: the way back from an outage, log-outs,
renewals, clocks that jump, a start in the middle, and two accounts of which one is not believed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.cloud import CloudError
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device, User

from .account_rig import account_entry, own_host, signed_in
from .line_rig import DAY, HOUR, MANY
from .ownership_rig import PORT
from .rigging import Home, wait_for
from .troubles import NEIGHBOUR, Trouble
from .vigil import CAMERAS, Vigil, vigil

pytestmark = pytest.mark.parametrize("simulator", [CAMERAS], indirect=True)

MINUTE = 60.0
OTHERS_ACCOUNT, OTHERS_TRUST = "sensor.c_e_account", "sensor.c_e_trust_in_the_answers"
Record = Callable[[str, object], None]


@pytest.fixture
async def watched(hass: HomeAssistant, home: Home, simulator: Simulator) -> AsyncIterator[Vigil]:
    """Run a house with an account in which somebody watches a camera."""
    async with vigil(hass, home, simulator) as made:
        yield made


async def for_so_long(watched: Vigil, seconds: float, seen: set[Any] | None = None) -> None:
    """Let time pass call by call, and look at everything after each."""
    passed = 0.0
    while passed < seconds:
        passed += await watched.call()
        watched.check()
        if seen is not None:
            seen.add(watched.stands)


async def without_vendor(watched: Vigil) -> None:
    """Let it be known that the vendor is away, and so it be for a while."""
    await watched.house.cloud.refuse()
    async with asyncio.timeout(60):
        while watched.stands != "offline":
            await for_so_long(watched, MINUTE)
    await for_so_long(watched, 20 * MINUTE)


async def mixed_up_on_the_way_back(watched: Vigil) -> None:
    """February 2024: an outage, then other people's cameras for ten minutes and more, then the own ones."""
    cloud = watched.house.cloud
    for kind in ("mixed", "mixed_ids"):
        await without_vendor(watched)
        await cloud.resume()
        cloud.fault(kind, other=NEIGHBOUR)
        seen = set[Any]()
        await for_so_long(watched, 30 * MINUTE, seen)
        assert "online" not in seen
        assert "recovering" in seen
        await cloud.resume()
        passed = await watched.until_well(5 * HOUR)
        print(f"{kind}: {passed / 60:.0f} minutes back")


async def everybody_is_logged_out(watched: Vigil) -> None:
    """December 2019: three tries to renew the session, no log-in, one page; then somebody signs in."""
    house, before = watched.house, len(watched.house.cloud.calls())
    house.cloud.invalidate()
    await until_signed_out(watched)
    await for_so_long(watched, 2 * HOUR)
    asked = [call.endpoint for call in house.cloud.calls(since=before)]
    assert asked.count("refresh") <= 3
    assert "login" not in asked
    await sign_in(watched)


async def until_signed_out(watched: Vigil) -> None:
    """Let time pass until the session is given up."""
    async with asyncio.timeout(60):
        while watched.house.state != "signed_out":
            await watched.call()
            watched.check()
    (flow,) = watched.house.hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def sign_in(watched: Vigil) -> None:
    """Give the account a session, as its page does."""
    house, flows = watched.house, watched.house.hass.config_entries.flow
    for flow in flows.async_progress():
        flows.async_abort(flow["flow_id"])
    await house.entry.runtime_data.vault.async_put_account(signed_in(house.cloud, house.user))
    house.entry.runtime_data.account.async_account_changed()
    await wait_for(lambda: house.state == "signed_in", 20)
    await watched.until_well(5 * HOUR)


async def tokens_are_renewed_elsewhere(watched: Vigil) -> None:
    """Twenty that want new tokens at once get them by one call; those that another program took are gone."""
    cloud, account = watched.house.cloud, watched.house.entry.runtime_data.account
    cloud.invalidate(refresh_too=False)
    before = len(cloud.calls("refresh"))
    session = await account._sessions.async_get()
    asked = [asyncio.ensure_future(session.user()) for _ in range(20)]
    async with asyncio.timeout(60):
        while not all(one.done() for one in asked):
            watched.house.clock.advance(10.0)
            await asyncio.sleep(0.02)
    failed = [one.exception() for one in asked if one.exception() is not None]
    assert all(isinstance(err, CloudError) for err in failed)
    assert len(failed) < len(asked)
    assert len(cloud.calls("refresh")) == before + 1
    newest = watched.house.entry.runtime_data.vault.account.tokens
    assert newest.access.reveal() == cloud.tokens.given[-1].access
    await watched.until_well(5 * HOUR)

    assert cloud.tokens.exchange(newest.refresh.reveal(), cloud.clock.now())
    await until_signed_out(watched)
    await sign_in(watched)


async def clocks_jump(watched: Vigil) -> None:
    """A day ahead and back, and eight hours of sleep: with the vendor there, and without."""
    house = watched.house
    for jump in (DAY, -DAY, 0.0):
        await once(watched, jump)
        await watched.until_well(5 * HOUR)
    await without_vendor(watched)
    for jump in (DAY, -DAY, 0.0):
        await once(watched, jump)
    await house.cloud.resume()
    passed = await watched.until_well(5 * HOUR)
    print(f"{passed / 60:.0f} minutes back")


async def once(watched: Vigil, jump: float) -> None:
    """Let the clock be wrong for half an hour by so many seconds; 0: let the machine sleep."""
    house, account = watched.house, watched.house.entry.runtime_data.account
    before = {call.at for call in account.calls}
    if jump:
        house.clock.ahead = jump
    else:
        house.clock.advance(8 * HOUR)
    await for_so_long(watched, 30 * MINUTE)
    house.clock.ahead = 0.0
    asked = [call.name for call in account.calls if call.at not in before]
    print(f"{jump / HOUR:+.0f} h: {len(asked)} calls")
    assert asked, "it is not stuck"
    assert len(asked) <= 15
    assert asked.count("refresh") <= 1
    assert "login" not in asked


async def another_account(watched: Vigil) -> tuple[Any, User]:
    """Let somebody else in the house have an account, too, with a camera of its own."""
    house = watched.house
    spec = CameraSpec("cottage", host=own_host(), port=PORT)
    # It outlives what is done here: a camera that is gone would be one that is not available.
    more = await watched.guests.enter_async_context(Simulator([spec]))
    cottage = more.cameras["cottage"]
    cottage.limit_sessions(MANY)
    cat = house.cloud.add_user("cat@example.com", "hunter2", devices=[Device.of_camera(cottage)])
    account = signed_in(house.cloud, cat)
    entry = await account_entry(house.hass, [cottage], account=account, title="c…@e…", first=False)
    assert await house.hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: house.home.state(OTHERS_ACCOUNT) == "signed_in", 20)
    await wait_for(lambda: house.home.state("camera.cottage") == "idle", 20)
    watched.heard.away.clear()
    watched.entries.append(entry)
    return entry, cat


async def one_of_two_is_not_believed(watched: Vigil) -> None:
    """First the one whose camera is watched, then the other; a camera in both lists stays where it is."""
    house = watched.house
    entry, cat = await another_account(watched)
    cat_has = dict(entry.data)
    house.cloud.fault("wrong_account", user=house.user.email, other=NEIGHBOUR)
    await for_so_long(watched, HOUR)
    assert house.entry.runtime_data.account.ownership.standing == "frozen"
    await entry.runtime_data.account.async_refresh()
    assert house.home.state(OTHERS_TRUST) == "normal"
    await house.cloud.resume()
    await watched.until_well(5 * HOUR)

    house.cloud.fault("wrong_account", user=cat.email, other=NEIGHBOUR)
    async with asyncio.timeout(30):
        while house.home.state(OTHERS_TRUST) != "frozen":
            await watched.call()
            await entry.runtime_data.account.async_refresh()
    await for_so_long(watched, HOUR)
    assert watched.is_well
    await house.cloud.resume()
    cat.devices.append(house.user.devices[0])
    await for_so_long(watched, 3 * HOUR)
    assert dict(entry.data) == cat_has
    assert house.home.state("camera.cottage") == "idle"


COURSES: dict[tuple[int, str], Callable[[Vigil], Awaitable[None]]] = {
    (8, "mixes up cameras on the way back"): mixed_up_on_the_way_back,
    (9, "logs everybody out"): everybody_is_logged_out,
    (10, "renews tokens once, or for others"): tokens_are_renewed_elsewhere,
    (26, "lives by another clock"): clocks_jump,
    (27, "lies to one account of two"): one_of_two_is_not_believed,
}


@pytest.mark.parametrize(("row", "what"), COURSES, ids=[str(row) for row, _ in COURSES])
async def test_who_watches_sees_nothing_of_it(
    watched: Vigil, row: int, what: str, record_property: Record
) -> None:
    """For each course: one connection, all cameras there, as before, and nothing of a neighbour's."""
    async with watched.see(row, what, record_property):
        await COURSES[row, what](watched)


@pytest.mark.parametrize(
    "trouble",
    [Trouble(24, "refuses"), Trouble(24, "hang"), Trouble(24, "wrong_account", {"other": NEIGHBOUR})],
    ids=str,
)
async def test_a_start_in_the_middle_of_it(
    hass: HomeAssistant, home: Home, simulator: Simulator, trouble: Trouble, record_property: Record
) -> None:
    """The first picture comes within 20 seconds of the start, and goes on while the vendor comes back."""
    async with vigil(hass, home, simulator, meanwhile=trouble) as watched:
        print(f"{trouble}: the first picture after {watched.first_picture:.1f} s")
        assert watched.first_picture < 20
        async with watched.see(24, f"is not itself at the start: {trouble.kind}", record_property):
            if trouble.kind == "hang":
                await watched.pictures(45)
            else:
                await for_so_long(watched, HOUR)
            await trouble.end(watched.house)
            await watched.until_well(5 * HOUR)
