"""A camera that the stream server refuses is not offered to it again with every reading."""

from types import SimpleNamespace
from typing import Any

import pytest

from custom_components.wyze_local.engine.model import Camera, Secret, StreamAddress, new_camera_key
from custom_components.wyze_local.engine.stream import ApiError, DialFailure, StreamInfo, StreamServerError
from custom_components.wyze_local.engine.vault import CameraRecord
from custom_components.wyze_local.settings import CameraSettings
from custom_components.wyze_local.streams import REFUSED_FOR, CameraStreams
from custom_components.wyze_local.watched import Watched
from tests.support.clock import FakeClock

KEY = new_camera_key()
ADDRESS = StreamAddress.parse("rtsp://127.0.0.1/live", user="me", password="secret")
RECORD = CameraRecord(Camera(KEY, "Yard", ADDRESS), Secret("0f" * 16))


class Server:
    """A stream server that takes no camera, and counts how often it is asked to."""

    def __init__(self, error: StreamServerError) -> None:
        self.error = error
        self.offers = 0
        self.cameras: frozenset[str] = frozenset()

    async def add(self, *_: Any, **__: Any) -> None:
        self.offers += 1
        raise self.error

    async def streams(self) -> dict[str, StreamInfo]:
        return {}


class Rest:
    """Whatever else is told of cameras, and says nothing to it."""

    def __getattr__(self, name: str) -> Any:
        async def listen(*_: Any, **__: Any) -> None:
            pass

        return listen if name == "async_remove" else lambda *_: None


def watched() -> Watched:
    """Return a camera that is a stream."""
    return Watched(RECORD, CameraSettings(kind="stream"), Rest(), outside=False, battery=False)  # type: ignore[arg-type]


def serving(server: Server, clock: FakeClock) -> CameraStreams:
    """Return what serves an entry's cameras."""
    shared = SimpleNamespace(
        relaying=Rest(), claims=Rest(), watching=Rest(), environment=SimpleNamespace(clock=clock)
    )
    return CameraStreams(shared, server)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        DialFailure("keys stay here", reason="keys_not_allowed"),
        ApiError("not a source", reason="refused_source"),
    ],
    ids=lambda error: str(error.reason),
)
async def test_who_refuses_a_camera_is_asked_again_once_a_minute(error: StreamServerError) -> None:
    server, clock = Server(error), FakeClock()
    streams = serving(server, clock)
    await streams.begin(KEY, watched(), Rest())
    for _ in range(10):
        await streams.read()
    assert server.offers == 1
    await clock.advance(REFUSED_FOR)
    await streams.read()
    assert server.offers == 2
    await streams.begin(KEY, watched(), Rest())
    assert server.offers == 3, "what changed about it may be taken"


async def test_who_gives_no_answer_is_asked_again_at_once() -> None:
    server, clock = Server(ApiError("no answer", reason="server_timeout")), FakeClock()
    streams = serving(server, clock)
    await streams.begin(KEY, watched(), Rest())
    await streams.read()
    assert server.offers == 2
