"""What the contract tests share: the repository, and copies of it to be spoilt."""

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.checks.house import ROOT, House, copy_of

type Check = Callable[[House], list[str]]


@pytest.fixture(scope="session")
def house() -> House:
    """Return the repository."""
    return House(ROOT)


@pytest.fixture(scope="session")
def whole_copy(house: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a copy of the repository, to be copied again and left as it is."""
    return copy_of(house, tmp_path_factory.mktemp("house"))


@dataclass
class Spoiler:
    """A copy of the repository in which something is made wrong."""

    root: Path
    before: House
    known: dict[Check, Counter[str]]
    """What was found before anything was spoilt; shared by all tests."""

    def change(self, path: Path | str, find: str, replace: str) -> Spoiler:
        """Replace a text that must be there."""
        text = (self.root / path).read_text("utf-8")
        assert find in text, f"{find!r} is no longer in {path}: bring this test up to date"
        return self.write(path, text.replace(find, replace))

    def append(self, path: Path | str, text: str) -> Spoiler:
        """Add to a file, or make it."""
        file = self.root / path
        return self.write(path, (file.read_text("utf-8") if file.exists() else "") + text)

    def write(self, path: Path | str, content: str | bytes) -> Spoiler:
        """Put another file in a file's place."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        # The copies share their files: never write into one.
        file.unlink(missing_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def remove(self, path: Path | str) -> Spoiler:
        """Take a file away."""
        (self.root / path).unlink()
        return self

    def found(self, check: Check) -> list[str]:
        """Return what a check finds here that it did not find before."""
        if check not in self.known:
            self.known[check] = Counter(map(_without_line, check(self.before)))
        now = Counter(map(_without_line, check(House(self.root))))
        return list((now - self.known[check]).elements())


def nothing(sentences: list[str]) -> None:
    """Fail with what was found, when something was."""
    if sentences:
        pytest.fail("\n".join(["", *sentences]), pytrace=False)


def _without_line(sentence: str) -> str:
    return re.sub(r":\d+", "", sentence)


@pytest.fixture(scope="session")
def known() -> dict[Check, Counter[str]]:
    """Remember what each check finds in the repository as it is."""
    return {}


@pytest.fixture
def spoiler(whole_copy: House, known: dict[Check, Counter[str]], tmp_path: Path) -> Iterator[Spoiler]:
    """Return a fresh copy."""
    copy = Path(shutil.copytree(whole_copy.root, tmp_path / "copy", copy_function=os.link))
    yield Spoiler(copy, whole_copy, known)
    shutil.rmtree(copy)
