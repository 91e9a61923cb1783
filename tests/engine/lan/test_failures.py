"""Whatever goes wrong has one reason, told once and in time."""

import asyncio
from collections.abc import Callable

import pytest

from dev.ports import free_port
from engine.lan import LanError
from engine.lan.dtls.record import Content, join
from engine.model import CameraNetworks
from tests.engine.lan import wire
from tests.engine.lan.camera import Camera
from tests.engine.lan.viewer import Viewer, pass_time, reason_of, until, watching
from tests.engine.lan.virtual import virtual

OURS = CameraNetworks.parse(["127.0.0.0/8"])


# The way in.


@pytest.mark.parametrize(
    ("deaf", "reason", "seconds"),
    [
        ("search", "no_answer", 5),
        ("wish", "refused", 5),
        ("data", "no_dtls", 5),
        ("login", "busy", 5),
        ("10000", "busy", 5),
        ("10002", "busy", 5),
    ],
)
@virtual
async def test_silence_is_told_apart_by_where_it_begins(deaf: str, reason: str, seconds: float) -> None:
    viewer = Viewer()
    for framing in (wire.Older(), wire.Newer()):
        async with Camera(framing) as camera:
            camera.deaf = {deaf}
            began = camera.now()
            assert await reason_of(viewer, camera.credentials()) == reason
            assert camera.now() - began == pytest.approx(seconds, abs=0.2)
    assert viewer.ends == []


@virtual
async def test_a_camera_is_searched_for_in_both_framings_ten_times_a_second() -> None:
    async with Camera() as older, Camera(wire.Newer(), host="127.0.0.9") as newer:
        for camera in (older, newer):
            camera.deaf = {"search"}
            assert await reason_of(Viewer(), camera.credentials()) == "no_answer"
            assert len(camera.times("search")) == pytest.approx(50, abs=1)


@virtual
async def test_a_wish_is_repeated_ever_more_rarely() -> None:
    async with Camera() as camera:
        camera.deaf = {"wish"}
        assert await reason_of(Viewer(), camera.credentials()) == "refused"
        times = camera.times("wish")
        assert [at - times[0] for at in times] == pytest.approx([0, 0.1, 0.5, 1.5, 2.5, 3.5, 4.5])


@pytest.mark.parametrize("framing", [wire.Older, wire.Newer])
@virtual
async def test_a_camera_that_knows_another_key_is_told_by_its_silence_in_the_handshake(
    framing: type[wire.Older | wire.Newer],
) -> None:
    """It lets us in that far because its first answer does not depend on the key."""
    async with Camera(framing(), enr="another-key-of-16") as camera:
        assert await reason_of(Viewer(), camera.credentials(enr=wire.ENR)) == "wrong_key"


@pytest.mark.parametrize(
    ("alert", "reason"), [(20, "wrong_key"), (51, "wrong_key"), (40, "no_dtls"), (80, "protocol_fault")]
)
@virtual
async def test_a_camera_that_says_why_not_is_believed_at_once(alert: int, reason: str) -> None:
    async with Camera() as camera:
        camera.deaf = {"data"}
        attempt = asyncio.ensure_future(reason_of(Viewer(), camera.credentials()))
        await until(lambda: camera.times("data"))
        camera.send_datagram(camera.framing.data(0, join(Content.ALERT, 0, bytes((2, alert)))))
        assert await attempt == reason
        assert camera.now() < 1000.1


@virtual
async def test_a_good_bye_in_the_handshake_is_a_refusal() -> None:
    async with Camera() as camera:
        camera.deaf = {"data"}
        attempt = asyncio.ensure_future(reason_of(Viewer(), camera.credentials()))
        await until(lambda: camera.times("data"))
        camera.send_datagram(camera.framing.data(0, join(Content.ALERT, 0, b"\1\0")))
        assert await attempt == "refused"


@pytest.mark.parametrize(
    ("status", "reason"), [(2, "updating"), (4, "checking"), (5, "off"), (9, "protocol_fault")]
)
@virtual
async def test_a_challenge_may_say_why_there_is_none(status: int, reason: str) -> None:
    async with Camera(status=status) as camera:
        assert await reason_of(Viewer(), camera.credentials()) == reason


