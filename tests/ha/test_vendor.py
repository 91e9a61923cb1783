"""The client of the vendor's cloud in Home Assistant: one for all, and no token lost at the end."""

import asyncio

import pytest

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.cloud import (
    CloudError,
    CloudReason,
    CloudSession,
    Hosts,
    LogIn,
    SignedIn,
)
from custom_components.wyze_local.engine.model import Account, DeveloperKey, Secret, Tokens
from custom_components.wyze_local.environment import DATA_ENVIRONMENT, Environment
from custom_components.wyze_local.shared import async_get_shared
from dev.simulator.cloud import FakeCloud


async def test_tokens_that_are_on_their_way_when_home_assistant_stops_are_kept(
    hass: HomeAssistant, real_loopback: None
) -> None:
    kept: list[Tokens] = []
    already_over: list[bool] = []

    async def keep(tokens: Tokens) -> None:
        kept.append(tokens)
        web = shared._vendor._session
        already_over.append(web is None or web.closed)

    async with FakeCloud() as cloud:
        user = cloud.add_user()
        hass.data[DATA_ENVIRONMENT] = Environment(hosts=Hosts(**cloud.hosts()), tls=cloud.tls_context)
        shared = await async_get_shared(hass)
        client = shared.cloud_client()
        assert shared.cloud_client() is client
        key = DeveloperKey(Secret(user.key.key_id), Secret(user.key.api_key))
        login = LogIn(Secret(user.email), Secret("correct horse"), key, Secret("a phone"))
        signed_in = await client.log_in(login)
        assert isinstance(signed_in, SignedIn)
        account = Account(signed_in.user_id, login.email, key, 0, login.phone_id, signed_in.tokens)
        session = CloudSession(client, account, on_tokens=keep)
        cloud.invalidate(refresh_too=False)
        answering = cloud.fault("hang", "refresh")
        call = asyncio.create_task(session.cameras())
        async with asyncio.timeout(20):
            while not cloud.calls("refresh"):
                await asyncio.sleep(0.01)
        call.cancel()
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        for _ in range(50):
            await asyncio.sleep(0)
        cloud.faults.clear(answering)
        await hass.async_block_till_done()
        assert len(kept) == 1
        assert already_over == [False]
        assert kept[0] == session.account.tokens
        with pytest.raises(CloudError) as caught:
            await session.cameras()
        assert caught.value.word is CloudReason.ENDED
