"""How often the vendor is asked: at our own pace, and never against its word."""

import asyncio
import random
from email.utils import formatdate
from time import gmtime, strftime

import pytest
from hypothesis import given, strategies as st

from engine.cloud import CloudError, CloudReason, FactorWay, SecondFactor
from engine.cloud.limits import MAX_AWAY, MIN_AWAY, Lane, Lanes, away, date_of, nearly_spent
from engine.model import Secret
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import Respond, answer, good, refused
from tests.engine.cloud.test_log_in import TOTP
from tests.support.clock import FakeClock

PHONE = Secret(r.PHONE_ID)
NOW = 1_790_000_000.0
EMPTY: dict[str, list[object]] = {"device_list": []}


async def limited(rig: r.Rig, phone: Secret = PHONE) -> float:
    """Ask, and return for how many seconds to keep away."""
    with pytest.raises(CloudError) as caught:
        await rig.client.cameras(r.tokens(), phone)
    assert caught.value.word is CloudReason.RATE_LIMITED
    assert caught.value.retry_at is not None
    return caught.value.retry_at - rig.clock.time()


def reset_by(rig: r.Rig, seconds: float) -> str:
    return strftime("%a %b %d %H:%M:%S UTC %Y", gmtime(rig.clock.time() + seconds))


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry_After": "3600"}, 3600, 3960),
        ({"Retry_After": "1"}, MIN_AWAY, MIN_AWAY * 1.1),
        ({"Retry_After": "0"}, MIN_AWAY, MIN_AWAY * 1.1),
        ({"Retry_After": "99999999999999999999"}, MAX_AWAY, MAX_AWAY),
        ({"Retry_After": "86400"}, MAX_AWAY, MAX_AWAY),
        ({"Retry_After": "-5"}, 900, 990),
        ({"Retry_After": "soon"}, 900, 990),
        ({}, 900, 990),
        ({"X_RateLimit_Reset_By": "garbage"}, 900, 990),
    ],
)
@pytest.mark.parametrize("skew", [0.0, 86400.0])
async def test_nothing_is_asked_before_the_vendor_allows_it(
    headers: dict[str, str], least: float, most: float, skew: float
) -> None:
    async with r.rig() as rig:
        rig.skew = skew
        rig.on(r.CAMERAS, answer({}, 429, **headers))
        seconds = await limited(rig)
        assert least - 1 <= seconds <= most + 1
        rig.on(r.CAMERAS, good(EMPTY))
        await rig.clock.advance(seconds - 1)
        assert await limited(rig) == pytest.approx(1, abs=0.1)
        assert len(rig.server.asked) == 1
        await rig.clock.advance(2)
        await rig.client.cameras(r.tokens(), PHONE)


@pytest.mark.parametrize("skew", [0.0, -86400.0])
async def test_dates_are_read_by_the_vendors_own_clock(skew: float) -> None:
    async with r.rig() as rig:
        rig.skew = skew
        rig.on(r.CAMERAS, answer({}, 429, X_RateLimit_Reset_By=reset_by(rig, 1800 + skew)))
        assert 1799 <= await limited(rig) <= 1981
        await rig.clock.advance(3600)
        rig.on(
            r.CAMERAS,
            answer({}, 429, Retry_After=formatdate(rig.clock.time() + skew + 1200, usegmt=True)),
        )
        assert 1199 <= await limited(rig) <= 1321


@pytest.mark.parametrize(
    ("respond", "least"), [(refused("1011"), 60), (refused(1011), 60), (refused("3044"), 600)]
)
async def test_codes_that_mean_too_many(respond: Respond, least: float) -> None:
    async with r.rig() as rig:
        rig.on(r.CAMERAS, respond)
        assert least <= await limited(rig) <= least * 1.1
        assert least - 1 <= await limited(rig)
        assert len(rig.server.asked) == 1


async def test_when_hardly_any_call_is_left_the_answer_counts_and_nothing_more_is_asked() -> None:
    async with r.rig() as rig:
        reset = reset_by(rig, 300)
        rig.on(r.CAMERAS, good(EMPTY, X_RateLimit_Remaining="10", X_RateLimit_Reset_By=reset))
        await rig.client.cameras(r.tokens(), PHONE)
        assert 299 <= await limited(rig) <= 331
        assert len(rig.server.asked) == 1


async def test_a_second_factor_is_not_held_back_while_a_log_in_is_left() -> None:
    async with r.rig() as rig:
        few = {"X_RateLimit_Remaining": "1", "X_RateLimit_Reset_By": reset_by(rig, 3600)}
        none = few | {"X_RateLimit_Remaining": "0"}
        rig.on(r.LOG_IN, answer(TOTP, 200, **few))
        factor = await rig.client.log_in(r.log_in())
        assert isinstance(factor, SecondFactor)
        rig.on(r.ANSWER, answer(r.SIGNED_IN, 200, **none))
        await rig.client.answer(r.log_in(), factor, FactorWay.TOTP, "123456")
        with pytest.raises(CloudError, match="rate_limited"):
            await rig.client.answer(r.log_in(), factor, FactorWay.TOTP, "123456")


