"""A camera that could not be checked: whoever asked is told why in their language, and what helps."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from custom_components import wyze_local
from custom_components.wyze_local.camera_check import async_check
from custom_components.wyze_local.engine.model import CameraNetworks, parse_wyze_link
from custom_components.wyze_local.engine.relay import RelayError

LINK = f"wyze://192.168.1.20?uid={'A' * 20}&enr={'a' * 16}&mac={'0' * 12}"
TEXTS = json.loads((Path(wyze_local.__file__).parent / "translations" / "en.json").read_text("utf-8"))


def coordinator_of(hass: HomeAssistant, answer: bytes | RelayError) -> Any:
    """Return what knows one camera, whose relay answers so."""

    async def check(*_: object) -> bytes:
        if isinstance(answer, RelayError):
            raise answer
        return answer

    record = SimpleNamespace(camera=SimpleNamespace(credentials=parse_wyze_link(LINK)))
    return SimpleNamespace(
        hass=hass,
        networks=CameraNetworks.parse(["192.168.1.0/24"]),
        watched=lambda _: SimpleNamespace(record=record),
        shared=SimpleNamespace(relaying=SimpleNamespace(async_check=check)),
    )


@pytest.mark.parametrize(
    ("answer", "key", "step"),
    [
        ("relay_down", "check_failed_relay_down", "reload the integration"),
        ("not_started", "check_failed_relay_down", "reload the integration"),
        ("timeout", "check_failed_timeout", "when there is less to do"),
        ("relay_fault", "check_failed_fault", "Report it"),
        (b"[]", "check_failed_fault", "Report it"),
    ],
)
async def test_why_it_could_not_be_made_is_said_in_a_sentence_of_its_own(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, answer: str | bytes, key: str, step: str
) -> None:
    """No word of the engine's stands in it, and the next check is not refused for this one."""
    said = RelayError("no", reason=answer) if isinstance(answer, str) else answer
    coordinator = coordinator_of(hass, said)
    for _ in range(2):
        with pytest.raises(HomeAssistantError) as raised:
            await async_check(coordinator, "porch")
        assert raised.value.translation_key == key
        assert not raised.value.translation_placeholders
    text = TEXTS["exceptions"][key]["message"]
    assert step in text
    logged = [record.message for record in caplog.records if "could not be checked" in record.message]
    assert bool(logged) is ("log says" in text), "who is sent to the log finds it there"
