"""A proof is a completed handshake with the camera's key at an address inside the camera networks."""

import pytest

from engine.lan import Framing, LanError, Prover, Reason
from engine.model import CameraNetworks
from tests.engine.lan import wire
from tests.engine.lan.camera import Camera
from tests.engine.lan.viewer import pass_time, until
from tests.engine.lan.virtual import EPOCH, LoopClock, virtual

OURS = CameraNetworks.parse(["127.0.0.0/8"])


def prover() -> Prover:
    return Prover(clock=LoopClock())


@pytest.mark.parametrize("framing", list(Framing))
@virtual
async def test_the_right_camera_is_proven_and_left_alone(framing: Framing) -> None:
    async with Camera(wire.Older() if framing is Framing.TRANSCODE else wire.Newer()) as camera:
        proof = await prover().prove(camera.credentials(), OURS)
        assert proof.framing is framing
        assert proof.at == pytest.approx(EPOCH + camera.now(), abs=0.1)
        assert 0 <= proof.seconds < 0.1
        await until(lambda: camera.dtls.state.value == "closed")
        await pass_time(2)
        # No log-in, no acknowledgement: nothing but the handshake and a good-bye.
        assert camera.packets == []


@virtual
async def test_another_key_is_no_proof() -> None:
    async with Camera(enr="another-key-of-16") as camera:
        with pytest.raises(LanError) as caught:
            await prover().prove(camera.credentials(enr=wire.ENR), OURS)
        assert caught.value.word is Reason.WRONG_KEY


@virtual
async def test_an_answer_to_the_search_is_no_proof_nor_is_an_opened_session() -> None:
    for deaf, reason in (("wish", Reason.REFUSED), ("data", Reason.NO_DTLS)):
        async with Camera() as camera:
            camera.deaf = {deaf}
            with pytest.raises(LanError) as caught:
                await prover().prove(camera.credentials(), OURS)
            assert caught.value.word is reason


@virtual
async def test_a_host_that_sends_our_own_handshake_back_proves_nothing() -> None:
    async with Camera() as camera:
        camera.mimic = True
        with pytest.raises(LanError) as caught:
            await prover().prove(camera.credentials(), OURS)
        assert caught.value.word is Reason.PROTOCOL_FAULT


@virtual
async def test_a_last_word_that_is_wrong_is_no_proof() -> None:
    async with Camera() as camera:
        camera.dtls.lie = True
        with pytest.raises(LanError) as caught:
            await prover().prove(camera.credentials(), OURS)
        assert caught.value.word is Reason.WRONG_KEY


@pytest.mark.parametrize("networks", [[], ["192.168.1.0/24", "10.0.0.0/8"], ["127.0.0.2/32"]])
@virtual
async def test_nothing_is_sent_outside_the_camera_networks(networks: list[str]) -> None:
    async with Camera() as camera:
        with pytest.raises(LanError) as caught:
            await prover().prove(camera.credentials(), CameraNetworks.parse(networks))
        assert caught.value.word is Reason.OUTSIDE
        await pass_time(1)
        assert camera.heard == []


@virtual
async def test_a_camera_that_hangs_up_right_behind_the_handshake_has_proved_itself() -> None:
    """Too many sessions are no reason to doubt it: only the handshake counts."""
    async with Camera() as camera:
        camera.on_open = camera.hang_up
        assert (await prover().prove(camera.credentials(), OURS)).framing is Framing.TRANSCODE


@pytest.mark.parametrize("deaf", ["search", "wish", "data"])
@virtual
async def test_the_answer_comes_within_fifteen_seconds(deaf: str) -> None:
    async with Camera() as camera:
        camera.deaf = {deaf}
        began = camera.now()
        with pytest.raises(LanError):
            await prover().prove(camera.credentials(), OURS)
        assert camera.now() - began < 15