async def test_while_calls_are_left_nothing_is_held_back() -> None:
    async with r.rig() as rig:
        rig.on(r.CAMERAS, good(EMPTY, X_RateLimit_Remaining="11", X_RateLimit_Reset_By=reset_by(rig, 300)))
        await rig.client.cameras(r.tokens(), PHONE)
        await rig.client.cameras(r.tokens(), PHONE)


async def test_one_account_does_not_silence_another() -> None:
    async with r.rig() as rig:
        rig.on(r.CAMERAS, answer({}, 429))
        await limited(rig)
        rig.on(r.CAMERAS, good(EMPTY))
        await rig.client.cameras(r.tokens(), Secret("another"))
        rig.on(r.LOG_IN, answer(r.SIGNED_IN))
        await rig.client.log_in(r.log_in())


async def test_log_ins_are_held_back_for_everybody() -> None:
    async with r.rig() as rig:
        rig.on(r.LOG_IN, answer({}, 429, Retry_After="1000"))
        for _ in range(2):
            with pytest.raises(CloudError) as caught:
                await rig.client.log_in(r.log_in())
            assert caught.value.word is CloudReason.RATE_LIMITED
            await rig.clock.advance(40)
        assert rig.server.count(r.LOG_IN) == 1


async def test_a_burst_and_then_one_a_second() -> None:
    clock = FakeClock()
    lane = Lane(clock, random.Random(1))
    times: list[float] = []

    async def call() -> None:
        await lane.turn("x")
        times.append(clock.monotonic() - 1000)

    calls = [asyncio.create_task(call()) for _ in range(100)]
    await clock.advance(120)
    failed = [result for result in await asyncio.gather(*calls, return_exceptions=True) if result]
    assert times == [0.0] * 5 + [float(second) for second in range(1, 61)]
    assert {str(err) for err in failed} == {"x: rate_limited"}
    await clock.advance(1000)
    await call()


async def test_who_waits_for_a_turn_is_told_when_there_will_be_none() -> None:
    clock = FakeClock()
    lane = Lane(clock, random.Random(1))
    for _ in range(5):
        await lane.turn("x")
    waiting = asyncio.create_task(lane.turn("x"))
    await asyncio.sleep(0)
    lane.close(100)
    await clock.advance(2)
    with pytest.raises(CloudError, match="rate_limited"):
        await waiting


def test_lanes_are_not_kept_for_ever() -> None:
    lanes = Lanes(FakeClock(), random.Random(1))
    first = lanes.lane(0)
    for key in range(1, 200):
        assert lanes.lane(0) is first
        lanes.lane(key)
    assert len(lanes._lanes) == 64


@given(
    st.dictionaries(
        st.sampled_from(["Retry-After", "X-RateLimit-Reset-By", "X-RateLimit-Remaining", "Date"]),
        st.text()
        | st.from_regex(r"[A-Z][a-z]{2},? [A-Z][a-z]{2} \d{1,3} \d{1,3}:\d\d:\d\d (UTC|GMT|CET) \d{1,6}")
        | st.integers().map(str)
        | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,9} \d\d:\d\d:\d\d [-+]\d{1,9}"),
    ),
)
def test_no_header_breaks_anything(headers: dict[str, str]) -> None:
    seconds = away(headers, NOW)
    assert isinstance(nearly_spent(headers), bool)
    assert isinstance(date_of(headers), float | None)
    clock = FakeClock()
    lane = Lane(clock, random.Random(1))
    retry = lane.close(seconds if seconds is not None else 900) - clock.time()
    assert MIN_AWAY - 1e-6 <= retry <= MAX_AWAY + 1e-6


def test_the_forms_that_are_known() -> None:
    for value in ("Tue Jan 05 12:00:00 UTC 2027", "tue JAN 5 12:00:00 GMT 2027"):
        assert away({"X-RateLimit-Reset-By": value}, 1799150400.0) == 0.0
    for value in ("Tue Jan 05 12:00:00 CET 2027", "Jan 05 12:00:00 UTC 2027", "Tue Foo 05 12:00:00 UTC 2027"):
        assert away({"X-RateLimit-Reset-By": value}, 0.0) is None
    for value, spent in (("10", True), ("0", True), ("11", False), ("", False), ("²", False), ("-1", False)):
        assert nearly_spent({"X-RateLimit-Remaining": value}) is spent
