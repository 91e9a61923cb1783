"""What go2rtc would not forget at once is forgotten later, and masked until then."""

from typing import cast

from engine.model import EngineError, Secret
from engine.stream import ApiError, Redactor, ServerDown
from engine.stream.api import Api
from engine.stream.graves import Graves
from engine.stream.held import HeldStream
from engine.stream.source import PARKED
from tests.support.streaming import new_token

KEY = "plain-looking-key"
SOURCE = Secret(f"wyze://127.0.0.77?enr={KEY}")


class Server:
    """Remembers what every name points at; deaf, it does nothing."""

    def __init__(self) -> None:
        self.points_at: dict[str, Secret] = {}
        self.deaf: EngineError | None = None
        self.calls = 0

    async def patch(self, name: str, source: Secret) -> None:
        self.calls += 1
        if self.deaf:
            raise self.deaf
        self.points_at[name] = source

    async def delete(self, name: str) -> None:
        self.calls += 1
        if self.deaf:
            raise self.deaf
        self.points_at.pop(name, None)


class Rig:
    """Graves, a server, and streams that are on their way out."""

    def __init__(self) -> None:
        self.redactor = Redactor()
        self.graves = Graves(self.redactor)
        self.server = Server()
        self.api = cast("Api", self.server)

    async def stream(self, source: Secret = SOURCE) -> HeldStream:
        stream = HeldStream.make(new_token(), source)
        await stream.begin(self.api, 1)
        self.redactor.add(stream.secrets)
        self.graves.add(stream, stream.end)
        return stream

    @property
    def masked(self) -> bool:
        return self.redactor.redact(KEY) == "***"


async def test_a_key_is_masked_until_it_is_forgotten() -> None:
    rig = Rig()
    await rig.stream()
    rig.server.deaf = ApiError(reason="server_timeout")
    await rig.graves.tend(rig.api)
    assert rig.masked
    assert rig.graves
    rig.server.deaf = None
    await rig.graves.tend(rig.api)
    assert not rig.masked
    assert not rig.graves
    assert not rig.server.points_at


async def test_viewers_names_are_not_lost_when_the_first_try_fails() -> None:
    rig = Rig()
    stream = HeldStream.make(new_token(), Secret(f"rtsp://127.0.0.1/x?auth={KEY}"))
    name = stream.viewers.pick({}, ())
    rig.server.points_at[name] = stream.source
    rig.graves.add(stream, stream.end)
    rig.server.deaf = ApiError(reason="server_timeout")
    await rig.graves.tend(rig.api)
    rig.server.deaf = None
    await rig.graves.tend(rig.api)
    assert rig.server.points_at[name] == PARKED


async def test_one_that_hangs_is_asked_once_however_many_wait() -> None:
    rig = Rig()
    for _ in range(5):
        await rig.stream()
    rig.server.deaf, rig.server.calls = ApiError(reason="server_timeout"), 0
    await rig.graves.tend(rig.api)
    assert rig.server.calls == 1
    rig.server.deaf = ServerDown()
    await rig.graves.tend(rig.api)
    assert rig.masked


async def test_another_go2rtc_knows_nothing_and_a_name_that_is_wanted_again_is_left_alone() -> None:
    rig = Rig()
    first, second = await rig.stream(), await rig.stream()
    rig.graves.rise(first.name)
    await rig.graves.tend(rig.api)
    assert set(rig.server.points_at) == {first.name, first.hop}
    assert second.name not in rig.server.points_at
    await rig.stream()
    rig.graves.clear()
    assert not rig.graves
    assert not rig.masked
