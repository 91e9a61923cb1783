"""The texts in translations/: their form, and that they and the code speak of the same things."""

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import probatio

from .code import FUNCTION, Scope, Unreadable, imported
from .flows import Flow, flows
from .house import HALL, House, Module, dotted, keyword

FOLDER = HALL / "translations"
ENGLISH = FOLDER / "en.json"
GUIDE = Path("docs/troubleshooting.md")
REPAIRS = HALL / "repairs.py"

_KEY = probatio.Match(r"^[a-z0-9_-]+$")
_TEXTS: dict[Any, Any] = {_KEY: str}
_FIELDS: dict[Any, Any] = {probatio.Optional("data"): _TEXTS, probatio.Optional("data_description"): _TEXTS}
_STEP: dict[Any, Any] = {
    probatio.Optional("title"): str,
    probatio.Optional("description"): str,
    **_FIELDS,
    probatio.Optional("menu_options"): _TEXTS,
    probatio.Optional("menu_option_descriptions"): _TEXTS,
    probatio.Optional("submit"): str,
    probatio.Optional("sections"): {
        _KEY: {probatio.Required("name"): str, probatio.Optional("description"): str, **_FIELDS}
    },
}
_FLOW: dict[Any, Any] = {
    probatio.Optional("step"): {_KEY: _STEP},
    probatio.Optional("error"): _TEXTS,
    probatio.Optional("abort"): _TEXTS,
    probatio.Optional("progress"): _TEXTS,
    probatio.Optional("create_entry"): _TEXTS,
}
_ACTION: dict[Any, Any] = {
    probatio.Required("name"): str,
    probatio.Required("description"): str,
    probatio.Optional("fields"): {
        _KEY: {probatio.Required("name"): str, probatio.Required("description"): str}
    },
    probatio.Optional("sections"): {
        _KEY: {probatio.Required("name"): str, probatio.Optional("description"): str}
    },
}
_ENTITY: dict[Any, Any] = {
    probatio.Optional("name"): str,
    probatio.Optional("state"): _TEXTS,
    probatio.Optional("state_attributes"): {
        _KEY: {probatio.Optional("name"): str, probatio.Optional("state"): _TEXTS}
    },
    probatio.Optional("unit_of_measurement"): str,
}
_SCHEMA = probatio.Schema(
    {
        probatio.Optional("title"): str,
        probatio.Optional("config"): {**_FLOW, probatio.Optional("flow_title"): str},
        probatio.Optional("config_subentries"): {
            _KEY: {
                **_FLOW,
                probatio.Required("entry_type"): str,
                probatio.Required("initiate_flow"): {
                    probatio.Required("user"): str,
                    probatio.Optional("reconfigure"): str,
                },
            }
        },
        probatio.Optional("options"): _FLOW,
        probatio.Optional("selector"): {_KEY: dict},
        probatio.Optional("entity"): {_KEY: {_KEY: _ENTITY}},
        probatio.Optional("device"): {_KEY: {probatio.Required("name"): str}},
        probatio.Optional("exceptions"): {_KEY: {probatio.Required("message"): str}},
        probatio.Optional("issues"): {
            _KEY: {
                probatio.Required("title"): str,
                probatio.Exclusive("description", "way"): str,
                probatio.Exclusive("fix_flow", "way"): _FLOW,
            }
        },
        probatio.Optional("services"): {_KEY: _ACTION},
        probatio.Optional("triggers"): {_KEY: _ACTION},
        probatio.Optional("conditions"): {_KEY: _ACTION},
        probatio.Optional("system_health"): {probatio.Required("info"): _TEXTS},
        probatio.Optional("common"): _TEXTS,
    }
)


def english(house: House) -> dict[str, Any]:
    """Return the English texts; nothing when there are none that can be read."""
    try:
        content = json.loads((house.root / ENGLISH).read_text("utf-8"))
    except OSError, ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every text with where it stands."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    else:
        yield path, node


