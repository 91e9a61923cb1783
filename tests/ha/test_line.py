"""The line to the vendor: an outage costs few calls and no picture; who is back is not believed at once."""

from typing import Any

import pytest

from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import async_capture_events

from .account_rig import House
from .line_rig import DAY, HOUR, UPLINK, Days, attributes, cloud, house, lines, name_of, outages_of_cameras
from .rigging import DOMAIN, wait_for

__all__ = ["cloud", "house", "lines"]


async def test_a_day_without_the_vendor(house: House, lines: list[str]) -> None:
    """Three lists, then a probe now and then; the way back takes an hour in which nothing is taken over."""
    days, cameras = Days(house), outages_of_cameras(house)
    told = async_capture_events(house.hass, "wyze_local_uplink")
    assert house.home.state(UPLINK) == "online"
    await house.cloud.refuse()
    for _ in range(3):
        assert house.home.state(UPLINK) == "online"
        await days.next_call()
    assert house.home.state(UPLINK) == "offline"
    assert house.state == "offline"
    assert attributes(house)["why"] == "net"
    while days.passed < DAY:
        await days.next_call()
    print(f"{days.asked} calls in {days.passed / HOUR:.1f} hours of outage")
    assert days.asked <= 150
    assert house.home.state("sensor.a_e_stopped_without_the_cloud") == "news"

    await house.cloud.resume()
    house.user.devices[0].nickname = "Somebody else's"
    await days.until("recovering", 3600)
    back = days.passed
    await days.next_call()
    assert house.state == "signed_in"
    assert name_of(house) == "Porch"
    await days.until("online", 2 * HOUR)
    assert days.passed - back >= HOUR
    assert not cameras
    await wait_for(lambda: name_of(house) == "Somebody else's")
    assert [line.split(";")[0] for line in lines] == [
        "The line to the vendor is offline (net)",
        "The line to the vendor is online again",
    ]
    assert [(event.data["from"], event.data["to"], event.data["why"]) for event in told] == [
        ("online", "offline", "net"),
        ("offline", "recovering", "net"),
        ("recovering", "online", None),
    ]
    device = dr.async_get(house.hass).async_get(told[0].data["device_id"])
    assert device is not None
    assert (DOMAIN, house.entry.entry_id) in device.identifiers


@pytest.mark.parametrize(
    ("fault", "options", "why", "word"),
    [
        ("broken", {"status": 503}, "server", "fault"),
        ("code", {"code": 1000}, "server", "fault"),
        ("login_page", {}, "malformed", "not_trusted"),
        ("bad_json", {}, "malformed", "fault"),
        ("reset", {}, "net", "offline"),
    ],
    ids=["gateway", "1000", "portal", "half", "reset"],
)
async def test_half_a_day_of_nonsense(
    house: House, fault: str, options: dict[str, Any], why: str, word: str
) -> None:
    """Whatever comes instead of an answer: few calls, one at a time, and the word for it stays true."""
    days, cameras, before = Days(house), outages_of_cameras(house), len(house.cloud.calls())
    house.cloud.fault(fault, **options)
    while days.passed < DAY / 2:
        await days.next_call()
    assert house.home.state(UPLINK) == "offline"
    assert attributes(house)["why"] == why
    asked = len(house.cloud.calls())
    await house.ask()
    assert len(house.cloud.calls()) == asked, "no list is asked for, whoever wants one"
    assert house.state == word
    assert len(house.cloud.calls()) - before <= 75
    assert house.cloud.most_together("user") == 1
    assert not cameras


async def test_restarts_amid_an_outage_do_not_hurry(house: House, lines: list[str]) -> None:
    """Twenty starts in a row cost no call that would not have come anyway; what is shown is true at once."""
    days = Days(house)
    await house.cloud.refuse()
    while days.passed < 3 * HOUR:
        await days.next_call()
    lines.clear()
    await house.cloud.resume()
    house.cloud.fault("reset")
    since = attributes(house)["since"]
    before = len(house.cloud.calls())
    for _ in range(20):
        assert await house.hass.config_entries.async_reload(house.entry.entry_id)
        assert house.home.state(UPLINK) == "offline"
        house.clock.advance(5)
        await wait_for(lambda: house.home.state("camera.porch") == "idle")
    print(f"{len(house.cloud.calls()) - before} calls in 20 starts")
    assert len(house.cloud.calls()) - before <= 2
    assert attributes(house)["why"] == "net"
    assert str(attributes(house)["since"])[:13] <= str(since)[:13]
    assert not [line for line in lines if "still" not in line]


async def test_a_restart_in_a_recovery_does_not_shorten_it(house: House) -> None:
    """The hour begins once, and each list counts once."""
    days = Days(house)
    await house.cloud.refuse()
    while days.passed < HOUR:
        await days.next_call()
    await house.cloud.resume()
    await days.until("recovering", HOUR)
    back = days.passed
    for _ in range(3):
        assert await house.hass.config_entries.async_reload(house.entry.entry_id)
        assert house.home.state(UPLINK) == "recovering"
        assert not house.entry.runtime_data.account.line.may_change
        await days.next_call()
    await days.until("online", 2 * HOUR)
    assert days.passed - back >= HOUR


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
async def test_a_clock_that_is_set_leaves_nothing_stuck(house: House, jump: float) -> None:
    """A machine that has slept, or whose clock was mended, asks within a few minutes."""
    days = Days(house)
    await house.cloud.refuse()
    while days.passed < 3 * HOUR:
        await days.next_call()
    house.clock.ahead += jump
    before = days.asked
    for _ in range(5):
        house.clock.advance(40)
        await house.hass.async_block_till_done()
    await wait_for(lambda: days._count() or days.asked > before)
