"""Why a camera was not recorded: whoever is sent to the log finds the reason there."""

import json
from pathlib import Path

import pytest

from custom_components import wyze_local
from custom_components.wyze_local.engine.watch import WatchError
from custom_components.wyze_local.record_errors import RECORD_TROUBLES, not_recorded

TEXTS = json.loads((Path(wyze_local.__file__).parent / "translations" / "en.json").read_text("utf-8"))


@pytest.mark.parametrize("reason", [*RECORD_TROUBLES, "no_folder", "of_tomorrow"])
def test_what_is_said_to_stand_in_the_log_does(caplog: pytest.LogCaptureFixture, reason: str) -> None:
    told = not_recorded("camera.porch", WatchError(reason=reason))
    assert told.translation_key is not None
    text = TEXTS["exceptions"][told.translation_key]["message"]
    assert (reason in caplog.text) is ("log says" in text)
    assert "porch" not in caplog.text
