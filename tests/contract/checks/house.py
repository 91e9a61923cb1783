"""A tree of files to be judged: the repository itself, or a spoilt copy of it."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOMAIN = "wyze_local"
HALL = Path("custom_components") / DOMAIN
ENGINE = HALL / "engine"

_SKIPPED = frozenset({".git", ".tools", ".venv", ".cache", ".output", "__pycache__", "node_modules"})
_SKIPPED_ENDINGS = ("_cache", ".egg-info", ".pyc")


@cache
def _parsed(text: str) -> ast.Module:
    """Parse once per text: spoilt copies differ in one file only."""
    return ast.parse(text)


@cache
def _walked(text: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_parsed(text)))


@dataclass(frozen=True)
class Module:
    """A Python file: its path inside the tree, its text and its syntax."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the syntax."""
        return _walked(self.text)

    def at(self, node: ast.AST) -> str:
        """Return where a node is, for a sentence."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def parents(self) -> dict[ast.AST, ast.AST]:
        """Return the parent of every node."""
        return {child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)}


@dataclass(frozen=True)
class House:
    """A tree of files."""

    root: Path = ROOT

    @cached_property
    def files(self) -> list[Path]:
        """All files that are, or are about to be, under version control; relative paths."""
        if (self.root / ".git").exists():
            listed = subprocess.run(
                ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                cwd=self.root,
                capture_output=True,
                check=True,
                timeout=30,
            )
            paths = {Path(name) for name in listed.stdout.decode().split("\0") if name}
        else:
            paths = set(self._walk(self.root))
        return sorted(path for path in paths if (self.root / path).is_file())

    def _walk(self, folder: Path) -> Iterator[Path]:
        for child in folder.iterdir():
            if child.name in _SKIPPED or child.name.endswith(_SKIPPED_ENDINGS):
                continue
            if child.is_dir() and not child.is_symlink():
                yield from self._walk(child)
            else:
                yield child.relative_to(self.root)

    def python(self, *folders: Path | str) -> list[Module]:
        """Return the Python files below some folders."""
        wanted = tuple(Path(folder) for folder in folders)
        return [
            module for module in self._python if any(module.path.is_relative_to(folder) for folder in wanted)
        ]

    @cached_property
    def _python(self) -> list[Module]:
        found = []
        for path in self.files:
            if path.suffix == ".py":
                text = (self.root / path).read_text("utf-8")
                found.append(Module(path, text, _parsed(text)))
        return found

    def hall(self) -> list[Module]:
        """Return the files of the integration that may import Home Assistant."""
        return [module for module in self.python(HALL) if not module.path.is_relative_to(ENGINE)]

    def module(self, path: Path) -> Module | None:
        """Return one Python file."""
        return next((module for module in self._python if module.path == path), None)

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Yield every file that is text."""
        for path in self.files:
            try:
                yield path, (self.root / path).read_text("utf-8")
            except UnicodeDecodeError:
                continue


def copy_of(source: House, target: Path) -> House:
    """Return a copy of a tree, to be spoilt."""
    for path in source.files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source.root / path, target / path)
    return House(target)


def literal(node: ast.AST | None) -> str | None:
    """Return the string that a node spells, or None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for a chain of names, an empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument."""
    return next((item.value for item in call.keywords if item.arg == name), None)


def docstring_lines(node: ast.AST) -> int:
    """Return how many lines the docstring of a function or class takes."""
    body = getattr(node, "body", [])
    if body and isinstance(body[0], ast.Expr) and literal(body[0].value) is not None:
        return (body[0].end_lineno or 0) - body[0].lineno + 1
    return 0
