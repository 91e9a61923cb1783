"""A worker that is killed, at whatever moment: every clip is whole, saved up to there, or gone."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.model import ClipName, ClipNews
from tests.support.fuzzing import SEED

from .camera import decoded, footage, salvage, settle, stage

ROOT = Path(__file__).parents[3]
ROUNDS = 8


def start(folder: Path, content: Path, owner: bytes = b"") -> subprocess.Popen[str]:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "custom_components" / "wyze_local")))
    program = Path(__file__).with_name("dying.py")
    return subprocess.Popen(
        [sys.executable, str(program), str(folder), str(content), owner.hex()],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )


def kill_after(process: subprocess.Popen[str], seconds: float) -> list[str]:
    """Kill a process some time after it began its work; returns the clips it said were finished."""
    assert process.stdout
    with process, process.stdout:
        assert process.stdout.readline() == "ready\n"
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            os.sched_yield()
        process.kill()
        return process.stdout.read().split()


def judge(folder: Path, promised: list[str]) -> int:
    """Look at all that is left; returns the number of clips."""
    for path in folder.rglob("*"):
        if path.is_file():
            assert path.suffix in (".mp4", ".jpg", ".json"), path
            assert path.with_suffix(".mp4").exists(), path
    clips = list(folder.rglob("*.mp4"))
    for clip in clips:
        decoded(clip)
    for clip_id in promised:
        assert ClipName.parse(clip_id).path(folder) in clips, "what was told to be finished is there"
    return len(clips)


def rounds(tmp_path: Path, count: int, seed: int) -> None:
    chance = random.Random(seed)
    print("seed", seed)
    content = tmp_path / "footage"
    content.write_bytes(footage())
    saved = 0
    for number in range(count):
        folder = tmp_path / str(number)
        folder.mkdir()
        promised = kill_after(start(folder, content), chance.uniform(0.0, 0.4))
        parts = {path.with_suffix("") for path in folder.rglob("*.mp4.part")}
        # The next worker may be killed while it saves what the first one left.
        promised += kill_after(start(folder, content), chance.uniform(0.0, 0.03))
        news: list[ClipNews] = []
        salvage(folder, news.append)
        judge(folder, promised)
        saved += sum(path.exists() for path in parts)
    print(f"{saved} clips saved")


def test_a_worker_may_be_killed_at_any_moment(tmp_path: Path) -> None:
    rounds(tmp_path, ROUNDS, SEED)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_worker_may_be_killed_at_any_moment_often(tmp_path: Path) -> None:
    rounds(tmp_path, 100, random.randrange(1 << 30))


def test_the_next_worker_saves_what_the_last_one_left(tmp_path: Path) -> None:
    content = tmp_path / "footage"
    content.write_bytes(footage())
    folder = tmp_path / "clips"
    folder.mkdir()
    chance = random.Random(SEED)
    while not any(part.stat().st_size > 100_000 for part in folder.rglob("*.mp4.part")):
        kill_after(start(folder, content), chance.uniform(0.1, 0.3))
    with stage(folder) as on:
        # The days come behind what has been put by then.
        settle(on)
        settle(on)
        on.close()
        assert not list(folder.rglob("*.part"))
        judge(folder, [])
        assert all(news.clip_id for news in on.news)  # type: ignore[union-attr]
        assert on.news
