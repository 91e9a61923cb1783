"""The mechanical rules of Home Assistant's quality scale, and the ledger that claims them."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from homeassistant.const import Platform

from .house import HALL, House, Module, dotted

RULES = frozenset(
    [
        "action-setup",
        "appropriate-polling",
        "brands",
        "common-modules",
        "config-flow",
        "config-flow-test-coverage",
        "dependency-transparency",
        "docs-actions",
        "docs-triggers",
        "docs-conditions",
        "docs-high-level-description",
        "docs-installation-instructions",
        "docs-removal-instructions",
        "entity-event-setup",
        "entity-unique-id",
        "has-entity-name",
        "runtime-data",
        "test-before-configure",
        "test-before-setup",
        "unique-config-entry",
        "action-exceptions",
        "config-entry-unloading",
        "docs-configuration-parameters",
        "docs-installation-parameters",
        "entity-unavailable",
        "integration-owner",
        "log-when-unavailable",
        "parallel-updates",
        "reauthentication-flow",
        "test-coverage",
        "devices",
        "diagnostics",
        "discovery",
        "discovery-update-info",
        "docs-data-update",
        "docs-examples",
        "docs-known-limitations",
        "docs-supported-devices",
        "docs-supported-functions",
        "docs-troubleshooting",
        "docs-use-cases",
        "dynamic-devices",
        "entity-category",
        "entity-device-class",
        "entity-disabled-by-default",
        "entity-translations",
        "exception-translations",
        "icon-translations",
        "reconfiguration-flow",
        "repair-issues",
        "stale-devices",
        "async-dependency",
        "inject-websession",
        "strict-typing",
    ]
)

ENTRY = re.compile(r"[A-Za-z]+ConfigEntry")
"""How hassfest wants the entry's type to be called: letters only, and our own alias."""

_TAKES_ENTRY = frozenset(
    {
        "async_setup_entry",
        "async_unload_entry",
        "async_migrate_entry",
        "async_remove_entry",
        "async_remove_config_entry_device",
        "async_get_config_entry_diagnostics",
        "async_get_device_diagnostics",
        "async_get_options_flow",
    }
)

HEADINGS: dict[str, str] = {
    "docs-high-level-description": r"why|what it is|what you get",
    "docs-installation-instructions": r"install",
    "docs-removal-instructions": r"remov",
    "docs-configuration-parameters": r"option|parameter|setting",
    "docs-installation-parameters": r"parameter",
    "docs-data-update": r"update|poll|fresh|how .* (know|learn|look)",
    "docs-examples": r"example|blueprint|automation",
    "docs-known-limitations": r"limit|not cover|proven|does not",
    "docs-supported-devices": r"which cameras|supported (cameras|devices|models)",
    "docs-supported-functions": r"what you get|functions|entities",
    "docs-troubleshooting": r"troubl|goes wrong",
    "docs-use-cases": r"use case|why|for whom|what for",
}
"""The heading, in README.md or docs/, under which a documented rule is kept."""


def platforms(house: House) -> list[Module]:
    """Return the platform files."""
    names = {platform.value for platform in Platform}
    return [module for module in house.hall() if module.path.parent == HALL and module.path.stem in names]


def parallel_updates(house: House) -> list[str]:
    """Every platform says how many updates may run at once."""
    return [
        f"{module.path}: PARALLEL_UPDATES is missing"
        for module in platforms(house)
        if not any("PARALLEL_UPDATES" in _names(node) for node in module.tree.body)
    ]


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign):
        return [dotted(target) for target in node.targets]
    return [dotted(node.target)] if isinstance(node, ast.AnnAssign) else []


def entry_types(house: House) -> list[str]:
    """Everything that takes the entry names its own type."""
    found = []
    for module in house.hall():
        for node in module.nodes:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name not in _TAKES_ENTRY:
                continue
            for argument in node.args.args:
                if argument.arg in {"entry", "config_entry"}:
                    name = dotted(argument.annotation) if argument.annotation else ""
                    if not ENTRY.fullmatch(name):
                        found.append(f"{module.at(node)}: {node.name} takes {name or 'an untyped entry'}")
    aliases = [
        node.name.id
        for module in house.hall()
        for node in module.tree.body
        if isinstance(node, ast.TypeAlias) and ENTRY.fullmatch(node.name.id)
    ]
    if len(aliases) != 1:
        found.append(f"there must be one type alias for the entry, not {aliases}")
    return found


