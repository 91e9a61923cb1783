"""What cameras do when they are told, by model: turning, lights, siren, way-points, and not obeying."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from dev.simulator import Ability, Camera, CameraSpec, Framing, Simulator, Stubborn
from dev.simulator.control import Control

from .viewer import SILENCE, Viewer

LIMIT = 10.0
REST = (175, 60)


@asynccontextmanager
async def logged_in(
    model: str, abilities: frozenset[Ability] | None = None
) -> AsyncIterator[tuple[Camera, Viewer]]:
    """Run a camera of a model with a viewer that is logged in."""
    spec = CameraSpec("porch", Framing.CC51, model=model, abilities=abilities)
    async with Simulator([spec]) as simulator:
        camera = simulator.cameras["porch"]
        async with Viewer(camera.credentials, Framing.CC51) as viewer:
            await viewer.dial()
            yield camera, viewer


async def told(viewer: Viewer, code: int, payload: bytes = b"") -> bytes:
    """Return the answer to a command, which must come."""
    answer = await viewer.ask(code, payload)
    assert answer
    return answer.payload


@pytest.mark.parametrize(
    ("model", "knows", "knows_not"),
    [
        ("WYZE_CAKP2JFUS", {10030, 10632}, {10640, 10788, 11006, 10448}),
        ("HL_CAM4", {10632, 10640}, {10788, 11006}),
        ("HL_CFL2", {10632, 10788}, {10640, 11006}),
        ("HL_PAN3", {11006, 11010, 11014, 11020}, {10640}),
        ("HL_WCO2", {10446, 10448}, {11006}),
        ("AS_YET_UNKNOWN", {10030}, {10632, 10640, 10788, 11006, 10448}),
    ],
)
async def test_what_a_model_has_not_got_it_does_not_answer(
    model: str, knows: set[int], knows_not: set[int]
) -> None:
    """Each model answers for its own parts only."""
    async with logged_in(model) as (_, viewer):
        for code in knows:
            assert await viewer.ask(code)
        for code in knows_not:
            assert await viewer.ask(code, patience=SILENCE) is None
        many = json.loads(await told(viewer, 10020, bytes((3, 1, 27, 50))))
    assert ("27" in many) == (11006 in knows)


async def test_it_turns_both_ways_as_far_as_it_goes() -> None:
    """By degrees, by steps, to a place and back to rest; the position says where it is."""
    async with logged_in("HL_PAN3") as (camera, viewer):
        assert await told(viewer, 11000, struct.pack("<hhB", -30, 20, 5)) == b"\1"
        assert (camera.settings.pan, camera.settings.tilt) == (145, 80)
        await told(viewer, 11002, bytes((1, 2, 5)))
        assert (camera.settings.pan, camera.settings.tilt) == (135, 70)
        await told(viewer, 11000, struct.pack("<hhB", 999, -999, 5))
        assert struct.unpack("<IBH", await told(viewer, 11006))[1:] == (0, 350)
        await told(viewer, 11018, struct.pack("<IBH", 0, 30, 90))
        assert (camera.settings.pan, camera.settings.tilt) == (90, 30)
        await told(viewer, 11004, b"\3")
        assert (camera.settings.pan, camera.settings.tilt) == REST
        assert camera.counters.orders == 5


async def test_a_patrol_goes_from_way_point_to_way_point() -> None:
    """They are remembered, visited in turn, and the patrol ends when told and with a restart."""
    points = struct.pack("<BBHBBHB", 2, 10, 20, 1, 50, 300, 1)
    async with logged_in("HL_PANP") as (camera, viewer):
        assert await told(viewer, 11012, points) == b"\1"
        assert await told(viewer, 11010) == points
        assert await viewer.ask(11012, b"\2\0", patience=SILENCE) is None
        assert await viewer.ask(11012, b"\x63" + bytes(400), patience=SILENCE) is None
        await told(viewer, 11016, b"\1")
        for place in ((20, 10), (300, 50), (20, 10)):
            async with asyncio.timeout(LIMIT):
                while (camera.settings.pan, camera.settings.tilt) != place:
                    await asyncio.sleep(0.01)
        camera.reboot(0.1)
        assert camera.settings.pan_scan == 2
        assert camera.counters.reboots == 1
        assert len(camera.settings.way_points) == 2


async def test_a_siren_is_counted_when_it_begins() -> None:
    """Repeats of the command are one siren; a restart ends it."""
    async with logged_in("HL_CAM4") as (camera, viewer):
        for _ in range(2):
            await told(viewer, 10630, b"\1\1")
        assert await told(viewer, 10632) == b"\1\1"
        assert (camera.counters.sirens, camera.counters.orders) == (1, 2)
        camera.reboot(0.1)
        assert camera.settings.siren == 2


@pytest.mark.parametrize(("how", "says"), [(Stubborn.IGNORES, b"\1"), (Stubborn.REFUSES, b"\0")])
async def test_a_stubborn_camera_does_nothing_it_is_told(how: Stubborn, says: bytes) -> None:
    """Whatever it says, what is read back has not changed, until it obeys again."""
    async with logged_in("HL_CAM4") as (camera, viewer):
        camera.disobey(how)
        assert await told(viewer, 10646, b"\1") == says
        assert await told(viewer, 10640) == b"\2"
        camera.resume()
        assert await told(viewer, 10646, b"\1") == b"\1"
        assert await told(viewer, 10640) == b"\1"
        camera.disobey(Stubborn.SILENT)
        assert await viewer.ask(10640, patience=SILENCE) is None


async def test_a_dawdling_camera_does_it_later() -> None:
    """It says yes at once, reads as before meanwhile, and nonsense is still not answered."""
    async with logged_in("HL_PANP") as (camera, viewer):
        camera.dawdle(3.0)
        assert await told(viewer, 11000, struct.pack("<hhB", -30, 0, 5)) == b"\1"
        assert struct.unpack("<IBH", await told(viewer, 11006))[2] == REST[0]
        assert await viewer.ask(10646, b"", patience=SILENCE) is None
        async with asyncio.timeout(LIMIT):
            while camera.settings.pan != REST[0] - 30:
                await asyncio.sleep(0.01)
        assert camera.counters.orders == 1


async def test_what_is_said_at_the_log_in_follows_the_state() -> None:
    """SD card and Wi-Fi are as they are now, and somebody else changes them through the control API."""
    spec = CameraSpec("porch", Framing.CC51)
    async with Simulator([spec]) as simulator:
        camera = simulator.cameras["porch"]
        control = Control(simulator.cameras)
        port = await control.start()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            body = {"wifi": 31, "card_free": 7, "night_vision": 1}
            async with client.post("/cameras/porch/change", json=body) as answer:
                assert (await answer.json())["settings"]["night_vision"] == 1
            for wrong in ({"wings": 2}, {"wifi": "strong"}, {"way_points": 3}):
                async with client.post("/cameras/porch/change", json=wrong) as answer:
                    assert answer.status == 400
        await control.stop()
        async with Viewer(camera.credentials, Framing.CC51) as viewer:
            info = json.loads(await viewer.dial())["cameraInfo"]
        assert info["basicParm"]["wifidb"] == "31"
        assert info["sdParm"] == {"status": "1", "capacity": "30436", "free": "7"}
        assert info["settingParm"]["stateVision"] == "1"
        camera.conduct.change({"card": 2})
        async with Viewer(camera.credentials, Framing.CC51) as viewer:
            info = json.loads(await viewer.dial())["cameraInfo"]
        assert info["sdParm"]["status"] == "2"
