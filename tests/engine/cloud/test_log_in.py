"""Signing in: with a password, with a second factor, and every way in which it fails with its own word."""

import asyncio
from typing import Any

import pytest

from engine.cloud import CloudError, CloudReason, FactorWay, LogIn, SecondFactor, SignedIn
from engine.model import DeveloperKey, Secret
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import answer

DIGEST = "251999734caeb82597a48a2874c3af62"
"""MD5 of the password, three times."""
NON_ASCII = "pässwörd-ключ-🔑"
NON_ASCII_DIGEST = "ab5b4ef3fc47b4dbe39d60ad92f8b1fc"

TOTP = {
    "access_token": None,
    "refresh_token": None,
    "user_id": r.USER_ID,
    "mfa_options": ["TotpVerificationCode", "PrimaryPhone"],
    "mfa_details": {"totp_apps": [{"app_id": "app-of-somebody"}]},
    "sms_session_id": "sms-of-somebody",
}


async def wrong(rig: r.Rig, login: LogIn | None = None) -> CloudError:
    """Sign in and return the error."""
    with pytest.raises(CloudError) as caught:
        await rig.client.log_in(login or r.log_in())
    return caught.value


async def test_a_password_signs_in() -> None:
    async with r.rig() as rig:
        rig.on(r.LOG_IN, answer(r.SIGNED_IN))
        found = await rig.client.log_in(r.log_in())
        assert isinstance(found, SignedIn)
        assert (found.user_id.reveal(), found.tokens.access.reveal()) == (r.USER_ID, r.ACCESS)
        assert found.tokens.obtained == int(rig.clock.time())
        (asked,) = rig.server.asked
        assert (asked.headers["keyid"], asked.headers["apikey"]) == (r.KEY_ID, r.API_KEY)
        assert "x-api-key" not in asked.headers
        assert asked.body == {"email": r.EMAIL, "password": DIGEST}
        assert [(record.name, record.status) for record in rig.records] == [("log_in", "ok")]


async def test_a_password_may_be_of_any_script() -> None:
    async with r.rig() as rig:
        rig.on(r.LOG_IN, answer(r.SIGNED_IN))
        await rig.client.log_in(r.log_in(f" {NON_ASCII}\n"))
        assert rig.server.asked[0].body["password"] == NON_ASCII_DIGEST


REFUSALS: list[tuple[int, dict[str, Any], CloudReason]] = [
    (400, {"errorCode": 1000, "description": "Invalid credentials"}, CloudReason.BAD_CREDENTIALS),
    (400, {"errorCode": "1000", "description": None}, CloudReason.BAD_CREDENTIALS),
    (400, {"errorCode": 1000, "description": "UserNameOrPasswordError"}, CloudReason.BAD_CREDENTIALS),
    (400, {"errorCode": 1000, "description": "Too many failed attempts."}, CloudReason.LOCKED),
    (400, {"errorCode": 1000, "description": "UserIsLocked"}, CloudReason.LOCKED),
    (400, {"errorCode": 3024, "description": ""}, CloudReason.LOCKED),
    (400, {"errorCode": 1003, "description": "?"}, CloudReason.BAD_KEY),
    (401, {"errorCode": 0, "description": "?"}, CloudReason.BAD_KEY),
    (
        400,
        {"errorCode": 1000, "description": "check username, password, keyid or apikey"},
        CloudReason.BAD_CREDENTIALS,
    ),
    (400, {"errorCode": 1000, "description": "Invalid API key"}, CloudReason.BAD_KEY),
    (400, {"errorCode": 1000, "description": "API Key expired"}, CloudReason.KEY_EXPIRED),
    (400, {"errorCode": 1000, "description": "apikey does not match user"}, CloudReason.KEY_OF_ANOTHER),
    (400, {"errorCode": 1000, "description": "No password set"}, CloudReason.NO_PASSWORD),
    (200, {"errorCode": 1000, "description": ""}, CloudReason.BAD_CREDENTIALS),
    (400, {"errorCode": 1001}, CloudReason.BAD_REQUEST),
    (400, {"errorCode": 2001}, CloudReason.SERVER),
    (400, {"errorCode": 1011}, CloudReason.RATE_LIMITED),
    (400, {"errorCode": 1000, "description": "Request blocked"}, CloudReason.BAD_CREDENTIALS),
    (400, {"errorCode": 1000, "description": "Check your clock"}, CloudReason.BAD_CREDENTIALS),
    (400, {}, CloudReason.BAD_REQUEST),
    (400, {"errorCode": []}, CloudReason.BAD_REQUEST),
    (200, {}, CloudReason.MALFORMED),
    (200, {"access_token": "a"}, CloudReason.MALFORMED),
    (200, r.SIGNED_IN | {"access_token": "two\nlines"}, CloudReason.MALFORMED),
    (403, {"errorCode": 1000}, CloudReason.FORBIDDEN),
    (429, {"errorCode": 1000}, CloudReason.RATE_LIMITED),
    (500, {"errorCode": 1000}, CloudReason.SERVER),
    (200, TOTP | {"mfa_options": ["Email"], "sms_session_id": None}, CloudReason.EMAIL_FACTOR),
    (200, TOTP | {"mfa_options": ["Passkey"], "mfa_details": None}, CloudReason.PASSKEY_ONLY),
    (200, TOTP | {"mfa_options": ["Telepathy", 7, None]}, CloudReason.UNKNOWN_FACTOR),
]


