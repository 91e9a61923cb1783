"""The ledger of sabotages fits the code, and its runner can tell red from everything else."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.checks.house import House
from tests.contract.conftest import Spoiler, nothing
from tests.sabotage.ledger import LedgerError, Sabotage, load

VAULT = "tests/sabotage/ledger.d/vault.toml"


def misfits(house: House) -> list[str]:
    """Return what of the ledger no longer fits the code."""
    try:
        sabotages = load(house.root / "tests" / "sabotage" / "ledger.d")
    except LedgerError as err:
        return [str(err)]
    found = []
    first: dict[tuple[str, str], str] = {}
    for sabotage in sabotages:
        try:
            spoilt = (sabotage.file, sabotage.spoilt(house.root))
        except LedgerError as err:
            found.append(str(err))
        else:
            # The same thing broken twice takes its time twice and shows nothing more.
            if (other := first.setdefault(spoilt, sabotage.name)) != sabotage.name:
                found.append(f"{sabotage.name}: breaks the same as {other}")
        found += [
            f"{sabotage.name}: there is no {test}" for test in sabotage.tests if not _exists(house, test)
        ]
    return found


def _exists(house: House, test: str) -> bool:
    file, *names = test.partition("[")[0].split("::")
    module = house.module(Path(file))
    if module is None:
        return False
    body: list[ast.stmt] = module.tree.body
    for name in names:
        found = [node for node in body if getattr(node, "name", None) == name]
        if not found:
            return False
        body = getattr(found[0], "body", [])
    return True


def test_the_ledger_fits(house: House) -> None:
    nothing(misfits(house))


ENTRY = """
[[sabotage]]
name = "{name}"
rule = "A rule."
file = "{file}"
find = "{find}"
replace = "{replace}"
tests = ["{test}"]
"""
GOOD = {
    "name": "new",
    "file": "hacs.json",
    "find": "Wyze Local",
    "replace": "x",
    "test": "tests/contract/test_sabotage.py::test_the_ledger_fits",
}


def test_a_good_entry_is_let_through(spoiler: Spoiler) -> None:
    assert not spoiler.append(VAULT, ENTRY.format(**GOOD)).found(misfits)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "vault-data-key-reused"},
        {"name": ""},
        {"file": "no/such/file.py"},
        {"find": "no such text"},
        {"find": "e"},
        {"replace": "Wyze Local"},
        {"test": "tests/contract/test_sabotage.py::test_no_such_test"},
        {"test": "tests/contract/test_no_such_file.py::test_x"},
    ],
    ids=str,
)
def test_an_entry_that_does_not_fit_is_found(spoiler: Spoiler, changes: dict[str, str]) -> None:
    assert spoiler.append(VAULT, ENTRY.format(**GOOD | changes)).found(misfits)


def test_one_that_breaks_the_same_as_another_is_found(spoiler: Spoiler) -> None:
    twice = "".join(ENTRY.format(**GOOD | {"name": name}) for name in ("new", "newer"))
    assert spoiler.append(VAULT, twice).found(misfits) == ["newer: breaks the same as new"]


@pytest.mark.parametrize("text", ["x = 1\n", "[[sabotage]\n", '[[sabotage]]\nname = "only"\n'])
def test_a_broken_ledger_is_found(spoiler: Spoiler, text: str) -> None:
    assert spoiler.append("tests/sabotage/ledger.d/x.toml", text).found(misfits)


SOURCE = "LIMIT = 5\n\ndef allowed(n: int) -> bool:\n    return n < LIMIT\n"
TESTS = """
import pytest
from rule import allowed

@pytest.fixture
def limit():
    return __import__("rule").LIMIT

def test_allowed():
    assert not allowed(5)

@pytest.mark.parametrize("n", [1, 5])
def test_each(n):
    assert allowed(n) == (n < 5)

def test_unrelated():
    assert True

def test_with_limit(limit):
    assert limit == 5

def test_broken():
    assert False

class TestGroup:
    def test_inside(self):
        assert not allowed(5)
"""

OPTIONS = """
def pytest_addoption(parser):
    parser.addoption("--soak", action="store_true")

def pytest_collection_modifyitems(config, items):
    if not config.getoption("--soak"):
        items.clear()
"""
"""Leaves out everything that is not asked for whatever its mark."""

VERDICTS = {
    "red": (
        "n < LIMIT",
        "n <= LIMIT",
        ["test_allowed", "test_each", "test_each[5]", "TestGroup::test_inside"],
    ),
    "stays green": ("n < LIMIT", "n <= LIMIT", ["test_allowed", "test_unrelated"]),
    "is stale": ("n << LIMIT", "n", ["test_allowed"]),
    "does not get as far as the test": ("LIMIT = 5", "LIMIT = ", ["test_allowed"]),
    "does not get as far as the test ": ("LIMIT = 5", "limit = 5", ["test_with_limit"]),
    "its tests fail without it": ("n < LIMIT", "n <= LIMIT", ["test_broken"]),
    "its tests fail without it ": ("n < LIMIT", "n <= LIMIT", ["test_no_such_test"]),
}


def test_the_verdicts(tmp_path: Path) -> None:
    """Each kind of verdict, from real runs of pytest over a small tree."""
    from tests.sabotage.run import run_all

    root = tmp_path / "small"
    (root / "t").mkdir(parents=True)
    (root / "rule.py").write_text(SOURCE)
    (root / "t" / "test_rule.py").write_text(TESTS)
    (root / "t" / "conftest.py").write_text(OPTIONS)
    plugins = (
        "respx",
        "requests_mock",
        "aiohttp",
        "hypothesispytest",
        "syrupy",
        "xdist",
        "anyio",
        "codspeed",
    )
    options = " ".join(f"-p no:{plugin}" for plugin in plugins)
    (root / "pytest.ini").write_text(
        f"[pytest]\npythonpath = .\naddopts = --import-mode=importlib {options}\n"
    )
    sabotages = [
        Sabotage(
            name, "A rule.", "rule.py", find, replace, tuple(f"t/test_rule.py::{test}" for test in tests)
        )
        for name, (find, replace, tests) in VERDICTS.items()
    ]
    outcomes = run_all(sabotages, House(root), jobs=2)
    assert {outcome.sabotage.name: outcome.verdict.value for outcome in outcomes} == {
        name: name.strip() for name in VERDICTS
    }
    assert (root / "rule.py").read_text() == SOURCE, "the tree itself is never touched"


def test_the_runner_says_how_it_went() -> None:
    runner = [sys.executable, "tests/sabotage/run.py"]
    root = Path(__file__).parents[2]
    listed = subprocess.run(
        [*runner, "--list"], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    assert "vault-data-key-reused" in listed.stdout
    unknown = subprocess.run(
        [*runner, "--only", "x"], cwd=root, capture_output=True, text=True, check=False, timeout=60
    )
    assert (unknown.returncode, unknown.stdout) == (2, "no such sabotage: x\n")
