"""What the relay says of a camera, and what is concluded from it."""

from types import SimpleNamespace
from typing import Any

from custom_components.wyze_local.engine.relay import CameraState, Phase
from custom_components.wyze_local.evidence import RelayEvidence

CAMERA = "porch"


class House:
    """One camera of a coordinator that writes down which handshakes it heard of."""

    def __init__(self) -> None:
        """Begin with a camera that nobody has dialled."""
        self.handshakes: list[bool] = []
        self.watched = SimpleNamespace(
            relay=CameraState(Phase.IDLE),
            settings=SimpleNamespace(relayed=True),
            record=None,
            note=self._note,
        )
        coordinator: Any = SimpleNamespace(
            watched=lambda _: self.watched,
            on_handshake=lambda _key, _record, good: self.handshakes.append(good),
            async_answered=lambda *_: None,
            verdict=lambda _: None,
            publish=lambda: None,
        )
        own: Any = None
        self.evidence = RelayEvidence(coordinator, own)

    def _note(self, state: CameraState) -> bool:
        self.watched.relay = state
        return False

    def hear(self, state: CameraState, *, again: bool = False) -> None:
        """Let the relay say something."""
        self.evidence.async_on_state(CAMERA, state, again=again)


async def test_that_a_session_goes_on_is_no_handshake() -> None:
    """The camera may have other keys by then: only the beginning of a session shows which it has."""
    house = House()
    house.hear(CameraState(Phase.LIVE))
    assert house.handshakes == [True]
    house.hear(CameraState(Phase.LIVE, readers=2))
    house.hear(CameraState(Phase.IDLE))
    house.hear(CameraState(Phase.LIVE), again=True)
    assert house.handshakes == [True]
    house.hear(CameraState(Phase.IDLE))
    house.hear(CameraState(Phase.LIVE))
    assert house.handshakes == [True, True]
