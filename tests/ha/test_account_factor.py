"""The second factor: answered by an authenticator or a text message, and no message that nobody asked for."""

from typing import Any

import pytest

from homeassistant.data_entry_flow import FlowResultType

from dev.simulator.cloud import Factor, FakeCloud

from .account_flow_rig import CLOCK, Person, cloud, person
from .rigging import suggested

__all__ = ["cloud", "person"]

TOTP = pytest.mark.parametrize("person", [(Factor.TOTP,)], indirect=True)
SMS = pytest.mark.parametrize("person", [(Factor.SMS,)], indirect=True)
BOTH = pytest.mark.parametrize("person", [(Factor.TOTP, Factor.SMS, Factor.EMAIL)], indirect=True)


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


@TOTP
async def test_a_code_from_an_authenticator(person: Person, cloud: FakeCloud) -> None:
    """With one way there is nothing to choose; blanks in the code do not matter."""
    page = await person.sign_in()
    assert page["step_id"] == "totp"
    code = cloud.code(person.user)
    page = await person.submit(page, code=f" {code[:3]} {code[3:]} ")
    assert page["step_id"] == "cameras"
    entry = await person.finish(page)
    assert entry.data["account"] == "signed_in"
    assert len(cloud.calls("login")) == 1


@BOTH
async def test_a_text_message_is_sent_only_when_it_is_asked_for(person: Person, cloud: FakeCloud) -> None:
    """Not by the sign-in, not by the menu, not by the other way, not by a page that is opened again."""
    page = await person.sign_in()
    assert page["type"] is FlowResultType.MENU
    assert page["menu_options"] == ["totp", "sms"]
    await person.look_again(page)
    assert not cloud.calls("send_sms")
    page = await person.choose(page, "sms")
    assert len(cloud.calls("send_sms")) == len(person.user.phone) == 1
    await person.look_again(page)
    await person.look_again(page)
    assert len(person.user.phone) == 1
    page = await person.submit(page, code=person.user.phone[-1].code, send_again=False)
    assert page["step_id"] == "cameras"


@BOTH
async def test_an_authenticators_code_sends_no_message(person: Person, cloud: FakeCloud) -> None:
    """Nobody's phone rings for it."""
    page = await person.choose(await person.sign_in(), "totp")
    page = await person.submit(page, code=wrong(cloud.code(person.user)))
    page = await person.submit(page, code=cloud.code(person.user))
    assert page["step_id"] == "cameras"
    assert not cloud.calls("send_sms")


@SMS
async def test_even_as_the_only_way_a_message_waits_to_be_asked_for(person: Person, cloud: FakeCloud) -> None:
    """A menu with one item stands between the password and the phone."""
    page = await person.sign_in()
    assert page["menu_options"] == ["sms"]
    assert not cloud.calls("send_sms")
    page = await person.choose(page, "sms")
    page = await person.submit(page, send_again=True)
    assert len(person.user.phone) == 2
    page = await person.submit(page, code=person.user.phone[0].code, send_again=False)
    assert page["errors"] == {"base": "cloud_wrong_code"}, "the older code has ended"
    page = await person.submit(page, code=person.user.phone[1].code, send_again=False)
    assert page["step_id"] == "cameras"


@SMS
async def test_a_message_that_could_not_be_sent(person: Person, cloud: FakeCloud) -> None:
    """The page says why, waits, and offers to try again."""
    cloud.fault("broken", "send_sms", status=503)
    page = await person.choose(await person.sign_in(), "sms")
    assert page["errors"] == {"base": "cloud_server"}
    assert "goes on" in await person.text(page)
    assert suggested(page)["send_again"] is True
    await cloud.resume()
    page = await person.submit(page, send_again=True)
    assert page["errors"] == {}
    page = await person.submit(page, code=person.user.phone[-1].code, send_again=False)
    assert page["step_id"] == "cameras"


@TOTP
@pytest.mark.parametrize("explains", [True, False])
async def test_codes_that_are_no_good(person: Person, cloud: FakeCloud, explains: bool) -> None:
    """Wrong, late and repeated codes are told apart where the vendor does, and none has to begin anew."""
    cloud.world.explains = explains
    page = await person.sign_in()
    page = await person.submit(page, code="")
    assert page["errors"] == {"code": "code_missing"}
    page = await person.submit(page, code=wrong(cloud.code(person.user)))
    assert page["errors"] == {"base": "cloud_wrong_code"}
    assert suggested(page)["code"] is None
    late = cloud.code(person.user)
    cloud.clock.advance(120)
    page = await person.submit(page, code=late)
    assert page["errors"] == {"base": "cloud_code_expired" if explains else "cloud_wrong_code"}
    person.user.last_step = int(cloud.clock.now()) // 30 + 1
    page = await person.submit(page, code=cloud.code(person.user))
    assert page["errors"] == {"base": "cloud_code_repeated" if explains else "cloud_wrong_code"}
    person.user.last_step = -1
    page = await person.submit(page, code=cloud.code(person.user))
    assert page["step_id"] == "cameras"
    assert len(cloud.calls("login")) == 1, "the password was typed and sent once"


@TOTP
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (("broken", {"status": 503}), "cloud_server"),
        (("rate_limit", {"retry_after": 300}), "cloud_rate_limited"),
        (("reset", {}), "cloud_unreachable"),
    ],
)
async def test_overloaded_servers(
    person: Person, cloud: FakeCloud, fault: tuple[str, dict[str, Any]], error: str
) -> None:
    """The page waits, keeps what was typed, and says that video goes on."""
    page = await person.sign_in()
    cloud.fault(fault[0], "second_factor", **fault[1])
    code = cloud.code(person.user)
    page = await person.submit(page, code=code)
    assert page["errors"] == {"base": error}
    text = await person.text(page)
    assert "What you typed is kept" in text
    assert "Video on your own network goes on" in text
    assert suggested(page)["code"] == code
    await cloud.resume()
    CLOCK.skip(3600)
    page = await person.submit(page, code=cloud.code(person.user))
    assert page["step_id"] == "cameras"
    assert len(cloud.calls("login")) == 1


@TOTP
async def test_too_many_wrong_codes(person: Person, cloud: FakeCloud) -> None:
    """The vendor locks the account, and that is what is said."""
    page = await person.sign_in()
    for _ in range(5):
        page = await person.submit(page, code=wrong(cloud.code(person.user)))
    page = await person.submit(page, code=cloud.code(person.user))
    assert page["errors"] == {"base": "cloud_locked"}
