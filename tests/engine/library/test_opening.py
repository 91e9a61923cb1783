"""Files are opened below their folder only: no link is followed, whoever put it there."""

import os
from pathlib import Path, PurePath

import pytest
from hypothesis import given, strategies as st

from engine.library import OpenFile, open_below
from tests.support.clips import clip_bytes, playable_seconds

PLACE = PurePath("porch-012345/2026-11-26/120000_0123abcd.mp4")


def put(root: Path, content: bytes, place: PurePath = PLACE) -> Path:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def content(file: OpenFile) -> bytes:
    try:
        return file.read(0, 1 << 30)
    finally:
        file.close()


def test_a_file_is_opened(tmp_path: Path) -> None:
    put(tmp_path, b"picture")
    file = open_below(tmp_path, PLACE)
    assert (file.size, file.read(3, 2), file.read(6, 10), file.read(9, 10)) == (7, b"tu", b"e", b"")
    file.close()


def test_a_closed_file_gives_nothing_of_another(tmp_path: Path) -> None:
    put(tmp_path, b"picture")
    file = open_below(tmp_path, PLACE)
    file.close()
    other = os.open(put(tmp_path, b"other", PurePath("other/x")), os.O_RDONLY)
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.read(0, 5)
    file.close()
    assert os.read(other, 5) == b"other"
    os.close(other)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_no_link_is_followed(tmp_path: Path, steps: int) -> None:
    """Neither the file nor a folder on the way may be one."""
    root, secret = tmp_path / "clips", tmp_path / "secret"
    root.mkdir()
    put(secret, b"secret")
    link = root.joinpath(*PLACE.parts[:steps])
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(secret.joinpath(*PLACE.parts[:steps]))
    assert (root / PLACE).read_bytes() == b"secret"
    with pytest.raises(OSError, match=r"symbolic links|Not a directory"):
        open_below(root, PLACE)


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path / "nas", b"picture")
    (tmp_path / "clips").symlink_to(tmp_path / "nas")
    assert content(open_below(tmp_path / "clips", PLACE)) == b"picture"


def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / PLACE).parent.mkdir(parents=True)
    os.mkfifo(tmp_path / PLACE)
    with pytest.raises(OSError, match="not a file"):
        open_below(tmp_path, PLACE)


def test_nothing_stays_open(tmp_path: Path) -> None:
    put(tmp_path, b"picture")
    before = set(Path("/proc/self/fd").iterdir())
    for place in (PLACE, PLACE.parent, PLACE / "deeper", PurePath("nowhere/x"), PurePath("x")):
        try:
            open_below(tmp_path, place).close()
        except OSError:
            continue
    # What others have left may be closed by the collector meanwhile.
    assert set(Path("/proc/self/fd").iterdir()) <= before


@given(st.lists(st.sampled_from(["..", "secret", "porch", "."]), max_size=5), st.booleans())
def test_no_way_leads_out(tmp_path_factory: pytest.TempPathFactory, parts: list[str], rooted: bool) -> None:
    base = tmp_path_factory.getbasetemp() / "ways"
    put(base, b"secret", PurePath("secret"))
    put(base / "clips", b"picture", PurePath("porch"))
    place = PurePath("/" if rooted else "", *parts)
    try:
        assert content(open_below(base / "clips", place)) == b"picture"
    except OSError:
        return
    assert place == PurePath("porch")


def test_of_a_growing_clip_as_much_as_plays(tmp_path: Path) -> None:
    """Wherever it was cut off, what is opened ends with a whole fragment and decodes without an error."""
    whole = clip_bytes(4)
    assert playable_seconds(whole) == pytest.approx(4)
    seen = set()
    for size in range(0, len(whole) + 1, 997):
        put(tmp_path, whole[:size])
        part = content(open_below(tmp_path, PLACE, growing=True))
        assert whole.startswith(part)
        if part not in seen and b"moof" in part:
            assert playable_seconds(part) >= 1
        seen.add(part)
    # Nothing, what comes before the first fragment, and one more fragment each.
    assert 5 <= len(seen) <= 8


@given(st.binary(max_size=200))
def test_any_bytes_are_judged(tmp_path_factory: pytest.TempPathFactory, garbage: bytes) -> None:
    root = tmp_path_factory.getbasetemp() / "garbage"
    put(root, garbage)
    assert garbage.startswith(content(open_below(root, PLACE, growing=True)))
