"""The words by which clips are asked for: each means one thing or nothing, and none of them is a path."""

import pytest
from hypothesis import example, given, strategies as st

from custom_components.wyze_local.clip_ids import ClipPlace, Shelf, parse_identifier, parse_media_content_id

CLIP_ID = "20261126T210324-0123abcd"


KEY = "a" * 32


@pytest.mark.parametrize("odd", [KEY.upper(), KEY + "a", KEY[1:], KEY + "\n", KEY + "..", "", "g" * 32])
def test_a_key_is_taken_whole(odd: str) -> None:
    """Nothing may stand before it or behind it."""
    assert ClipPlace.parse(KEY, CLIP_ID) is not None
    assert ClipPlace.parse(odd, CLIP_ID) is None
    assert ClipPlace.parse(KEY, CLIP_ID + odd) is None or not odd
    assert not isinstance(parse_identifier(f"{odd}/{CLIP_ID}"), ClipPlace)


IDENTIFIERS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(["a" * 32, "..", "2026-11-26", "20261126T210324-0123abcd", "/", "\n", "."])).map(
        "/".join
    ),
    st.from_regex(r"[0-9a-f]{32}/[0-9]{8}T[0-9]{6}-[0-9a-f]{8}\n?"),
)


@given(IDENTIFIERS)
@example("a" * 32 + "/20261126T210324-0123abcd\n")
@example("a" * 32 + "/2026-02-30")
@example("a" * 32 + "/")
@example("١" * 32)
def test_an_identifier_means_one_thing_or_nothing(identifier: str) -> None:
    """Whatever is accepted is written in exactly one way, and has no way of saying a path."""
    found = parse_identifier(identifier)
    match found:
        case None:
            return
        case ClipPlace():
            assert found.identifier == identifier
            assert parse_media_content_id(found.media_content_id) == found
        case Shelf(camera_key=key, day=day):
            assert identifier == "/".join(filter(None, (key, day.isoformat() if day else "")))
    assert ".." not in identifier
    assert "\n" not in identifier
    assert identifier.count("/") <= 1
