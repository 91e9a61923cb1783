"""What must not be in any file, and that it would be noticed."""

from pathlib import Path
from typing import Any

import pytest

from tests.contract.checks import forbidden
from tests.contract.checks.house import ENGINE, HALL, House
from tests.contract.conftest import Check, Spoiler, nothing

CHECKS: list[Check] = [getattr(forbidden, name) for name in forbidden.__all__]

VENDOR = "wy" + "ze"
LATER = "TO" + "DO"


@pytest.mark.parametrize("check", CHECKS, ids=lambda f: f.__name__)
def test_nothing_forbidden_is_there(house: House, check: Check) -> None:
    nothing(check(house))


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (forbidden.loggers, HALL / "sensor.py", "L = logging.getLogger('mine')\n"),
        (forbidden.loggers, HALL / "sensor.py", "L = logging.getLogger()\n"),
        (forbidden.loggers, ENGINE / "vault" / "vault.py", "def f():\n    logging.getLogger(__name__)\n"),
        (forbidden.loggers, ENGINE / "vault" / "vault.py", "def f():\n    logging.warning('x')\n"),
        (forbidden.loggers, ENGINE / "vault" / "vault.py", "LOGGER.setLevel(10)\n"),
        (forbidden.prints, ENGINE / "vault" / "vault.py", "print(1)\n"),
        (forbidden.prints, HALL / "camera.py", "import sys\nsys.stdout.write('x')\n"),
        (forbidden.writes_to_streams, ENGINE / "stream" / "api.py", "METHOD = 'put'\n"),
        (
            forbidden.writes_to_streams,
            ENGINE / "stream" / "api.py",
            "async def f(s):\n    await s.put('/x')\n",
        ),
        (forbidden.real_hosts, "README.md", f"see api.{VENDOR}cam.com\n"),
        (forbidden.real_hosts, "docs/x.md", f"https://{VENDOR}.com/\n"),
        (forbidden.real_hosts, "tests/x.txt", f"my.{VENDOR}-labs.io\n"),
        (forbidden.real_hosts, "dev/simulator/x.json", f'"https://api.{VENDOR}cam.com"\n'),
        (forbidden.real_hosts, HALL / "camera.py", f"HOST = 'api.{VENDOR}cam.com'\n"),
        (forbidden.machine_places, "README.md", "cd /wo" + "rk/main\n"),
        (forbidden.machine_places, "script/x", "PATH=/ro" + "ot/go/bin\n"),
        (forbidden.machine_places, "docs/x.md", "/ho" + "me/alice/x\n"),
        (forbidden.machine_places, "requirements.lock", "--ind" + "ex-url https" + "://x/simple\n"),
        (forbidden.machine_places, "script/x", "GOPRO" + "XY=https" + "://x\n"),
        (forbidden.machine_places, "CONTRIBUTING.md", "written by Clau" + "de\n"),
        (forbidden.todo, HALL / "camera.py", f"# {LATER}: later\n"),
        (forbidden.todo, "script/x", f"# {LATER}\n"),
        (forbidden.large_files, HALL / "camera.py", "# x\n" * 300),
        (forbidden.large_functions, HALL / "camera.py", "def f():\n" + "    x = 1\n" * 41),
        (forbidden.future_imports, HALL / "camera.py", "from __future__ import annotations\n"),
        (forbidden.future_imports, HALL / "camera.py", "import voluptuous as vol\n"),
        (forbidden.revealing, HALL / "sensor.py", "def f(s):\n    return s.reveal()\n"),
        (forbidden.sleeps, "tests/engine/test_x.py", "import time\n\ndef test_x():\n    time.sleep(1)\n"),
        (
            forbidden.sleeps,
            "tests/ha/test_x.py",
            "import asyncio\n\nasync def f():\n    await asyncio.sleep(0.1)\n",
        ),
    ],
)
def test_what_is_forbidden_is_found(spoiler: Spoiler, check: Check, path: Path | str, text: str) -> None:
    assert spoiler.append(path, f"\n{text}").found(check)


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (forbidden.loggers, HALL / "sensor.py", "LOGGER = logging.getLogger(__name__)\n"),
        (
            forbidden.writes_to_streams,
            ENGINE / "stream" / "api.py",
            "async def f(q):\n    await q.queue.put(1)\n",
        ),
        (forbidden.real_hosts, "README.md", f"custom_components.{VENDOR}_local.component and {VENDOR}.md\n"),
        (forbidden.machine_places, "README.md", "the work/root of a tree, /config/.storage, ~/work/x\n"),
        (
            forbidden.large_functions,
            HALL / "camera.py",
            'def f():\n    """A\n' + "    b\n" * 60 + '    """\n',
        ),
        (forbidden.sleeps, "tests/ha/test_x.py", "async def f():\n    await asyncio.sleep(0)\n"),
        (forbidden.sleeps, "tests/ha/test_x.py", "def f(c):\n    while not c():\n        time.sleep(0.01)\n"),
    ],
)
def test_what_is_allowed_is_let_through(spoiler: Spoiler, check: Check, path: Any, text: str) -> None:
    assert not spoiler.append(path, f"\n{text}").found(check)


@pytest.mark.parametrize("table", ["LARGE_FILES", "LARGE_FUNCTIONS", "REVEALING"])
def test_exceptions_that_are_no_longer_needed_are_found(
    house: House, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    check = {
        "LARGE_FILES": forbidden.large_files,
        "LARGE_FUNCTIONS": forbidden.large_functions,
        "REVEALING": forbidden.revealing,
    }[table]
    before = check(house)
    monkeypatch.setitem(getattr(forbidden, table), "gone.py", "no reason")
    assert len(check(house)) == len(before) + 1
