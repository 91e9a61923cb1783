"""The judges of the plays about the vendor's cloud: gaps, ties, states, repairs, and traces of strangers."""

import json
from pathlib import Path
from typing import Any

import pytest

from dev.demo.judge import Sighting, longest_gap
from dev.demo.scenarios import SCENARIOS
from dev.demo.traces import forms, in_files, in_text
from dev.demo.vendor import PLAYS
from dev.demo.vendor.eyes import Eyes
from dev.demo.vendor.ties import Ties

NOON = 1_800_000_000.0


def seen(*moments: float) -> list[Sighting]:
    """Return frames that were shown so many seconds after noon."""
    return [Sighting(None, NOON + moment) for moment in moments]


@pytest.mark.parametrize(
    ("moments", "gap"),
    [
        ((), 4.0),
        ((0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5), 0.5),
        ((0.5, 1.0, 3.0, 3.5), 2.0),
        ((2.0, 2.5, 3.0, 3.5), 2.0),
        ((0.5, 1.0, 1.5), 2.5),
        ((-3.0, 0.5, 1.5, 2.5, 3.5, 9.0), 1.0),
    ],
    ids=["nothing", "steady", "stood", "late", "stopped", "only what lies between"],
)
def test_a_picture_stood_still_for_the_longest_of_its_gaps(moments: tuple[float, ...], gap: float) -> None:
    assert longest_gap(seen(*moments), NOON, NOON + 4) == pytest.approx(gap)


def test_what_is_not_there_any_more_is_lost_and_what_is_new_is_not() -> None:
    before = Ties(
        frozenset({("porch", "a:1"), ("hall", "a:2")}), frozenset({("relay", 7)}), frozenset({0, 1})
    )
    after = Ties(
        frozenset({("porch", "a:1"), ("hall", "a:3")}), frozenset({("relay", 8)}), frozenset({0, 1, 2})
    )
    assert before.lost(before) == {"sessions_lost": 0, "processes_lost": 0, "peers_lost": 0}
    assert before.lost(after) == {"sessions_lost": 1, "processes_lost": 1, "peers_lost": 0}


def heard(eyes: Eyes, kind: str, at: float = NOON, **data: Any) -> None:
    """Let an event of Home Assistant's bus be heard."""
    eyes._note(at, {"event_type": kind, "data": data})


def changed(eyes: Eyes, at: float, old: str | None, new: str | None, entity_id: str = "camera.porch") -> None:
    """Let an entity change."""
    states = {f"{when}_state": state and {"state": state} for when, state in (("old", old), ("new", new))}
    heard(eyes, "state_changed", NOON + at, entity_id=entity_id, **states)


def test_an_entity_that_shows_nothing_counts_once_for_each_time() -> None:
    eyes, told = Eyes(), list[str]()
    eyes.name({"sensor.uplink": "the line"}, told.append)
    changed(eyes, 1, "streaming", "unavailable")
    changed(eyes, 2, "unavailable", None)
    changed(eyes, 3, None, "streaming")
    changed(eyes, 4, "streaming", "unavailable")
    changed(eyes, 5, "online", "offline", "sensor.uplink")
    changed(eyes, 6, "offline", "offline", "sensor.uplink")
    assert eyes.away("camera.porch", NOON, NOON + 9) == 2
    assert eyes.away("camera.porch", NOON + 3.5, NOON + 9) == 1
    assert eyes.away("camera.hall", NOON, NOON + 9) == 0
    assert told.count("the line: offline") == 1
    assert len([line for line in told if "camera.porch" in line]) == 3


def test_repairs_and_new_entities_are_noted() -> None:
    eyes = Eyes()
    for at, action, domain in (
        (1, "create", "other"),
        (2, "create", "wyze_local"),
        (5, "remove", "wyze_local"),
    ):
        heard(
            eyes,
            "repairs_issue_registry_updated",
            NOON + at,
            action=action,
            domain=domain,
            issue_id="cloud_not_yours_01ABC",
        )
    heard(eyes, "entity_registry_updated", action="create", entity_id="camera.zephyrine")
    heard(eyes, "entity_registry_updated", action="update", entity_id="camera.porch")
    assert eyes.repair("cloud_not_yours", "create", NOON) == NOON + 2
    assert eyes.repair("cloud_not_yours", "remove", NOON) == NOON + 5
    assert eyes.repair("cloud_not_yours", "create", NOON + 3) is None
    assert eyes.created == ["camera.zephyrine"]
    assert all(json.loads(line) for line in eyes.heard)


@pytest.mark.parametrize(
    ("what", "value", "written"),
    [
        ("mac of x", "02AABBCCDDEE", "its mac is 02:aa:bb:cc:dd:ee"),
        ("mac of x", "02AABBCCDDEE", "02-AA-BB-CC-DD-EE"),
        ("name of x", "Zephyrine nursery", "camera.zephyrine_nursery_connection"),
        ("name of x", "Zephyrine nursery", "the ZEPHYRINE one"),
        ("picture of x", "https://h/p.jpg?a=1", "wyze?url=https%3A%2F%2Fh%2Fp.jpg%3Fa%3D1"),
        ("uid of x", "VUTSRQPNMLKJHGFEDCBA", "vutsrqpnmlkjhgfedcba"),
    ],
)
def test_a_trace_is_found_however_it_is_written(what: str, value: str, written: str, tmp_path: Path) -> None:
    wanted = {what: forms(what, value)}
    assert list(in_text(written, wanted)) == [what]
    assert list(in_text("nothing of theirs", wanted)) == []
    folder = tmp_path / ".storage"
    folder.mkdir()
    (folder / "core").write_text(f'{{"a": "{written}"}}')
    (tmp_path / "custom_components").mkdir()
    (tmp_path / "custom_components" / "ours").write_text(written)
    assert list(in_files(tmp_path, wanted)) == [("core", what)]


def test_every_play_can_be_chosen_alone_and_all_together() -> None:
    assert {*PLAYS, "cloud"} <= {*SCENARIOS}
    assert {"outage", "token-storm", "web-cache", "cloud-slow", "wrong-account"} == {*PLAYS}
