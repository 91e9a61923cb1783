"""One simulated camera seen from the network: whom it answers, and what its troubles look like."""

import asyncio
import itertools
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dev.simulator import Audio, Camera, CameraSpec, Framing, Join, Picture, Refusal, Simulator, WrongKey
from dev.simulator.wire.dtls import Alert, State

from .viewer import SILENCE, Viewer

KEY_PICTURE, PICTURE, SOUND = 0x05, 0x07, 0x03


@pytest.fixture(params=Framing)
def framing(request: pytest.FixtureRequest) -> Framing:
    """Each test runs with both framings."""
    return Framing(request.param)


@pytest.fixture
async def camera(framing: Framing) -> AsyncIterator[Camera]:
    """Run one camera."""
    async with Simulator([CameraSpec("porch", framing)]) as simulator:
        yield simulator.cameras["porch"]


async def media(viewer: Viewer, seconds: float) -> list[bytes]:
    """Return the media packets of some time, of frames in several packets the last ones."""
    packets: list[bytes] = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                packet = await viewer.packets.get()
                if packet[0] in (KEY_PICTURE, PICTURE, SOUND) and packet[1] in (1, 5):
                    packets.append(packet)
    except TimeoutError:
        return packets


def pictures(packets: list[bytes]) -> int:
    """Return how many of the packets are pictures."""
    return sum(packet[0] != SOUND for packet in packets)


@pytest.mark.parametrize(("status", "verify_hello"), [(1, False), (3, True), (6, False)])
async def test_a_viewer_with_the_right_keys_gets_pictures(
    framing: Framing, status: int, verify_hello: bool
) -> None:
    """Dial, log in, get a key picture first, sound too, and the camera counts it all."""
    spec = CameraSpec("porch", framing, status=status, verify_hello=verify_hello)
    async with Simulator([spec]) as simulator:
        camera = simulator.cameras["porch"]
        async with Viewer(camera.credentials, framing) as viewer:
            info = json.loads(await viewer.dial())
            assert info["connectionRes"] == "1"
            assert info["cameraInfo"]["channelRequestResult"]["audio"] == "1"
            packets = await media(viewer, 0.5)
        assert next(packet for packet in packets if packet[0] != SOUND)[0] == KEY_PICTURE
        assert 6 <= pictures(packets) <= 9
        assert any(packet[0] == SOUND for packet in packets)
        counters = camera.counters
        assert (counters.dials, counters.handshakes, counters.logins) == (1, 1, 1)
        sent = camera.sent()
        assert len(sent) == counters.frames_sent >= pictures(packets)
        assert camera.sent(sent[2].sequence) == sent[3:]
        assert sent[0].key
        assert [b.frame - a.frame for a, b in itertools.pairwise(sent)] == [1] * (len(sent) - 1)


@pytest.mark.parametrize("field", ["uid", "enr", "mac"])
async def test_a_stranger_gets_no_answer(camera: Camera, framing: Framing, field: str) -> None:
    """Whoever has another id, key or MAC finds no camera."""
    wrong: dict[str, Any] = {field: "0" * len(getattr(camera.credentials, field))}
    async with Viewer(replace(camera.credentials, **wrong), framing) as viewer:
        assert not await viewer.discover()
    assert camera.counters.discoveries == camera.counters.dials == 0


async def test_the_other_framing_gets_no_answer(camera: Camera, framing: Framing) -> None:
    """A camera speaks one framing only."""
    other = Framing.CC51 if framing is Framing.TRANSCODE else Framing.TRANSCODE
    async with Viewer(camera.credentials, other) as viewer:
        assert not await viewer.discover()


async def test_no_commands_before_the_login(camera: Camera, framing: Framing) -> None:
    """A wrong password and a wrong answer to the challenge lead nowhere."""
    async with Viewer(camera.credentials, framing) as viewer:
        assert await viewer.discover()
        assert await viewer.open()
        assert await viewer.handshake() is State.OPEN
        assert await viewer.av_login(password="wrong") is None
        assert await viewer.ask(10000, patience=SILENCE) is None
        assert await viewer.av_login()
        assert await viewer.ask(10000)
        assert await viewer.ask(10030, patience=SILENCE) is None
        assert await viewer.ask(10002, bytes(16) + b"\0\0\0\0\1\1", patience=SILENCE) is None
        assert camera.counters.logins == camera.counters.frames_sent == 0


async def test_commands_change_settings(camera: Camera, framing: Framing) -> None:
    """What is set can be read back; repeats are answered again; nonsense is not."""
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()
        assert await viewer.ask(10042, b"\2")
        assert await viewer.ask(10042, b"\2")
        answer = await viewer.ask(10040)
        assert answer
        assert answer.payload == b"\2"
        many = await viewer.ask(10020, bytes((3, 1, 2, 200)))
        assert many
        assert json.loads(many.payload) == {"1": 1, "2": 2}
        assert await viewer.ask(10056, struct.pack("<BHH", 2, 60, 0))
        video = await viewer.ask(10050)
        assert video
        assert video.payload[:4] == bytes((60, 0, 2, 15))
        assert await viewer.ask(11000, struct.pack("<hhB", 30, 20, 5))
        assert (camera.settings.pan, camera.settings.tilt) == (30, 20)
        assert await viewer.ask(10042, b"", patience=SILENCE) is None
        assert await viewer.ask(19998, patience=SILENCE) is None