@pytest.mark.parametrize(("status", "body", "reason"), REFUSALS)
async def test_every_refusal_has_its_word(status: int, body: dict[str, Any], reason: CloudReason) -> None:
    async with r.rig() as rig:
        rig.on(r.LOG_IN, answer(body, status))
        err = await wrong(rig)
        assert err.word is reason
        assert err.reason == reason.value
        assert err.call == "log_in"
        assert rig.records[-1].name == "log_in"


async def test_a_key_that_cannot_be_sent_is_not_sent() -> None:
    async with r.rig() as rig:
        for bad in ("", "two\r\nX-Evil: 1", "ключ", "a b", "x" * 600):
            key = DeveloperKey(Secret(bad), Secret(r.API_KEY))
            err = await wrong(rig, LogIn(Secret(r.EMAIL), Secret(r.PASSWORD), key, Secret(r.PHONE_ID)))
            assert err.word is CloudReason.BAD_KEY
        assert rig.server.asked == []


async def factor(rig: r.Rig) -> SecondFactor:
    """Sign in as far as the second factor."""
    rig.on(r.LOG_IN, answer(TOTP))
    found = await rig.client.log_in(r.log_in())
    assert isinstance(found, SecondFactor)
    return found


async def test_an_application_is_the_second_factor() -> None:
    async with r.rig() as rig:
        found = await factor(rig)
        assert found.ways == {FactorWay.TOTP, FactorWay.SMS}
        rig.on(r.ANSWER, answer(r.SIGNED_IN))
        signed_in = await rig.client.answer(r.log_in(), found, FactorWay.TOTP, " 123 456 ")
        assert signed_in.user_id.reveal() == r.USER_ID
        asked = rig.server.asked[-1]
        assert asked.body == {
            "email": r.EMAIL,
            "password": DIGEST,
            "mfa_type": "TotpVerificationCode",
            "verification_id": "app-of-somebody",
            "verification_code": "123456",
        }
        assert (asked.headers["keyid"], asked.headers["phone-id"]) == (r.KEY_ID, r.PHONE_ID)


