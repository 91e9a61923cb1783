"""By which way an answer came: what its headers say of its age, of caches and of the calls that are left."""

from time import gmtime, strftime

import pytest

from engine.cloud import Heard
from engine.model import Secret
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import good

PHONE = Secret(r.PHONE_ID)
USER = {"user_id": r.USER_ID}


async def heard(rig: r.Rig, **headers: str) -> Heard:
    """Return what is heard of a list that comes with some headers."""
    rig.on(r.CAMERAS, good({"device_list": []}, **headers))
    return (await rig.client.cameras(r.tokens(), PHONE)).heard


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("120", 120),
        (" 61 ", 61),
        ("0", 0),
        ("-5", 0),
        ("soon", 0),
        ("1e9", 0),
        ("٣", 0),
        ("9" * 50, 999_999_999),
    ],
)
async def test_how_long_it_lay_in_a_cache(told: str, seconds: float) -> None:
    async with r.rig() as rig:
        assert (await heard(rig, Age=told)).age == seconds


@pytest.mark.parametrize(
    ("headers", "cached"),
    [
        ({}, False),
        ({"X_Cache": "Hit from cloudfront"}, True),
        ({"X_Cache": "RefreshHit from cloudfront"}, True),
        ({"X_Cache": "Miss from cloudfront"}, False),
        ({"X_Cache": "MISS, HIT"}, True),
        ({"X_Cache_Status": "HIT"}, True),
        ({"CF_Cache_Status": "HIT"}, True),
        ({"CF_Cache_Status": "DYNAMIC"}, False),
    ],
)
async def test_whether_a_cache_says_that_it_is_one_of_its_own(headers: dict[str, str], cached: bool) -> None:
    async with r.rig() as rig:
        assert (await heard(rig, **headers)).from_cache is cached


@pytest.mark.parametrize("ahead", [0.0, -600.0, 600.0, 86_400.0])
async def test_how_far_its_date_is_from_now(ahead: float) -> None:
    """Of a cached answer as well: it tells when it went in."""
    async with r.rig() as rig:
        rig.skew = ahead
        for headers in ({}, {"Age": "7"}):
            behind = (await heard(rig, **headers)).behind
            assert behind is not None
            assert -ahead <= behind <= -ahead + 1


async def test_a_date_that_is_none() -> None:
    async with r.rig() as rig:
        respond = good({"device_list": []})

        async def undated(request: object) -> object:
            response = await respond(request)  # type: ignore[arg-type]
            response.headers["Date"] = "tomorrow"
            return response

        rig.server.routes[r.CAMERAS] = undated  # type: ignore[assignment]
        assert (await rig.client.cameras(r.tokens(), PHONE)).heard.behind is None


async def test_for_how_long_it_is_the_last_answer() -> None:
    """As long as the vendor says, or a quarter of an hour; while calls are left it says nothing."""
    async with r.rig() as rig:
        reset = strftime("%a %b %d %H:%M:%S UTC %Y", gmtime(rig.clock.time() + 1800))
        plenty = {"X_RateLimit_Remaining": "11", "X_RateLimit_Reset_By": reset}
        assert (await heard(rig, **plenty)).away is None
        told = (await heard(rig, **plenty | {"X_RateLimit_Remaining": "10"})).away
        assert told is not None
        assert 1799 <= told <= 1981
    async with r.rig() as rig:
        untold = (await heard(rig, X_RateLimit_Remaining="0")).away
        assert untold is not None
        assert 900 <= untold <= 990


async def test_the_answer_about_a_person_is_heard_in_the_same_way() -> None:
    async with r.rig() as rig:
        rig.on(r.USER, good(USER, Age="99", X_Cache="HIT", X_RateLimit_Remaining="3"))
        found = (await rig.client.user(r.tokens(), PHONE)).heard
        assert (found.age, found.from_cache, found.away is None) == (99, True, False)
