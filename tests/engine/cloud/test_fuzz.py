"""Very many mutated answers: no error but the room's own, nothing kept that is not on the list, no memory.

Bytes are mutated, and so are parsed answers: values are exchanged, doubled, nested, taken away.
"""

import dataclasses
import json
from collections.abc import Callable
from enum import Enum
from random import Random
from typing import Any

from engine.cloud import CloudError, answers
from engine.cloud.commands import MANAGED_STATES, Property
from engine.cloud.decode import JSON, Refused, parse
from engine.cloud.errors import CloudReason
from engine.cloud.fields import MAX_TEXT, MAX_TOKEN
from engine.cloud.limits import away, date_of, nearly_spent
from engine.cloud.refusals import of_answer, of_call, of_log_in, of_sms
from engine.model import Secret
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import answer
from tests.engine.cloud.test_cameras import EVENT
from tests.engine.cloud.test_log_in import TOTP
from tests.support.fuzzing import Fuzz, Mutator

NOW = 1_790_000_000.0
PIDS = frozenset(what.value for what in Property)

DATA: dict[str, tuple[Any, Callable[[JSON], object]]] = {
    "cameras": ({"device_list": [r.device(), r.device(mac="x"), {"product_type": "Light"}]}, answers.cameras),
    "events": ({"event_list": [EVENT, EVENT | {"event_id": "e2", "unwanted": "x"}]}, answers.events),
    "user": ({"user_center_id": r.USER_ID, "email": r.EMAIL, "logo": "unwanted"}, answers.user),
    "tokens": ({"access_token": r.ACCESS, "refresh_token": "x"}, lambda data: answers.tokens(data, NOW)),
    "log in": (r.SIGNED_IN | {"unwanted": 1}, lambda data: answers.log_in(data, NOW)),
    "second factor": (TOTP, lambda data: answers.log_in(data, NOW)),
    "answered": (TOTP, lambda data: answers.answered(data, NOW)),
    "message": ({"session_id": "x"}, answers.sms_session),
    "properties": (
        {"property_list": [{"pid": "P3", "value": "1"}, {"pid": "P1018", "value": "unwanted"}]},
        lambda data: answers.properties(data, PIDS),
    ),
    "managed": (
        {"capabilities": [{"name": "iot-device", "properties": {"iot-power": True, "unwanted": 1}}]},
        lambda data: answers.managed(data, MANAGED_STATES),
    ),
}
MAX_MUTANT = 20_000
JUDGES = (of_call, of_log_in, of_answer, of_sms)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**63, 10**400, 1e308, -0.5, "", "null", "0", "1", " 1 ", "²", "\u0661"),
    *("\x00", "\ud800", "\u202e", "x" * 300, "x" * 9000, "../..", "127.0.0.1", "e\u0301" * 70, [], {}, [[]]),
    *([None], {"": None}, {"mac": "2CAA8E010203"}, "2001", 2001, "A" * 20, "a" * 16),
)


