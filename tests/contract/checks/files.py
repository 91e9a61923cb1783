"""The files that Home Assistant and its Marketplace read, against their own code where that can be had."""

import ast
import json
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import probatio
import yaml

from homeassistant.components.marketplace.exceptions import MarketplaceError
from homeassistant.components.marketplace.repositories.base import RepositoryManifest
from homeassistant.components.marketplace.repositories.integration import _check_loadable_manifest
from homeassistant.components.marketplace.utils.validate import INTEGRATION_MANIFEST_VALUES
from homeassistant.helpers import service
from homeassistant.helpers.condition import descriptions as condition_descriptions
from homeassistant.helpers.trigger import descriptions as trigger_descriptions

from .house import DOMAIN, HALL, House, dotted

CORE = Path(service.__file__).parents[1]

MANIFEST_KEYS: dict[str, Any] = {
    "domain": str,
    "name": str,
    "after_dependencies": [str],
    "categories": [str],
    "codeowners": [probatio.Match(r"^@[A-Za-z0-9-]+$")],
    "config_flow": bool,
    "connectivity": [str],
    "dependencies": [str],
    "dhcp": [dict],
    "documentation": probatio.Match(r"^https://(?!www\.home-assistant\.io/integrations)\S+$"),
    "import_executor": bool,
    "integration_type": probatio.In(["device", "entity", "hardware", "helper", "hub", "service", "system"]),
    "iot_class": probatio.In(
        ["assumed_state", "calculated", "cloud_polling", "cloud_push", "local_polling", "local_push"]
    ),
    "issue_tracker": probatio.Match(r"^https://\S+/issues$"),
    "loggers": [str],
    "quality_scale": "custom",
    "requirements": [probatio.Match(r"^\S+$")],
    "single_config_entry": bool,
    "ssdp": [dict],
    "version": str,
    "zeroconf": list,
}
MANIFEST_NEEDED = frozenset(
    {
        "codeowners",
        "config_flow",
        "documentation",
        "domain",
        "integration_type",
        "iot_class",
        "issue_tracker",
        "name",
        "version",
    }
)
HACS_KEYS = frozenset(
    {
        "content_in_root",
        "country",
        "filename",
        "hacs",
        "hide_default_branch",
        "homeassistant",
        "name",
        "persistent_directory",
        "render_readme",
        "zip_release",
    }
)

# Components whose modules may be imported without being a dependency, as hassfest has it.
_FREE_COMPONENTS = frozenset(
    {
        "diagnostics",
        "media_player",
        "media_source",
        "persistent_notification",
        "repairs",
        "stream",
        "system_health",
        "webhook",
        "websocket_api",
        "frontend",
    }
)


def _read_json(house: House, path: Path) -> tuple[Any, list[str]]:
    try:
        return json.loads((house.root / path).read_text("utf-8")), []
    except FileNotFoundError:
        return None, [f"{path} is missing"]
    except ValueError as err:
        return None, [f"{path}: {err}"]


def manifest(house: House) -> list[str]:
    """Judge manifest.json by the loader's and the Marketplace's own code, and by hassfest's rules."""
    path = HALL / "manifest.json"
    content, found = _read_json(house, path)
    if not isinstance(content, dict):
        return found or [f"{path}: not an object"]
    try:
        _check_loadable_manifest(house.root / HALL, DOMAIN)
    except MarketplaceError as err:
        found.append(f"{path}: the Marketplace refuses it: {err.translation_key}")
    found += [f"{path}: {name} is missing" for name in sorted(MANIFEST_NEEDED - content.keys())]
    for name, value in content.items():
        if name not in MANIFEST_KEYS:
            found.append(f"{path}: unknown key {name}")
            continue
        for schema in (MANIFEST_KEYS[name], INTEGRATION_MANIFEST_VALUES.get(name, object)):
            found += _judge(path, name, schema, value)
    wanted = sorted(content, key=lambda name: (name != "domain", name != "name", name))
    if list(content) != wanted:
        found.append(f"{path}: keys must be domain, name, then in order of the alphabet")
    for name, file in (
        ("categories", "integration_categories"),
        ("connectivity", "integration_connectivity"),
    ):
        known = _slugs(json.loads((CORE / "generated" / f"{file}.json").read_text()))
        found += [
            f"{path}: {value} is no slug of {name}" for value in content.get(name, []) if value not in known
        ]
    found += _dependencies(house, path, content)
    return found


