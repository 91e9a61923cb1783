"""Rooms import each other along the arrows only, and live without Home Assistant."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.checks.house import ENGINE, HALL, ROOT, House
from tests.contract.checks.rooms import both_ends, strangers, wrong_arrows
from tests.contract.conftest import Spoiler, nothing

VAULT = ENGINE / "vault" / "records.py"


def test_rooms_follow_the_arrows(house: House) -> None:
    nothing(wrong_arrows(house))


@pytest.mark.parametrize(
    "line",
    [
        "from ..stream import wyze_source",
        "from .. import stream",
        "from ..lan import anything",
        "import homeassistant.core",
        "from homeassistant.core import HomeAssistant",
        "import custom_components.wyze_local.engine.model",
        "from engine.model import Camera",
        "import engine.model",
        "from ...const import DOMAIN",
        "from .... import wyze_local",
        "import aiohttp",
        "import probatio",
        "from __future__ import annotations",
        "import importlib; importlib.import_module('homeassistant')",
        "__import__('homeassistant')",
        "def late():\n    from ..stream import wyze_source",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..stream import wyze_source",
    ],
)
def test_a_wrong_import_is_found(spoiler: Spoiler, line: str) -> None:
    spoiler.append(VAULT, f"\n{line}\n")
    assert len(spoiler.found(wrong_arrows)) == 1


@pytest.mark.parametrize(
    "line", ["from ..model import Clock", "from .. import model", "import hashlib", "from . import vault"]
)
def test_a_right_import_is_let_through(spoiler: Spoiler, line: str) -> None:
    spoiler.append(VAULT, f"\n{line}\n")
    assert spoiler.found(wrong_arrows) == []


def test_a_room_that_is_not_in_the_table_is_found(spoiler: Spoiler) -> None:
    spoiler.append(ENGINE / "attic" / "__init__.py", '"""A room nobody planned."""\n')
    assert spoiler.found(wrong_arrows)


def test_nobody_knows_of_strangers(house: House) -> None:
    nothing(strangers(house))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (HALL / "camera.py", "from dev.simulator import Simulator"),
        (VAULT, "import tests.support"),
        ("dev/simulator/camera.py", "from engine.model import Camera"),
        ("dev/simulator/camera.py", "from custom_components.wyze_local.engine.lan import frames"),
    ],
)
def test_a_stranger_is_found(spoiler: Spoiler, path: Path | str, line: str) -> None:
    spoiler.append(path, f"\n{line}\n")
    assert spoiler.found(strangers)


def test_no_test_holds_both_ends_of_the_protocol(house: House) -> None:
    nothing(both_ends(house))


def test_a_test_that_holds_both_ends_is_found(spoiler: Spoiler) -> None:
    spoiler.append("tests/test_x.py", "from dev.simulator.wire import av\nfrom engine.lan import frames\n")
    spoiler.append(
        "tests/test_y.py", "from dev.simulator import wire\nimport custom_components.wyze_local.engine.lan\n"
    )
    assert len(spoiler.found(both_ends)) == 2


def fresh_import(root: Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "tests" / "contract" / "fresh_import.py"
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", script, root / HALL],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_engine_lives_without_home_assistant(house: House) -> None:
    result = fresh_import(house.root)
    assert result.returncode == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    assert answer["modules"] == len(house.python(ENGINE)) - 2, "a module was not imported"
    assert answer["heavy"]["model"] == answer["heavy"]["catalog"] == []
    assert answer["heavy"]["vault"] == ["cryptography"]
    print(f"{answer['modules']} engine modules imported in {answer['seconds']} s")


@pytest.mark.parametrize(
    "line", ["import homeassistant", "import voluptuous", "from custom_components import wyze_local"]
)
def test_an_engine_that_needs_home_assistant_is_found(spoiler: Spoiler, line: str) -> None:
    spoiler.append(VAULT, f"\n{line}\n")
    result = fresh_import(spoiler.root)
    assert result.returncode != 0
    assert "is refused here" in result.stderr
