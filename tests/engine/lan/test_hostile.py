"""A hostile network: nothing it sends raises anything, takes memory without end, or passes for the camera."""

import asyncio
import random
import sys
import tracemalloc

import pytest
from hypothesis import given, strategies as st

from engine.lan import LanError, LinkStats
from engine.lan.dtls import Client, Server, State
from engine.lan.order import MAX_BYTES, MAX_OPEN
from engine.lan.receiver import Receiver
from tests.engine.lan import wire
from tests.engine.lan.camera import Camera
from tests.engine.lan.mirror import IDENTITY, KEY, OTHER_KEY, opened
from tests.engine.lan.viewer import Viewer, until, watching
from tests.engine.lan.virtual import LoopClock, virtual

FRAMINGS = (wire.Older, wire.Newer)


def mutate(chance: random.Random, datagram: bytes) -> bytes:
    """Return a datagram with bits flipped, bytes cut, doubled or made up."""
    data = bytearray(datagram)
    for _ in range(chance.choice((1, 1, 2, 8))):
        match chance.randrange(4):
            case 0 if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            case 1:
                del data[chance.randrange(len(data) + 1) :]
            case 2:
                at = chance.randrange(len(data) + 1)
                data[at:at] = chance.randbytes(chance.randrange(1, 40))
            case 3 if data:
                at = chance.randrange(len(data))
                data[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", bytes(4), chance.randbytes(4)))
    return bytes(data[:4000])


@given(st.integers(0))
def test_mutated_datagrams_neither_open_nor_end_a_session(seed: int) -> None:
    """What is not sealed by the camera changes nothing: not the pictures, not an answer, not the end."""
    chance = random.Random(seed)

    @virtual
    async def attack() -> None:
        camera = Camera(chance.choice(FRAMINGS)())
        camera.answers[10030] = b"\1"
        async with watching(camera) as viewer:
            good = [
                camera.framing.ping(b"12345678"),
                camera.framing.found(bytes(8)),
                camera.framing.opened(bytes(8)),
                camera.framing.data(0, chance.randbytes(60)),
                camera.framing.data(1, chance.randbytes(60)),
            ]
            for _ in range(60):
                camera.send_datagram(mutate(chance, chance.choice(good)))
            camera.send(*wire.cut(b"picture", 1))
            assert await viewer.session.command(10030) == b"\1"
            await until(lambda: viewer.frames)
            assert [frame.data for frame in viewer.frames] == [b"picture"]
            assert viewer.session.ended is None

    attack()


@given(st.integers(0))
def test_mutated_datagrams_on_the_way_in_end_in_a_reason(seed: int) -> None:
    """Before there are keys a forger may keep us out, and may make us say why; never more than that."""
    chance = random.Random(seed)

    @virtual
    async def attack() -> None:
        camera, viewer = Camera(chance.choice(FRAMINGS)()), Viewer()
        async with camera:
            camera.forge = lambda datagram: [
                mutate(chance, datagram) if chance.random() < 0.3 else datagram
                for _ in range(chance.choice((1, 1, 2)))
            ]
            try:
                await viewer.open(camera.credentials())
            except LanError as err:
                assert err.reason
            else:
                await viewer.session.close()
        assert viewer.ends == []

    attack()


@given(st.integers(0))
def test_what_a_mad_camera_seals_is_survived(seed: int) -> None:
    """The key proves who speaks, not that it makes sense: packets of every kind, broken in every way."""
    chance = random.Random(seed)

    @virtual
    async def rave() -> None:
        camera = Camera(chance.choice(FRAMINGS)())
        async with watching(camera) as viewer:
            good = [
                *wire.cut(chance.randbytes(3000), 5),
                wire.sound(b"noise", 7),
                wire.command(10031, b"payload"),
                wire.command(10031, b"payload", short=True),
                wire.login_answer(),
            ]
            for _ in range(60):
                camera.send(mutate(chance, chance.choice(good)))
            camera.answers[10040] = b"\1"
            assert await viewer.session.command(10040) == b"\1"
            assert viewer.session.ended is None

    rave()


@given(st.integers(0), st.booleans())
def test_mutated_records_open_no_association(seed: int, known: bool) -> None:
    """A peer without the key gets no further by changing what others said in a real handshake."""
    chance = random.Random(seed)
    client, server = opened()
    record = server.seal(b"genuine")
    fresh = Client(KEY if known else OTHER_KEY, IDENTITY)
    fresh.start(0.0)
    talk = Server(KEY, IDENTITY)
    for _ in range(50):
        forged = mutate(chance, chance.choice((record, *fresh.take(), *talk.take(), bytes(30))))
        for end in (client, fresh, talk):
            if record not in forged:
                assert end.receive(forged, 0.1) == []
    assert State.OPEN not in {fresh.state, talk.state}
    assert client.receive(record, 0.2) == [b"genuine"]


@pytest.mark.parametrize("framing", FRAMINGS)
@virtual
async def test_a_flood_leaves_no_memory_behind(framing: type[wire.Older | wire.Newer]) -> None:
    chance = random.Random(4)
    camera = Camera(framing())
    async with watching(camera) as viewer:
        pieces = [
            wire.Piece(wire.OTHER, number, 2000, 5, bytes(900), 0).packet() for number in range(1, 2000)
        ]

        async def flood(rounds: int) -> None:
            for _ in range(rounds):
                for _ in range(20):
                    camera.send(chance.choice(pieces))
                    camera.send_datagram(mutate(chance, camera.framing.data(1, b"x" * 200)))
                await asyncio.sleep(0)
            done = viewer.session.stats.datagrams
            camera.send(wire.sound(b"x", viewer.session.stats.frames + 1))
            await until(lambda: viewer.session.stats.datagrams > done)

        await flood(20)
        tracemalloc.start()
        await flood(5)
        before = tracemalloc.get_traced_memory()[0]
        await flood(40)
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert grown < 400_000, f"{grown} bytes"
        assert viewer.session.ended is None


@virtual
async def test_unfinished_frames_of_both_kinds_are_bounded() -> None:
    frames: list[object] = []
    receiver = Receiver(LoopClock(), frames.append, LinkStats())
    body = bytes(3900)
    for number in range(1, 20_000):
        for stream in (wire.KEY, wire.OTHER):
            receiver.receive(wire.Piece(stream, number, 2048, number % 2000, body, 0).packet())
    for lane in receiver._lanes.values():
        assert len(lane._open) <= MAX_OPEN
        assert lane._bytes <= MAX_BYTES
        assert sys.getsizeof(lane._done) < 10_000
    assert frames == []
    receiver.close()