def placeholders(text: str) -> set[str]:
    """Return the names in braces; raises ValueError for broken braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


_FORBIDDEN = {
    r"<\s*/?[a-zA-Z]": "holds HTML",
    r"https?://|www\.": "holds an address of the web: pass it as a placeholder",
    r"\[%key:": "refers to another key, which only Core's build understands",
    r"^\s|\s$": "begins or ends with a blank",
    r"'\{\w+\}'": "quotes a placeholder in single quotes",
    r"  ": "holds two blanks in a row",
    r"^$": "is empty",
}


def form(house: House) -> list[str]:
    """Judge en.json: what may stand where, and each text by itself."""
    texts = english(house)
    if not texts:
        return [f"{ENGLISH}: missing, or not an object of texts"]
    found = []
    try:
        _SCHEMA(texts)
    except probatio.MultipleInvalid as err:
        found += [f"{ENGLISH}: {error}" for error in err.errors]
    except probatio.Invalid as err:
        found.append(f"{ENGLISH}: {err}")
    for path, text in leaves(texts):
        where = f"{ENGLISH}: {'.'.join(path)}"
        if not isinstance(text, str):
            found.append(f"{where} is no text")
            continue
        found += [f"{where} {what}" for pattern, what in _FORBIDDEN.items() if re.search(pattern, text)]
        if path[0] == "exceptions" and re.search(r"\b(below|above)\b", text):
            found.append(f"{where} points at a form where there is none")
        try:
            names = placeholders(text)
        except ValueError:
            found.append(f"{where} has broken braces")
            continue
        found += [f"{where}: {{{name}}} is no name" for name in names if not name.isidentifier()]
        if names and path[-2:-1] in {("state",), ("menu_options",)}:
            found.append(f"{where} is a state and cannot have placeholders")
    return found


def languages(house: House) -> list[str]:
    """Judge the other languages: nothing that English does not have, and the same placeholders."""
    source = dict(leaves(english(house)))
    found = []
    for path in house.files:
        if path.parent != FOLDER or path == ENGLISH:
            continue
        for where, text in leaves(json.loads((house.root / path).read_text("utf-8"))):
            if where not in source:
                found.append(f"{path}: {'.'.join(where)} is not in English")
            elif placeholders(text) != placeholders(source[where]):
                found.append(f"{path}: {'.'.join(where)} has other placeholders")
    return found


def _differences(where: str, used: set[str], written: set[str]) -> Iterator[str]:
    for key in sorted(used - written):
        yield f"{where}.{key} is used but has no text"
    for key in sorted(written - used):
        yield f"{where}.{key} has a text but is never used"


def flow_texts(house: House) -> list[str]:
    """Compare the flows with their texts, both ways."""
    texts = english(house)
    found: list[str] = []
    everything = flows(house)
    for kind in ("config", "options", "config_subentries", "issues"):
        group = [flow for flow in everything if flow.kind == kind]
        found += [problem for flow in group for problem in flow.problems]
        repaired = _repairs(house) if kind == "issues" else {}
        for where, section in _sections(texts, kind):
            shown = [flow for flow in group if not repaired or flow.node.name == repaired.get(where)]
            found += _compare(where, shown, section)
        unused = {flow.node.name for flow in group} - set(repaired.values()) if repaired else ()
        found += [f"{REPAIRS}: no issue is repaired by {name}" for name in sorted(unused)]
    return found


def _repairs(house: House) -> dict[str, str]:
    """Return which class repairs what, by where its texts stand: the table `FLOWS` says so."""
    if (module := house.module(REPAIRS)) is None:
        return {}
    for statement in module.tree.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id="FLOWS"), value=ast.Dict(keys=keys, values=values)):
                scope = Scope(house, module, None, None)
                return {
                    f"issues.{key}.fix_flow": dotted(value)
                    for node, value in zip(keys, values, strict=True)
                    if node is not None
                    for key in scope.strings(node)
                }
    return {}


def _sections(texts: dict[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if kind == "issues":
        for key, issue in texts.get("issues", {}).items():
            if "fix_flow" in issue:
                yield f"issues.{key}.fix_flow", issue["fix_flow"]
    elif kind == "config_subentries":
        for key, section in texts.get(kind, {}).items():
            yield f"{kind}.{key}", section
    else:
        yield kind, texts.get(kind, {})


def _compare(where: str, group: list[Flow], section: dict[str, Any]) -> Iterator[str]:
    steps = section.get("step", {})
    yield from _differences(f"{where}.step", {step for flow in group for step in flow.steps}, set(steps))
    for name, attribute in (("error", "errors"), ("abort", "aborts")):
        used = {key for flow in group for key in getattr(flow, attribute)}
        yield from _differences(f"{where}.{name}", used, set(section.get(name, {})))
    options = {key for flow in group for key in flow.menu_options}
    written = {key for step in steps.values() for key in step.get("menu_options", {})}
    yield from _differences(f"{where}.menu_options", options, written)
    yield from _compare_fields(where, group, steps)


def _compare_fields(where: str, group: list[Flow], steps: dict[str, Any]) -> Iterator[str]:
    plain = {name for flow in group for name in flow.fields[0]}
    sections = {name for flow in group for name in flow.fields[1]}
    forms = {f"{where}.step.{name}": step for name, step in steps.items()}
    inner = {
        f"{place}.sections.{name}": part
        for place, step in forms.items()
        for name, part in step.get("sections", {}).items()
    }
    for place, part in {**forms, **inner}.items():
        described = set(part.get("data_description", {}))
        yield from _differences(f"{place}.data_description", set(part.get("data", {})), described)
    written = {key for part in (*forms.values(), *inner.values()) for key in part.get("data", {})}
    yield from _differences(f"{where}.data", plain, written)
    yield from _differences(f"{where}.sections", sections, {place.rpartition(".")[2] for place in inner})


# Exceptions, issues, entities


def _keyed_calls(house: House) -> Iterator[tuple[str, Scope, ast.Call, ast.expr]]:
    """Yield every call with a translation key: the section of its text, where it is, and the key."""
    for module in house.hall():
        for scope, call in _calls(house, module):
            key = keyword(call, "translation_key")
            if key is None:
                continue
            name = dotted(call.func).rpartition(".")[2]
            if name == "async_create_issue":
                yield "issues", scope, call, key
            elif not name.endswith(("Description", "SelectorConfig")):
                yield "exceptions", scope, call, key


def _calls(house: House, module: Module) -> Iterator[tuple[Scope, ast.Call]]:
    """Yield the calls of a file with the innermost function around each."""

    def walk(node: ast.AST, scope: Scope) -> Iterator[tuple[Scope, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.ClassDef):
                inner = Scope(house, module, child, None)
            elif isinstance(child, FUNCTION):
                inner = Scope(house, module, scope.owner, child)
            if isinstance(child, ast.Call):
                yield inner, child
            yield from walk(child, inner)

    yield from walk(module.tree, Scope(house, module, None, None))


def key_texts(house: House) -> list[str]:
    """Compare exceptions and issues with their texts, both ways, placeholders included."""
    texts = english(house)
    found: list[str] = []
    used: dict[str, set[str]] = {"exceptions": set(), "issues": set()}
    shown = _flow_placeholders(house)
    for section, scope, call, key in _keyed_calls(house):
        try:
            keys = scope.strings(key)
        except Unreadable as err:
            found.append(f"{scope.module.at(key)}: cannot be read: {err}")
            continue
        used[section] |= keys
        for name in keys & texts.get(section, {}).keys():
            where = f"{section}.{name}"
            also = shown.get(f"{where}.fix_flow", frozenset())
            found += _wrong_placeholders(scope, call, where, texts[section][name], also)
        if section == "issues":
            found += _wrong_way(scope, call, keys, texts.get("issues", {}))
    for section, keys in used.items():
        found += _differences(section, keys, set(texts.get(section, {})))
    return found


def _flow_placeholders(house: House) -> dict[str, frozenset[str]]:
    """Return which placeholders a repair's own pages may fill in, by where their texts stand."""
    named = {flow.node.name: flow.module for flow in flows(house)}
    return {
        where: frozenset(
            str(key.value)
            for node in named[name].nodes
            if isinstance(node, ast.Dict)
            for key in node.keys
            if isinstance(key, ast.Constant)
        )
        for where, name in _repairs(house).items()
        if name in named
    }


