"""Why a camera was not told something, in words that do not blame it for what it never heard."""

import pytest

from custom_components.wyze_local.control_state import ControlFailed
from custom_components.wyze_local.control_wishes import Wishes
from custom_components.wyze_local.engine.control import (
    UNANSWERED,
    ControlError,
    ControlReason,
    Feature,
    Value,
)


@pytest.mark.parametrize(
    ("word", "cause", "text"),
    [
        (ControlReason.NO_ANSWER, UNANSWERED, "control_no_answer"),
        (ControlReason.NO_ANSWER, "no_answer", "camera_no_answer"),
        (ControlReason.NO_ANSWER, "closed", "camera_no_answer"),
        (ControlReason.NO_ANSWER, "refused", "camera_busy"),
        (ControlReason.NO_ANSWER, "wrong_key", "camera_wrong_key"),
        (ControlReason.NO_ANSWER, "relay_down", "camera_server_down"),
        (ControlReason.NO_ANSWER, "unknown_camera", "control_not_now"),
        (ControlReason.NO_ANSWER, "protocol_fault", "camera_fault"),
        (ControlReason.REFUSED, "", "control_refused"),
        (ControlReason.IGNORED, "", "control_ignored"),
    ],
)
async def test_what_the_camera_never_heard_it_did_not_refuse(
    word: ControlReason, cause: str, text: str
) -> None:
    """The same is told to everybody whose wish was said with another's."""

    async def say(_: Value) -> None:
        raise ControlFailed.of(ControlError(word, cause))

    with pytest.raises(ControlFailed) as caught:
        await Wishes().async_fulfil(Feature.SIREN, True, say)
    assert caught.value.translation_key == text
