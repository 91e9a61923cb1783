"""What Home Assistant and its Marketplace read from files, judged offline by their own code where it is."""

import json
import struct
from typing import Any

import pytest

from tests.contract.checks import files, quality
from tests.contract.checks.house import HALL, House
from tests.contract.conftest import Check, Spoiler, nothing

MANIFEST = HALL / "manifest.json"
ICONS = HALL / "icons.json"
LEDGER = HALL / "quality_scale.yaml"


@pytest.mark.parametrize(
    "check",
    [files.manifest, files.hacs, files.actions, files.icons, files.brand, files.others],
    ids=lambda f: f.__name__,
)
def test_files_are_as_home_assistant_wants_them(house: House, check: Check) -> None:
    nothing(check(house))


def changed(spoiler: Spoiler, path: Any, **values: Any) -> Spoiler:
    """Change, add or (with None) drop keys of a JSON file."""
    content = json.loads((spoiler.root / path).read_text())
    for name, value in values.items():
        content.pop(name, None) if value is None else content.update({name: value})
    return spoiler.write(path, json.dumps(content))


@pytest.mark.parametrize(
    "values",
    [
        {"version": None},
        {"version": "one"},
        {"version": 1},
        {"domain": "other"},
        {"name": None},
        {"name": 5},
        {"codeowners": "me"},
        {"codeowners": ["me"]},
        {"config_flow": "yes"},
        {"documentation": "https://www.home-assistant.io/integrations/wyze_local"},
        {"documentation": "http://plain"},
        {"iot_class": "magic"},
        {"integration_type": "virtual"},
        {"issue_tracker": None},
        {"dependencies": ["no_such_component"]},
        {"dependencies": []},
        {"zz_unknown": 1},
        {"requirements": ["a b"]},
        {"categories": ["no.such"]},
        {"connectivity": ["telepathy"]},
        {"quality_scale": "platinum"},
    ],
    ids=str,
)
def test_a_wrong_manifest_is_found(spoiler: Spoiler, values: dict[str, Any]) -> None:
    assert changed(spoiler, MANIFEST, **values).found(files.manifest)


def test_a_manifest_out_of_order_is_found(spoiler: Spoiler) -> None:
    content = json.loads((spoiler.root / MANIFEST).read_text())
    spoiler.write(MANIFEST, json.dumps(dict(reversed(content.items()))))
    assert spoiler.found(files.manifest)


def test_a_broken_or_missing_manifest_is_found(spoiler: Spoiler) -> None:
    assert spoiler.write(MANIFEST, "{").found(files.manifest)
    assert spoiler.remove(MANIFEST).found(files.manifest)


def test_an_undeclared_component_is_found(spoiler: Spoiler) -> None:
    spoiler.append(HALL / "const.py", "\nfrom homeassistant.components.mqtt import client\n")
    assert spoiler.found(files.manifest)


def test_known_categories_are_let_through(spoiler: Spoiler) -> None:
    changed(spoiler, MANIFEST, categories=["security_safety.cameras"], connectivity=["network"])
    assert all("slug" not in sentence for sentence in spoiler.found(files.manifest))


@pytest.mark.parametrize(
    "values",
    [
        {"name": None},
        {"name": 1},
        {"hide_default_branch": "yes"},
        {"homeassistant": "soon"},
        {"homeassistant": "2020.1.0"},
        {"zip_release": "no"},
        {"domains": ["camera"]},
        {"name": "Another"},
    ],
    ids=str,
)
def test_a_wrong_hacs_file_is_found(spoiler: Spoiler, values: dict[str, Any]) -> None:
    assert changed(spoiler, "hacs.json", **values).found(files.hacs)


def test_a_second_integration_is_found(spoiler: Spoiler) -> None:
    assert spoiler.write("custom_components/other/__init__.py", "").found(files.hacs)


GOOD_ACTION = "record:\n  fields:\n    seconds:\n      selector:\n        number:\n          min: 1\n"


def test_actions_are_judged_when_there_are_some(spoiler: Spoiler) -> None:
    path = HALL / "services.yaml"
    texts = {
        "record": {"name": "a", "description": "b", "fields": {"seconds": {"name": "c", "description": "d"}}}
    }
    changed(spoiler, HALL / "translations" / "en.json", services=texts)
    assert spoiler.found(files.actions), "a text without an action"
    assert not spoiler.write(path, GOOD_ACTION).found(files.actions)
    assert spoiler.write(path, GOOD_ACTION.replace("number", "nonsense")).found(files.actions)
    assert spoiler.write(path, GOOD_ACTION.replace("seconds", "minutes")).found(files.actions)
    assert spoiler.write(path, "record: [").found(files.actions)


def test_an_action_without_its_file_is_found(spoiler: Spoiler) -> None:
    spoiler.remove(HALL / "services.yaml")
    spoiler.append(HALL / "shared.py", "\ndef f(hass):\n    hass.services.async_register('a', 'b', None)\n")
    assert spoiler.found(files.actions)
    assert spoiler.write(HALL / "trigger.py", '"""T."""\n').found(files.actions)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda entity: entity.update(default="lan-connect"),
        lambda entity: entity.update(default="mdi:no-such-icon-at-all"),
        lambda entity: entity["state"].update(live=entity["default"]),
        lambda entity: entity["state"].update(no_such_state="mdi:cctv"),
        lambda entity: entity.update(colour="red"),
    ],
)
def test_wrong_icons_are_found(spoiler: Spoiler, spoil: Any) -> None:
    content = json.loads((spoiler.root / ICONS).read_text())
    spoil(content["entity"]["sensor"]["connection"])
    assert spoiler.write(ICONS, json.dumps(content)).found(files.icons)


