"""The control API and the command line, as another program uses them."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dev.simulator import CameraSpec, Framing, Simulator
from dev.simulator.cli import main
from dev.simulator.control import TROUBLES, Control
from tests.support.programs import PIPE, program

from .viewer import Viewer

ROOT = Path(__file__).parents[2]
BODIES: dict[str, dict[str, Any]] = {
    "say": {"what": "off"},
    "disobey": {"how": "refuses"},
    "reboot": {"away": 0.1},
    "move": {"host": "127.0.0.43"},
    "lose": {"share": 0.25},
    "reorder": {"share": 0.5, "delay": 0.05},
    "slow": {"delay": 0.1},
    "dawdle": {"delay": 0.3},
    "limit_sessions": {"limit": 1, "refusal": "silence"},
}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """Run one camera."""
    async with Simulator([CameraSpec("porch")]) as running:
        yield running


@pytest.fixture
async def api(simulator: Simulator) -> AsyncIterator[aiohttp.ClientSession]:
    """Run the API and return a client of it."""
    control = Control(simulator.cameras)
    port = await control.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        yield client
    await control.stop()


async def test_cameras_are_described(simulator: Simulator, api: aiohttp.ClientSession) -> None:
    """Link, fields and counters are there, and change as a viewer comes."""
    async with Viewer(simulator.cameras["porch"].credentials, Framing.TRANSCODE) as viewer:
        await viewer.dial()
        async with api.get("/cameras") as answer:
            (camera,) = (await answer.json())["cameras"]
    assert camera["link"] == simulator.cameras["porch"].link
    assert camera["credentials"]["enr"] in camera["link"]
    assert camera["counters"]["handshakes"] == camera["counters"]["sessions"] == 1
    assert camera["sessions"][0]["video"] is True
    assert camera["loop_frames"] == 360


async def test_sent_frames_are_told(simulator: Simulator, api: aiohttp.ClientSession) -> None:
    """When each frame was sent, on both clocks, and only the news when asked for them."""
    camera = simulator.cameras["porch"]
    async with Viewer(camera.credentials, Framing.TRANSCODE) as viewer:
        before = time.monotonic_ns(), time.time()
        await viewer.dial()
        async with asyncio.timeout(10):
            while camera.counters.frames_sent < 3:
                await asyncio.sleep(0.01)
        async with api.get("/cameras/porch/sent") as answer:
            sent = (await answer.json())["sent"]
    assert [entry["sequence"] for entry in sent[:3]] == [1, 2, 3]
    assert before[0] <= sent[0]["monotonic_ns"] <= time.monotonic_ns()
    assert before[1] <= sent[0]["wall"] <= time.time()
    async with api.get("/cameras/porch/sent", params={"since": 2}) as answer:
        assert (await answer.json())["sent"][0]["sequence"] == 3


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_every_trouble_can_be_given_and_taken(
    simulator: Simulator, api: aiohttp.ClientSession, trouble: str
) -> None:
    """Each shows in the camera's description, and none is left after resume."""
    healthy = json.loads(json.dumps(_troubles(await _get(api))))
    async with api.post(f"/cameras/porch/{trouble}", json=BODIES.get(trouble, {})) as answer:
        assert answer.status == 200
        described = await answer.json()
    changed = _troubles(described) != healthy
    assert changed is (trouble != "resume")
    async with api.post("/cameras/porch/resume") as answer:
        assert _troubles(await answer.json()) == healthy | {"address": described["credentials"]["address"]}


async def _get(api: aiohttp.ClientSession) -> dict[str, Any]:
    """Return the camera's description."""
    async with api.get("/cameras/porch") as answer:
        body: dict[str, Any] = await answer.json()
        return body


def _troubles(described: dict[str, Any]) -> dict[str, Any]:
    """Return what of a description troubles change."""
    faults = {key: value for key, value in described["faults"].items() if key != "reorder_delay"}
    return faults | {"limit": described["session_limit"], "address": described["credentials"]["address"]}


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("nobody/freeze", "{}", 404, "no camera"),
        ("porch/explode", "{}", 404, "freeze"),
        ("porch/motion", "{}", 400, "yard"),
        ("porch/lose", "{}", 400, "share"),
        ("porch/lose", '{"share": 7}', 400, "between 0 and 1"),
        ("porch/lose", "not json", 400, "Expecting"),
        ("porch/lose", "[1]", 400, "object"),
        ("porch/move", '{"host": "10.255.255.1"}', 400, "assign"),
        ("porch/change_key", '{"how": "loudly"}', 400, "loudly"),
    ],
)
async def test_mistakes_are_explained(
    api: aiohttp.ClientSession, path: str, body: str, status: int, word: str
) -> None:
    """A wrong request gets a sentence that names what is wrong, and changes nothing."""
    before = await _get(api)
    async with api.post(f"/cameras/{path}", data=body) as answer:
        assert answer.status == status
        assert word in (await answer.json())["error"]
    assert await _get(api) == before


def command(*arguments: str) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """Run the simulator as a program."""
    return program(sys.executable, "-m", "dev.simulator", *arguments, stderr=PIPE, cwd=ROOT)


async def ready(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """Return the line that says that it is ready."""
    assert process.stdout
    async with asyncio.timeout(30):
        line: dict[str, Any] = json.loads(await process.stdout.readline())
    return line


async def test_program_runs_until_told_to_stop() -> None:
    """One line of JSON when ready, working links and API, and a clean end on SIGTERM."""
    async with command("--cameras", "demo", "--control", "0", "--json") as process:
        line = await ready(process)
        assert [camera["name"] for camera in line["cameras"]] == ["porch", "garden", "attic"]
        assert all(camera["link"].startswith("wyze://127.0.0.1:") for camera in line["cameras"])
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{line['control']}/cameras") as got,
        ):
            assert len((await got.json())["cameras"]) == 3
        os.kill(line["pid"], signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() == 0
        assert process.stdout
        assert process.stderr
        assert await process.stdout.read() == await process.stderr.read() == b""


async def test_program_ends_with_its_parents_pipe() -> None:
    """With --with-stdin no simulator outlives the program that started it."""
    async with command("--count", "30", "--json", "--with-stdin") as process:
        line = await ready(process)
        assert len({camera["link"] for camera in line["cameras"]}) == 30
        assert process.stdin
        process.stdin.close()
        async with asyncio.timeout(10):
            assert await process.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--host", "10.255.255.1"], "one of this machine's"),
        (["--video", "/nowhere.mp4"], "no video file"),
        (["--camera", "a", "--camera", "a"], "same name"),
        (["--camera", "a,framing=0403"], "a,framing=0403"),
        (["--camera", "a,colour=red"], "a,colour=red"),
        (["--size", "big"], "1280x720"),
    ],
)
def test_wrong_arguments_are_explained(
    arguments: list[str], word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, no traceback, and the exit status says so."""
    monkeypatch.setattr(sys, "argv", ["simulator", "--json", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code
    assert word in f"{ended.value.code}{capsys.readouterr().err}"


def test_help_speaks_to_a_newcomer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Help has examples, every kind of camera property and every trouble."""
    monkeypatch.setattr(sys, "argv", ["simulator", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for word in ("examples:", "wyze://", "--count 30", "framing=", "curl", *TROUBLES):
        assert word in text
