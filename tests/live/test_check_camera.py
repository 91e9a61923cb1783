"""The camera check as a person runs it: the right diagnosis for every trouble of a simulated camera."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from dev.simulator import Audio, Camera, CameraSpec, Framing, Refusal, Says, Simulator, Stubborn, WrongKey
from dev.simulator.faults import Faults

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "script/check-camera"
AT_ONCE = 10
PLAYS = {"well", "weak_network", "slow", "mute_commands", "no_sound"}
BATTERY = "AN_RSCW"

type Trouble = Callable[[Camera], object]

TROUBLES: dict[str, tuple[Trouble, str]] = {
    "well": (lambda _: None, "well"),
    "newer": (lambda _: None, "well"),
    "frozen": (lambda camera: camera.freeze(), "no_media"),
    "muted": (lambda camera: camera.mute(), "no_answer"),
    "asleep": (lambda camera: camera.sleep(), "asleep"),
    "rebooting": (lambda camera: camera.reboot(away=60), "no_answer"),
    "starting": (lambda camera: camera.reboot(away=60, refused=True), "port_closed"),
    "moved": (lambda camera: camera.move("127.0.0.77"), "port_closed"),
    "losing": (lambda camera: camera.lose(0.08), "weak_network"),
    "reordering": (lambda camera: camera.reorder(0.2, 0.015), "well"),
    "slow": (lambda camera: camera.slow(1.4), "slow"),
    "other_key": (lambda camera: camera.change_key(), "wrong_key"),
    "silent_key": (lambda camera: camera.change_key(WrongKey.SILENCE), "no_answer"),
    "updating": (lambda camera: camera.say(Says.UPDATING), "updating"),
    "checking": (lambda camera: camera.say(Says.CHECKING), "checking"),
    "off": (lambda camera: camera.say(Says.OFF), "off"),
    "old": (lambda camera: camera.speak_no_dtls(), "no_dtls"),
    "quiet": (lambda camera: camera.silence_audio(), "no_sound"),
    "ignoring": (lambda camera: camera.disobey(Stubborn.IGNORES), "well"),
    "refusing": (lambda camera: camera.disobey(Stubborn.REFUSES), "well"),
    "speechless": (lambda camera: camera.disobey(Stubborn.SILENT), "mute_commands"),
    "dawdling": (lambda camera: camera.dawdle(3), "well"),
    "full": (lambda camera: camera.limit_sessions(0), "refused"),
    "full_silent": (lambda camera: camera.limit_sessions(0, Refusal.SILENCE), "no_answer"),
}
"""What ails a camera, and what the check has to say of it, which tells it to do nothing."""

SPECS = {
    "newer": CameraSpec("newer", framing=Framing.CC51, audio=Audio.NONE, model="HL_CAM4", seed=1),
    "asleep": CameraSpec("asleep", model=BATTERY),
}


async def check(link: str, *arguments: str, answers: str = "") -> tuple[int, str, str]:
    """Run the program; return its exit status and what it said."""
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *arguments,
        cwd=ROOT,
        stdin=-1,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(90):
            out, err = await process.communicate(f"{link}\n{answers}".encode())
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def traces(camera: Camera, said: str) -> list[str]:
    """Return what of a camera's keys and person stands in a text."""
    spec = camera.spec
    words = [spec.uid, spec.enr, spec.mac, camera.credentials.address]
    return [word for word in words if word.lower() in said.lower().replace(":", "")]