@pytest.mark.parametrize("challenge", [b"", b"\3", b"\3too short"])
@virtual
async def test_an_odd_challenge_is_the_cameras_fault(challenge: bytes) -> None:
    async with Camera() as camera:
        camera.deaf = {"10000"}
        camera.on_command = lambda code: camera.command(10001, challenge)
        assert await reason_of(Viewer(), camera.credentials()) == "protocol_fault"


@virtual
async def test_a_no_to_the_log_in_is_a_refusal() -> None:
    async with Camera() as camera:
        camera.info = b'{"connectionRes":"2","cameraInfo":{}}'
        assert await reason_of(Viewer(), camera.credentials()) == "refused"


@virtual
async def test_an_answer_that_makes_no_sense_lets_us_in_all_the_same() -> None:
    camera = Camera()
    camera.info = b"\xff nonsense"
    async with watching(camera) as viewer:
        assert viewer.session.stats.malformed == 1
        assert viewer.session.info.audio
        camera.send(*wire.cut(b"picture", 1))
        await until(lambda: viewer.frames)


@pytest.mark.parametrize("stage", [10000, 10002])
@virtual
async def test_a_camera_that_hangs_up_before_the_log_in_is_done_is_busy(stage: int) -> None:
    """It has the key, or the handshake would not have ended; and it says so at once."""

    def hang_up(code: int) -> None:
        if code == stage:
            camera.hang_up()

    async with Camera() as camera:
        camera.on_command = hang_up
        viewer = Viewer()
        assert await reason_of(viewer, camera.credentials()) == "busy"
        assert camera.now() < 1000.1
        assert viewer.ends == []


@virtual
async def test_a_good_bye_right_behind_the_handshake_is_heard() -> None:
    """Both lie in the socket before anybody of us looks again."""
    async with Camera() as camera:
        camera.on_open = camera.hang_up
        assert await reason_of(Viewer(), camera.credentials()) == "busy"
        assert camera.now() < 1000.1


@virtual
async def test_a_packet_in_the_datagram_that_ends_the_handshake_is_taken() -> None:
    camera = Camera()
    camera.behind_handshake = wire.sound(b"early", 1)
    async with watching(camera) as viewer:
        assert camera.now() < 1000.1
        assert [frame.data for frame in viewer.frames] == [b"early"]


# The network.


@virtual
async def test_a_closed_port_is_named_at_once() -> None:
    assert await reason_of(Viewer(), wire.credentials(free_port())) == "port_closed"
    assert asyncio.get_running_loop().time() < 1000.3


@virtual
async def test_what_this_machine_refuses_to_send_is_named() -> None:
    """It forbids broadcasts, as a firewall forbids other things."""
    assert await reason_of(Viewer(), wire.credentials(address="127.255.255.255")) == "blocked"
    assert asyncio.get_running_loop().time() < 1000.1


@virtual
async def test_nothing_is_sent_to_an_address_outside_the_camera_networks() -> None:
    async with Camera() as camera:
        others = CameraNetworks.parse(["192.168.7.0/24"])
        assert await reason_of(Viewer(), camera.credentials(), networks=others) == "outside"
        await pass_time(1)
        assert camera.heard == []
        assert await reason_of(Viewer(), camera.credentials(), networks=OURS) == "opened"


@virtual
async def test_datagrams_of_other_hosts_are_not_looked_at() -> None:
    camera = Camera()
    async with watching(camera) as viewer, Camera(host="127.0.0.9") as stranger:
        stranger.viewer = camera.viewer
        datagram = camera.framing.data(0, camera.dtls.seal(wire.sound(b"x", 1)))
        stranger.send_datagram(datagram)
        stranger.send_datagram(stranger.framing.ping(b"12345678"))
        await until(lambda: viewer.session.stats.foreign == 2)
        assert (viewer.frames, viewer.session.stats.pings) == ([], 0)
        camera.send_datagram(datagram)
        await until(lambda: viewer.frames)


