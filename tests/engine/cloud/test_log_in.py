"""Signing in: with a password, with a second factor, and every way in which it fails with its own word."""

from engine.cloud import SignedIn
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import answer

DIGEST = "251999734caeb82597a48a2874c3af62"
"""MD5 of the password, three times."""


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
