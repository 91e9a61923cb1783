"""Everything that can be wrong at a sign-in has its own sentence: what it is, and what to do."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.resolver import AsyncResolver

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from custom_components.wyze_local.engine.cloud import CloudReason, Hosts
from custom_components.wyze_local.environment import DATA_ENVIRONMENT, Environment
from dev.ports import free_port
from dev.simulator.cloud import Certificate, Factor, FakeCloud

from .account_flow_rig import CLOCK, PASSWORD, Person, cloud, person
from .rigging import DOMAIN, suggested

__all__ = ["cloud", "person"]

type Trouble = Callable[[FakeCloud, Person], Awaitable[dict[str, Any]]]


async def wrong_password(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.world.explains = False
    return {"password": "wrong battery"}


async def something_wrong(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    # What the vendor's own sentence does not tell apart.
    cloud.world.explains = False
    return {"api_key": "0" * 60}


async def wrong_key(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.world.explains = True
    return {"api_key": "0" * 60}


async def expired_key(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.world.explains = True
    person.user.key.expired = True
    return {}


async def key_of_another(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.world.explains = True
    key = cloud.add_user("bob@example.net").key
    return {"key_id": key.key_id, "api_key": key.api_key}


async def locked(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    person.user.locked = True
    return {}


async def no_password(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.world.explains = True
    person.user.no_password = True
    return {}


async def only_mail(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    person.user.factors = (Factor.EMAIL,)
    return {}


async def only_passkey(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    person.user.factors = (Factor.PASSKEY,)
    return {}


async def blocked(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.fault("forbidden", "login")
    return {}


async def limited(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.fault("rate_limit", "login", retry_after=120)
    return {}


async def portal(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.fault("portal", "login")
    return {}


async def page_instead(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.fault("login_page", "login")
    return {}


async def untrusted(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    await cloud.show(Certificate.FOREIGN)
    return {}


async def refused(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    await cloud.refuse()
    return {}


async def cut(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.fault("reset", "login")
    return {}


async def overloaded(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.fault("broken", "login", status=503)
    return {}


async def clock_off(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    # To a clock that is a day behind, every new certificate is one of tomorrow.
    await cloud.show(Certificate.EARLY)
    return {}


async def clock_ahead(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.skew = -86400.0
    cloud.fault("code", "login", code=1001, message="parameter error: ts")
    return {}


async def nonsense(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.fault("bad_json", "login")
    return {}


async def endless(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    cloud.fault("huge", "login")
    return {}


async def letters(cloud: FakeCloud, person: Person) -> dict[str, Any]:
    return {"password": "pässwörd"}


TROUBLES: list[tuple[Trouble, str]] = [
    (wrong_password, "cloud_bad_credentials"),
    (letters, "cloud_letters"),
    (something_wrong, "cloud_bad_credentials"),
    (wrong_key, "cloud_bad_key"),
    (expired_key, "cloud_key_expired"),
    (key_of_another, "cloud_key_of_another"),
    (locked, "cloud_locked"),
    (no_password, "cloud_no_password"),
    (only_mail, "cloud_email_factor"),
    (only_passkey, "cloud_passkey_only"),
    (blocked, "cloud_forbidden"),
    (limited, "cloud_rate_limited"),
    (portal, "cloud_not_json"),
    (page_instead, "cloud_not_json"),
    (untrusted, "cloud_certificate"),
    (refused, "cloud_unreachable"),
    (cut, "cloud_unreachable"),
    (overloaded, "cloud_server"),
    (nonsense, "cloud_malformed"),
    (endless, "cloud_too_large"),
    (clock_off, "cloud_clock_wrong"),
    (clock_ahead, "cloud_clock_wrong"),
]


@pytest.mark.parametrize(("trouble", "error"), TROUBLES, ids=[trouble.__name__ for trouble, _ in TROUBLES])
async def test_every_trouble_has_its_sentence(
    cloud: FakeCloud, person: Person, trouble: Trouble, error: str
) -> None:
    """It is told, what was typed stays but for the password, and the sign-in works once it is over."""
    page = await person.open()
    changes = await trouble(cloud, person)
    page = await person.sign_in(page, **changes)
    assert page["errors"] == {"base": error}
    text = await person.text(page)
    assert "{" not in text
    assert suggested(page)["email"] == person.user.email
    assert suggested(page)["password"] is None

    await cloud.resume()
    CLOCK.skip(3600)
    user = person.user
    user.locked = user.no_password = user.key.expired = False
    user.factors = ()
    user.failures.clear()
    page = await person.sign_in(page)
    assert page["step_id"] == "cameras", page


@pytest.mark.parametrize(
    ("trouble", "typed_again"),
    [(limited, False), (overloaded, False), (wrong_key, False), (wrong_password, True)],
)
async def test_the_password_is_typed_again_only_when_it_was_wrong(
    cloud: FakeCloud, person: Person, trouble: Trouble, typed_again: bool
) -> None:
    """For everything else the one that was typed is still there, unseen."""
    page = await person.sign_in(**await trouble(cloud, person))
    needed = {str(marker): type(marker).__name__ for marker in page["data_schema"].schema}
    assert needed["password"] == ("Required" if typed_again else "Optional")
    await cloud.resume()
    CLOCK.skip(3600)
    person.user.failures.clear()
    page = await person.sign_in(page, password=PASSWORD if typed_again else None)
    assert page["step_id"] == "cameras", page


async def test_a_time_to_come_back_is_told(cloud: FakeCloud, person: Person) -> None:
    """As the time of day, with the word that video goes on."""
    cloud.fault("rate_limit", "login", retry_after=1800)
    page = await person.sign_in()
    text = await person.text(page)
    assert page["description_placeholders"]["time"] in text
    assert page["description_placeholders"]["time"].count(":") == 2
    assert "Video on your own network goes on" in text


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"email": "mallory"}, "email", "email_not_an_address"),
        ({"email": "mal lory@example.org"}, "email", "email_not_an_address"),
        ({"email": "m" * 400 + "@example.org"}, "email", "email_not_an_address"),
        ({"password": ""}, "password", "password_missing"),
        ({"key_id": "a\r\nCookie: b"}, "key_id", "key_not_a_key"),
        ({"api_key": "schlüssel"}, "api_key", "key_not_a_key"),
        ({"api_key": "two words"}, "api_key", "key_not_a_key"),
        ({"api_key": "x" * 600}, "api_key", "key_not_a_key"),
    ],
)
async def test_what_can_be_seen_to_be_wrong_is_sent_nowhere(
    cloud: FakeCloud, person: Person, changes: dict[str, Any], field: str, error: str
) -> None:
    """The vendor is not asked about it."""
    page = await person.sign_in(**changes)
    assert page["errors"] == {field: error}
    assert not cloud.calls()
    page = await person.sign_in(page)
    assert page["step_id"] == "cameras"


async def test_a_password_of_other_letters_works(cloud: FakeCloud, person: Person) -> None:
    """It is hashed as the vendor's own app does, from UTF-8."""
    user = cloud.add_user("bob@example.net", "pässwörd Ω")
    key = {"key_id": user.key.key_id, "api_key": user.key.api_key}
    page = await person.sign_in(email=user.email, password="pässwörd Ω", **key)
    assert page["step_id"] == "cameras"