class Wild:
    """Changes parsed answers."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def mutant(self, value: JSON) -> JSON:
        """Return a copy with a few changes."""
        text = json.dumps(value)
        for _ in range(self.chance.choice((1, 1, 2, 4, 12))):
            changed = json.dumps(self._changed(json.loads(text)))
            if len(changed) > MAX_MUTANT:
                break
            text = changed
        copy: JSON = json.loads(text)
        return copy

    def _changed(self, value: JSON) -> JSON:
        dice = self.chance.random()
        if isinstance(value, dict) and value and dice < 0.85:
            key = self.chance.choice(list(value))
            if dice < 0.08:
                del value[key]
            elif dice < 0.16:
                value[self.chance.choice(("unwanted", key.upper(), "device_list", "code"))] = value[key]
            else:
                value[key] = self._changed(value[key])
            return value
        if isinstance(value, list) and value and dice < 0.85:
            place = self.chance.randrange(len(value))
            if dice < 0.1:
                value.extend(value[: self.chance.choice((1, 3, 90))])
            else:
                value[place] = self._changed(value[place])
            return value
        if dice < 0.9:
            return self.chance.choice(ODD)
        return [value] if dice < 0.95 else {"device_list": value}


def check(kept: object, depth: int = 0, *, foreign: str = "unwanted") -> None:
    """Check that something kept is made of typed values of bounded size, and of listed fields.

    `foreign` stands in fields that nobody wants, and must not have come along.
    """
    assert depth < 6
    if isinstance(kept, Secret):
        text = kept.reveal()
        assert len(text) <= MAX_TOKEN
        assert text.isprintable()
        text.encode()
    elif dataclasses.is_dataclass(kept):
        for field in dataclasses.fields(kept):
            check(getattr(kept, field.name), depth + 1, foreign=foreign)
    elif isinstance(kept, dict):
        for name, value in kept.items():
            assert name in PIDS | MANAGED_STATES.keys() | frozenset().union(*MANAGED_STATES.values())
            check(value, depth + 1, foreign=foreign)
    elif isinstance(kept, tuple | frozenset):
        assert len(kept) <= answers.MAX_DEVICES
        for value in kept:
            check(value, depth + 1, foreign=foreign)
    elif isinstance(kept, str) and not isinstance(kept, Enum):
        assert len(kept) <= MAX_TEXT
        assert kept.isprintable()
        assert not foreign or foreign not in kept
        kept.encode()
    else:
        assert kept is None or isinstance(kept, bool | int | float | Enum)


def judge(name: str, data: JSON, *, foreign: str = "unwanted") -> None:
    """Let everything look at an answer that looks at such answers."""
    for judging in JUDGES:
        for status in (200, 400, 401, 404):
            assert isinstance(judging(status, data), CloudReason | None)
    try:
        kept = DATA[name][1](data)
    except Refused as err:
        assert isinstance(err.word, CloudReason)
        assert str(err) in set(CloudReason)
    else:
        check(kept, foreign=foreign)


def test_mutated_values(fuzz: Fuzz) -> None:
    with fuzz.share("values of answers", 250) as share:
        wild = Wild(share.mutator.chance)
        names = list(DATA)
        while share.more:
            name = wild.chance.choice(names)
            data = wild.mutant(DATA[name][0])
            share.mutator.made += 1
            share.mutator.last = [*share.mutator.last[-9:], f"{name}: {data!r:.3000}".encode()]
            judge(name, data)
            judge(wild.chance.choice(names), data)


def test_mutated_bytes(fuzz: Fuzz) -> None:
    corpus = [json.dumps({"code": "1", "data": data}).encode() for data, _ in DATA.values()]
    with fuzz.share("bytes of answers", 250) as share:
        names = list(DATA)
        while share.more:
            try:
                body = parse(share.mutator.any(corpus))
            except Refused as err:
                assert str(err) in set(CloudReason)
                continue
            data = body.get("data") if isinstance(body, dict) else body
            # Bytes of unwanted fields end up in wanted ones here: what was cut and spliced belongs there.
            judge(share.mutator.chance.choice(names), data, foreign="")


def test_mutated_headers(fuzz: Fuzz) -> None:
    corpus = [
        *(b"Tue Jan 05 12:00:00 UTC 2027", b"Tue, 05 Jan 2027 12:00:00 GMT", b"3600", b"10", b"-1", b"1e9"),
        *(b"Tue Jan 05 12:00:00 UTC 99999999", b"Tue, 05 Jan 2027 12:00:00 +9999999999", b"9" * 40),
    ]
    with fuzz.share("headers of answers", 100) as share:
        mutator: Mutator = share.mutator
        while share.more:
            text = mutator.any(corpus).decode("utf-8", "surrogateescape")
            headers = dict.fromkeys(
                ("Retry-After", "X-RateLimit-Reset-By", "X-RateLimit-Remaining", "Date"), text
            )
            assert isinstance(away(headers, NOW), float | None)
            assert isinstance(nearly_spent(headers), bool)
            assert isinstance(date_of(headers), float | None)
            assert isinstance(away({"X-RateLimit-Reset-By": text}, NOW), float | None)


def test_what_is_unwanted_would_be_found() -> None:
    """The check itself has eyes."""
    bad: list[Any] = ["unwanted", {"ssid": "x"}, ("a\n",), "x" * 300, Secret("\ud800"), object()]
    for kept in bad:
        try:
            check(kept)
        except AssertionError, UnicodeEncodeError:
            continue
        raise AssertionError(f"not found: {kept!r}")


async def test_mutated_answers_of_a_vendor(fuzz: Fuzz) -> None:
    """From the socket on: odd bytes, statuses and compressions raise nothing but the room's own error."""
    corpus = [json.dumps({"code": "1", "data": DATA["cameras"][0]}).encode(), b'{"code": 2001}', b"<html>"]
    async with r.rig() as rig:
        with fuzz.share("answers of a vendor", 20) as share:
            chance, words = share.mutator.chance, set[str]()
            while share.more:
                headers = {
                    "Content-Type": chance.choice(("application/json", "text/html", "", "x", "text/plain")),
                    "Content-Encoding": chance.choice(("identity", "", "gzip", "deflate", "br", "x")),
                    "X-RateLimit-Remaining": chance.choice(("", "11", "x", "99")),
                    "Location": rig.server.origin,
                }
                status = chance.choice((200, 200, 200, 201, 204, 301, 400, 401, 404, 418, 500, 599))
                rig.on(r.CAMERAS, answer(share.mutator.any(corpus), status, **headers))
                del rig.server.asked[:]
                try:
                    kept = await rig.client.cameras(r.tokens(), Secret(r.PHONE_ID))
                    check(kept, foreign="")
                except CloudError as err:
                    assert err.reason == rig.records[-1].status
                    assert str(err) == f"cameras: {err.reason}"
                    assert err.__context__ is None
                assert len(rig.server.asked) == 1
                words.add(rig.records.pop().status)
                await rig.clock.advance(700)
        assert len(words) >= 5