def test_an_icon_for_nothing_is_found(spoiler: Spoiler) -> None:
    content = {"entity": {"sensor": {"no_such_entity": {"default": "mdi:cctv"}}}}
    assert spoiler.write(ICONS, json.dumps(content)).found(files.icons)


def test_icons_are_optional(spoiler: Spoiler) -> None:
    assert files.icons(House(spoiler.remove(ICONS).root)) == []


def test_a_wrong_brand_icon_is_found(spoiler: Spoiler) -> None:
    path = HALL / "brand" / "icon.png"
    good = (spoiler.root / path).read_bytes()
    assert spoiler.write(path, good[:16] + struct.pack(">II", 100, 256) + good[24:]).found(files.brand)
    assert spoiler.write(path, b"GIF89a" + bytes(20)).found(files.brand)
    assert spoiler.remove(path).found(files.brand)


def test_other_missing_or_forbidden_files_are_found(spoiler: Spoiler) -> None:
    assert spoiler.write(HALL / "strings.json", "{}").found(files.others)
    assert spoiler.remove(HALL / "py.typed").found(files.others)
    assert spoiler.remove("LICENSE").found(files.others)


QUALITY = [
    quality.parallel_updates,
    quality.entry_types,
    quality.needed_functions,
    quality.entities,
    quality.set_up,
    quality.ledger,
]


@pytest.mark.parametrize("check", QUALITY, ids=lambda f: f.__name__)
def test_the_quality_scale_is_kept(house: House, check: Check) -> None:
    nothing(check(house))


@pytest.mark.parametrize(
    ("check", "path", "find", "replace"),
    [
        (quality.parallel_updates, HALL / "sensor.py", "PARALLEL_UPDATES", "PARALLEL"),
        (quality.parallel_updates, HALL / "camera.py", "PARALLEL_UPDATES", "PARALLEL"),
        (quality.entry_types, HALL / "sensor.py", "entry: WyzeLocalConfigEntry", "entry: ConfigEntry[int]"),
        (quality.entry_types, HALL / "diagnostics.py", "entry: WyzeLocalConfigEntry", "entry: Entry2"),
        (quality.entry_types, HALL / "entry.py", "type WyzeLocalConfigEntry", "type Entry"),
        (quality.needed_functions, HALL / "__init__.py", "def async_unload_entry", "def unload"),
        (
            quality.needed_functions,
            HALL / "diagnostics.py",
            "def async_get_config_entry_diagnostics",
            "def x",
        ),
        (quality.needed_functions, HALL / "config_flow.py", "async_set_unique_id", "set_id"),
        (quality.needed_functions, HALL / "camera_flow.py", "async_step_reconfigure", "async_step_change"),
        (
            quality.entities,
            HALL / "entity.py",
            "_attr_has_entity_name = True",
            "_attr_has_entity_name = False",
        ),
        (quality.entities, HALL / "entity.py", "_attr_unique_id", "_attr_id"),
        (quality.set_up, HALL / "__init__.py", "CONFIG_SCHEMA", "SCHEMA"),
        (quality.set_up, HALL / "__init__.py", "runtime_data", "data"),
        (quality.set_up, HALL / "clip_pages.py", "OptionsFlow)", "OptionsFlowWithConfigEntry)"),
        (quality.ledger, LEDGER, "  brands: done\n", ""),
        (quality.ledger, LEDGER, "brands: done", "brands: finished"),
        (quality.ledger, LEDGER, "  brands: done\n", "  brands: done\n  beauty: done\n"),
        (quality.ledger, LEDGER, "  brands: done\n", "  brands:\n    status: exempt\n"),
        (quality.ledger, LEDGER, "rules:", "laws:"),
        (
            quality.ledger,
            LEDGER,
            "action-setup: done",
            "action-setup:\n    status: exempt\n    comment: None.",
        ),
        (quality.ledger, HALL / "sensor.py", "PARALLEL_UPDATES", "PARALLEL"),
    ],
)
def test_a_broken_rule_is_found(spoiler: Spoiler, check: Check, path: Any, find: str, replace: str) -> None:
    assert spoiler.change(path, find, replace).found(check)


def test_a_claim_that_no_page_holds_is_found(spoiler: Spoiler) -> None:
    before = len(quality.ledger(spoiler.before))
    for path in spoiler.before.files:
        if path.suffix == ".md":
            spoiler.write(path, "# Other things\n")
    assert len(spoiler.found(quality.ledger)) > before + 5


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (quality.entities, "sensor.py", "\nINFO = DeviceInfo()\n"),
        (
            quality.entities,
            "sensor.py",
            "\nclass A:\n    def f(self):\n        self.entity_id = 'sensor.mine'\n",
        ),
        (quality.set_up, "config_flow.py", "\ndef f(self):\n    self.async_update_reload_and_abort()\n"),
        (quality.needed_functions, "backup.py", "async def async_pre_backup(hass): ...\n"),
        (quality.entry_types, "binary_sensor.py", "async def async_setup_entry(hass, entry, add): ...\n"),
    ],
)
def test_an_addition_that_breaks_a_rule_is_found(
    spoiler: Spoiler, check: Check, path: str, text: str
) -> None:
    if path == "config_flow.py":
        spoiler.append(HALL / "__init__.py", "\ndef g(entry):\n    entry.add_update_listener(g)\n")
    assert spoiler.append(HALL / path, text).found(check)