async def test_frozen(camera: Camera, framing: Framing) -> None:
    """No media, but commands are answered; then pictures come again."""
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()
        camera.freeze()
        await media(viewer, 0.1)
        assert await media(viewer, 0.4) == []
        assert await viewer.ask(10030)
        camera.freeze(on=False)
        assert pictures(await media(viewer, 0.4)) >= 4


@pytest.mark.parametrize("trouble", [Camera.mute, Camera.sleep], ids=["mute", "sleep"])
async def test_silent(camera: Camera, framing: Framing, trouble: Callable[[Camera], None]) -> None:
    """No answer at all, also not to newcomers, until it is over. Only a muted camera keeps its sessions."""
    async with Viewer(camera.credentials, framing) as viewer, Viewer(camera.credentials, framing) as newcomer:
        await viewer.dial()
        trouble(camera)
        assert not await newcomer.discover()
        assert viewer.dtls
        if trouble is Camera.mute:
            assert await viewer.ask(10032, b"\2", patience=SILENCE) is None
            camera.resume()
            light = await viewer.ask(10030)
            assert light
            assert light.payload == b"\1"
        else:
            assert viewer.dtls.state is State.CLOSED
            assert camera.sessions == []
            camera.resume()
        assert await newcomer.discover()


@pytest.mark.parametrize("refused", [False, True])
async def test_reboot(camera: Camera, framing: Framing, refused: bool) -> None:
    """Sessions are gone without a word, nobody answers meanwhile, then the same link works."""
    link = camera.link
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()
        camera.reboot(0.6, refused=refused)
        assert camera.sessions == []
        assert await viewer.ask(10030, patience=SILENCE) is None
        assert viewer.dtls
        assert viewer.dtls.state is State.OPEN
        assert viewer.inbox.empty() is not refused
        async with Viewer(camera.credentials, framing) as early:
            assert not await early.discover()
        async with asyncio.timeout(2):
            while camera.faults.away:
                await asyncio.sleep(0.02)
        assert await viewer.ask(10030, patience=SILENCE) is None
    assert camera.link == link
    async with Viewer(camera.credentials, framing) as again:
        await again.dial()
        numbers = [packet[24:28] for packet in await media(again, 0.3) if packet[0] == KEY_PICTURE]
    assert numbers[0] == b"\1\0\0\0"


async def test_move(camera: Camera, framing: Framing) -> None:
    """The old address is dead, the new link works; an impossible address changes nothing."""
    before = camera.credentials
    camera.move("127.0.0.42")
    assert camera.credentials.address == "127.0.0.42"
    async with Viewer(before, framing) as late, Viewer(camera.credentials, framing) as viewer:
        assert not await late.discover()
        await viewer.dial()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.42", 0))
            with pytest.raises(OSError, match="in use"):
                camera.move("127.0.0.42", taken.getsockname()[1])
        assert await viewer.ask(10030)


async def test_loss_and_delay(camera: Camera, framing: Framing) -> None:
    """About the ordered share of datagrams is lost or late, counted, and none more when it is over."""
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()
        camera.lose(0.5)
        await media(viewer, 0.6)
        camera.lose(0)
        lost, sent = camera.counters.lost, camera.counters.frames_sent
        assert lost > sent * 0.5
        camera.reorder(0.5, 0.02)
        order = [struct.unpack_from("<H", packet, 4)[0] for packet in await media(viewer, 0.6)]
        assert order != sorted(order)
        assert camera.counters.delayed > 10
        assert camera.counters.lost == lost
        with pytest.raises(ValueError, match="between 0 and 1"):
            camera.lose(2)


async def test_changed_key(camera: Camera, framing: Framing) -> None:
    """The link's key is refused by an alert, or by silence; afterwards it is good again."""
    camera.change_key()
    async with Viewer(camera.credentials, framing) as viewer:
        assert await viewer.discover()
        assert await viewer.open()
        assert await viewer.handshake() is State.FAILED
        assert viewer.dtls
        assert viewer.dtls.alert == Alert.BAD_RECORD_MAC
    assert camera.counters.failed_handshakes == 1
    assert camera.sessions == []
    camera.change_key(WrongKey.SILENCE)
    async with Viewer(camera.credentials, framing) as viewer:
        assert not await viewer.discover()
    camera.resume()
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()


async def test_slow(camera: Camera, framing: Framing) -> None:
    """Commands are answered, later."""
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()
        camera.slow(0.5)
        before = asyncio.get_running_loop().time()
        assert await viewer.ask(10030)
        assert asyncio.get_running_loop().time() - before >= 0.5


