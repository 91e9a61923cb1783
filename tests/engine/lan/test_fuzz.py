"""Very many mutated datagrams: no error but its own, no memory, no session that only they opened or ended.

The mutants follow from the seed. Randoms and keys of handshakes do not: each run has its own.
"""

import struct

import pytest

from engine.lan import Kind, LanError, MediaFrame
from engine.lan.control import MAX_PAYLOAD
from engine.lan.dtls import Client, Endpoint, Server, State
from engine.lan.dtls.handshake import MAX_AHEAD, MAX_MESSAGE
from engine.lan.media import MAX_FRAGMENTS
from engine.lan.order import MAX_BYTES, MAX_OPEN
from tests.engine.lan import wire
from tests.engine.lan.camera import Camera
from tests.engine.lan.mirror import IDENTITY, KEY, OTHER_KEY, MirrorClient, MirrorServer, run
from tests.engine.lan.viewer import Viewer, until, watching
from tests.engine.lan.virtual import virtual
from tests.support.fuzzing import Fuzz, Mutator, Share

FRAMINGS = (wire.Older, wire.Newer)
BATCH = 60
"""Mutants that are sent before they are waited for: a socket's buffer holds them."""
PER_SESSION = 3000


def bounded(end: Endpoint) -> None:
    """Check what an endpoint keeps."""
    partial = end._reassembler._partial
    assert len(partial) <= MAX_AHEAD
    assert all(len(message.data) <= MAX_MESSAGE for message in partial.values())
    assert len(end._out) <= 4
    assert len(end._flight) <= 4


def keeps_little(viewer: Viewer) -> None:
    """Check what an open session keeps; forget what it handed out."""
    session = viewer.session
    for lane in session._receiver._lanes.values():
        assert len(lane._open) <= MAX_OPEN
        assert lane._bytes == sum(frame.size for frame in lane._open.values()) <= MAX_BYTES
        assert lane._held == sum(frame.whole_at is not None for frame in lane._open.values())
    assert len(session._control._waiting) <= 1
    bounded(session._tunnel._dtls)
    assert session.ended is None
    viewer.frames.clear()
    viewer.times.clear()


# Without a socket: the handshake, in both roles.


def shake(share: Share, client: Client, server: Endpoint, victim: Endpoint) -> None:
    """Let both shake hands while the victim gets mutants between, and instead of, what it should get."""
    mutator, sent = share.mutator, [b""]

    def forge(from_client: bool, _: int, datagram: bytes) -> list[tuple[float, bytes]]:
        sent.append(datagram)
        if from_client is (victim is client) or mutator.chance.random() < 0.4:
            return [(0.0, datagram)]
        mutants = [(0.0, mutator.any(sent[-8:])) for _ in range(mutator.chance.choice((1, 1, 4)))]
        return [*mutants, (0.0, datagram)] if mutator.chance.random() < 0.5 else mutants

    run(client, server, forge, limit=1.0)
    bounded(victim)
    if victim.state is State.FAILED:
        assert victim.failure is not None
        assert victim.failure.reason


def test_handshakes(fuzz: Fuzz) -> None:
    with fuzz.share("handshakes", 190) as share:
        chance = share.mutator.chance
        while share.more:
            key = chance.choice((KEY, KEY, OTHER_KEY))
            main = chance.random() < 0.6
            client = Client(KEY, IDENTITY) if main else MirrorClient(key, IDENTITY)
            server: Endpoint = Server(KEY, IDENTITY)
            if main:
                server = MirrorServer(key, cookie=chance.choice((b"", b"c" * 20)))
            shake(share, client, server, client if main else server)
            if key is OTHER_KEY or State.OPEN not in {client.state, server.state}:
                assert State.OPEN not in {client.state, server.state}
            elif client.state is server.state:
                assert server.receive(client.seal(b"x"), 9.0) == [b"x"]


# On a socket: the way in.


