"""What the troubles of a simulated camera look like from the network."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable

import pytest

from dev.simulator import Camera, Framing, Refusal, WrongKey
from dev.simulator.wire.dtls import Alert, State

from .viewer import KEY_PICTURE, PATIENCE, SILENCE, SOUND, Viewer, media, pictures, until


async def test_frozen(camera: Camera, framing: Framing) -> None:
    """No media, but commands are answered; then pictures come again."""
    async with Viewer(camera.credentials, framing) as viewer:
        await viewer.dial()
        camera.freeze()
        async with asyncio.timeout(PATIENCE):
            # What was on its way comes first.
            while await media(viewer, 0.1):
                continue
        assert await media(viewer, 0.4) == []
        assert await viewer.ask(10030)
        camera.freeze(on=False)
        await until(viewer, lambda packets: pictures(packets) >= 4)


@pytest.mark.parametrize("trouble", [Camera.mute, Camera.sleep], ids=["mute", "sleep"])
async def test_silent(camera: Camera, framing: Framing, trouble: Callable[[Camera], None]) -> None:
    """No answer at all, also not to newcomers, until it is over. Only a muted camera keeps its sessions."""
    async with Viewer(camera.credentials, framing) as viewer, Viewer(camera.credentials, framing) as newcomer:
        await viewer.dial()
        trouble(camera)
        assert not await newcomer.discover(SILENCE)
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
        camera.reboot(3.0, refused=refused)
        assert camera.sessions == []
        assert await viewer.ask(10030, patience=SILENCE) is None
        assert viewer.dtls
        assert viewer.dtls.state is State.OPEN
        assert viewer.inbox.empty() is not refused
        async with Viewer(camera.credentials, framing) as early:
            assert not await early.discover(SILENCE)
        async with asyncio.timeout(PATIENCE):
            while camera.faults.away:
                await asyncio.sleep(0.02)
        assert await viewer.ask(10030, patience=SILENCE) is None
    assert camera.link == link
    async with Viewer(camera.credentials, framing) as again:
        await again.dial()
        first = next(packet for packet in await until(again, pictures) if packet[0] != SOUND)
    assert (first[0], first[24:28]) == (KEY_PICTURE, b"\1\0\0\0")


async def test_move(camera: Camera, framing: Framing) -> None:
    """The old address is dead, the new link works; an impossible address changes nothing."""
    before = camera.credentials
    camera.move("127.0.0.42")
    assert camera.credentials.address == "127.0.0.42"
    async with Viewer(before, framing) as late, Viewer(camera.credentials, framing) as viewer:
        assert not await late.discover(SILENCE)
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
        before = camera.counters.frames_sent
        camera.lose(0.5)
        await until(viewer, lambda _: camera.counters.frames_sent >= before + 9)
        camera.lose(0)
        lost, sent = camera.counters.lost, camera.counters.frames_sent - before
        assert lost > sent * 0.5
        # Longer than from one picture to the next: most of them are a single datagram.
        camera.reorder(0.5, 0.15)
        packets = await until(viewer, lambda packets: camera.counters.delayed > 10 and len(packets) > 20)
        order = [struct.unpack_from("<H", packet, 4)[0] for packet in packets]
        assert order != sorted(order)
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
        assert not await viewer.discover(SILENCE)
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
        packets = await until(viewer, lambda packets: pictures(packets) > 3)
    assert pictures(packets) == len(packets)


@pytest.mark.parametrize("refusal", Refusal)
async def test_second_session_refused(camera: Camera, framing: Framing, refusal: Refusal) -> None:
    """The second is refused in the way that was asked for, the first does not notice."""
    camera.limit_sessions(1, refusal)
    async with Viewer(camera.credentials, framing) as first, Viewer(camera.credentials, framing) as second:
        await first.dial()
        if refusal is Refusal.SILENCE:
            assert not await second.discover(SILENCE)
        else:
            assert json.loads(await second.dial())["connectionRes"] == "2"
            assert await media(second, 0.3) == []
            async with asyncio.timeout(PATIENCE):
                while second.dtls and second.dtls.state is State.OPEN:
                    await asyncio.sleep(0.02)
        assert camera.counters.refused >= 1
        await until(first, pictures)
        assert len(camera.sessions) == 1