@pytest.mark.alone
async def test_every_trouble_of_a_camera_gets_its_diagnosis_and_no_report_says_who_it_is() -> None:
    specs = [SPECS.get(name) or CameraSpec(name) for name in TROUBLES]
    found: dict[str, Any] = {}
    had: set[str] = set()
    room = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, camera: Camera) -> None:
        link = camera.link
        TROUBLES[name][0](camera)
        had.update(one.name for one in fields(Faults) if getattr(camera.faults, one.name) != one.default)
        async with room:
            status, out, err = await check(link, "--json", "--seconds", "5")
        report = found[name] = json.loads(out)
        assert status == (0 if report["diagnosis"] in PLAYS else 1), err
        assert traces(camera, out + err) == [], name

    async with Simulator(specs) as simulator:
        await asyncio.gather(*(one(name, camera) for name, camera in simulator.cameras.items()))
    assert had == {one.name for one in fields(Faults)}, "every trouble that a camera can have"
    assert {name: report["diagnosis"] for name, report in found.items()} == {
        name: diagnosis for name, (_, diagnosis) in TROUBLES.items()
    }
    ladders = {
        name: [step["rung"] for step in report["ladder"] if step["outcome"] == "failed"]
        for name, report in found.items()
    }
    assert ladders["muted"] == ["udp"]
    assert ladders["full_silent"] == ["udp"]
    assert ladders["old"] == ladders["other_key"] == ["handshake"]
    assert ladders["off"] == ladders["full"] == ["challenge"]
    assert ladders["frozen"] == ["media"]
    assert ladders["well"] == ladders["slow"] == []
    assert found["newer"]["framing"] == "cc51"
    assert found["newer"]["model"] == "HL_CAM4"
    media = found["well"]["ladder"][-1]
    assert media["key_frame_interval"] == pytest.approx(2.0, abs=0.2)
    assert media["pictures_per_second"] == pytest.approx(15, abs=0.7)
    assert media["loss_percent"] == media["numbers_skipped"] == media["numbers_backwards"] == 0
    assert found["losing"]["ladder"][-1]["loss_percent"] > 2


async def test_a_person_reads_sentences_and_a_next_step() -> None:
    async with Simulator([CameraSpec("porch")]) as simulator:
        camera = simulator.cameras["porch"]
        status, out, _ = await check(camera.link, "--seconds", "2")
        assert status == 0
        assert "✓ Has the key: passed" in out
        assert "Everything holds." in out
        assert json.loads(out[out.index("\n{") :])["model"] == camera.spec.model
        camera.change_key()
        status, out, _ = await check(camera.link, "--seconds", "2")
    assert status == 1
    assert "✗ Has the key: failed" in out
    assert "· Pictures and sound: not reached" in out
    assert "→ Fetch the camera's keys again." in out


async def test_what_a_camera_does_without_internet_is_tried_with_the_persons_help() -> None:
    """The person cuts it off, of which the camera takes no notice, and does not go on to cut its power."""
    async with Simulator([CameraSpec("porch")]) as simulator:
        camera = simulator.cameras["porch"]
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "--offline", "--seconds", "1", "--stands", "2", cwd=ROOT,
            stdin=PIPE, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stderr is not None
        try:
            async with asyncio.timeout(60):
                process.stdin.write(f"{camera.link}\n".encode())
                await process.stderr.readuntil(b"leave it.")
                process.stdin.write(b"\n")
                await process.stderr.readuntil(b"leave it.")
                process.stdin.write(b"q\n")
                out, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
    said = out.decode()
    assert json.loads(said[said.index("\n{") :])["offline"] == {
        "goes_on": "yes",
        "lets_in": "yes",
        "comes_back": "not_tried",
    }
    assert "A session that stands goes on without internet: yes" in said


@pytest.mark.parametrize("link", ["", "https://camera.example", "wyze://127.0.0.1?uid=1", "wyze://\x00"])
async def test_what_is_no_link_is_said_so_and_not_repeated(link: str) -> None:
    status, out, err = await check(link)
    assert status == 2
    assert out == ""
    assert "no link of a camera" in err
    assert not link or link not in err


@pytest.mark.parametrize("before", [(), ("--seconds",)])
async def test_a_link_that_was_typed_as_an_argument_is_not_repeated(before: tuple[str, ...]) -> None:
    status, out, err = await check("", *before, "wyze://10.0.0.2?uid=AAAA&enr=SECRET")
    assert (status, out) == (2, "")
    assert "SECRET" not in err
    assert "--help" in err