def _functions(house: House, path: Path) -> set[str]:
    module = house.module(path)
    if module is None:
        return set()
    return {node.name for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def needed_functions(house: House) -> list[str]:
    """What Home Assistant calls must be there under its name."""
    needed: dict[str, tuple[str, ...]] = {
        "__init__.py": ("async_setup_entry", "async_unload_entry", "async_remove_entry"),
        "config_flow.py": ("async_step_user", "async_get_options_flow", "async_get_supported_subentry_types"),
        "account_flow.py": ("async_step_reauth", "async_step_reconfigure"),
        "camera_flow.py": ("async_step_reconfigure",),
        "diagnostics.py": ("async_get_config_entry_diagnostics",),
        "system_health.py": ("async_register",),
        "repairs.py": ("async_create_fix_flow",),
    }
    found = [
        f"{HALL / file}: {name} is missing"
        for file, names in needed.items()
        for name in names
        if name not in _functions(house, HALL / file)
    ]
    for file in ("config_flow.py", "account_flow.py"):
        module = house.module(HALL / file)
        if module is None or "async_set_unique_id" not in module.text:
            found.append(f"{HALL / file}: sets no unique id")
    backup = _functions(house, HALL / "backup.py")
    if backup and not {"async_pre_backup", "async_post_backup"} <= backup:
        found.append(f"{HALL / 'backup.py'}: needs both async_pre_backup and async_post_backup")
    return found


def _class_values(module: Module, name: str) -> Iterator[Any]:
    for node in module.nodes:
        if isinstance(node, ast.Assign) and name in _names(node):
            yield getattr(node.value, "value", None)


def entities(house: House) -> list[str]:
    """Entities take their name from their device, have unique ids, and one device description."""
    found = []
    modules = house.hall()
    named = [value for module in modules for value in _class_values(module, "_attr_has_entity_name")]
    if not named or not all(value is True for value in named):
        found.append("_attr_has_entity_name must be True, in the base entity")
    text = "\n".join(module.text for module in modules)
    if "_attr_unique_id" not in text and "def unique_id" not in text:
        found.append("no entity has a unique id")
    found += [
        f"{module.at(node)}: device info belongs into entity.py only"
        for module in modules
        if module.path != HALL / "entity.py"
        for node in module.nodes
        if isinstance(node, ast.Call) and dotted(node.func).endswith("DeviceInfo")
    ]
    found += [
        f"{module.at(node)}: an entity id is never set"
        for module in modules
        for node in module.nodes
        if isinstance(node, ast.Assign)
        and any(name in {"self.entity_id", "entity_id"} for name in _names(node))
        and isinstance(node.value, ast.Constant | ast.JoinedStr)
    ]
    return found


def set_up(house: House) -> list[str]:
    """What set-up must have: no YAML, runtime data, a try before it says yes, and one way to reload."""
    found = []
    init = house.module(HALL / "__init__.py")
    if init is None:
        return ["there is no __init__.py"]
    if "async_setup" in _functions(house, init.path) and "CONFIG_SCHEMA" not in init.text:
        found.append(f"{init.path}: CONFIG_SCHEMA is missing")
    if "runtime_data" not in init.text:
        found.append(f"{init.path}: runtime_data is not set")
    if not re.search(r"ConfigEntry(NotReady|Error|AuthFailed)|async_config_entry_first_refresh", init.text):
        found.append(f"{init.path}: set-up does not test anything first")
    whole = "\n".join(module.text for module in house.hall())
    if "add_update_listener" in whole and re.search(
        r"async_update_reload_and_abort|OptionsFlowWithReload|reload_on_update=True", whole
    ):
        found.append("an update listener together with a reloading flow is an error from 2026.12 on")
    if "OptionsFlowWithConfigEntry" in whole:
        found.append("OptionsFlowWithConfigEntry must not be used")
    return found


def ledger(house: House) -> list[str]:
    """The ledger must know all rules, say why one is exempt, and not claim what is plainly not so."""
    path = HALL / "quality_scale.yaml"
    try:
        rules = yaml.safe_load((house.root / path).read_text("utf-8"))["rules"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as err:
        return [f"{path}: {err}"]
    found = [f"{path}: {name} is missing" for name in sorted(RULES - rules.keys())]
    found += [f"{path}: there is no rule {name}" for name in sorted(rules.keys() - RULES)]
    status: dict[str, str] = {}
    for name, value in rules.items():
        row = {"status": value} if isinstance(value, str) else value
        if (
            not isinstance(row, dict)
            or row.get("status") not in {"done", "todo", "exempt"}
            or row.keys() - {"status", "comment"}
        ):
            found.append(f"{path}: {name}: odd status")
            continue
        status[name] = row["status"]
        if row["status"] == "exempt" and not str(row.get("comment") or "").strip():
            found.append(f"{path}: {name}: exempt without a comment")
    found += _claims(house, path, status)
    return found


def _claims(house: House, path: Path, status: dict[str, str]) -> list[str]:
    proofs: dict[str, Callable[[House], list[str]]] = {
        "parallel-updates": parallel_updates,
        "runtime-data": entry_types,
        "strict-typing": entry_types,
        "has-entity-name": entities,
        "config-entry-unloading": needed_functions,
        "diagnostics": needed_functions,
    }
    found = [
        f"{path}: {rule} is not done: {problem}"
        for rule, proof in proofs.items()
        if status.get(rule) == "done"
        for problem in proof(house)
    ]
    documents = [
        file
        for file in house.files
        if file == Path("README.md") or (file.parts[0] == "docs" and file.suffix == ".md")
    ]
    headings = [
        line.lstrip("# ")
        for file in documents
        for line in (house.root / file).read_text("utf-8").splitlines()
        if line.startswith("#")
    ]
    for rule, pattern in HEADINGS.items():
        if status.get(rule) == "done" and not any(
            re.search(pattern, heading, re.IGNORECASE) for heading in headings
        ):
            found.append(f"{path}: {rule} is not done: no heading like /{pattern}/ in README.md or docs/")
    if (house.root / HALL / "services.yaml").exists() and "exempt" in {
        status.get("docs-actions"),
        status.get("action-setup"),
        status.get("action-exceptions"),
    }:
        found.append(f"{path}: there are actions now, so their rules are not exempt")
    return found
