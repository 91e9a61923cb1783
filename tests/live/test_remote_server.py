"""A go2rtc on another machine as the stream server: it reads the relay by a door, and nobody else does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.external import CONFIG, OTHERS, PASSWORD, USER
from tests.support.namespaces import CAMERAS, HOME, Town, town
from tests.support.streaming import TOOLS

from .test_lan_only import at_home, camera

pytestmark = pytest.mark.live

API, RTSP, WEBRTC, DOOR = 1984, 8554, 8555, 18558
TYPED = {"url": f"http://{CAMERAS}:{API}", "username": USER, "password": PASSWORD, "relay_port": DOOR}

# Asks at the relay's door as a stranger does; prints the first line of the answer.
STRANGER = f"""
import socket
with socket.create_connection(("{HOME}", {DOOR}), 5) as door:
    door.sendall(b"DESCRIBE rtsp://{HOME}:{DOOR}/{{}}?auth={{}} RTSP/1.0\\r\\nCSeq: 1\\r\\n\\r\\n")
    print(door.recv(100).split(b"\\r\\n")[0].decode())
"""


@asynccontextmanager
async def go2rtc(place: Town, folder: Path) -> AsyncIterator[Path]:
    """Run somebody's go2rtc on the other machine; gives its file."""
    folder.mkdir()
    file = folder / "go2rtc.yaml"
    file.write_text(
        CONFIG.format(
            host=CAMERAS, api=API, rtsp=RTSP, webrtc=WEBRTC, user=USER, password=PASSWORD, others=OTHERS
        )
    )
    quiet = asyncio.subprocess.DEVNULL
    async with place.run(place.rest, str(TOOLS / "go2rtc"), "-c", str(file), stdout=quiet, stderr=quiet):
        yield file


async def said_to_a_stranger(place: Town) -> str:
    """Return what the relay says to whoever comes to its door without a login."""
    pipe = asyncio.subprocess.PIPE
    async with place.python(
        place.rest, "-c", STRANGER, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    ) as one:
        output, _ = await one.communicate()
        return str(output.decode().strip())


@pytest.mark.timeout(240)
async def test_a_person_uses_a_go2rtc_on_another_machine(tmp_path: Path) -> None:
    with town() as place:
        async with (
            camera(place, "porch", CAMERAS) as link,
            go2rtc(place, tmp_path / "elsewhere") as file,
            at_home(place, tmp_path / "config") as home,
        ):
            before = file.read_bytes()
            network = f"{CAMERAS}/32"
            # Without an address it cannot come, nor under a wrong one, and the person is told so.
            tries = TYPED, TYPED | {"relay_host": "10.214.1.77"}, TYPED | {"relay_host": HOME}
            errors = await home.ask("set_up_external", network, *tries)
            assert errors == [{"base": "server_external_elsewhere"}] * 2
            assert await home.ask("add", "Porch", link, 1) == []
            await home.ask("state", "sensor.porch_connection", "ready")
            assert await said_to_a_stranger(place) == "RTSP/1.0 401 Unauthorized"
            seen = await home.ask("view", "camera.porch")
            assert seen["webrtc"] == "answer"
            assert seen["still"] > 1000, "a picture that came over there and back"
            assert file.read_bytes() == before