@virtual
async def _ways_in(share: Share) -> None:
    mutator = share.mutator
    chance, sent = mutator.chance, [b""]

    def forge(datagram: bytes) -> list[bytes]:
        sent.append(datagram)
        del sent[:-30]
        mutants = [mutator.any(sent) for _ in range(chance.choice((0, 0, 1, 3)))]
        return mutants if chance.random() < 0.15 else [*mutants, datagram]

    while share.more:
        viewer = Viewer()
        async with Camera(chance.choice(FRAMINGS)(), cookie=chance.choice((b"", b"c" * 20))) as camera:
            camera.forge = forge
            try:
                await viewer.open(camera.credentials())
            except LanError as err:
                assert err.reason
            else:
                keeps_little(viewer)
                await viewer.session.close()
        assert viewer.ends == []


def test_the_way_in(fuzz: Fuzz) -> None:
    with fuzz.share("the way in", 60) as share:
        _ways_in(share)


@virtual
async def _mad_log_ins(share: Share) -> None:
    mutator = share.mutator
    chance = mutator.chance
    texts = [
        wire.camera_info(),
        wire.camera_info(basicInfo={"firmware": "4.36.11", "model": "HL_CAM4", "wifidb": "-50"}),
        wire.camera_info(sdParm={"status": "1", "capacity": "30000", "free": 5}),
        b'{"connectionRes":"2","cameraInfo":{}}',
    ]
    challenges = [bytes((status, *range(16))) for status in (1, 2, 3, 4, 5, 6)]

    def challenge(code: int) -> None:
        if code == 10000 and camera.dtls.state is State.OPEN:
            camera.command(10001, mutator.any(challenges)[:MAX_PAYLOAD])

    while share.more:
        viewer = Viewer()
        async with Camera(chance.choice(FRAMINGS)()) as camera:
            if chance.random() < 0.4:
                camera.login_answer = mutator.any([wire.login_answer(), wire.login_answer(size=200)])
            if chance.random() < 0.4:
                camera.deaf, camera.on_command = {"10000"}, challenge
            camera.info = mutator.any(texts)[: 2 * MAX_PAYLOAD]
            try:
                await viewer.open(camera.credentials())
            except LanError as err:
                assert err.reason
            else:
                keeps_little(viewer)
                await viewer.session.close()


def test_log_ins_of_mad_cameras(fuzz: Fuzz) -> None:
    with fuzz.share("log-ins", 20) as share:
        _mad_log_ins(share)


# Inside an open session.


async def _arrive(camera: Camera, viewer: Viewer) -> None:
    """Wait until everything sent so far was looked at: a packet behind it was."""
    done = viewer.session.stats.datagrams
    camera.send(wire.command(10031, b"nobody asked"))
    await until(lambda: viewer.session.stats.datagrams > done)
    answer = viewer.session.command(10040, timeout=20)
    await answer


@virtual
async def _outside(share: Share) -> None:
    mutator = share.mutator
    while share.more:
        camera = Camera(mutator.chance.choice(FRAMINGS)())
        camera.answers[10040] = b"\1"
        way_in: list[bytes] = []

        def note(datagram: bytes, kept: list[bytes] = way_in) -> list[bytes]:
            kept.append(datagram)
            return [datagram]

        camera.forge = note
        async with watching(camera) as viewer:
            camera.forge = lambda datagram: [datagram]
            until_made = mutator.made + PER_SESSION
            while share.more and mutator.made < until_made:
                data = camera.framing.data
                corpus = [
                    *(way_in[:8]),
                    *(camera.framing.ping(b"12345678"), camera.framing.opened(bytes(8))),
                    data(0, camera.dtls.seal(wire.sound(b"noise", mutator.made + 1))),
                    *(data(1, bytes(60)), data(7, b"\x16\xfe\xfd" + bytes(60))),
                ]
                for _ in range(BATCH):
                    camera.send_datagram(mutator.any(corpus))
                await _arrive(camera, viewer)
                # A mutant whose seal was left alone may bring what the camera said, and nothing else.
                assert {frame.data for frame in viewer.frames} <= {b"noise"}
                keeps_little(viewer)
        assert viewer.ends == []


def test_datagrams_at_an_open_session(fuzz: Fuzz) -> None:
    with fuzz.share("datagrams", 200) as share:
        _outside(share)


