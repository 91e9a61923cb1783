"""One simulated camera seen from the network: whom it answers, and what it sends."""

import asyncio
import itertools
import json
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dev.simulator import Audio, Camera, CameraSpec, Framing, Join, Picture, Simulator
from dev.simulator.wire.dtls import State

from .viewer import KEY_PICTURE, PICTURE, SILENCE, SOUND, Viewer, pictures, until


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
            packets = await until(viewer, lambda packets: pictures(packets) >= 16)
        assert next(packet for packet in packets if packet[0] != SOUND)[0] == KEY_PICTURE
        assert any(packet[0] == SOUND for packet in packets)
        counters = camera.counters
        assert (counters.dials, counters.handshakes, counters.logins) == (1, 1, 1)
        sent = camera.sent()
        assert len(sent) == counters.frames_sent >= pictures(packets)
        assert camera.sent(sent[2].sequence) == sent[3:]
        assert sent[0].key
        # On a busy machine some are late; 15 a second they are at most, and a little more after a delay.
        assert sent[-1].monotonic_ns - sent[0].monotonic_ns > 40_000_000 * (len(sent) - 1)
        assert [b.frame - a.frame for a, b in itertools.pairwise(sent)] == [1] * (len(sent) - 1)


@pytest.mark.parametrize("field", ["uid", "enr", "mac"])
async def test_a_stranger_gets_no_answer(camera: Camera, framing: Framing, field: str) -> None:
    """Whoever has another id, key or MAC finds no camera."""
    wrong: dict[str, Any] = {field: "0" * len(getattr(camera.credentials, field))}
    async with Viewer(replace(camera.credentials, **wrong), framing) as viewer:
        assert not await viewer.discover(SILENCE)
    assert camera.counters.discoveries == camera.counters.dials == 0


async def test_the_other_framing_gets_no_answer(camera: Camera, framing: Framing) -> None:
    """A camera speaks one framing only."""
    other = Framing.CC51 if framing is Framing.TRANSCODE else Framing.TRANSCODE
    async with Viewer(camera.credentials, other) as viewer:
        assert not await viewer.discover(SILENCE)


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
        assert await viewer.ask(10042, b"", patience=SILENCE) is None
        assert await viewer.ask(19998, patience=SILENCE) is None


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
            packets = await until(viewer, pictures)
        assert packets[0][0] == PICTURE
        sent = camera.sent()
        assert sent[0].frame == 15
        assert all((b.frame - a.frame) % 60 == 1 for a, b in itertools.pairwise(sent))


async def test_a_newcomer_gets_a_key_picture(camera: Camera, framing: Framing) -> None:
    """Who joins while another looks starts with a key picture at once, which both get."""
    async with Viewer(camera.credentials, framing) as first, Viewer(camera.credentials, framing) as second:
        await first.dial()
        await until(first, lambda packets: pictures(packets) > 3)
        await second.dial()
        ours = await until(second, pictures)
        begun = next(packet for packet in ours if packet[0] != SOUND)
        cued = begun[0], begun[24:28]
        assert cued[0] == KEY_PICTURE
        await until(first, lambda packets: any((one[0], one[24:28]) == cued for one in packets))


async def test_a_viewer_that_hangs_up_is_forgotten(camera: Camera, framing: Framing) -> None:
    """Good-bye is answered, the session is gone and nothing is sent any more."""
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()
        assert viewer.dtls
        viewer.dtls.close()
        viewer.flush()
        async with asyncio.timeout(10):
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
