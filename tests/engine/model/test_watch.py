"""What a person wants watched: read strictly, and told in words that a form has a text for."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.model import MAX_ZONES, Box, InvalidField, Sensitivity, WatchMode, Zone, parse_zones

DOOR: dict[str, Any] = {"name": "Door", "left": 0.25, "top": 0.5, "width": 0.25, "height": 0.5}


def test_a_zone_is_read_and_told_the_same_way() -> None:
    zone = Zone.parse(DOOR | {"name": "  Door "})
    assert zone == Zone("Door", 0.25, 0.5, 0.25, 0.5)
    assert zone.box == Box(0.25, 0.5, 0.25, 0.5)
    assert zone.data() == DOOR
    assert parse_zones(json.loads(json.dumps([zone.data()]))) == (zone,)


def test_shares_may_touch_the_edges_and_round() -> None:
    Zone.parse(DOOR | {"left": 0, "top": 0, "width": 1, "height": 1})
    Zone.parse(DOOR | {"left": 0.7, "width": 0.1 + 0.2})


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"name": " "}, "zone_name", "empty"),
        ({"name": 5}, "zone_name", "empty"),
        ({"name": "x" * 41}, "zone_name", "too_long"),
        ({"name": "a\nb"}, "zone_name", "unprintable"),
        ({"left": -0.01}, "left", "not_a_share"),
        ({"top": 1.01}, "top", "not_a_share"),
        ({"left": True}, "left", "not_a_share"),
        ({"left": "0.5"}, "left", "not_a_share"),
        ({"left": None}, "left", "not_a_share"),
        ({"left": float("nan")}, "left", "not_a_share"),
        ({"width": float("inf")}, "width", "not_a_share"),
        ({"width": 0.04}, "width", "too_small"),
        ({"height": 0}, "height", "too_small"),
        ({"left": 0.76}, "zone", "outside"),
        ({"top": 0.6}, "zone", "outside"),
        ({"colour": "red"}, "zone", "not_a_zone"),
    ],
)
def test_what_is_no_zone_is_refused(change: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(InvalidField) as err:
        Zone.parse(DOOR | change)
    assert (err.value.field, err.value.reason) == (field, reason)


@pytest.mark.parametrize("value", [None, 5, "Door", [], {}, {"name": "Door"}])
def test_what_has_another_form_is_refused(value: object) -> None:
    with pytest.raises(InvalidField):
        Zone.parse(value)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (None, "not_zones"),
        ("Door", "not_zones"),
        (DOOR, "not_zones"),
        ([DOOR | {"name": str(number)} for number in range(MAX_ZONES + 1)], "too_many"),
        ([DOOR, DOOR | {"name": "DOOR"}], "same_name"),
    ],
)
def test_what_are_no_zones_is_refused(values: object, reason: str) -> None:
    with pytest.raises(InvalidField) as err:
        parse_zones(values)
    assert (err.value.field, err.value.reason) == ("zones", reason)


def test_no_zone_is_the_whole_picture_and_order_stays() -> None:
    assert parse_zones([]) == ()
    names = ["d", "a", "c", "b"]
    assert [zone.name for zone in parse_zones([DOOR | {"name": name} for name in names])] == names


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["name", "left", "top", "width", "height"]), inner)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_nothing_else_comes_out_of_it(values: object) -> None:
    """Whatever lies in an entry or comes through a pipe: zones inside the picture, or InvalidField."""
    try:
        zones = parse_zones(values)
    except InvalidField:
        return
    for zone in zones:
        assert zone.left >= 0 <= zone.top
        assert zone.left + zone.width <= 1.001 >= zone.top + zone.height


def test_the_words_are_those_of_entries() -> None:
    assert [*WatchMode] == ["auto", "full", "key", "off"]
    assert [*Sensitivity] == ["low", "medium", "high"]
