"""The client of the vendor's cloud against the fake one: another hand's idea of what the vendor says."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from custom_components.wyze_local.engine.cloud import (
    Action,
    CallRecord,
    CloudClient,
    CloudError,
    CloudReason,
    CloudSession,
    EventKind,
    EventTag,
    FactorWay,
    Hosts,
    Locality,
    LogIn,
    Property,
    SecondFactor,
    SignedIn,
    Why,
)
from custom_components.wyze_local.engine.model import Account, DeveloperKey, Secret, Tokens
from dev.simulator import CameraSpec
from dev.simulator.cloud import (
    DOORBELL,
    PERSON,
    Certificate,
    Device,
    Event,
    Factor,
    FakeCloud,
    User,
    make_key,
    plug,
)

PASSWORD = "correct horse"
QUARTER = 900.0


class CloudTime:
    """The engine's Clock, by the fake cloud's: who sleeps puts it forward."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def monotonic(self) -> float:
        return self._cloud.clock.now()

    def time(self) -> float:
        return self._cloud.clock.now()

    async def sleep(self, seconds: float) -> None:
        self._cloud.clock.advance(seconds)
        await asyncio.sleep(0)


@dataclass
class Rig:
    """A cloud, somebody who has an account there, and a client."""

    cloud: FakeCloud
    user: User
    client: CloudClient
    kept: list[Tokens] = field(default_factory=list)
    records: list[CallRecord] = field(default_factory=list)

    def login(self, password: str = PASSWORD, key: int = -1, email: str = "") -> LogIn:
        own = self.user.keys[key]
        developer = DeveloperKey(Secret(own.key_id), Secret(own.api_key))
        return LogIn(Secret(email or self.user.email), Secret(password), developer, Secret("phone-1"))

    async def refused(self, login: LogIn | None = None) -> CloudError:
        self.cloud.clock.advance(40)
        with pytest.raises(CloudError) as caught:
            await self.client.log_in(login or self.login())
        assert caught.value.__context__ is None
        return caught.value

    async def signed_in(self) -> SignedIn:
        found = await self.client.log_in(self.login())
        assert isinstance(found, SignedIn)
        return found

    async def factor(self) -> SecondFactor:
        self.cloud.clock.advance(40)
        found = await self.client.log_in(self.login())
        assert isinstance(found, SecondFactor)
        return found

    async def session(self) -> CloudSession:
        signed_in = await self.signed_in()

        async def keep(tokens: Tokens) -> None:
            await asyncio.sleep(0)
            self.kept.append(tokens)

        login = self.login()
        account = Account(signed_in.user_id, login.email, login.key, 0, login.phone_id, signed_in.tokens)
        return CloudSession(self.client, account, on_tokens=keep)


SPEC = CameraSpec("porch").complete()


@pytest.fixture
async def rig(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Rig]:
    caplog.set_level(logging.DEBUG)
    async with FakeCloud() as cloud, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        devices = [Device.of_spec(SPEC, "127.0.0.21", "Porch"), Device.elsewhere("Alley", "GW_GC1"), plug()]
        user = cloud.add_user(password=PASSWORD, devices=devices)
        records: list[CallRecord] = []
        client = CloudClient(
            session,
            hosts=Hosts(**cloud.hosts()),
            tls=cloud.tls_context(),
            clock=CloudTime(cloud),
            rng=random.Random(5),
            on_call=records.append,
        )
        made = Rig(cloud, user, client, records=records)
        yield made
        known = cloud.secrets().values()
        shown = " ".join([caplog.text, *map(repr, records), *map(repr, made.kept), repr(vars(client))])
        assert not [value for value in known if value in shown]


async def test_all_cameras_come_with_their_keys(rig: Rig) -> None:
    signed_in = await rig.signed_in()
    assert signed_in.user_id.reveal() == rig.user.user_id
    session = await rig.session()
    found = await session.cameras()
    porch, alley = found.cameras
    assert (found.others, found.unreadable) == (1, 0)
    credentials = porch.credentials()
    assert credentials is not None
    device = rig.user.devices[0]
    assert [getattr(credentials, name).reveal() for name in ("address", "uid", "enr", "mac")] == [
        *("127.0.0.21", device.p2p_id, device.enr, device.mac),
    ]
    assert porch.locality() == (Locality.LOCAL, Why.KEYS)
    assert alley.locality() == (Locality.NEEDS_CLOUD, Why.OTHER_PROTOCOL)
    assert (await session.user()).user_id.reveal() == rig.user.user_id
    assert len(rig.cloud.calls("login")) == 2