async def test_a_message_is_sent_only_when_asked_for() -> None:
    async with r.rig() as rig:
        found = await factor(rig)
        with pytest.raises(CloudError, match="wrong_code"):
            await rig.client.answer(r.log_in(), found, FactorWay.SMS, "1")
        assert rig.server.count(r.SEND_SMS) == rig.server.count(r.ANSWER) == 0
        rig.on(r.SEND_SMS, answer({"session_id": "new-session"}))
        sent = await rig.client.send_sms(r.log_in(), found)
        assert rig.server.asked[-1].query == {
            "mfaPhoneType": "Primary",
            "sessionId": "sms-of-somebody",
            "userId": r.USER_ID,
        }
        rig.on(r.ANSWER, answer(r.SIGNED_IN))
        await rig.client.answer(r.log_in(), sent, FactorWay.SMS, "123456")
        body = rig.server.asked[-1].body
        assert (body["mfa_type"], body["verification_id"]) == ("PrimaryPhone", "new-session")
        assert rig.server.count(r.SEND_SMS) == 1


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"errorCode": 1000, "description": "?"}, CloudReason.WRONG_CODE),
        (200, {"access_token": None}, CloudReason.WRONG_CODE),
        (200, TOTP, CloudReason.WRONG_CODE),
        (400, {"errorCode": 1000, "description": "Request refused"}, CloudReason.WRONG_CODE),
        (400, {"errorCode": 1000, "description": "Code expired"}, CloudReason.CODE_EXPIRED),
        (400, {"errorCode": 1000, "description": "code already used"}, CloudReason.CODE_REPEATED),
        (400, {"errorCode": 3024}, CloudReason.LOCKED),
        (400, {"errorCode": 1000, "description": "Too many failed attempts"}, CloudReason.LOCKED),
        (400, {"errorCode": 1000, "description": "API key expired"}, CloudReason.KEY_EXPIRED),
        (400, {"errorCode": 1011}, CloudReason.RATE_LIMITED),
        (503, {}, CloudReason.SERVER),
        (429, {}, CloudReason.RATE_LIMITED),
    ],
)
async def test_a_code_that_is_not_taken_has_its_word(
    status: int, body: dict[str, Any], reason: CloudReason
) -> None:
    async with r.rig() as rig:
        found = await factor(rig)
        rig.on(r.ANSWER, answer(body, status))
        with pytest.raises(CloudError) as caught:
            await rig.client.answer(r.log_in(), found, FactorWay.TOTP, "000000")
        assert (caught.value.word, caught.value.call) == (reason, "answer")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, {}, CloudReason.MALFORMED),
        (400, {"errorCode": 1000, "description": "?"}, CloudReason.SERVER),
        (400, {"errorCode": 1000, "description": "Too many messages"}, CloudReason.LOCKED),
        (503, {}, CloudReason.SERVER),
    ],
)
async def test_a_message_that_is_not_sent_has_its_word(
    status: int, body: dict[str, Any], reason: CloudReason
) -> None:
    async with r.rig() as rig:
        found = await factor(rig)
        rig.on(r.SEND_SMS, answer(body, status))
        with pytest.raises(CloudError) as caught:
            await rig.client.send_sms(r.log_in(), found)
        assert (caught.value.word, caught.value.call) == (reason, "send_sms")


async def test_one_log_in_in_thirty_seconds() -> None:
    async with r.rig() as rig:
        rig.on(r.LOG_IN, answer({"errorCode": 1000}, 400))
        await wrong(rig)
        second = asyncio.create_task(wrong(rig))
        await rig.clock.advance(29.9)
        assert rig.server.count(r.LOG_IN) == 1
        third = await wrong(rig)
        assert third.word is CloudReason.RATE_LIMITED
        assert third.retry_at is not None
        assert 29 < third.retry_at - rig.clock.time() < 31
        await rig.clock.advance(0.2)
        assert (await second).word is CloudReason.BAD_CREDENTIALS
        assert rig.server.count(r.LOG_IN) == 2


async def test_who_gives_up_waiting_to_sign_in_asks_nothing() -> None:
    async with r.rig() as rig:
        rig.on(r.LOG_IN, answer(r.SIGNED_IN))
        await rig.client.log_in(r.log_in())
        second = asyncio.create_task(rig.client.log_in(r.log_in()))
        await rig.clock.advance(10)
        second.cancel()
        await rig.clock.advance(60)
        assert rig.server.count(r.LOG_IN) == 1
