"""Each trouble of a simulated camera has its word, and reordering loses nothing."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import itertools
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dev.simulator import GONE_AFTER, Camera, CameraSpec, Framing, Picture, Refusal, Simulator, WrongKey
from engine.lan import Kind, LanError, LanSession, MediaFrame, Prover, Stage
from engine.model import CameraNetworks, Credentials, SystemClock

pytestmark = pytest.mark.live

LOOPBACK = CameraNetworks.parse(["127.0.0.0/8"])


def credentials(camera: Camera) -> Credentials:
    """Return a camera's credentials as the engine takes them."""
    found = camera.credentials
    return Credentials.parse(
        address=found.address, port=found.port, uid=found.uid, enr=found.enr, mac=found.mac, model=found.model
    )


class Viewer:
    """Keeps what a session handed out."""

    session: LanSession

    def __init__(self) -> None:
        self.frames: list[MediaFrame] = []
        self.ends: list[LanError] = []

    def pictures(self) -> list[int]:
        """Return the numbers of the pictures that came."""
        return [frame.number for frame in self.frames if frame.kind is Kind.VIDEO]

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def watching(spec: CameraSpec) -> AsyncIterator[tuple[Camera, Viewer]]:
    """Watch a camera from its first picture on."""
    async with Simulator([spec]) as simulator:
        camera, viewer = simulator.cameras[spec.name], Viewer()
        viewer.session = await LanSession.open(
            credentials(camera), clock=SystemClock(), on_frame=viewer.frames.append, on_end=viewer.ends.append
        )
        await viewer.until(viewer.pictures)
        try:
            yield camera, viewer
        finally:
            await viewer.session.close()


async def refusal(camera: Camera) -> str:
    """Return why a session with a camera does not open."""
    try:
        session = await LanSession.open(
            credentials(camera), clock=SystemClock(), on_frame=lambda _: None, on_end=lambda _: None
        )
    except LanError as err:
        return err.reason
    await session.close()
    return "opened"


# Whoever gets no processor for a tenth of a second takes for lost what is only late.
@pytest.mark.alone
@pytest.mark.parametrize("delay", [0.012, 0.05])
async def test_reordering_of_five_percent_loses_no_frame(delay: float) -> None:
    """Of small and big pictures, by either framing, all at once."""
    kinds = itertools.product(Framing, ((360, 600), (1080, 2000)))
    await asyncio.gather(*(watch_reordered(framing, *size, delay) for framing, size in kinds))


