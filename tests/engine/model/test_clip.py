"""Names and details of clips: what is ours is read back as it was written, and nothing else is ours."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.model import ClipDetails, ClipName, Cut, InvalidField, Sound, Suffix, is_camera_folder, is_day
from engine.model.clip_details import MAX_SIZE
from tests.support.fuzzing import Fuzz

times = st.integers(0, 253402300799)
tokens = st.from_regex(r"[0-9a-f]{8}", fullmatch=True)
names = st.builds(ClipName.new, times, tokens)
words = st.text(st.characters(categories=("L", "N", "P"), min_codepoint=32), max_size=40)
details = st.builds(
    ClipDetails,
    started=st.floats(0, 1e11),
    ended=st.floats(0, 1e11),
    event_id=st.none() | words,
    part=st.integers(1, 10_000),
    audio=st.sampled_from(Sound),
    cut=st.sampled_from(Cut),
    origin=st.none() | words,
    score=st.none() | st.floats(0, 1),
    zones=st.lists(words, max_size=4).map(tuple),
    kinds=st.lists(words, max_size=4).map(tuple),
)


def test_a_clip_is_called_after_its_second() -> None:
    name = ClipName.new(datetime(2026, 11, 26, 21, 3, 24, 999000, UTC).timestamp(), "0123abcd")
    assert name.id == "20261126T210324-0123abcd"
    assert name.path(Path("/clips/door-0f0f0f")) == Path("/clips/door-0f0f0f/2026-11-26/210324_0123abcd.mp4")
    assert name.file(Suffix.CLIP_PART) == "210324_0123abcd.mp4.part"


@given(names, st.sampled_from(Suffix))
def test_names_are_read_back(name: ClipName, suffix: Suffix) -> None:
    assert ClipName.parse(name.id) == name
    assert ClipName.parse_file(name.day, name.file(suffix)) == (name, suffix)


@given(st.lists(names, min_size=2, max_size=6))
def test_ids_sort_as_times_do(several: list[ClipName]) -> None:
    assert [name.id for name in sorted(several)] == sorted(name.id for name in several)


@pytest.mark.parametrize(
    ("day", "file"),
    [
        ("2026-11-26", "210324_0123abcd.mp4.bak"),
        ("2026-11-26", "210324_0123ABCD.mp4"),
        ("2026-11-26", "210324_0123abcd.mp4\n"),
        ("2026-11-26", "../210324_0123abcd.mp4"),
        ("2026-11-26", "250324_0123abcd.mp4"),
        ("2026-11-26", "٢١0324_0123abcd.mp4"),
        ("2026-02-30", "210324_0123abcd.mp4"),
        ("2026-11-26\n", "210324_0123abcd.mp4"),
        ("20261126", "210324_0123abcd.mp4"),
        ("2026-11-26", "holiday.mp4"),
        ("2026-11-26", ""),
    ],
)
def test_other_files_are_not_ours(day: str, file: str) -> None:
    with pytest.raises(InvalidField):
        ClipName.parse_file(day, file)


def test_whatever_else_is_taken_is_one_of_ours(fuzz: Fuzz) -> None:
    with fuzz.share("clip-names", 50) as share:
        corpus = [
            b"20261126T210324-0123abcd",
            b"2026-11-26/210324_0123abcd.mp4.part",
            b"20260229T000000-00000000",
        ]
        while share.more:
            text = share.mutator.any(corpus).decode("latin-1")
            with contextlib.suppress(InvalidField):
                assert ClipName.parse(text).id == text
            day, _, file = text.partition("/")
            try:
                name, suffix = ClipName.parse_file(day, file)
            except InvalidField:
                continue
            assert f"{name.day}/{name.file(suffix)}" == text
            assert is_day(day)


def test_folders_of_cameras_have_six_digits() -> None:
    assert is_camera_folder("front_door-0a1b2c")
    assert not any(map(is_camera_folder, ("front door-0a1b2c", "-0a1b2c", "door-0a1b2", "..", "a/b-0a1b2c")))
    assert not is_day("2026-13-01")


@given(details)
def test_details_are_read_back(told: ClipDetails) -> None:
    assert ClipDetails.from_bytes(told.to_bytes()) == told


GOOD: dict[str, Any] = json.loads(ClipDetails(started=1, ended=2).to_bytes())


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"started": True},
        {"started": "1"},
        {"ended": 1e300},
        {"ended": -1},
        {"score": 1.01},
        {"part": 0},
        {"cut": "nonsense"},
        {"audio": []},
        {"origin": "a\nb"},
        {"origin": "x" * 65},
        {"zones": "door"},
        {"zones": ["x"] * 17},
        {"kinds": [1]},
        {"further": 1},
    ],
    ids=str,
)
def test_other_details_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidField):
        ClipDetails.from_bytes(json.dumps({**GOOD, **change}).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 5000,
        json.dumps(GOOD).encode().ljust(MAX_SIZE + 1),
        b'{"started": NaN}',
        b"1" * 5000,
    ],
)
def test_what_is_no_details_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidField):
        ClipDetails.from_bytes(data)


def test_mutants_of_details_are_refused_or_details(fuzz: Fuzz) -> None:
    full = ClipDetails(1.5, 2.5, "e", 2, Sound.AAC, Cut.LONGEST, "both", 0.5, ("door",), ("person",))
    corpus = [full.to_bytes(), ClipDetails(0, 0).to_bytes()]
    with fuzz.share("clip-details", 50) as share:
        while share.more:
            try:
                told = ClipDetails.from_bytes(share.mutator.any(corpus))
            except InvalidField:
                continue
            assert ClipDetails.from_bytes(told.to_bytes()) == told