@pytest.mark.parametrize("explains", [True, False])
async def test_bad_input_has_its_word_where_the_vendor_says_it(rig: Rig, explains: bool) -> None:
    rig.cloud.world.explains = explains

    def word(wanted: CloudReason) -> CloudReason:
        return wanted if explains else CloudReason.BAD_CREDENTIALS

    assert (await rig.refused(rig.login("wrong"))).word is CloudReason.BAD_CREDENTIALS
    assert (await rig.refused(rig.login("pässwört-鍵"))).word is CloudReason.BAD_CREDENTIALS
    assert (await rig.refused(rig.login(email="x@example.org"))).word is CloudReason.BAD_CREDENTIALS
    rig.user.keys.append(make_key(expired=True))
    assert (await rig.refused()).word is word(CloudReason.KEY_EXPIRED)
    rig.user.failures.clear()
    unknown = DeveloperKey(Secret("nobody"), Secret("knows"))
    strange = LogIn(Secret(rig.user.email), Secret(PASSWORD), unknown, Secret("phone-1"))
    assert (await rig.refused(strange)).word is word(CloudReason.BAD_KEY)
    other = rig.cloud.add_user("bob@example.org").key
    foreign = DeveloperKey(Secret(other.key_id), Secret(other.api_key))
    mixed = LogIn(Secret(rig.user.email), Secret(PASSWORD), foreign, Secret("phone-1"))
    assert (await rig.refused(mixed)).word is word(CloudReason.KEY_OF_ANOTHER)
    rig.user.failures.clear()
    rig.user.keys.append(make_key())
    rig.user.no_password = True
    assert (await rig.refused()).word is word(CloudReason.NO_PASSWORD)
    rig.user.no_password = False
    rig.user.locked = True
    assert (await rig.refused()).word is CloudReason.LOCKED
    rig.user.locked = False
    rig.user.failures.clear()
    for _ in range(5):
        await rig.refused(rig.login("wrong"))
    assert (await rig.refused()).word is CloudReason.LOCKED


async def test_an_authenticator_signs_in(rig: Rig) -> None:
    rig.user.factors = (Factor.TOTP,)
    factor = await rig.factor()
    assert factor.ways == {FactorWay.TOTP}
    assert await wrong_code(rig, factor, FactorWay.TOTP, "000000") is CloudReason.WRONG_CODE
    late = rig.cloud.code(rig.user)
    rig.cloud.clock.advance(300)
    assert await wrong_code(rig, factor, FactorWay.TOTP, late) is CloudReason.CODE_EXPIRED
    code = rig.cloud.code(rig.user)
    found = await rig.client.answer(rig.login(), factor, FactorWay.TOTP, f"{code[:3]} {code[3:]}")
    assert found.user_id.reveal() == rig.user.user_id
    assert await wrong_code(rig, factor, FactorWay.TOTP, code) is CloudReason.CODE_REPEATED


async def wrong_code(rig: Rig, factor: SecondFactor, way: FactorWay, code: str) -> CloudReason:
    with pytest.raises(CloudError) as caught:
        await rig.client.answer(rig.login(), factor, way, code)
    return caught.value.word


async def test_a_text_message_signs_in(rig: Rig) -> None:
    rig.user.factors = (Factor.SMS, Factor.EMAIL)
    factor = await rig.factor()
    assert factor.ways == {FactorWay.SMS, FactorWay.EMAIL}
    assert rig.user.phone == []
    first = await rig.client.send_sms(rig.login(), factor)
    second = await rig.client.send_sms(rig.login(), factor)
    assert await wrong_code(rig, first, FactorWay.SMS, rig.user.phone[0].code) is CloudReason.WRONG_CODE
    found = await rig.client.answer(rig.login(), second, FactorWay.SMS, rig.user.phone[1].code)
    assert found.user_id.reveal() == rig.user.user_id
    assert await wrong_code(rig, second, FactorWay.SMS, rig.user.phone[1].code) is CloudReason.CODE_REPEATED


@pytest.mark.parametrize(
    ("factors", "reason"),
    [
        ((Factor.EMAIL,), CloudReason.EMAIL_FACTOR),
        ((Factor.PASSKEY,), CloudReason.PASSKEY_ONLY),
        ((Factor.EMAIL, Factor.PASSKEY), CloudReason.EMAIL_FACTOR),
    ],
)
async def test_factors_that_nobody_can_answer(
    rig: Rig, factors: tuple[Factor, ...], reason: CloudReason
) -> None:
    rig.user.factors = factors
    assert (await rig.refused()).word is reason