def _packets(mutator: Mutator) -> list[bytes]:
    """Return what cameras send inside, with numbers near each other."""
    chance = mutator.chance
    number = mutator.made // 20 + chance.randrange(8)
    codec = chance.choice((wire.H264, wire.H265, wire.MJPEG))
    data = chance.randbytes(chance.choice((10, 2000)))
    info = wire.trailer(len(data), codec=codec)
    return [
        *wire.cut(data, number, info=info),
        *wire.cut(data, number + 1, stream=wire.OTHER),
        wire.Piece(wire.KEY, number, chance.choice((2, 300, MAX_FRAGMENTS)), 1, bytes(900), 0).packet(),
        wire.sound(b"noise", number, codec=chance.choice((wire.PCMU, wire.PCM, wire.AAC, wire.OPUS))),
        wire.command(10031, b"payload", sequence=number & 0xFFFF),
        wire.command(10011, b"\1", short=True),
        wire.login_answer(),
        struct.pack("<HHI16x", 0x0009, 0x000C, number),
    ]


def _in_order(frames: list[MediaFrame], last: dict[Kind, int]) -> None:
    """Check that the numbers of each kind only ever grow."""
    for frame in frames:
        assert frame.number > last.get(frame.kind, 0)
        last[frame.kind] = frame.number


@virtual
async def _inside(share: Share) -> None:
    mutator = share.mutator
    while share.more:
        camera = Camera(mutator.chance.choice(FRAMINGS)())
        camera.answers[10040] = b"\1"
        last: dict[Kind, int] = {}
        async with watching(camera) as viewer:
            until_made = mutator.made + PER_SESSION
            while share.more and mutator.made < until_made:
                corpus = _packets(mutator)
                for _ in range(BATCH):
                    genuine = mutator.chance.random() < 0.3
                    camera.send(mutator.chance.choice(corpus) if genuine else mutator.any(corpus)[:3800])
                await _arrive(camera, viewer)
                _in_order(viewer.frames, last)
                keeps_little(viewer)
        assert viewer.ends == []


def test_packets_that_a_mad_camera_seals(fuzz: Fuzz) -> None:
    with fuzz.share("packets", 150) as share:
        _inside(share)


@virtual
async def _talks(share: Share) -> None:
    """Mutants on the talk-back channel, from the first to the last datagram of a conversation."""
    mutator = share.mutator
    chance, sent = mutator.chance, [b""]

    def forge(datagram: bytes) -> list[bytes]:
        if datagram[4:6] != b"\x02\x15" or datagram[13] != 1:
            return [datagram]
        sent.append(datagram)
        del sent[:-20]
        # The main channel is left alone: what is said there is another test's.
        mutants = [mutant[:13] + b"\1" + mutant[14:] for mutant in (mutator.any(sent), mutator.any(sent))]
        return mutants if chance.random() < 0.1 else [*mutants, datagram]

    while share.more:
        camera = Camera(wire.Newer())
        camera.answers[10040] = b"\1"
        async with watching(camera) as viewer:
            # One that was never heard is not spoken to.
            camera.send(wire.sound(b"noise", 1))
            await until(lambda: viewer.frames)
            camera.forge = forge
            for _ in range(30):
                camera.talk = None
                try:
                    async with viewer.session.talk() as talk:
                        talk.send(b"sound")
                        for _ in range(10):
                            if camera.talk and camera.talk.state is State.OPEN:
                                rubbish = mutator.any([bytes(570), b"\0\x20" + bytes(100)])[:1000]
                                camera.send_datagram(camera.framing.data(1, camera.talk.seal(rubbish)))
                        await _arrive(camera, viewer)
                        talk.send(b"sound")
                except LanError as err:
                    assert err.reason
                keeps_little(viewer)
        assert viewer.ends == []


def test_the_way_to_the_speaker(fuzz: Fuzz) -> None:
    with fuzz.share("talk", 30) as share:
        _talks(share)


@pytest.mark.parametrize("total", [1, 5])
def test_mutants_follow_from_the_seed(total: int) -> None:
    corpus = [bytes(range(100)), b"abc" * 30]
    first, again, other = (Mutator(seed) for seed in ("1", "1", "2"))
    made = [first.any(corpus) for _ in range(100 * total)]
    assert made == [again.any(corpus) for _ in range(100 * total)]
    assert made != [other.any(corpus) for _ in range(100 * total)]
    assert sum(mutant in corpus for mutant in made) < 10 * total
