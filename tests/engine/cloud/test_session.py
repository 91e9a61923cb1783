"""A session's tokens: renewed in time, by one call for all, kept before they are used, never by a log-in."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from engine.cloud import CameraList, CloudError, CloudReason, CloudSession, RefreshPolicy
from engine.cloud.tokens import Keeper
from engine.model import EngineError, Tokens
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import Respond, answer, good, refused
from tests.engine.lan.virtual import LoopClock, virtual
from tests.support.clock import FakeClock, settle

HOUR = 3600.0
DAY = 24 * HOUR


@dataclass
class Vendor:
    """Knows which tokens are good, gives new ones, and checks that they were kept before they come back."""

    rig: r.Rig
    access: str = r.ACCESS
    refresh: str = r.REFRESH_TOKEN
    made: int = 0
    takes: bool = True
    """Whether it takes any access token at all."""
    renews: bool = True
    kept: list[Tokens] = field(default_factory=list)
    """What was written down."""
    before_answer: Callable[[], Coroutine[Any, Any, None]] | None = None
    used_unkept: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.rig.on(r.CAMERAS, self._list)
        self.rig.on(r.REFRESH, self._renew)

    def forget(self) -> None:
        """End all tokens, and renew none: what a vendor does who logs everybody out."""
        self.takes = self.renews = False

    async def _list(self, request: web.BaseRequest) -> web.StreamResponse:
        token = self.rig.server.asked[-1].body["access_token"]
        if token != r.ACCESS and token not in {kept.access.reveal() for kept in self.kept}:
            self.used_unkept.append(token)
        ok = self.takes and token == self.access
        respond: Respond = good({"device_list": []}) if ok else refused("2001", "AccessTokenError")
        return await respond(request)

    async def _renew(self, request: web.BaseRequest) -> web.StreamResponse:
        given = self.rig.server.asked[-1].body["refresh_token"]
        if not self.renews or given != self.refresh:
            return await refused(2001)(request)
        self.made += 1
        self.access, self.refresh = f"access-token-{self.made}", f"refresh-token-{self.made}"
        if self.before_answer is not None:
            await self.before_answer()
        return await good({"access_token": self.access, "refresh_token": self.refresh})(request)

    async def keep(self, tokens: Tokens) -> None:
        await asyncio.sleep(0)
        self.kept.append(tokens)


@dataclass
class Case:
    rig: r.Rig
    vendor: Vendor
    session: CloudSession

    @property
    def clock(self) -> FakeClock:
        return self.rig.clock

    @property
    def renewals(self) -> int:
        return self.rig.server.count(r.REFRESH)

    async def ask(self) -> CameraList:
        """Ask, with time going by in between."""
        await self.clock.advance(10)
        return await self.session.cameras()

    async def fails(self) -> CloudError:
        with pytest.raises(CloudError) as caught:
            await self.ask()
        assert caught.value.__context__ is None
        return caught.value


@asynccontextmanager
async def session(keep: Any = None, policy: RefreshPolicy | None = None) -> AsyncIterator[Case]:
    async with r.rig() as rig:
        vendor = Vendor(rig)
        vendor.start()
        account = r.account(r.tokens(rig.clock.time()))
        signed_in = CloudSession(rig.client, account, on_tokens=keep or vendor.keep, policy=policy)
        yield Case(rig, vendor, signed_in)
        await signed_in.close()
        assert vendor.used_unkept == []
        assert rig.server.count(r.LOG_IN) == 0


async def test_tokens_are_renewed_at_half_of_their_life() -> None:
    async with session() as case:
        await case.clock.advance(24 * HOUR * 0.95 - 20)
        await case.ask()
        assert case.renewals == 0
        await case.clock.advance(24 * HOUR * 0.10)
        await case.ask()
        assert case.renewals == 1
        assert case.session.account.tokens == case.vendor.kept[-1]
        assert case.rig.server.asked[-1].body["access_token"] == "access-token-1"
        await case.ask()
        assert case.renewals == 1


async def test_installations_do_not_renew_in_step() -> None:
    async with r.rig() as rig:
        pair = r.tokens(0)
        due = [RefreshPolicy().due(pair, rig.client.rng) for _ in range(500)]
        assert min(due) >= DAY * 0.95
        assert max(due) <= DAY * 1.05
        assert max(due) - min(due) > DAY * 0.09


async def test_a_refused_token_is_renewed_and_the_call_repeated() -> None:
    async with session() as case:
        case.vendor.access = "another"
        assert await case.ask() == CameraList((), 0, 0)
        assert case.renewals == 1
        assert [(record.name, record.status) for record in case.session.calls] == [
            ("cameras", "token_refused"),
            ("refresh", "ok"),
            ("cameras", "ok"),
        ]


async def test_twenty_calls_that_meet_an_expired_token_renew_it_once() -> None:
    async with session() as case:
        case.vendor.access = "another"
        calls = [asyncio.create_task(case.session.cameras()) for _ in range(20)]
        while not all(call.done() for call in calls):
            await asyncio.sleep(0.01)
            await case.clock.advance(1)
        assert [await call for call in calls] == [CameraList((), 0, 0)] * 20
        assert case.renewals == 1
        assert len(case.vendor.kept) == 1


async def test_twenty_calls_at_half_life_renew_once() -> None:
    async with session() as case:
        await case.clock.advance(2 * DAY)
        calls = [asyncio.create_task(case.session.cameras()) for _ in range(20)]
        while not all(call.done() for call in calls):
            await asyncio.sleep(0.01)
            await case.clock.advance(1)
        assert all([await call for call in calls])
        assert case.renewals == 1


async def test_a_new_pair_is_used_only_after_it_was_written_down() -> None:
    at_disk, written = asyncio.Event(), asyncio.Event()

    async def slow(_: Tokens) -> None:
        at_disk.set()
        await written.wait()

    async with session(slow) as case:
        case.vendor.access = "another"
        call = asyncio.create_task(case.ask())
        await asyncio.wait_for(at_disk.wait(), 10)
        before = case.rig.server.count(r.CAMERAS)
        assert case.session.account.tokens.access.reveal() == r.ACCESS
        # Somebody else asks meanwhile, and does not get hold of it either.
        other = asyncio.create_task(case.session.cameras())
        await settle()
        assert case.rig.server.count(r.CAMERAS) == before
        case.vendor.kept.append(r.tokens(0, "access-token-1"))
        written.set()
        await asyncio.gather(call, other)
        assert case.renewals == 1


@virtual
async def test_a_disk_that_hangs_holds_nobody_for_ever() -> None:
    async def hang(_: Tokens) -> None:
        await asyncio.Event().wait()

    async def renew(_: Tokens) -> Tokens:
        return r.tokens(1, "access-token-1")

    async def ask(_: Tokens) -> None:
        raise CloudError(CloudReason.TOKEN_REFUSED)

    keeper = Keeper(
        r.tokens(LoopClock().time()),
        renew,
        hang,
        clock=LoopClock(),
        rng=random.Random(1),
        policy=RefreshPolicy(),
    )
    with pytest.raises(CloudError, match="not_saved"):
        await keeper.ask(ask)
    await keeper.close()


class DiskFull(EngineError):
    reason = "disk_full"


@pytest.mark.parametrize("error", [DiskFull(), OSError(28, "no space")])
async def test_a_pair_that_cannot_be_written_down_is_not_lost_and_not_used(error: Exception) -> None:
    full = True
    kept: list[Tokens] = []

    async def keep(tokens: Tokens) -> None:
        if full:
            raise error
        kept.append(tokens)
        case.vendor.kept.append(tokens)

    async with session(keep) as case:
        case.vendor.access = "another"
        for _ in range(4):
            assert (await case.fails()).word is CloudReason.NOT_SAVED
        assert case.renewals == 1
        assert case.session.account.tokens.access.reveal() == r.ACCESS
        full = False
        await case.ask()
        assert case.renewals == 1
        assert [tokens.access.reveal() for tokens in kept] == ["access-token-1"]


@pytest.mark.parametrize("mended", [True, False])
async def test_a_pair_that_could_not_be_written_down_is_written_at_the_end_if_possible(mended: bool) -> None:
    """It would be lost otherwise: the vendor takes the old one no more. It is tried once."""
    full, tried = True, 0
    kept: list[Tokens] = []

    async def keep(tokens: Tokens) -> None:
        nonlocal tried
        tried += 1
        if full:
            raise DiskFull
        kept.append(tokens)

    async with session(keep) as case:
        case.vendor.access = "another"
        assert (await case.fails()).word is CloudReason.NOT_SAVED
        before, full = tried, not mended
        await case.session.close()
        assert tried == before + 1
        assert case.renewals == 1
    assert [tokens.access.reveal() for tokens in kept] == (["access-token-1"] if mended else [])


async def test_who_stops_waiting_loses_nothing() -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        arrived.set()
        await go.wait()

    async with session() as case:
        case.vendor.access = "another"
        case.vendor.before_answer = wait
        first = asyncio.create_task(case.ask())
        await asyncio.wait_for(arrived.wait(), 10)
        second = asyncio.create_task(case.session.cameras())
        await settle()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        go.set()
        assert await second == CameraList((), 0, 0)
        assert case.renewals == len(case.vendor.kept) == 1


async def test_a_renewal_that_nobody_waits_for_any_more_is_kept_all_the_same() -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        arrived.set()
        await go.wait()

    async with session() as case:
        case.vendor.access = "another"
        case.vendor.before_answer = wait
        call = asyncio.create_task(case.ask())
        await asyncio.wait_for(arrived.wait(), 10)
        call.cancel()
        asyncio.get_running_loop().call_later(0.05, go.set)
        await case.session.close()
        assert [tokens.access.reveal() for tokens in case.vendor.kept] == ["access-token-1"]


async def test_everybody_logged_out_is_three_tries_and_no_log_in() -> None:
    async with session() as case:
        await case.ask()
        case.vendor.forget()
        reasons = []
        for _ in range(3 * 24 * 4):
            reasons.append((await case.fails()).word)
            await case.clock.advance(900)
        assert case.renewals == 3
        assert reasons[:3] == [CloudReason.TOKEN_REFUSED, CloudReason.TOKEN_REFUSED, CloudReason.SIGNED_OUT]
        assert set(reasons[3:]) == {CloudReason.SIGNED_OUT}
        assert case.session.signed_out
        # Nothing is asked for any more either.
        assert case.rig.server.count(r.CAMERAS) == 2


async def test_a_no_in_words_that_nobody_knows_is_a_no() -> None:
    """Otherwise an account whose session is over would be renewed for ever, and nobody told."""
    async with session() as case:
        case.vendor.takes = False
        case.rig.on(r.REFRESH, refused(2002, "RefreshTokenError"))
        for _ in range(5):
            await case.fails()
            await case.clock.advance(900)
        assert case.session.signed_out
        assert case.rig.server.count(r.REFRESH) == 3


async def test_between_the_tries_are_ten_minutes_and_it_is_said_when_the_next_is() -> None:
    async with session() as case:
        case.vendor.forget()
        first = await case.fails()
        began = case.clock.time()
        assert first.retry_at == pytest.approx(began + 600, abs=1)
        for _ in range(50):
            err = await case.fails()
            assert (err.word, err.retry_at) == (CloudReason.TOKEN_REFUSED, first.retry_at)
        assert case.renewals == 1
        assert case.rig.server.count(r.CAMERAS) == 1
        await case.clock.advance(100)
        assert (await case.fails()).word is CloudReason.TOKEN_REFUSED
        assert case.renewals == 2


async def test_a_vendor_who_comes_to_its_senses_is_taken_back() -> None:
    async with session() as case:
        case.vendor.forget()
        await case.fails()
        await case.clock.advance(900)
        await case.fails()
        case.vendor.takes = case.vendor.renews = True
        await case.clock.advance(900)
        await case.ask()
        assert case.renewals == 3
        # And the next time counts from the beginning.
        case.vendor.forget()
        await case.clock.advance(900)
        assert (await case.fails()).word is CloudReason.TOKEN_REFUSED


async def test_new_pairs_that_are_never_taken_are_refusals_as_well() -> None:
    async with session() as case:
        case.vendor.takes = False
        reasons = []
        for _ in range(8):
            reasons.append((await case.fails()).word)
            await case.clock.advance(900)
        assert case.renewals == 3
        assert reasons[2:] == [CloudReason.SIGNED_OUT] * 6


async def test_a_vendor_who_is_away_signs_nobody_out() -> None:
    async with session() as case:
        case.vendor.access = "another"
        case.rig.on(r.REFRESH, answer(b"<html>", 503))
        for _ in range(100):
            assert (await case.fails()).word in {CloudReason.SERVER, CloudReason.TOKEN_REFUSED}
            await case.clock.advance(HOUR)
        assert not case.session.signed_out
        case.vendor.start()
        await case.ask()


async def test_a_renewal_that_fails_in_time_disturbs_nobody() -> None:
    async with session() as case:
        case.rig.on(r.REFRESH, answer(b"<html>", 503))
        await case.clock.advance(1.5 * DAY)
        for _ in range(6):
            await case.ask()
            await case.clock.advance(900)
        assert 1 <= case.renewals <= 6


async def test_a_session_whose_renewal_is_dead_lives_as_long_as_its_token() -> None:
    async with session() as case:
        case.vendor.renews = False
        await case.clock.advance(1.5 * DAY)
        for _ in range(20):
            await case.ask()
            await case.clock.advance(900)
        assert case.renewals == 3
        assert not case.session.signed_out
        case.vendor.takes = False
        assert (await case.fails()).word is CloudReason.SIGNED_OUT
        assert case.renewals == 3


async def test_thirty_days_of_lists_every_quarter_of_an_hour() -> None:
    async with session() as case:
        for _ in range(30 * 96):
            await case.clock.advance(900)
            await case.session.cameras()
        assert 28 <= case.renewals <= 32
        assert case.renewals == len(case.vendor.kept)
        assert case.rig.server.count(r.CAMERAS) == 30 * 96
        per_day = len(case.rig.server.asked) / 30
        print(f"{per_day:.1f} calls a day")
        assert per_day <= 150


async def test_a_clock_that_jumps_makes_no_storm() -> None:
    async with session() as case:
        for jump in (400 * DAY, -800 * DAY, 500 * DAY):
            case.clock.jump(jump)
            for _ in range(12):
                await case.clock.advance(100)
                await case.session.cameras()
        assert case.renewals <= 8


async def test_what_is_remembered_of_calls_is_little() -> None:
    async with session() as case:
        for _ in range(60):
            await case.ask()
        assert len(case.session.calls) == 50
        assert {record.name for record in case.session.calls} == {"cameras"}


async def test_a_scaled_policy_is_quick() -> None:
    async with session(policy=RefreshPolicy(life=20, pause=1)) as case:
        case.vendor.forget()
        words = [(await case.fails()).word for _ in range(3)]
        assert words[-1] is CloudReason.SIGNED_OUT