def _judge(path: Path, name: str, schema: Any, value: Any) -> list[str]:
    try:
        probatio.Schema(schema)(value)
    except probatio.Invalid as err:
        return [f"{path}: {name}: {err}"]
    return []


def _slugs(rows: list[dict[str, Any]], prefix: str = "") -> set[str]:
    found = set()
    for row in rows:
        found |= {f"{prefix}{row['slug']}", *_slugs(row.get("subcategories", []), f"{prefix}{row['slug']}.")}
    return found


def _dependencies(house: House, path: Path, content: dict[str, Any]) -> Iterator[str]:
    """Every component that is imported at run time must be set up or installed before us."""
    declared = {*content.get("dependencies", []), *content.get("after_dependencies", [])}
    for name in declared:
        if not (CORE / "components" / name).is_dir():
            yield f"{path}: there is no component {name}"
    own_files = {module.path.stem for module in house.hall()}
    for module in house.hall():
        guarded = _type_checking_nodes(module.tree)
        for node in module.nodes:
            for component in _components(node) if node not in guarded else ():
                if component not in declared | _FREE_COMPONENTS | own_files:
                    yield f"{module.at(node)}: {component} is imported but no dependency in the manifest"


def _components(node: ast.AST) -> list[str]:
    names: list[str] = []
    if isinstance(node, ast.ImportFrom) and node.module == "homeassistant.components":
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        names = [node.module or ""]
    elif isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    return [name.split(".")[2] for name in names if name.startswith("homeassistant.components.")]


def _type_checking_nodes(tree: ast.Module) -> set[ast.AST]:
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING")
        for child in node.body
        for inner in ast.walk(child)
    }


def hacs(house: House) -> list[str]:
    """Judge hacs.json: the Marketplace must not drop anything of it, and HACS's action must know each key."""
    path = Path("hacs.json")
    content, found = _read_json(house, path)
    if not isinstance(content, dict):
        return found or [f"{path}: not an object"]
    found += [f"{path}: unknown key {name}" for name in content.keys() - HACS_KEYS]
    parsed = RepositoryManifest.from_dict(content)
    for name, value in content.items():
        if hasattr(parsed, name) and getattr(parsed, name) != value:
            found.append(f"{path}: the Marketplace ignores {name}")
    if not content.get("name"):
        found.append(f"{path}: name is missing")
    manifest_content, _ = _read_json(house, HALL / "manifest.json")
    if isinstance(manifest_content, dict) and content.get("name") != manifest_content.get("name"):
        found.append(f"{path}: the name is not the manifest's")
    pinned = re.search(r'"homeassistant==([0-9.]+)"', (house.root / "pyproject.toml").read_text())
    if pinned and content.get("homeassistant") != pinned[1]:
        found.append(f"{path}: the minimum version is not the tested one, {pinned[1]}")
    folders = {
        module.parts[1]
        for module in house.files
        if module.parts[0] == "custom_components" and len(module.parts) > 2
    }
    if folders != {DOMAIN}:
        found.append(f"custom_components must hold one integration, not {sorted(folders)}")
    return found


def actions(house: House) -> list[str]:
    """Judge services.yaml, triggers.yaml and conditions.yaml by the schemas that Home Assistant has."""
    kinds: dict[str, tuple[Callable[[Any], Any], str]] = {
        "services.yaml": (service._SERVICES_SCHEMA, "services.py"),
        "triggers.yaml": (trigger_descriptions._TRIGGERS_DESCRIPTION_SCHEMA, "trigger.py"),
        "conditions.yaml": (condition_descriptions._CONDITIONS_DESCRIPTION_SCHEMA, "condition.py"),
    }
    texts, found = _read_json(house, HALL / "translations" / "en.json")
    for name, (schema, code) in kinds.items():
        path = HALL / name
        if not (house.root / path).exists():
            if house.module(HALL / code) is not None or (texts or {}).get(path.stem):
                found.append(f"{name} is missing, but there is code or text for it")
            continue
        try:
            content = yaml.safe_load((house.root / path).read_text("utf-8"))
            schema(content)
        except (yaml.YAMLError, probatio.Invalid) as err:
            found.append(f"{path}: {err}")
            continue
        section = path.stem
        written = (texts or {}).get(section, {})
        found += [f"{path}: no text for {key}" for key in content.keys() - written.keys()]
        found += [f"en.json: {section}.{key} is not in {name}" for key in written.keys() - content.keys()]
        for key, description in content.items():
            fields = set((description or {}).get("fields", {}))
            known = set(written.get(key, {}).get("fields", {}))
            found += (
                [f"{path}: text and fields of {key} differ: {sorted(fields ^ known)}"]
                if fields != known
                else []
            )
    registers = [
        module.at(node)
        for module in house.hall()
        for node in module.nodes
        if isinstance(node, ast.Call) and dotted(node.func).endswith("services.async_register")
    ]
    if registers and not (house.root / HALL / "services.yaml").exists():
        found += [f"{where}: an action without services.yaml" for where in registers]
    return found


