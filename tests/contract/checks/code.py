"""Which strings an expression of the integration may have, followed through names, calls and branches."""

import ast
import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType

from .families import family
from .house import HALL, House, Module, dotted, keyword

type Function = ast.FunctionDef | ast.AsyncFunctionDef

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


class Unreadable(Exception):
    """An expression whose values cannot be told from the code; the message shows it."""


def functions(nodes: Iterable[ast.stmt]) -> dict[str, Function]:
    """Return the functions among some statements, by name."""
    return {node.name: node for node in nodes if isinstance(node, FUNCTION)}


def parameters(function: Function) -> list[str]:
    """Return the names of a function's parameters."""
    arguments = function.args
    return [item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def imported(module: Module) -> ModuleType:
    """Return the module itself, to look constants up in."""
    return importlib.import_module(
        ".".join(part for part in module.path.with_suffix("").parts if part != "__init__")
    )


@dataclass(frozen=True)
class Scope:
    """Where an expression stands."""

    house: House
    module: Module
    owner: ast.ClassDef | None
    function: Function | None

    def called(self, node: ast.expr) -> Scope | None:
        """Return the function behind `self.x`, `x` or an `x` imported from a neighbour."""
        name = dotted(node)
        if name.startswith("self.") and self.owner is not None:
            found = functions(self.owner.body).get(name.removeprefix("self."))
            return Scope(self.house, self.module, self.owner, found) if found else None
        if found := functions(self.module.tree.body).get(name):
            return Scope(self.house, self.module, self.owner, found)
        for statement in self.module.tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.level == 1 and statement.module:
                neighbour = self.house.module(HALL / f"{statement.module}.py")
                if neighbour and any(name in (alias.asname, alias.name) for alias in statement.names):
                    found = functions(neighbour.tree.body).get(name)
                    return Scope(self.house, neighbour, None, found) if found else None
        return None

    def strings(self, node: ast.expr, seen: frozenset[tuple[str, str]] = frozenset()) -> set[str]:
        """Return every string that an expression may have; raises Unreadable."""
        return set(self._strings(node, seen))

    def _strings(self, node: ast.expr, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        match node:
            case ast.Constant(value=str() as text):
                yield text
            case ast.Constant(value=None):
                return
            case ast.IfExp(body=first, orelse=second):
                yield from self.strings(first, seen) | self.strings(second, seen)
            case ast.BoolOp(values=values):
                for value in values:
                    yield from self._strings(value, seen)
            case ast.JoinedStr():
                yield from self._formatted(node)
            case ast.Call() if (target := self.called(node.func)) is not None:
                yield from target.returned(seen)
            case ast.Name(id=name):
                yield from self._named(name, seen)
            case _:
                raise Unreadable(ast.unparse(node))

    def returned(self, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        """Yield what the function of this scope may return."""
        assert self.function is not None
        mark = (self.function.name, "return")
        if mark in seen:
            return
        for inner in ast.walk(self.function):
            if isinstance(inner, ast.Return) and inner.value is not None:
                yield from self._strings(inner.value, seen | {mark})

    def _formatted(self, node: ast.JoinedStr) -> frozenset[str]:
        """Return the family of a formatted string; constants of the module are filled in."""
        form = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                form += str(part.value)
            elif isinstance(part, ast.FormattedValue):
                name = dotted(part.value) or getattr(part.value, "attr", "")
                constant = getattr(imported(self.module), name, None)
                form += constant if isinstance(constant, str) else "{" + name.rpartition(".")[2] + "}"
        found = frozenset({form}) if "{" not in form else family(form)
        if found is None:
            raise Unreadable(f"{form} (a new family for families.py?)")
        return found

    def _named(self, name: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        where = self.function.name if self.function else ""
        if (where, name) in seen:
            return
        seen |= {(where, name)}
        sources = list(self._assigned(name))
        passed = list(self._passed(name))
        for scope, value in [*((self, value) for value in sources), *passed]:
            yield from scope._strings(value, seen)
        if not sources and not passed:
            constant = getattr(imported(self.module), name, None)
            if not isinstance(constant, str):
                raise Unreadable(name)
            yield str(constant)

    def _assigned(self, name: str) -> Iterator[ast.expr]:
        for node in ast.walk(self.function) if self.function else ():
            match node:
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                    yield value
                case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                    yield value
                case ast.NamedExpr(target=ast.Name(id=found), value=value) if found == name:
                    yield value

    def _passed(self, name: str) -> Iterator[tuple[Scope, ast.expr]]:
        """Yield what is passed for a parameter, wherever this file calls the function."""
        if self.function is None or name not in parameters(self.function):
            return
        owner = self.owner.body if self.owner else []
        for caller in (*functions(owner).values(), *functions(self.module.tree.body).values()):
            scope = Scope(self.house, self.module, self.owner, caller)
            for node in ast.walk(caller):
                if not isinstance(node, ast.Call):
                    continue
                target = scope.called(node.func)
                if target is None or target.function is not self.function:
                    continue
                names = [item for item in parameters(self.function) if item not in {"self", "cls"}]
                position = names.index(name)
                if (value := keyword(node, name)) is not None:
                    yield scope, value
                elif position < len(node.args):
                    yield scope, node.args[position]
