"""Ports that tools and tests get: nobody else gets them too, though they are not in use yet."""

import subprocess
import sys
from pathlib import Path

import pytest

from dev import ports

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from dev.ports import Claims
claims = Claims(Path(sys.argv[1]))
print([claims.take(number) for number in (1, 2, 1)], flush=True)
sys.stdin.read()
"""


def test_what_a_process_was_promised_no_other_gets_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "claims"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "[True, True, False]\n"
        ours = ports.Claims(path)
        assert [ours.take(number) for number in (1, 2, 3, 3)] == [False, False, True, False]
        holder.communicate("")
    assert [ours.take(number) for number in (1, 2, 3)] == [True, True, False]


def test_the_oldest_promise_gives_way_to_new_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs for hours does not use all ports up."""
    monkeypatch.setattr(ports, "_MOST", 2)
    ours = ports.Claims(tmp_path / "claims")
    assert [ours.take(number) for number in (1, 2, 3)] == [True, True, True]
    assert [ours.take(number) for number in (2, 3, 1)] == [False, False, True]


def test_a_port_is_given_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ports, "_claims", ports.Claims(tmp_path / "claims"))
    given = [ports.free_port() for _ in range(200)]
    assert len(set(given)) == 200
    blocks = [ports.free_block() for _ in range(50)]
    assert len(set(blocks)) == 50