async def test_silent_sound(camera: Camera, framing: Framing) -> None:
    """Sound is announced and does not come."""
    camera.silence_audio()
    async with Viewer(camera.credentials, framing) as viewer:
        info = json.loads(await viewer.dial())
        assert info["cameraInfo"]["channelRequestResult"]["audio"] == "1"
        packets = await media(viewer, 0.4)
    assert pictures(packets) == len(packets) > 0


@pytest.mark.parametrize("refusal", Refusal)
async def test_second_session_refused(camera: Camera, framing: Framing, refusal: Refusal) -> None:
    """The second is refused in the way that was asked for, the first does not notice."""
    camera.limit_sessions(1, refusal)
    async with Viewer(camera.credentials, framing) as first, Viewer(camera.credentials, framing) as second:
        await first.dial()
        if refusal is Refusal.SILENCE:
            assert not await second.discover()
        else:
            assert json.loads(await second.dial())["connectionRes"] == "2"
            assert await media(second, 0.3) == []
            async with asyncio.timeout(3):
                while second.dtls and second.dtls.state is State.OPEN:
                    await asyncio.sleep(0.02)
        assert camera.counters.refused >= 1
        assert pictures(await media(first, 0.3)) > 0
        assert len(camera.sessions) == 1


async def test_join_mid_gop(framing: Framing) -> None:
    """On request pictures begin between two key pictures, and a newcomer forces none."""
    spec = CameraSpec("porch", framing, audio=Audio.NONE, join=Join.MID_GOP, picture=Picture(seconds=4))
    async with Simulator([spec]) as simulator:
        camera = simulator.cameras["porch"]
        async with (
            Viewer(camera.credentials, framing) as viewer,
            Viewer(camera.credentials, framing) as second,
        ):
            info = json.loads(await viewer.dial())
            assert info["cameraInfo"]["channelRequestResult"]["audio"] == "0"
            await second.dial()
            packets = await media(viewer, 0.3)
        assert {packet[0] for packet in packets} == {PICTURE}
        assert camera.sent()[0].frame == 15


async def test_a_newcomer_gets_a_key_picture(camera: Camera, framing: Framing) -> None:
    """Who joins while another looks starts with a key picture at once, which both get."""
    async with Viewer(camera.credentials, framing) as first, Viewer(camera.credentials, framing) as second:
        await first.dial()
        await media(first, 0.3)
        await second.dial()
        ours, theirs = await asyncio.gather(media(second, 0.4), media(first, 0.4))
        assert next(packet for packet in ours if packet[0] != SOUND)[0] == KEY_PICTURE
        assert any(packet[0] == KEY_PICTURE for packet in theirs)


async def test_a_viewer_that_hangs_up_is_forgotten(camera: Camera, framing: Framing) -> None:
    """Good-bye is answered, the session is gone and nothing is sent any more."""
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()
        assert viewer.dtls
        viewer.dtls.close()
        viewer.flush()
        async with asyncio.timeout(2):
            while camera.sessions:
                await asyncio.sleep(0.01)
    sent = camera.counters.frames_sent
    await asyncio.sleep(0.2)
    assert camera.counters.frames_sent == sent


def test_identities_are_invented_once_and_for_all() -> None:
    """The same name and seed give the same camera, another name or seed another one."""
    one = CameraSpec("porch").complete()
    assert one == CameraSpec("porch").complete()
    others = [CameraSpec("porch", seed=1).complete(), CameraSpec("attic").complete()]
    assert len({(spec.uid, spec.enr, spec.mac) for spec in (one, *others)}) == 3
    assert len(CameraSpec("porch", status=6).complete().enr) == 32


async def test_names_must_differ() -> None:
    """Two cameras of one name are a mistake that is said."""
    with pytest.raises(ValueError, match="same name"):
        Simulator([CameraSpec("porch"), CameraSpec("porch")])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_no_datagram_harms_a_camera(camera: Camera, framing: Framing, data: st.DataObject) -> None:
    """Neither random bytes nor spoilt copies of good datagrams raise, or reach the log-in."""
    viewer = Viewer(camera.credentials, framing)
    good = data.draw(st.sampled_from([viewer.hello(), viewer.opening(), viewer.wrap(bytes(40))]))
    at, cut = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 30))
    spoilt = good[:at] + data.draw(st.binary(max_size=30)) + good[at + cut :]
    for datagram in (spoilt, data.draw(st.binary(max_size=1500))):
        camera._on_datagram(datagram, ("127.0.0.1", 9))
    assert camera.counters.handshakes == 0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    packets=st.lists(st.binary(max_size=700), max_size=5),
    code=st.integers(0, 65535),
    payload=st.binary(max_size=99),
)
async def test_no_packet_harms_a_session(
    camera: Camera, framing: Framing, packets: list[bytes], code: int, payload: bytes
) -> None:
    """A logged-in viewer that sends rubbish still gets answers afterwards."""
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()
        for packet in packets:
            viewer.packet(packet)
        viewer.command(code, payload)
        assert await viewer.ask(10030)
        assert viewer.dtls
        viewer.dtls.close()
        viewer.flush()
