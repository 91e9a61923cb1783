"""Whatever a camera answers, it is understood or refused; and what we say is what we understand."""

import json

import pytest
from hypothesis import given, strategies as st

from engine.catalog import CatalogError, ControlCatalog, ModelControls
from engine.control import ControlError, Position, WayPoint, codec
from engine.control.table import SETTINGS

_POSITIONS = st.builds(Position, st.integers(0, 360), st.integers(0, 180))
_WAY_POINTS = st.lists(st.builds(WayPoint, _POSITIONS, st.integers(0, 255)), max_size=16).map(tuple)


@given(st.binary(max_size=300), st.integers(0, 10), st.integers(1, 4))
def test_any_answer_is_understood_or_refused(answer: bytes, at: int, size: int) -> None:
    for read in (
        codec.parse_done,
        codec.parse_parameters,
        codec.parse_position,
        codec.parse_way_points,
        lambda payload: codec.parse_number(payload, at, size),
    ):
        try:
            read(answer)
        except ControlError as err:
            assert err.reason in ("malformed", "refused")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(), st.lists))
def test_any_parameter_is_a_small_number_or_left_out(value: object) -> None:
    numbers = codec.parse_parameters(json.dumps({"3": value, "4": 2}).encode())
    assert numbers[4] == 2
    assert 0 <= numbers.get(3, 0) < 1_000_000_000


@given(st.sampled_from(sorted(SETTINGS)), st.integers())
def test_every_number_is_a_value_that_can_be_said_or_none(feature: str, number: int) -> None:
    meaning = next(setting.meaning for name, setting in SETTINGS.items() if name == feature)
    if (value := meaning.read(number)) is not None:
        assert meaning.write(value) == number


@given(_POSITIONS)
def test_positions_come_back(position: Position) -> None:
    assert codec.parse_position(codec.build_position(position, 2**40)) == position


@given(_WAY_POINTS)
def test_way_points_come_back(points: tuple[WayPoint, ...]) -> None:
    assert codec.parse_way_points(codec.build_way_points(points)) == points


def test_an_endless_answer_is_not_looked_at() -> None:
    for read in (codec.parse_done, codec.parse_parameters, codec.parse_position, codec.parse_way_points):
        with pytest.raises(ControlError, match="malformed"):
            read(b"\1" * (codec.MAX_ANSWER + 1))


def test_the_data_file_says_what_is_known_and_nothing_of_others() -> None:
    catalog = ControlCatalog.load()
    assert catalog.model("HL_PAN3") == ModelControls(turns=True)
    assert catalog.model("wvod1") == ModelControls(turns=False, older_commands=True)
    assert catalog.model("NEW_ONE") == ModelControls(turns=None)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"reviewed": "2026-11-27"},
        {"reviewed": "soon", "models": []},
        {"reviewed": "2026-11-27", "models": [{"id": "A", "turns": 1, "older_commands": False}]},
        {"reviewed": "2026-11-27", "models": [{"id": " ", "turns": True, "older_commands": False}]},
        {"reviewed": "2026-11-27", "models": [{"id": "A", "turns": True, "older_commands": False}] * 2},
    ],
)
def test_a_damaged_data_file_is_refused(content: object) -> None:
    with pytest.raises(CatalogError):
        ControlCatalog.parse(content)
