"""What is asked when the vendor sets a limit, when a person wants it, and when somebody else answers."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from custom_components.wyze_local.engine.uplink import Outcome, Uplink
from custom_components.wyze_local.line_status import LineLog, LineStatus
from dev.simulator.cloud import Device

from .account_rig import House
from .line_rig import DAY, HOUR, LIST, UPLINK, Days, attributes, cloud, house, lines, press
from .rigging import wait_for

__all__ = ["cloud", "house", "lines"]


@pytest.mark.parametrize(
    ("told", "least"), [({"retry_after": 3600}, 3600), ({"retry_after": "soon", "reset_by": None}, 900)]
)
async def test_the_vendors_own_limit_has_a_clock_of_its_own(
    house: House, told: dict[str, Any], least: float
) -> None:
    """Nothing is asked before the vendor allows it, not even by a person; that is no outage."""
    days = Days(house)
    house.cloud.fault("rate_limit", "devices", times=1, **told)
    await days.next_call()
    assert (house.home.state(UPLINK), attributes(house)["why"]) == ("limited", "rate")
    assert house.state == "limited"
    before = len(house.cloud.calls())
    with pytest.raises(HomeAssistantError) as refused:
        await press(house)
    assert refused.value.translation_key == "unchecked_limited"
    for _ in range(10):
        house.clock.advance((least - 30) / 10)
        await house.hass.async_block_till_done()
    assert len(house.cloud.calls()) == before
    house.clock.advance(least)
    await wait_for(lambda: house.home.state(UPLINK) == "online")
    await days.answered()
    house.clock.advance(LIST)
    await wait_for(lambda: house.state == "signed_in")


@pytest.mark.parametrize("by", ["list", "person"])
async def test_a_good_answer_that_is_nearly_the_last_is_heard_at_once(house: House, by: str) -> None:
    """It counts, and nothing more is asked until the vendor has calls to give again."""
    house.cloud.limits.budget, house.cloud.limits.window = 10, HOUR
    if by == "list":
        await Days(house).next_call()
        assert house.cloud.calls()[-1].endpoint == "devices"
        assert house.state == "signed_in"
    else:
        house.cloud.limits.budget = 11
        await press(house)
        assert house.cloud.calls()[-1].endpoint == "user"
    assert (house.home.state(UPLINK), attributes(house)["why"]) == ("limited", "rate")
    before = len(house.cloud.calls())
    house.clock.advance(HOUR / 3)
    with pytest.raises(HomeAssistantError) as refused:
        await press(house)
    assert refused.value.translation_key == "unchecked_limited"
    assert len(house.cloud.calls()) == before
    house.cloud.limits.budget = 300
    house.clock.advance(HOUR)
    await wait_for(lambda: house.home.state(UPLINK) == "online")


async def test_a_limit_that_outlasts_its_time_is_told_once(hass: HomeAssistant, lines: list[str]) -> None:
    """However often the vendor repeats it when its time is up; and once that it is over."""
    log, now = LineLog(), dt_util.utcnow()
    limited, online = LineStatus(Uplink.LIMITED, now, Outcome.RATE), LineStatus(Uplink.ONLINE, now)
    for _ in range(3):
        log.note(limited)
        log.answered(limited)
        log.note(online)
    for _ in range(3):
        log.answered(online)
    assert [line.split(" (")[0] for line in lines] == [
        "The line to the vendor is limited",
        "The line to the vendor is online again",
    ]


async def test_a_person_may_ask_now(house: House) -> None:
    """One call that says whose account it is, then the list; again after half a minute, and not before."""
    before = len(house.cloud.calls())
    await press(house)
    assert [call.endpoint for call in house.cloud.calls(since=before)] == ["user", "devices"]
    with pytest.raises(HomeAssistantError) as refused:
        await press(house)
    assert refused.value.translation_key == "unchecked_soon"
    assert refused.value.translation_placeholders is not None
    assert 0 < int(refused.value.translation_placeholders["seconds"]) <= 30
    house.clock.advance(31)
    await press(house)
    assert len(house.cloud.calls(since=before)) == 4


async def test_a_person_may_ask_amid_an_outage(house: House) -> None:
    """That is one probe; two good ones end a short outage, and a failed one makes nothing later."""
    days = Days(house)
    house.cloud.fault("reset")
    while days.passed < 3 * HOUR:
        await days.next_call()
    house.clock.advance(31)
    planned = attributes(house)["next_try"]
    before = len(house.cloud.calls())
    await press(house)
    assert [call.endpoint for call in house.cloud.calls(since=before)] == ["user"]
    assert attributes(house)["next_try"] == planned


async def test_a_probe_about_somebody_else_is_not_taken_for_the_vendor(house: House) -> None:
    """An answer that names another person stops everything at once, and the way back is the long one."""
    attic = Device.elsewhere("Attic", "WYZE_CAKP2JFUS")
    house.cloud.add_user("eve@example.org", devices=[attic])
    house.cloud.fault("wrong_account", "user", other="eve@example.org")
    await press(house)
    assert (house.home.state(UPLINK), attributes(house)["why"]) == ("offline", "trust")
    assert house.state == "unfamiliar"
    assert house.home.state("camera.porch") == "idle"
    await house.cloud.resume()
    days = Days(house)
    await days.until("recovering", HOUR)
    assert not house.entry.runtime_data.account.line.may_change


async def test_old_tokens_are_no_reason_for_more_calls_in_an_outage(house: House) -> None:
    """A probe is one call: tokens that have grown old meanwhile are renewed when the line is back."""
    days = Days(house)
    house.cloud.fault("broken", status=502)
    await days.until("offline", HOUR)
    before = len(house.cloud.calls())
    house.clock.advance(2 * DAY)
    for _ in range(3):
        await days.next_call()
    assert [call.endpoint for call in house.cloud.calls(since=before)] == ["user"] * 3
