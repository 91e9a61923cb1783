"""The ledger of sabotages: which rule is switched off how, and which tests must turn red with it."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

FOLDER = Path(__file__).parent / "ledger.d"


class LedgerError(Exception):
    """An entry that cannot be read; the message says which and why."""


@dataclass(frozen=True)
class Sabotage:
    """One small mutation."""

    name: str
    rule: str
    """The rule that it switches off, as a sentence."""
    file: str
    find: str
    """Stands in the file exactly once."""
    replace: str
    tests: tuple[str, ...]
    """Node ids; every one of them must fail."""

    def spoilt(self, root: Path) -> str:
        """Return the file's text with the mutation; raises LedgerError when it no longer fits."""
        path = root / self.file
        if not path.is_file():
            raise LedgerError(f"{self.name}: there is no {self.file}")
        text = path.read_text("utf-8")
        if (count := text.count(self.find)) != 1:
            raise LedgerError(f"{self.name}: the text to find stands {count} times in {self.file}")
        spoilt = text.replace(self.find, self.replace)
        if spoilt == text:
            raise LedgerError(f"{self.name}: changes nothing")
        return spoilt


def _read(row: dict[str, object], source: Path) -> Sabotage:
    wanted = {field.name for field in fields(Sabotage)}
    if row.keys() != wanted:
        raise LedgerError(f"{source.name}: {row.get('name')}: wants exactly {', '.join(sorted(wanted))}")
    tests = row["tests"]
    if not isinstance(tests, list) or not tests or not all(isinstance(test, str) for test in tests):
        raise LedgerError(f"{source.name}: {row['name']}: tests is a list of node ids")
    texts = {name: value for name, value in row.items() if name != "tests"}
    values = {name: value for name, value in texts.items() if isinstance(value, str)}
    if values.keys() != texts.keys() or not all(values[name] for name in ("name", "rule", "file", "find")):
        raise LedgerError(f"{source.name}: {row['name']}: texts only, and only the replacement may be empty")
    return Sabotage(
        name=values["name"],
        rule=values["rule"],
        file=values["file"],
        find=values["find"],
        replace=values["replace"],
        tests=tuple(tests),
    )


def load(folder: Path = FOLDER) -> list[Sabotage]:
    """Read all ledgers; raises LedgerError for an entry that is not complete, or a name used twice."""
    found: list[Sabotage] = []
    for source in sorted(folder.glob("*.toml")):
        try:
            content = tomllib.loads(source.read_text("utf-8"))
        except tomllib.TOMLDecodeError as err:
            raise LedgerError(f"{source.name}: {err}") from None
        if content.keys() != {"sabotage"}:
            raise LedgerError(f"{source.name}: holds [[sabotage]] entries only")
        found += [_read(row, source) for row in content["sabotage"]]
    names = [sabotage.name for sabotage in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise LedgerError(f"names used twice: {', '.join(twice)}")
    return found