FAULTS: list[tuple[str, dict[str, Any], CloudReason]] = [
    ("rate_limit", {}, CloudReason.RATE_LIMITED),
    ("system_limit", {}, CloudReason.RATE_LIMITED),
    ("too_often", {}, CloudReason.RATE_LIMITED),
    ("code", {"code": 1003}, CloudReason.BAD_REQUEST),
    ("code", {"code": 1000}, CloudReason.SERVER),
    ("forbidden", {}, CloudReason.FORBIDDEN),
    ("broken", {}, CloudReason.SERVER),
    ("login_page", {}, CloudReason.NOT_JSON),
    ("portal", {}, CloudReason.NOT_JSON),
    ("raw", {"body": "[]"}, CloudReason.MALFORMED),
    ("raw", {"body": "SUCCESS"}, CloudReason.NOT_JSON),
    ("reset", {}, CloudReason.UNREACHABLE),
    ("null_data", {}, CloudReason.MALFORMED),
    ("huge", {}, CloudReason.TOO_LARGE),
    ("huge", {"told": True}, CloudReason.TOO_LARGE),
    ("gzip_bomb", {}, CloudReason.TOO_LARGE),
    ("deep", {}, CloudReason.MALFORMED),
    ("bad_json", {}, CloudReason.MALFORMED),
]


@pytest.mark.parametrize(("kind", "options", "reason"), FAULTS)
async def test_troubles_have_their_word(
    rig: Rig, kind: str, options: dict[str, Any], reason: CloudReason
) -> None:
    session = await rig.session()
    rig.cloud.fault(kind, "devices", **options)
    with pytest.raises(CloudError) as caught:
        await session.cameras()
    assert caught.value.word is reason
    assert (session.calls[-1].name, session.calls[-1].status) == ("cameras", reason.value)
    await rig.cloud.resume()
    rig.cloud.clock.advance(7 * 3600)
    assert len((await session.cameras()).cameras) == 2
    assert [call.path for call in rig.cloud.calls("portal")] == []
    await session.close()


@pytest.mark.parametrize(
    "kind", ["other_codes", "null_thumbnails", "no_params", "as_text", "from_cache", "slow", "no_devices"]
)
async def test_what_is_odd_and_still_an_answer_is_taken(rig: Rig, kind: str) -> None:
    session = await rig.session()
    options: dict[str, Any] = {"seconds": 0.2} if kind == "slow" else {}
    rig.cloud.fault(kind, **options)
    found = await session.cameras()
    assert len(found.cameras) == (0 if kind == "no_devices" else 2)


async def test_a_connection_that_is_cut_in_the_answer(rig: Rig) -> None:
    session = await rig.session()
    for kind in ("cut", "lose_answer"):
        rig.cloud.fault(kind, "devices")
        with pytest.raises(CloudError) as caught:
            await session.cameras()
        assert caught.value.word in {CloudReason.UNREACHABLE, CloudReason.MALFORMED}
        await rig.cloud.resume()


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (Certificate.FOREIGN, CloudReason.CERTIFICATE),
        (Certificate.EXPIRED, CloudReason.CERTIFICATE),
        (Certificate.OTHER_NAME, CloudReason.CERTIFICATE),
        (Certificate.EARLY, CloudReason.CLOCK_WRONG),
    ],
)
async def test_a_certificate_that_is_wrong_is_no_wrong_password(
    rig: Rig, certificate: Certificate, reason: CloudReason
) -> None:
    await rig.cloud.show(certificate)
    before = rig.cloud.handshakes
    assert (await rig.refused()).word is reason
    assert rig.cloud.handshakes == before + 1
    assert rig.cloud.calls() == []
    await rig.cloud.resume()
    rig.cloud.clock.advance(40)
    await rig.signed_in()


async def test_nobody_there(rig: Rig) -> None:
    await rig.cloud.refuse()
    assert (await rig.refused()).word is CloudReason.UNREACHABLE


async def test_a_clock_that_is_wrong_by_a_day_is_named_when_a_call_fails(rig: Rig) -> None:
    rig.cloud.skew = 86400.0
    assert (await rig.refused(rig.login("wrong"))).word is CloudReason.CLOCK_WRONG
    rig.cloud.clock.advance(40)
    await rig.signed_in()
    assert rig.client.clock_skew == pytest.approx(-86400, abs=2)


