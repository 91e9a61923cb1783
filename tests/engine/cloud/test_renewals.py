"""How often the renewal of tokens is tried over restarts: one account, one count, however often it starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from engine.cloud import CloudError, CloudReason, CloudSession, Renewals
from engine.model import EngineError, Tokens
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import answer
from tests.engine.cloud.test_session import Vendor

HOUR = 3600.0


@dataclass
class Starts:
    """An account that is followed by one session after the other, and what outlives each of them."""

    rig: r.Rig
    vendor: Vendor
    tokens: Tokens
    known: Renewals | None = None
    written: list[Renewals] = field(default_factory=list)
    full: bool = False
    """Whether nothing can be written."""

    async def _keep(self, tokens: Tokens) -> None:
        if self.full:
            raise DiskFull
        self.tokens = tokens
        await self.vendor.keep(tokens)

    async def _note(self, renewals: Renewals) -> None:
        if self.full:
            raise DiskFull
        self.known = Renewals.from_json(renewals.to_json())
        assert self.known == renewals
        self.written.append(renewals)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[CloudSession]:
        session = CloudSession(
            self.rig.client,
            r.account(self.tokens),
            on_tokens=self._keep,
            renewals=self.known,
            on_renewals=self._note,
        )
        yield session
        await session.close()

    async def start(self) -> CloudReason | None:
        """Begin a session, ask once, and end it; returns what went wrong."""
        async with self.session() as session:
            await self.rig.clock.advance(10)
            try:
                await session.cameras()
            except CloudError as err:
                return err.word
            return None

    @property
    def renewals(self) -> int:
        return self.rig.server.count(r.REFRESH)


class DiskFull(EngineError):
    reason = "disk_full"


@asynccontextmanager
async def starting() -> AsyncIterator[Starts]:
    async with r.rig() as rig:
        vendor = Vendor(rig)
        vendor.start()
        yield Starts(rig, vendor, r.tokens(rig.clock.time()))
        assert vendor.used_unkept == []
        assert rig.server.count(r.LOG_IN) == 0


async def test_everybody_logged_out_is_three_tries_however_often_it_starts() -> None:
    async with starting() as case:
        case.vendor.forget()
        found = []
        for _ in range(12):
            found.append(await case.start())
            await case.rig.clock.advance(HOUR)
        assert case.renewals == 3
        assert found == [CloudReason.TOKEN_REFUSED] * 2 + [CloudReason.SIGNED_OUT] * 10


async def test_starts_in_a_row_keep_the_pause_between_two_tries() -> None:
    async with starting() as case:
        case.vendor.forget()
        for _ in range(20):
            assert await case.start() is CloudReason.TOKEN_REFUSED
        assert case.renewals == 1


async def test_a_start_whose_end_nobody_saw_counts() -> None:
    """The power fails while the vendor is asked: what is known by then is that it is."""
    async with starting() as case:
        case.vendor.forget()
        seen: list[Renewals | None] = []
        respond = case.rig.server.routes[r.REFRESH]

        async def look(request: web.BaseRequest) -> web.StreamResponse:
            seen.append(case.known)
            return await respond(request)

        case.rig.on(r.REFRESH, look)
        await case.start()
        (before,) = seen
        assert before is not None
        assert before.tries == 1


async def test_a_vendor_who_is_away_signs_nobody_out_either() -> None:
    async with starting() as case:
        case.vendor.access = "another"
        case.rig.on(r.REFRESH, answer(b"<html>", 503))
        for _ in range(6):
            assert await case.start() not in {None, CloudReason.SIGNED_OUT}
            await case.rig.clock.advance(HOUR)
        case.vendor.start()
        assert await case.start() is None


async def test_a_new_pair_is_counted_from_the_beginning_once_it_is_taken() -> None:
    async with starting() as case:
        case.vendor.forget()
        for _ in range(2):
            await case.start()
            await case.rig.clock.advance(HOUR)
        case.vendor.takes = case.vendor.renews = True
        case.vendor.access = "another"
        assert await case.start() is None
        assert case.known is not None
        assert (case.known.tries, case.known.proven) == (0, True)


async def test_new_pairs_that_are_never_taken_are_refusals_over_restarts() -> None:
    async with starting() as case:
        case.vendor.takes = False
        for _ in range(12):
            await case.start()
            await case.rig.clock.advance(HOUR)
        assert case.renewals == 3


async def test_a_new_sign_in_begins_anew() -> None:
    async with starting() as case:
        case.vendor.forget()
        for _ in range(5):
            await case.start()
            await case.rig.clock.advance(HOUR)
        assert case.renewals == 3
        case.vendor.takes = case.vendor.renews = True
        case.tokens = r.tokens(case.rig.clock.time())
        case.vendor.access = "another"
        assert await case.start() is None
        assert case.renewals == 4


async def test_a_clock_that_is_set_back_costs_one_pause() -> None:
    async with starting() as case:
        case.vendor.forget()
        await case.start()
        case.rig.clock.jump(-400 * 24 * HOUR)
        async with case.session() as session:
            with pytest.raises(CloudError) as caught:
                await session.cameras()
            assert caught.value.retry_at == pytest.approx(case.rig.clock.time() + 600, abs=1)
            await case.rig.clock.advance(601)
            with pytest.raises(CloudError):
                await session.cameras()
        assert case.renewals == 2


async def test_what_could_not_be_written_down_is_not_tried() -> None:
    """A renewed pair could not be written down either, and the old one would be gone by then."""
    async with starting() as case:
        case.vendor.access = "another"
        case.full = True
        for _ in range(4):
            assert await case.start() is CloudReason.NOT_SAVED
        assert case.renewals == 0
        case.full = False
        assert await case.start() is None
        assert case.renewals == 1


async def test_a_full_disk_disturbs_nobody_whose_tokens_are_good() -> None:
    async with starting() as case:
        case.full = True
        await case.rig.clock.advance(36 * HOUR)
        assert await case.start() is None
        assert case.renewals == 0


async def test_a_disk_that_is_full_for_a_moment_costs_no_pause() -> None:
    async with starting() as case:
        case.vendor.access = "another"
        async with case.session() as session:
            case.full = True
            with pytest.raises(CloudError, match="not_saved"):
                await session.cameras()
            case.full = False
            await session.cameras()


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"obtained": 1, "tries": 1, "not_before": 1},
        {"obtained": 1, "tries": 1, "not_before": 1, "proven": 1},
        {"obtained": 1, "tries": True, "not_before": 1, "proven": True},
        {"obtained": 1, "tries": -1, "not_before": 1, "proven": True},
        {"obtained": 1, "tries": 1, "not_before": 1, "proven": True, "more": 1},
    ],
)
def test_what_was_not_written_by_us_says_nothing(value: object) -> None:
    assert Renewals.from_json(value) is None