def _wrong_placeholders(
    scope: Scope, call: ast.Call, where: str, texts: dict[str, Any], also: frozenset[str]
) -> Iterator[str]:
    given = keyword(call, "translation_placeholders")
    if given is not None and not isinstance(given, ast.Dict):
        return
    names = {getattr(key, "value", None) for key in given.keys} if given else set()
    if None in names:
        return
    for _, text in leaves(texts):
        for name in placeholders(text) - names - also:
            yield f"{scope.module.at(call)}: {where} wants {{{name}}}, which is not given"


def _wrong_way(scope: Scope, call: ast.Call, keys: set[str], issues: dict[str, Any]) -> Iterator[str]:
    fixable = keyword(call, "is_fixable")
    ways: dict[Any, str] = {True: "fix_flow", False: "description"}
    wanted = ways.get(getattr(fixable, "value", None))
    for key in keys & issues.keys():
        if wanted and wanted not in issues[key]:
            yield f"{scope.module.at(call)}: issues.{key} has no {wanted}"


def entity_texts(house: House) -> list[str]:
    """Compare the entities with their texts, both ways, states of enumerations included."""
    texts = english(house).get("entity", {})
    found: list[str] = []
    used: dict[str, set[str]] = {}
    for module in house.hall():
        platform = module.path.stem
        for description in _descriptions(module):
            key = description.translation_key
            if key is None:
                if not (
                    isinstance(description.name, str) or description.name is None or description.device_class
                ):
                    found.append(f"{module.path}: {description.key} has no name of any kind")
                continue
            used.setdefault(platform, set()).add(key)
            options = getattr(description, "options", None)
            if options is not None:
                states = set(texts.get(platform, {}).get(key, {}).get("state", {}))
                found += _differences(
                    f"entity.{platform}.{key}.state", {str(option) for option in options}, states
                )
    for platform in used.keys() | texts.keys():
        found += _differences(f"entity.{platform}", used.get(platform, set()), set(texts.get(platform, {})))
    return found


