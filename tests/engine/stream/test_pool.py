"""Names are few, random and re-used; a dial that never ends keeps its own."""

import asyncio
import re

import pytest

from engine.model import InvalidField, Secret
from engine.stream.pool import MAX_PROBE_NAMES, MAX_STUCK, PROBES, ProbeNames, check_token


@pytest.mark.parametrize(
    "token", ["", "porch", "A" * 32, "g" * 32, "a" * 31, "a" * 33, "a" * 31 + "/", "a" * 32 + "\n"]
)
def test_a_stream_name_that_could_be_guessed_or_misread_is_refused(token: str) -> None:
    with pytest.raises(InvalidField) as caught:
        check_token(Secret(token))
    assert (caught.value.field, caught.value.reason) == ("token", "not_a_token")


async def test_names_for_dials_cannot_be_guessed() -> None:
    """Anybody on this machine can play a stream whose name he knows."""
    names = [await ProbeNames().borrow(Secret("a")) for _ in range(20)]
    assert len(set(names)) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


async def test_a_thousand_dials_need_no_more_names_than_two() -> None:
    names = ProbeNames()
    seen = set()

    async def dial(number: int) -> None:
        name = await names.borrow(Secret(f"camera {number}"))
        seen.add(name)
        await asyncio.sleep(0)
        names.give_back(name)

    await asyncio.gather(*(dial(number) for number in range(1000)))
    assert len(seen) == PROBES


async def test_a_dial_that_goes_on_keeps_its_name_for_the_same_camera() -> None:
    names = ProbeNames()
    stuck = await names.borrow(Secret("one"))
    assert names.set_aside(stuck, Secret("one")) is None
    assert await names.borrow(Secret("other")) != stuck
    assert await names.borrow(Secret("one")) == stuck


async def test_no_name_is_lost_when_dials_of_one_camera_hang_side_by_side() -> None:
    """go2rtc knows both, and the keys in them: each is found again, to be dialled under or emptied."""
    names = ProbeNames()
    stuck = {await names.borrow(Secret("one")) for _ in range(PROBES)}
    for name in sorted(stuck):
        assert names.set_aside(name, Secret("one")) is None
    assert {await names.borrow(Secret("one")) for _ in range(PROBES)} == stuck


async def test_names_kept_for_dials_that_go_on_are_bounded() -> None:
    names = ProbeNames()
    first = await names.borrow(Secret("0"))
    assert names.set_aside(first, Secret("0")) is None
    for number in range(1, MAX_STUCK):
        assert names.set_aside(await names.borrow(Secret(str(number))), Secret(str(number))) is None
    assert names.set_aside(await names.borrow(Secret("last")), Secret("last")) == first


async def test_however_many_dials_hang_their_names_are_few_and_never_lent_twice_at_once() -> None:
    """Another run has to find all of them at a go2rtc that is not ours, and to empty what they hold."""
    names, lent = ProbeNames(), set()
    for number in range(3 * MAX_PROBE_NAMES):
        source = Secret(str(number))
        async with asyncio.timeout(5):
            one, other = await names.borrow(source), await names.borrow(Secret(f"other {number}"))
        assert one != other
        assert one not in list(names._stuck)
        lent |= {one, other}
        names.set_aside(one, source)
        names.give_back(other)
    assert len(lent) == MAX_PROBE_NAMES
