"""What is kept in mind of a camera that has the right key and shows nothing."""

import asyncio
from typing import Any, cast

import pytest

from custom_components.wyze_local.engine.relay import CameraState, Phase
from custom_components.wyze_local.engine.stream import StillKeeper
from custom_components.wyze_local.settings import CameraSettings
from custom_components.wyze_local.watched import Watched
from tests.support.clock import FakeClock


def camera() -> Watched:
    async def fetch() -> bytes:
        raise TimeoutError

    stills = StillKeeper(fetch, FakeClock(), spawn=asyncio.ensure_future)  # type: ignore[arg-type]
    return Watched(cast("Any", None), CameraSettings(), stills, outside=False, battery=False)


@pytest.mark.parametrize("reason", ["off", "updating", "checking", "busy", "refused"])
def test_who_lets_nobody_in_has_no_picture_because_its_key_is_right(reason: str) -> None:
    """Until it shows one, or is not there any more; that nobody looks meanwhile says nothing."""
    for end in (CameraState(Phase.LIVE), CameraState(Phase.LOST, "no_answer")):
        watched = camera()
        watched.note(CameraState(Phase.CONNECTING))
        assert watched.withheld == ""
        watched.note(CameraState(Phase.REFUSED, reason))
        assert watched.withheld == reason
        watched.note(CameraState(Phase.IDLE))
        watched.note(CameraState(Phase.CONNECTING))
        assert watched.withheld == reason
        watched.note(end)
        assert watched.withheld == ""


def test_another_key_is_for_the_proof_to_tell() -> None:
    """The next handshake shows whether it is right by now."""
    watched = camera()
    watched.note(CameraState(Phase.REFUSED, "wrong_key"))
    assert watched.withheld == ""