def _descriptions(module: Module) -> Iterator[Any]:
    """Yield the entity descriptions that a module holds, alone or in tuples."""
    if "Description" not in module.text or module.path.parent != HALL:
        return
    for value in vars(imported(module)).values():
        for item in value if isinstance(value, tuple | list) else (value,):
            # Not by isinstance: Home Assistant makes these classes anew behind their names.
            if type(item).__name__.endswith("EntityDescription"):
                yield item


def health_texts(house: House) -> list[str]:
    """Compare what system health shows with its texts."""
    module = house.module(HALL / "system_health.py")
    written = set(english(house).get("system_health", {}).get("info", {}))
    shown: set[object] = set()
    for node in module.nodes if module else ():
        if isinstance(node, ast.Dict):
            shown.update(key.value for key in node.keys if isinstance(key, ast.Constant))
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.ctx, ast.Store)
        ):
            shown.add(node.slice.value)
    return list(_differences("system_health.info", {str(key) for key in shown}, written))


def troubleshooting(house: House) -> list[str]:
    """Every word of the connection sensor is explained in the docs, with the very same word."""
    guide = (house.root / GUIDE).read_text("utf-8")
    said = set(re.findall(r"^\| ([^|]+?) \|", guide, re.MULTILINE)) - {"it says"}
    sensor = english(house).get("entity", {}).get("sensor", {}).get("connection", {})
    browsers = sensor.get("state_attributes", {}).get("browsers", {})
    words = [*sensor.get("state", {}).values(), *browsers.get("state", {}).values()]
    found = [f"{GUIDE}: {word!r} is not explained" for word in words if word not in said]
    return found + [f"{GUIDE}: no sensor says {word!r}" for word in sorted(said - set(words))]
