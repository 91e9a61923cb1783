"""How Home Assistant is led to the fake cloud: by what the launcher prepares, and by nothing else."""

from pathlib import Path

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.cloud import CloudError, CloudReason, LogIn, SignedIn
from custom_components.wyze_local.engine.model import DeveloperKey, Secret
from custom_components.wyze_local.shared import async_get_shared
from dev.home import cloud as launched
from dev.simulator.cloud import Certificate, FakeCloud


async def test_the_client_asks_the_fake_cloud(
    hass: HomeAssistant, real_loopback: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It trusts the authority of the file, and no certificate that is not its own or over."""
    async with FakeCloud(tmp_path / "cloud") as cloud:
        user = cloud.add_user()
        for name, value in launched.told(cloud.file).items():
            monkeypatch.setenv(name, value)
        launched.prepare(hass)
        shared = await async_get_shared(hass)
        assert shared.environment.webrtc_on_loopback
        client = shared.cloud_client()
        key = DeveloperKey(Secret(user.key.key_id), Secret(user.key.api_key))
        login = LogIn(Secret(user.email), Secret("correct horse"), key, Secret("a phone"))
        signed_in = await client.log_in(login)
        assert isinstance(signed_in, SignedIn)
        assert (await client.cameras(signed_in.tokens, login.phone_id)).cameras == ()
        for certificate in (Certificate.FOREIGN, Certificate.EXPIRED):
            await cloud.show(certificate)
            with pytest.raises(CloudError) as refused:
                await client.user(signed_in.tokens, login.phone_id)
            assert refused.value.reason == CloudReason.CERTIFICATE
        assert [call.endpoint for call in cloud.calls()] == ["login", "devices"]
