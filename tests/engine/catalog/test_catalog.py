"""Models and advisories: what the data says, what it must not say, and that odd data is refused."""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.catalog import Catalog, CatalogError, LocalVideo, ModelInfo, Version
from engine.catalog.catalog import FOLDER

V3 = "WYZE_CAKP2JFUS"
MODELS = json.loads((FOLDER / "models.json").read_text())
ADVISORIES = json.loads((FOLDER / "advisories.json").read_text())


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


def ids(catalog: Catalog, model_id: str, firmware: str | None) -> set[str]:
    return {advisory.advisory_id for advisory in catalog.advisories(model_id, firmware)}


@pytest.mark.parametrize(
    ("model_id", "firmware", "expected"),
    [
        ("WYZEC1", None, {"camera_end_of_life"}),
        ("WYZEC1", "gibberish", {"camera_end_of_life"}),
        ("WYZEC1", "3.9.4.42", {"camera_end_of_life"}),
        ("WYZEC1-JZ", "4.9.8.1001", {"firmware_2022"}),
        ("WYZEC1-JZ", "4.9.8.1002", set()),
        ("WYZEC1-JZ", "4.10", set()),
        ("HL_PAN2", "4.49.1.46", {"firmware_2022"}),
        ("HL_PAN2", "4.49.1.47", set()),
        (V3, "4.36.8.31", {"firmware_2022", "firmware_2023_dtls"}),
        (V3, "4.36.8.32", {"firmware_2023_dtls"}),
        (V3, "4.36.9", {"firmware_2023_dtls"}),
        (V3, "4.36.11.7070", {"firmware_2023_dtls"}),
        (V3, "4.36.11.7071", {"firmware_2023_p2o"}),
        (V3, "4.36.11.8391", set()),
        (V3.lower(), "4.36.11.7071", {"firmware_2023_p2o"}),
        (V3, None, set()),
        (V3, "", set()),
        (V3, "4.36.x", set()),
        (V3, "4.36.11.7071 ", set()),
        (V3, "٤.36", set()),
        ("HL_CAM4", "1.0", set()),
        ("NEVER_HEARD_OF", "0.0.1", set()),
        ("", "", set()),
    ],
)
def test_advisories(catalog: Catalog, model_id: str, firmware: str | None, expected: set[str]) -> None:
    assert ids(catalog, model_id, firmware) == expected


@given(st.text(max_size=40), st.none() | st.text(max_size=40))
def test_any_text_is_answered(model_id: str, firmware: str | None) -> None:
    catalog = Catalog.load()
    catalog.advisories(model_id, firmware)
    assert catalog.advisories(V3, firmware) == [] or Version.parse(firmware or "")
    catalog.model(model_id)


def test_models(catalog: Catalog) -> None:
    v3 = catalog.model(V3)
    assert (v3.name, v3.local, v3.battery, v3.doorbell, v3.end_of_life) == (
        "Cam v3", LocalVideo.YES, False, False, None,
    )  # fmt: skip
    assert catalog.model("WYZEC1").end_of_life == date(2022, 2, 1)
    assert catalog.model("HL_WCO2").battery
    assert catalog.model("HL_DB2").doorbell
    assert catalog.model("GW_GC1").local is LocalVideo.NO
    assert catalog.model("wyzec1-jz").model_id == "WYZEC1-JZ"
    assert catalog.model("NEW_ONE") == ModelInfo("NEW_ONE")
    assert catalog.model("") == ModelInfo("")
    assert len({model.name for model in catalog.models()}) == len(catalog.models()) == len(MODELS["models"])
    assert catalog.reviewed == date.fromisoformat(min(MODELS["reviewed"], ADVISORIES["reviewed"]))


def test_every_advisory_names_its_sources(catalog: Catalog) -> None:
    for advisory in {rule.advisory for rule in catalog._rules}:
        assert advisory.cves
        assert all(cve.startswith("CVE-20") for cve in advisory.cves)


versions = st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=8).map(
    lambda numbers: ".".join(map(str, numbers))
)


@given(versions, versions, versions)
def test_versions_have_a_total_order(first: str, second: str, third: str) -> None:
    a, b, c = (Version.parse(text) for text in (first, second, third))
    assert a is not None and b is not None and c is not None  # noqa: PT018
    assert (a < b) + (a == b) + (a > b) == 1
    assert not (a <= b <= c) or a <= c
    numbers = [[int(part) for part in text.split(".")] + [0] * 8 for text in (first, second)]
    assert (a < b) == (numbers[0][:8] < numbers[1][:8])
    assert Version.parse(f"{first}.0") in (a, None)


@given(st.text() | st.from_regex(r"[0-9.]{0,40}", fullmatch=True))
def test_parsing_a_version_never_raises(text: str) -> None:
    Version.parse(text)


def spoilt() -> list[tuple[str, Any, Any]]:
    """Return copies of the data with one thing wrong each."""
    found: list[tuple[str, Any, Any]] = []

    def add(name: str, *, models: Any = None, advisories: Any = None) -> None:
        found.append((name, models or copy.deepcopy(MODELS), advisories or copy.deepcopy(ADVISORIES)))

    values: tuple[Any, ...]
    more_values: tuple[Any, ...] = (1, "", {}, "http://plain")
    for field in ("id", "name", "local", "battery", "doorbell", "end_of_life"):
        values = (1, "", [], "maybe")
        for value in values:
            if value == "maybe" and field in {"id", "name"}:
                continue
            models = copy.deepcopy(MODELS)
            models["models"][0][field] = value
            add(f"model {field} {value!r}", models=models)
    for field in ("id", "severity", "fixable", "cves", "url", "builds"):
        for value in more_values:
            if field == "id" and value == "http://plain":
                continue
            advisories = copy.deepcopy(ADVISORIES)
            advisories["advisories"][0][field] = value
            add(f"advisory {field} {value!r}", advisories=advisories)
    for change in ({"model": "NOBODY"}, {"when": "never"}, {"build": "x"}, {"build": ""}, {"extra": 1}):
        advisories = copy.deepcopy(ADVISORIES)
        advisories["advisories"][1]["builds"][0].update(change)
        add(f"build {change}", advisories=advisories)
    twice = copy.deepcopy(MODELS)
    twice["models"] *= 2
    add("twice", models=twice)
    odds: tuple[Any, ...] = ([], {"models": []}, {"reviewed": "soon", "models": []}, {**MODELS, "more": 1})
    for odd in odds:
        add(f"top {str(odd)[:30]}", models=odd or "x")
    return found


@pytest.mark.parametrize(("models", "advisories"), [pytest.param(*row[1:], id=row[0]) for row in spoilt()])
def test_odd_data_is_refused(models: Any, advisories: Any) -> None:
    with pytest.raises(CatalogError):
        Catalog.parse(models, advisories)


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, "null"])
def test_a_broken_file_is_named_as_such(tmp_path: Path, content: str) -> None:
    (tmp_path / "models.json").write_text(content)
    (tmp_path / "advisories.json").write_text(json.dumps(ADVISORIES))
    with pytest.raises(CatalogError) as caught:
        Catalog.load(tmp_path)
    assert caught.value.reason == "catalog_damaged"
    with pytest.raises(CatalogError):
        Catalog.load(tmp_path / "nowhere")