async def watch_reordered(framing: Framing, height: int, kbit: int, delay: float) -> None:
    """Watch a camera some of whose datagrams are late: all pictures come, in order."""
    picture = Picture(width=height * 16 // 9, height=height, kbit=kbit)
    async with watching(CameraSpec("porch", framing, picture=picture)) as (camera, viewer):
        camera.reorder(0.05, delay)
        await viewer.until(lambda: len(viewer.pictures()) >= 60)
        found = viewer.pictures()
        assert found == list(range(found[0], found[0] + len(found)))
        stats = viewer.session.stats
        assert camera.counters.delayed > 5
        assert (stats.given_up, stats.missing, stats.malformed, stats.rejected) == (0, 0, 0, 0)


async def test_loss_is_told_as_what_it_is_and_the_rest_still_comes() -> None:
    async with watching(CameraSpec("porch")) as (camera, viewer):
        camera.lose(0.02)
        await viewer.until(lambda: camera.counters.lost >= 20)
        camera.resume()
        lost = camera.counters.lost
        count = len(viewer.pictures())
        await viewer.until(lambda: len(viewer.pictures()) >= count + 20)
        stats, found = viewer.session.stats, viewer.pictures()
        assert found == sorted(set(found))
        gaps = found[-1] - found[0] + 1 - len(found)
        assert 0 < gaps <= lost
        assert stats.lost_fragments + stats.missing <= lost
        assert stats.malformed == 0


async def test_each_refusal_has_its_word() -> None:
    """All at the same time, each with a camera of its own, because each waits a lot."""
    plays: dict[str, tuple[str, Callable[[Camera], None]]] = {
        "alert": ("wrong_key", lambda camera: camera.change_key(WrongKey.ALERT)),
        "silent": ("no_answer", lambda camera: camera.change_key(WrongKey.SILENCE)),
        "asleep": ("no_answer", lambda camera: camera.sleep()),
        "muted": ("no_answer", lambda camera: camera.mute()),
        "full": ("refused", lambda camera: camera.limit_sessions(0)),
        "hidden": ("no_answer", lambda camera: camera.limit_sessions(0, Refusal.SILENCE)),
        "booting": ("port_closed", lambda camera: camera.reboot(30, refused=True)),
        "slow": ("busy", lambda camera: camera.slow(30)),
        "well": ("opened", lambda camera: camera.resume()),
    }
    specs = [CameraSpec(f"{play}-{framing}", framing) for play in plays for framing in Framing]
    async with Simulator(specs) as simulator:
        for key, camera in simulator.cameras.items():
            plays[key.partition("-")[0]][1](camera)
        reasons = await asyncio.gather(*map(refusal, simulator.cameras.values()))
        proofs = [simulator.cameras[f"{play}-{Framing.CC51}"] for play in ("full", "slow", "well")]
        for camera in proofs:
            # Too many sessions, or a slow log-in, are no reason to doubt the key.
            await Prover().prove(credentials(camera), LOOPBACK)
    expected = {key: plays[key.partition("-")[0]][0] for key in simulator.cameras}
    assert dict(zip(simulator.cameras, reasons, strict=True)) == expected


@pytest.mark.parametrize("framing", list(Framing))
async def test_a_camera_that_stops_ends_the_session(framing: Framing) -> None:
    async with watching(CameraSpec("porch", framing)) as (camera, viewer):
        camera.stop()
        await viewer.until(lambda: viewer.ends)
        assert viewer.ends[0].reason == "hung_up"


async def test_a_camera_that_reboots_with_its_port_closed_ends_the_session() -> None:
    async with watching(CameraSpec("porch")) as (camera, viewer):
        camera.reboot(30, refused=True)
        await viewer.until(lambda: viewer.ends)
        assert viewer.ends[0].reason == "port_closed"


async def test_keep_alives_are_answered_as_the_camera_wants() -> None:
    async with watching(CameraSpec("porch")) as (camera, viewer):
        await viewer.until(lambda: camera.counters.pongs)
        assert viewer.session.stats.pings == camera.counters.pongs


ALONE = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from engine.lan import LanError, Prover
from engine.model import CameraNetworks, Credentials
async def main():
    camera = Credentials.parse(address="192.168.7.7", uid="A" * 20, enr="k" * 16, mac="0" * 12)
    try:
        await Prover().prove(camera, CameraNetworks.parse(["192.168.0.0/16"]))
    except LanError as err:
        print(err.reason)
asyncio.run(main())
"""


def test_a_machine_without_a_way_to_the_camera_says_so() -> None:
    """In a network namespace of its own, which has no network at all."""
    hall = Path(__file__).parents[2] / "custom_components" / "wyze_local"
    unshare = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no network namespaces here")
    result = subprocess.run(
        [*unshare, sys.executable, "-c", ALONE, hall], check=False, capture_output=True, text=True, timeout=30
    )
    assert (result.stdout, result.stderr) == ("unreachable\n", "")


@pytest.mark.parametrize("when", [Stage.SESSION, Stage.HANDSHAKE])
async def test_who_leaves_on_the_way_in_keeps_no_place(when: Stage) -> None:
    """As with every reload: a few of them, and the camera would let nobody in until it missed them."""
    async with Simulator([CameraSpec("porch")]) as simulator:
        camera = simulator.cameras["porch"]

        def leave(stage: Stage) -> None:
            if stage is when:
                coming.cancel()

        coming = asyncio.create_task(
            LanSession.open(
                credentials(camera),
                clock=SystemClock(),
                on_frame=lambda _: None,
                on_end=lambda _: None,
                on_stage=leave,
            )
        )
        with pytest.raises(asyncio.CancelledError):
            await coming
        async with asyncio.timeout(0.8 * GONE_AFTER):
            while camera.sessions or not camera.counters.dials:
                await asyncio.sleep(0.01)
        assert camera.counters.failed_handshakes == 0
