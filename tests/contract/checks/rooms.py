"""The arrows between the rooms of the engine, and what a room may take from outside."""

import ast
import sys
from collections.abc import Iterator

from .house import ENGINE, House, Module, dotted

ARROWS: dict[str, frozenset[str]] = {
    "model": frozenset(),
    "catalog": frozenset({"model"}),
    "vault": frozenset({"model"}),
    "cloud": frozenset({"model"}),
    "control": frozenset({"model", "catalog"}),
    "lan": frozenset({"model", "catalog"}),
    "child": frozenset({"model"}),
    "relay": frozenset({"model", "catalog", "lan", "child", "check"}),
    "stream": frozenset({"model", "catalog"}),
    "uplink": frozenset(),
    "ownership": frozenset({"model"}),
    "events": frozenset({"model"}),
    "watch": frozenset({"model", "child"}),
    "library": frozenset({"model"}),
    "check": frozenset({"model", "catalog", "lan", "control"}),
}
"""Which rooms a room may import. A room that is not here does not exist."""

OUTSIDE: dict[str, frozenset[str]] = {
    "vault": frozenset({"cryptography"}),
    "cloud": frozenset({"aiohttp", "yarl"}),
    "lan": frozenset({"cryptography"}),
    "stream": frozenset({"aiohttp", "yarl"}),
    "watch": frozenset({"av", "numpy"}),
}
"""Which packages beside the standard library a room may import."""


def wrong_arrows(house: House) -> list[str]:
    """Return every import inside the engine that the tables do not allow."""
    return [sentence for module in house.python(ENGINE) for sentence in _judge(module)]


def _judge(module: Module) -> Iterator[str]:
    inside = module.path.relative_to(ENGINE)
    room = inside.parts[0] if len(inside.parts) > 1 else ""
    if room and room not in ARROWS:
        yield f"{module.path}: the house has no room called {room}"
        return
    for node in module.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _judge_absolute(module, node, room, alias.name)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from _judge_absolute(module, node, room, node.module or "")
        elif isinstance(node, ast.ImportFrom):
            yield from _judge_relative(module, node, room)
        elif isinstance(node, ast.Call) and dotted(node.func) in _BY_NAME:
            yield f"{module.at(node)}: imports by name, where no table sees it"


_BY_NAME = frozenset({"__import__", "import_module", "importlib.import_module", "importlib.__import__"})


def _judge_absolute(module: Module, node: ast.AST, room: str, name: str) -> Iterator[str]:
    package = name.partition(".")[0]
    if package in sys.stdlib_module_names and package != "__future__":
        return
    if package not in OUTSIDE.get(room, frozenset()):
        yield f"{module.at(node)}: the room {room or 'engine'} may not import {name}"


def _judge_relative(module: Module, node: ast.ImportFrom, room: str) -> Iterator[str]:
    package = module.path.relative_to(ENGINE).parts[:-1]
    base = package[: len(package) - (node.level - 1)]
    if node.level - 1 > len(package):
        yield f"{module.at(node)}: reaches out of the engine"
        return
    target = [*base, *(node.module or "").split(".")] if node.module else list(base)
    names = [target[0]] if target else [alias.name for alias in node.names]
    for name in names:
        if name != room and name not in ARROWS.get(room, frozenset()):
            yield f"{module.at(node)}: no arrow leads from {room or 'engine'} to {name}"


def strangers(house: House) -> list[str]:
    """Return where the integration knows of what only development has, or the simulator of the engine."""
    found = []
    for module in (*house.python("custom_components"), *house.python("dev/simulator")):
        in_simulator = module.path.parts[0] == "dev"
        forbidden = {"custom_components", "engine"} if in_simulator else {"dev", "tests"}
        for node in module.nodes:
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            found += [
                f"{module.at(node)}: may not import {name}"
                for name in names
                if name.partition(".")[0] in forbidden
            ]
    return found


def both_ends(house: House) -> list[str]:
    """Return tests that judge the engine's LAN protocol by the simulator's: one hand would test itself."""
    found = []
    for module in house.python("tests"):
        imported = set()
        for node in module.nodes:
            if isinstance(node, ast.ImportFrom):
                imported |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
        wire = any(name.startswith("dev.simulator.wire") for name in imported)
        lan = any(
            name.removeprefix("custom_components.wyze_local.").startswith("engine.lan") for name in imported
        )
        if wire and lan:
            found.append(f"{module.path}: imports both ends of the protocol")
    return found
