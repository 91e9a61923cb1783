"""Texts and code speak of the same things: whatever is shown has a text, whatever has a text is shown."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.checks import texts
from tests.contract.checks.house import HALL, House
from tests.contract.conftest import Check, Spoiler, nothing

CHECKS = [
    texts.form,
    texts.languages,
    texts.flow_texts,
    texts.key_texts,
    texts.entity_texts,
    texts.health_texts,
    texts.troubleshooting,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda f: f.__name__)
def test_texts_and_code_agree(house: House, check: Check) -> None:
    nothing(check(house))


type Texts = dict[str, Any]


def spoil(spoiler: Spoiler, change: Callable[[Texts], object]) -> Spoiler:
    content = json.loads((spoiler.root / texts.ENGLISH).read_text())
    change(content)
    return spoiler.write(texts.ENGLISH, json.dumps(content))


def networks(content: Texts) -> Texts:
    step: Texts = content["config"]["step"]["networks"]
    return step


@pytest.mark.parametrize(
    "text",
    [
        "with <b>HTML</b>",
        "see https://example.com",
        "see www.example.com",
        "[%key:common::x%]",
        " leading",
        "trailing ",
        "two  blanks",
        "",
        "broken {brace",
        "odd {0}",
        "odd {a b}",
        "quoted '{name}'",
        5,
        None,
    ],
)
def test_a_text_that_may_not_be_is_found(spoiler: Spoiler, text: Any) -> None:
    assert spoil(spoiler, lambda content: networks(content).update(title=text)).found(texts.form)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(konfig={}),
        lambda content: content["config"].update(steps={}),
        lambda content: networks(content).update(dat={}),
        lambda content: networks(content)["data"].update({"Bad Key": "x"}),
        lambda content: content["exceptions"].update(new={"text": "x"}),
        lambda content: content["exceptions"].update(new={"message": "Choose another one below."}),
        lambda content: content["issues"].update(new={"title": "x", "description": "y", "fix_flow": {}}),
        lambda content: content["config_subentries"]["camera"].pop("entry_type"),
        lambda content: content["entity"]["sensor"]["connection"]["state"].update(live="{x}"),
        lambda content: content.clear(),
    ],
)
def test_texts_in_the_wrong_place_are_found(spoiler: Spoiler, change: Callable[[Texts], object]) -> None:
    assert spoil(spoiler, change).found(texts.form)


@pytest.mark.parametrize(
    ("check", "change"),
    [
        (texts.flow_texts, lambda content: content["config"]["step"].pop("networks")),
        (texts.flow_texts, lambda content: content["config"]["step"].update(ghost={"title": "x"})),
        (texts.flow_texts, lambda content: networks(content)["data"].pop("networks")),
        (texts.flow_texts, lambda content: networks(content)["data_description"].pop("networks")),
        (texts.flow_texts, lambda content: networks(content)["data"].update(ghost="x")),
        (texts.flow_texts, lambda content: networks(content).pop("sections")),
        (texts.flow_texts, lambda content: content["config"]["error"].pop("networks_missing")),
        (texts.flow_texts, lambda content: content["config"]["error"].pop("vault_disk_full")),
        (texts.flow_texts, lambda content: content["config"]["error"].pop("server_too_old")),
        (texts.flow_texts, lambda content: content["config"]["error"].pop("networks_too_wide")),
        (texts.flow_texts, lambda content: content["config"]["error"].update(ghost="x")),
        (texts.flow_texts, lambda content: content["options"]["error"].pop("networks_missing")),
        (texts.flow_texts, lambda content: content["config"]["abort"].pop("already_configured")),
        (texts.flow_texts, lambda content: content["config"]["abort"].update(ghost="x")),
        (texts.flow_texts, lambda content: camera(content)["abort"].pop("entry_not_loaded")),
        (texts.flow_texts, lambda content: camera(content)["abort"].pop("already_configured")),
        (texts.flow_texts, lambda content: content["options"]["error"].pop("server_fault")),
        (texts.flow_texts, lambda content: camera(content)["error"].pop("another_camera")),
        (texts.flow_texts, lambda content: camera(content)["error"].pop("enr_not_an_enr")),
        (texts.flow_texts, lambda content: camera(content)["error"].pop("dial_wrong_key")),
        (texts.flow_texts, lambda content: camera(content)["step"]["user"]["menu_options"].clear()
         or camera(content)["step"]["reconfigure"]["menu_options"].clear()),
        (texts.flow_texts, lambda content: fix(content)["step"].clear()),
        (texts.flow_texts, lambda content: fix(content)["error"].pop("vault_disk_full")),
        (texts.key_texts, lambda content: content["exceptions"].pop("server_too_old")),
        (texts.key_texts, lambda content: content["exceptions"].pop("camera_wrong_key")),
        (texts.key_texts, lambda content: content["exceptions"].update(ghost={"message": "x"})),
        (texts.key_texts, lambda content: content["issues"].pop("camera_keys_missing")),
        (texts.key_texts, lambda content: content["issues"].update(ghost={"title": "x", "description": "y"})),
        (texts.key_texts, lambda content: content["issues"]["camera_keys_missing"].update(description="{x}")),
        (texts.key_texts, lambda content: content["issues"]["vault_unreadable"].pop("fix_flow")),
        (texts.entity_texts, lambda content: content["entity"]["sensor"].pop("connection")),
        (texts.entity_texts, lambda content: content["entity"]["sensor"].update(ghost={"name": "x"})),
        (texts.entity_texts, lambda content: states(content).pop("live")),
        (texts.entity_texts, lambda content: states(content).update(ghost="x")),
        (texts.health_texts, lambda content: content["system_health"]["info"].pop("cameras")),
        (texts.health_texts, lambda content: content["system_health"]["info"].update(ghost="x")),
    ],
)  # fmt: skip
def test_a_text_without_use_or_a_use_without_text_is_found(
    spoiler: Spoiler, check: Check, change: Callable[[Texts], object]
) -> None:
    assert spoil(spoiler, change).found(check)


def camera(content: Texts) -> Texts:
    section: Texts = content["config_subentries"]["camera"]
    return section


def states(content: Texts) -> Texts:
    section: Texts = content["entity"]["sensor"]["connection"]["state"]
    return section


def fix(content: Texts) -> Texts:
    flow: Texts = content["issues"]["vault_unreadable"]["fix_flow"]
    return flow


@pytest.mark.parametrize(
    ("path", "find", "replace"),
    [
        ("server_form.py", '"networks_missing"', '"networks_gone"'),
        ("config_flow.py", 'step_id="networks"', 'step_id="network"'),
        ("config_flow.py", 'f"vault_{err.reason}"', 'f"safe_{err.reason}"'),
        ("camera_flow.py", '"another_camera"', '"other_camera"'),
        ("camera_flow.py", 'reason="entry_not_loaded"', 'reason="not_loaded"'),
        (
            "camera_flow.py",
            'menu_options=["link", "fields", "stream", "used"]',
            'menu_options=["link", "file", "stream", "used"]',
        ),
        ("repairs.py", 'step_id="start_over"', 'step_id="begin_anew"'),
        ("repairs.py", "ISSUE_WAITING: WaitingFlow", "ISSUE_WAITING: NotYoursFlow"),
        ("account_repairs.py", 'reason="trying"', 'reason="tried"'),
    ],
)
def test_code_that_uses_another_key_is_found(spoiler: Spoiler, path: str, find: str, replace: str) -> None:
    assert spoiler.change(HALL / path, find, replace).found(texts.flow_texts)


def test_another_exception_key_is_found(spoiler: Spoiler) -> None:
    spoiler.append(HALL / "camera.py", "\ndef f():\n    raise HomeAssistantError(translation_key='ghost')\n")
    assert spoiler.found(texts.key_texts)


def test_another_language_is_judged_by_english(spoiler: Spoiler) -> None:
    german = texts.FOLDER / "de.json"
    good = {"issues": {"camera_keys_missing": {"description": "Schlüssel fehlen: {cameras}."}}}
    assert not spoiler.write(german, json.dumps(good)).found(texts.languages)
    assert spoiler.write(german, json.dumps({"issues": {"ghost": {"title": "x"}}})).found(texts.languages)
    other = {"issues": {"camera_keys_missing": {"description": "Schlüssel fehlen."}}}
    assert spoiler.write(german, json.dumps(other)).found(texts.languages)


def test_a_word_of_the_sensor_that_the_docs_do_not_explain_is_found(spoiler: Spoiler) -> None:
    changed = spoil(spoiler, lambda content: states(content).update(live="Alive"))
    assert len(changed.found(texts.troubleshooting)) == 2