@pytest.mark.parametrize("framing", [wire.Older, wire.Newer])
@virtual
async def test_another_program_on_the_cameras_host_leads_nobody_astray(
    framing: type[wire.Older | wire.Newer],
) -> None:
    """Only what the camera sealed says that it has moved to another port."""
    camera = Camera(framing())
    camera.answers[10030] = b"\1"
    async with watching(camera) as viewer, Camera(framing()) as stranger:
        stranger.viewer = camera.viewer
        stranger.send_datagram(stranger.framing.ping(b"12345678"))
        stranger.send_datagram(stranger.framing.data(0, b"\x17\xfe\xfd\0\1" + bytes(60)))
        await until(lambda: viewer.session.stats.pings)
        assert await viewer.session.command(10030) == b"\1"
        assert stranger.heard == []


# A running session.


async def ended(viewer: Viewer, camera: Camera, act: Callable[[], None]) -> str:
    """Do something that ends a session; return the reason that everybody is told."""
    command = asyncio.ensure_future(viewer.session.command(10030))
    await until(lambda: (10030, b"") in camera.commands())
    act()
    await until(lambda: viewer.ends)
    (end,) = viewer.ends
    assert viewer.session.ended is end
    for attempt in (command, viewer.session.command(10030)):
        with pytest.raises(LanError) as caught:
            await attempt
        assert caught.value.word is end.word
    with pytest.raises(LanError):
        async with viewer.session.talk():
            pass
    await viewer.session.close()
    assert viewer.session.ended is end
    assert len(viewer.ends) == 1
    return end.reason


@virtual
async def test_a_camera_that_hangs_up_ends_the_session_once() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        assert await ended(viewer, camera, camera.hang_up) == "hung_up"


@virtual
async def test_a_good_bye_in_the_datagram_of_the_last_packet_is_heard() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        act: Callable[[], None] = lambda: camera.send_together(wire.sound(b"last", 1))  # noqa: E731
        assert await ended(viewer, camera, act) == "hung_up"
        assert [frame.data for frame in viewer.frames] == [b"last"]


@virtual
async def test_a_camera_that_is_gone_ends_the_session_when_its_host_says_so() -> None:
    """The acknowledgement may be what brings it up; no timer of the session outlives that."""
    for _ in range(3):
        camera = Camera()
        async with watching(camera) as viewer:
            assert await ended(viewer, camera, camera.close) == "port_closed"


@virtual
async def test_an_acknowledgement_that_brings_up_the_end_is_the_last_one() -> None:
    """The error of the packet before waits in the socket, and sending is what hears of it."""
    camera = Camera()
    async with watching(camera) as viewer:
        session, loop = viewer.session, asyncio.get_running_loop()
        await pass_time(0.35)
        camera.close()
        assert session._timer
        # In the same turn of the loop, so that nobody reads in between.
        loop.call_at(session._timer.when() - 1e-10, session._tunnel.send, b"into the void")
        await until(lambda: viewer.ends)
        assert viewer.ends[0].reason == "port_closed"
        assert session._timer.cancelled()


@virtual
async def test_silence_ends_no_session() -> None:
    """Whoever watches knows how long is too long; the session only tells since when."""
    camera = Camera()
    async with watching(camera) as viewer:
        heard = viewer.session.heard_at
        await pass_time(30)
        assert viewer.session.ended is None
        assert viewer.session.heard_at < heard + 0.1
    assert viewer.ends == []


@virtual
async def test_what_makes_no_sense_inside_is_counted_and_survived() -> None:
    camera = Camera()
    camera.answers[10030] = b"\1"
    async with watching(camera) as viewer:
        wrong = [
            b"",
            b"\x0c",
            wire.login_answer()[:31],
            wire.command(10001, b"")[:50],
            wire.Piece(wire.KEY, 1, 0, 0, b"x", 0x00).packet(),
            wire.Piece(wire.KEY, 1, 1, 0, b"", 0x01, bytes(10)).packet(),
            bytes(100),
            wire.command(10033, b"nobody asked"),
        ]
        camera.send(*wrong)
        assert await viewer.session.command(10030) == b"\1"
        assert viewer.session.stats.malformed == 4