async def test_a_dead_name_server(
    hass: HomeAssistant, cloud: FakeCloud, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told from a dead vendor: nobody answers where names are asked for, on this machine."""
    dead = AsyncResolver(nameservers=["127.0.0.1"], udp_port=free_port(), timeout=0.5, tries=1)
    # What the test harness ends it by.
    monkeypatch.setattr(dead, "real_close", dead.close, raising=False)
    monkeypatch.setattr("homeassistant.helpers.aiohttp_client._async_make_resolver", lambda *_: dead)
    hosts = {role: f"https://{role}.vendor.invalid" for role in cloud.hosts()}
    hass.data[DATA_ENVIRONMENT] = Environment(clock=CLOCK, hosts=Hosts(**hosts), tls=cloud.tls_context)
    page = await person.sign_in()
    assert page["errors"] == {"base": "cloud_name_lookup"}


async def test_every_reason_of_the_clouds_has_a_text(hass: HomeAssistant, person: Person) -> None:
    """Each is a sentence of its own that says what to do."""
    await person.open()
    texts = await async_get_translations(hass, "en", "config", {DOMAIN})
    found = {reason: texts[f"component.{DOMAIN}.config.error.cloud_{reason.value}"] for reason in CloudReason}
    assert len(set(found.values())) == len(found)
    assert all(text.count(".") >= 2 for text in found.values())
