"""What the flows of the integration can show, from their code: steps, menus, fields, errors, ends."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from .code import Function, Scope, Unreadable, functions, imported
from .house import HALL, House, Module, dotted, keyword, literal

_FLOWS = {
    "ConfigFlow": "config",
    "OptionsFlow": "options",
    "OptionsFlowWithReload": "options",
    "ConfigSubentryFlow": "config_subentries",
    "RepairsFlow": "issues",
}


@dataclass
class Flow:
    """One flow class, read."""

    kind: str
    """The section of the texts that it takes its own from."""
    module: Module
    node: ast.ClassDef
    house: House
    steps: set[str] = field(default_factory=set)
    menu_options: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    aborts: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read the class and whatever functions it calls."""
        waiting = [self._scope(function) for function in functions(self.node.body).values()]
        done: list[Function] = []
        while waiting:
            scope = waiting.pop()
            assert scope.function is not None
            if scope.function in done:
                continue
            done.append(scope.function)
            for node in ast.walk(scope.function):
                if isinstance(node, ast.Call):
                    self._read_call(scope, node)
                    if (target := scope.called(node.func)) is not None and self._is_near(target.module):
                        waiting.append(target)
                for value in _error_values(scope.function, node):
                    self._collect(self.errors, scope, value)

    def _is_near(self, module: Module) -> bool:
        """Tell whether a function is of the flow's own file, or of the forms that flows share."""
        return module is self.module or module.path.name.endswith("_form.py")

    def _scope(self, function: Function) -> Scope:
        return Scope(self.house, self.module, self.node, function)

    def _read_call(self, scope: Scope, call: ast.Call) -> None:
        name = dotted(call.func).rpartition(".")[2]
        if name in {"async_show_form", "async_show_menu"} and (step := keyword(call, "step_id")):
            self._collect(self.steps, scope, step)
        if name == "async_show_menu" and (options := keyword(call, "menu_options")):
            for option in getattr(options, "elts", getattr(options, "keys", [])):
                self._collect(self.menu_options, scope, option)
        if name == "async_abort" and (reason := keyword(call, "reason")):
            self._collect(self.aborts, scope, reason)
        if name in {"_abort_if_unique_id_configured", "_async_abort_entries_match"}:
            self.aborts.add("already_configured")
        if name == "async_create_entry" and keyword(call, "unique_id"):
            # Of a subentry: Home Assistant refuses a second one with the same.
            self.aborts.add("already_configured")
        if name == "async_set_unique_id" and keyword(call, "raise_on_progress") is None:
            self.aborts.add("already_in_progress")
        if name == "AbortFlow" and call.args:
            self._collect(self.aborts, scope, call.args[0])

    def _collect(self, into: set[str], scope: Scope, value: ast.expr) -> None:
        try:
            into |= scope.strings(value)
        except Unreadable as err:
            self.problems.append(f"{scope.module.at(value)}: cannot be read: {err}")

    @cached_property
    def fields(self) -> tuple[set[str], set[str]]:
        """The names of plain fields and of sections in all forms of the flow's file.

        Also of the neighbours from which it takes tables called `…FIELDS`.
        """
        plain: set[str] = set()
        sections: set[str] = set()
        for module in (self.module, *self._tables()):
            for node in module.nodes:
                if isinstance(node, ast.Dict):
                    for key, value in zip(node.keys, node.values, strict=True):
                        if key is not None and (name := self._marker(module, key)):
                            kind = dotted(value.func) if isinstance(value, ast.Call) else ""
                            (sections if kind.rpartition(".")[2] == "section" else plain).add(name)
                elif isinstance(node, ast.Subscript) and (name := self._marker(module, node.slice)):
                    plain.add(name)
        return plain, sections

    def _tables(self) -> Iterator[Module]:
        for statement in self.module.tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.level == 1 and statement.module:
                neighbour = self.house.module(HALL / f"{statement.module}.py")
                if neighbour and any(alias.name.endswith("FIELDS") for alias in statement.names):
                    yield neighbour

    def _marker(self, module: Module, node: ast.expr) -> str | None:
        """Return the field that `Required(x)` or `Optional(x)` is about."""
        if not isinstance(node, ast.Call) or dotted(node.func).rpartition(".")[2] not in {
            "Required",
            "Optional",
        }:
            return None
        name = literal(node.args[0]) or getattr(imported(module), dotted(node.args[0]), None)
        if not isinstance(name, str):
            self.problems.append(f"{module.at(node)}: cannot be read: {ast.unparse(node)}")
            return None
        return name


def _error_values(function: Function, node: ast.AST) -> Iterator[ast.expr]:
    """Yield the values that a node puts into a form's errors."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="errors"))], value=value):
            yield value
        case ast.Assign(targets=[ast.Name(id="errors")], value=value):
            yield from _dict_values(value)
        case ast.AnnAssign(target=ast.Name(id="errors"), value=ast.expr() as value):
            yield from _dict_values(value)
        case ast.Call() if (errors := keyword(node, "errors")) is not None:
            yield from _dict_values(errors)
        case ast.Return(value=ast.expr() as value) if "dict[str, str]" in _returns(function):
            yield from _dict_values(value)


def _returns(function: Function) -> str:
    return ast.unparse(function.returns) if function.returns else ""


def _dict_values(node: ast.expr) -> Iterator[ast.expr]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Dict):
            yield from inner.values


def flows(house: House) -> list[Flow]:
    """Return the flow classes of the integration, those that inherit from other files' included."""
    classes = [
        (module, node, {dotted(base).rpartition(".")[2] for base in node.bases})
        for module in house.hall()
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
    ]
    kinds = dict(_FLOWS)
    while more := {
        node.name: kinds[base]
        for _, node, bases in classes
        if node.name not in kinds
        for base in bases & kinds.keys()
    }:
        kinds |= more
    return [Flow(kinds[node.name], module, node, house) for module, node, _ in classes if node.name in kinds]