_ICON = probatio.Match(r"^mdi:[a-z0-9-]+$")
_ENTITY_ICON = {
    probatio.Optional("default"): _ICON,
    probatio.Optional("state"): {str: _ICON},
    probatio.Optional("range"): {str: _ICON},
    probatio.Optional("state_attributes"): {
        str: {probatio.Optional("default"): _ICON, probatio.Optional("state"): {str: _ICON}}
    },
}
_ICONS = probatio.Schema(
    {
        probatio.Optional("entity"): {str: {str: _ENTITY_ICON}},
        probatio.Optional("services"): {
            str: {probatio.Required("service"): _ICON, probatio.Optional("sections"): {str: _ICON}}
        },
        probatio.Optional("triggers"): {str: {probatio.Required("trigger"): _ICON}},
        probatio.Optional("conditions"): {str: {probatio.Required("condition"): _ICON}},
    }
)


def icons(house: House) -> list[str]:
    """Judge icons.json: its form, that the frontend has each icon, and that what they are for has a text."""
    path = HALL / "icons.json"
    if not (house.root / path).exists():
        return []
    content, found = _read_json(house, path)
    texts, more = _read_json(house, HALL / "translations" / "en.json")
    if found or more:
        return found + more
    try:
        _ICONS(content)
    except probatio.Invalid as err:
        return [f"{path}: {err}"]
    import hass_frontend

    drawn = json.loads((hass_frontend.where() / "static" / "mdi" / "iconList.json").read_text())
    names = {row["name"] for row in drawn}
    for icon in re.findall(r'"mdi:([a-z0-9-]+)"', json.dumps(content)):
        if icon not in names:
            found.append(f"{path}: the frontend has no icon mdi:{icon}")
    for platform, entities in content.get("entity", {}).items():
        for key, entity in entities.items():
            written = texts.get("entity", {}).get(platform, {}).get(key)
            if written is None:
                found.append(f"{path}: no text for {platform}.{key}")
                continue
            for state, icon in entity.get("state", {}).items():
                if state not in {*written.get("state", {}), "on", "off"}:
                    found.append(f"{path}: {platform}.{key} has no state {state}")
                if icon == entity.get("default"):
                    found.append(f"{path}: the icon of {platform}.{key}.{state} is the default one")
    return found


def brand(house: House) -> list[str]:
    """Judge the icon: a square PNG of 256 pixels, where the Marketplace looks for it."""
    path = HALL / "brand" / "icon.png"
    try:
        data = (house.root / path).read_bytes()
    except FileNotFoundError:
        return [f"{path} is missing"]
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        return [f"{path}: not a PNG"]
    size = struct.unpack(">II", data[16:24])
    return [] if size == (256, 256) else [f"{path}: {size[0]} × {size[1]} instead of 256 × 256"]


def others(house: House) -> list[str]:
    """Judge what else must or must not be there."""
    found = [f"{HALL / name} is missing" for name in ("py.typed",) if not (house.root / HALL / name).exists()]
    if (house.root / HALL / "strings.json").exists():
        found.append("strings.json is for Core only: texts live in translations/")
    licence = next(
        (house.root / name for name in ("LICENSE", "LICENSE.md") if (house.root / name).exists()), None
    )
    if licence is None or "MIT License" not in licence.read_text("utf-8"):
        found.append("no LICENSE file with the MIT licence")
    for path in house.files:
        if path.is_relative_to(HALL) and path.suffix == ".json":
            found += _read_json(house, path)[1]
    return found