async def test_everybody_logged_out(rig: Rig) -> None:
    session = await rig.session()
    await session.cameras()
    rig.cloud.invalidate()
    words = []
    for _ in range(40):
        rig.cloud.clock.advance(QUARTER)
        with pytest.raises(CloudError) as caught:
            await session.cameras()
        words.append(caught.value.word)
    assert len(rig.cloud.calls("refresh")) == 3
    assert len(rig.cloud.calls("login")) == 1
    assert set(words[2:]) == {CloudReason.SIGNED_OUT}
    await session.close()


async def test_twenty_calls_with_a_token_that_has_ended(rig: Rig) -> None:
    session = await rig.session()
    rig.cloud.invalidate(refresh_too=False)
    found = await asyncio.gather(*(session.cameras() for _ in range(20)))
    assert {len(cameras.cameras) for cameras in found} == {2}
    assert len(rig.cloud.calls("refresh")) == 1
    assert len(rig.kept) == 1
    await session.close()


async def test_an_answer_to_a_renewal_that_is_lost_ends_in_a_new_log_in(rig: Rig) -> None:
    """The vendor has ended the old pair, nobody has the new one: said after three tries, not guessed at."""
    session = await rig.session()
    rig.cloud.fault("lose_answer", "refresh", times=1)
    rig.cloud.invalidate(refresh_too=False)
    words = []
    for _ in range(6):
        rig.cloud.clock.advance(QUARTER)
        with pytest.raises(CloudError) as caught:
            await session.cameras()
        words.append(caught.value.word)
    assert words[-1] is CloudReason.SIGNED_OUT
    assert len(rig.cloud.calls("refresh")) == 4
    await session.close()


async def test_a_week_of_lists(rig: Rig) -> None:
    session = await rig.session()
    for _ in range(7 * 96):
        rig.cloud.clock.advance(QUARTER)
        await session.cameras()
    per_day = len(rig.cloud.calls()) / 7
    print(f"{per_day:.1f} calls a day")
    assert per_day <= 150
    assert len(rig.cloud.calls("login")) == 1
    assert 6 <= len(rig.cloud.calls("refresh")) == len(rig.kept) <= 8
    await session.close()


async def test_commands_are_done_or_known_not_to_be(rig: Rig) -> None:
    session = await rig.session()
    porch, alley = (await session.cameras()).cameras
    for camera, device in zip((porch, alley), rig.user.devices, strict=False):
        await session.act(camera, Action.POWER_OFF)
        assert not device.power
        await session.act(camera, Action.POWER_ON)
        assert device.power
        await session.act(camera, Action.LIGHT_ON)
        assert device.properties["P1056"] == "1"
        await session.act(camera, Action.SIREN_ON)
        assert device.properties["P1049"] == "1"
    await session.set_property(porch, Property.MOTION_ALARM, "0")
    assert (await session.properties(porch))[Property.MOTION_ALARM] == "0"
    rig.cloud.fault("ignore")
    for camera in (porch, alley):
        with pytest.raises(CloudError) as caught:
            await session.act(camera, Action.POWER_OFF)
        assert caught.value.word is CloudReason.IGNORED
    await rig.cloud.resume()
    rig.user.devices[0].online = False
    with pytest.raises(CloudError) as caught:
        await session.act(porch, Action.POWER_OFF)
    assert caught.value.word is CloudReason.OFFLINE_DEVICE


@pytest.mark.parametrize("kind", ["", "duplicate_events", "unordered_events", "events_without_image"])
async def test_events(rig: Rig, kind: str) -> None:
    now = rig.cloud.clock.now()
    mac = rig.user.devices[0].mac
    kinds: list[tuple[str, tuple[int, ...], int]] = [(DOORBELL, (), 20), ("1", (PERSON,), 10)]
    for value, tags, ago in kinds:
        at_ms = int((now - ago) * 1000)
        rig.user.events.append(Event(f"event-{ago}", mac, "HL_CAM4", at_ms, value=value, tags=tags))
    if kind:
        rig.cloud.fault(kind, "events")
    session = await rig.session()
    (porch, _) = (await session.cameras()).cameras
    first, second = await session.events(now - 60, now + 60, [porch])
    assert (first.kind, second.kind, second.tags) == (
        EventKind.DOORBELL,
        EventKind.MOTION,
        frozenset({EventTag.PERSON}),
    )
    assert first.mac == porch.mac
    assert rig.cloud.calls("picture") == []
