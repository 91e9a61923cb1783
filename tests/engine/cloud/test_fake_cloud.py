"""The client and the fake cloud, which were both written from the facts and not from one another."""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from dev.simulator import CameraSpec
from dev.simulator.cloud import KINDS, Certificate, Device, Factor, FakeCloud, User, make_key, plug
from engine.cloud import (
    CloudClient,
    CloudError,
    CloudReason,
    CloudSession,
    FactorWay,
    Hosts,
    LogIn,
    SecondFactor,
    SignedIn,
)
from engine.model import Account, DeveloperKey, Secret, Tokens

PORCH = CameraSpec("porch").complete()
PHONE = Secret("a phone")


class Hurried:
    """The real time, in which nobody waits: sleepers put it forward, the cloud's clock with it."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud
        self._ahead = 0.0

    def time(self) -> float:
        return time.time() + self._ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
        self._cloud.clock.advance(seconds)


@dataclass
class Home:
    """A client of a person at the cloud."""

    cloud: FakeCloud
    user: User
    client: CloudClient
    clock: Hurried
    kept: list[Tokens] = field(default_factory=list)

    def login(self, password: str = "correct horse", key: DeveloperKey | None = None) -> LogIn:
        own = DeveloperKey(Secret(self.user.key.key_id), Secret(self.user.key.api_key))
        return LogIn(Secret(self.user.email), Secret(password), key or own, PHONE)

    async def sign_in(self) -> SignedIn:
        signed_in = await self.client.log_in(self.login())
        assert isinstance(signed_in, SignedIn)
        return signed_in

    async def session(self) -> CloudSession:
        found, login = await self.sign_in(), self.login()

        async def keep(tokens: Tokens) -> None:
            self.kept.append(tokens)

        account = Account(found.user_id, login.email, login.key, 0, PHONE, found.tokens)
        return CloudSession(self.client, account, on_tokens=keep)


@asynccontextmanager
async def home(*factors: Factor) -> AsyncIterator[Home]:
    async with FakeCloud() as cloud, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        devices = [Device.of_spec(PORCH, "127.0.0.21", "Porch"), Device.elsewhere("Alley", "GW_GC1"), plug()]
        user = cloud.add_user(factors=factors, devices=devices)
        clock = Hurried(cloud)
        client = CloudClient(
            session,
            hosts=Hosts(**cloud.hosts()),
            tls=cloud.tls_context(),
            clock=clock,
            rng=random.Random(7),
        )
        yield Home(cloud, user, client, clock)


async def reason(call: object) -> CloudReason | None:
    try:
        await call  # type: ignore[misc]
    except CloudError as error:
        return error.word
    return None


async def test_from_the_password_to_the_cameras() -> None:
    async with home() as at:
        found = await at.sign_in()
        assert found.user_id.reveal() == at.user.user_id
        listed = await at.client.cameras(found.tokens, PHONE)
        info = await at.client.user(found.tokens, PHONE)
    porch, alley = listed.cameras
    assert (porch.mac.reveal(), porch.uid.reveal(), porch.enr.reveal()) == (PORCH.mac, PORCH.uid, PORCH.enr)
    assert (porch.address.reveal(), porch.model, porch.nickname) == ("127.0.0.21", PORCH.model, "Porch")
    assert (alley.address.reveal(), alley.dtls, listed.others) == ("", False, 1)
    assert info.user_id == found.user_id


@pytest.mark.parametrize("way", [FactorWay.TOTP, FactorWay.SMS])
async def test_with_a_second_factor(way: FactorWay) -> None:
    async with home(Factor.TOTP, Factor.SMS) as at:
        factor = await at.client.log_in(at.login())
        assert isinstance(factor, SecondFactor)
        assert factor.ways == {FactorWay.TOTP, FactorWay.SMS}
        assert at.user.phone == []
        if way is FactorWay.SMS:
            factor = await at.client.send_sms(at.login(), factor)
        wrong = at.client.answer(at.login(), factor, way, "abcdef")
        assert await reason(wrong) is CloudReason.WRONG_CODE
        code = at.user.phone[-1].code if at.user.phone else at.cloud.code(at.user)
        assert isinstance(await at.client.answer(at.login(), factor, way, code), SignedIn)
        again = at.client.answer(at.login(), factor, way, code)
        assert await reason(again) is CloudReason.CODE_REPEATED


async def test_each_refused_log_in_has_its_word() -> None:
    async with home() as at:
        client, login, user = at.client, at.login, at.user
        other = at.cloud.add_user("ben@example.org").key
        mine, old = user.key, make_key(expired=True)
        user.keys.insert(0, old)
        unknown = make_key()
        keys = [DeveloperKey(Secret(key.key_id), Secret(key.api_key)) for key in (other, old, unknown, mine)]
        assert await reason(client.log_in(login("wrong"))) is CloudReason.BAD_CREDENTIALS
        assert await reason(client.log_in(login(key=keys[0]))) is CloudReason.KEY_OF_ANOTHER
        assert await reason(client.log_in(login(key=keys[1]))) is CloudReason.KEY_EXPIRED
        assert await reason(client.log_in(login(key=keys[2]))) is CloudReason.BAD_KEY
        user.locked = True
        assert await reason(client.log_in(login())) is CloudReason.LOCKED
        user.locked, user.no_password = False, True
        assert await reason(client.log_in(login())) is CloudReason.NO_PASSWORD
        user.no_password = False
        assert await reason(client.log_in(login())) is None
        for _ in range(5):
            await reason(client.log_in(login("wrong")))
        assert await reason(client.log_in(login())) is CloudReason.LOCKED
        at.clock.advance(700)
        for factor, word in (
            (Factor.EMAIL, CloudReason.EMAIL_FACTOR),
            (Factor.PASSKEY, CloudReason.PASSKEY_ONLY),
        ):
            user.factors = (factor,)
            assert await reason(client.log_in(login())) is word
        times = [call.at for call in at.cloud.calls("login")]
    assert min(b - a for a, b in itertools.pairwise(times)) >= 29.9, "one in 30 seconds"


NONE = (None,)
WORDS: dict[str, tuple[CloudReason | None, ...]] = {
    "rate_limit": (CloudReason.RATE_LIMITED,),
    "system_limit": (CloudReason.RATE_LIMITED,),
    "too_often": (CloudReason.RATE_LIMITED,),
    "bad_token": (CloudReason.TOKEN_REFUSED,),
    "code": (CloudReason.BAD_REQUEST,),
    "forbidden": (CloudReason.FORBIDDEN,),
    "broken": (CloudReason.SERVER,),
    "login_page": (CloudReason.NOT_JSON,),
    "portal": (CloudReason.NOT_JSON,),
    "raw": (CloudReason.MALFORMED, CloudReason.NOT_JSON),
    "reset": (CloudReason.UNREACHABLE,),
    "lose_answer": (CloudReason.UNREACHABLE,),
    "cut": (CloudReason.UNREACHABLE, CloudReason.MALFORMED),
    "null_data": (CloudReason.MALFORMED,),
    "huge": (CloudReason.TOO_LARGE,),
    "gzip_bomb": (CloudReason.TOO_LARGE,),
    "deep": (CloudReason.MALFORMED, CloudReason.TOO_LARGE),
    "bad_json": (CloudReason.MALFORMED, CloudReason.NOT_JSON),
    "hang": (CloudReason.TIMEOUT,),
    "drip": (CloudReason.TIMEOUT,),
    **dict.fromkeys(("slow", "stale", "from_cache", "other_codes", "ignore", "as_text"), NONE),
    **dict.fromkeys(("null_thumbnails", "no_params", "no_devices", "mixed", "wrong_account"), NONE),
    **dict.fromkeys(("duplicate_events", "unordered_events", "events_without_image"), NONE),
}
LATE = ("hang", "drip")
OPTIONS = {"mixed": {"other": "ben@example.org"}, "wrong_account": {"other": "ben@example.org"}}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LATE])
async def test_each_fault_has_its_word(kind: str) -> None:
    async with home() as at:
        at.cloud.add_user("ben@example.org")
        tokens = (await at.sign_in()).tokens
        options = {"seconds": 0.1} if kind == "slow" else OPTIONS.get(kind, {})
        fault = at.cloud.fault(kind, "devices", **options)
        assert await reason(at.client.cameras(tokens, PHONE)) in WORDS[kind]
        assert len(at.cloud.calls("devices")) == 1
        assert at.cloud.calls("portal") == []
        at.cloud.faults.clear(fault)
        at.clock.advance(3600)
        assert len((await at.client.cameras(tokens, PHONE)).cameras) == 2


async def test_what_comes_too_late_is_not_waited_for() -> None:
    async def late(kind: str) -> None:
        async with home() as at:
            tokens = (await at.sign_in()).tokens
            at.cloud.fault(kind, "devices")
            assert await reason(at.client.cameras(tokens, PHONE)) in WORDS[kind]

    began = time.monotonic()
    await asyncio.gather(*map(late, LATE))
    assert 14 < time.monotonic() - began < 25


@pytest.mark.parametrize("certificate", [kind for kind in Certificate if kind is not Certificate.GOOD])
async def test_a_certificate_is_no_password(certificate: Certificate) -> None:
    async with home() as at:
        await at.cloud.show(certificate)
        words = {CloudReason.CERTIFICATE}
        if certificate is Certificate.EARLY:
            words.add(CloudReason.CLOCK_WRONG)
        assert await reason(at.client.log_in(at.login())) in words
        assert at.cloud.calls() == []


async def test_nobody_there() -> None:
    async with home() as at:
        await at.cloud.refuse()
        assert await reason(at.client.log_in(at.login())) is CloudReason.UNREACHABLE


async def test_twenty_calls_with_an_expired_token_renew_it_once() -> None:
    async with home() as at:
        session = await at.session()
        at.cloud.invalidate(refresh_too=False)
        lists = await asyncio.gather(*(session.cameras() for _ in range(20)))
        assert [len(listed.cameras) for listed in lists] == [2] * 20
        assert len(at.cloud.calls("refresh")) == len(at.kept) == 1
        assert len(at.cloud.calls("login")) == 1
        await session.close()


async def test_everybody_is_signed_out() -> None:
    """At most three tries in all the time, no log-in; a new log-in puts it right."""
    async with home() as at:
        session = await at.session()
        at.cloud.invalidate()
        for _ in range(40):
            assert await reason(session.cameras()) in {CloudReason.TOKEN_REFUSED, CloudReason.SIGNED_OUT}
            at.clock.advance(900)
        assert session.signed_out
        assert len(at.cloud.calls("refresh")) <= 3
        assert len(at.cloud.calls("login")) == 1
        await session.close()
        again = await at.session()
        assert len((await again.cameras()).cameras) == 2
        await again.close()


async def test_a_month_of_lists() -> None:
    """A list every quarter of an hour stays far below the 150 calls of a day; tokens are renewed in time."""
    async with home() as at:
        session = await at.session()
        for _ in range(30 * 24 * 4):
            await session.cameras()
            at.clock.advance(900)
        per_day = len(at.cloud.calls()) / 30
        await session.close()
    assert per_day <= 100
    assert 10 <= len(at.kept) <= 40
    assert {call.code for call in at.cloud.calls()} == {"1"}


def test_no_fault_is_without_its_word() -> None:
    assert WORDS.keys() == KINDS.keys()
