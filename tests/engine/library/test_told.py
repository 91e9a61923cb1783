"""What is told of a clip, while one reads it and another writes it down."""

from pathlib import Path

import pytest

from engine.library import Library, folders, library as library_module
from engine.model import ClipDetails, ClipName, Suffix

KEY = "0a1b2c" + "0" * 26
NOON = 1_790_000_000.0


@pytest.mark.parametrize("first", [None, ClipDetails(started=NOON, ended=NOON + 4)], ids=["none", "some"])
def test_what_was_read_too_soon_is_not_taken_for_what_was_written_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: ClipDetails | None
) -> None:
    """Who lists the clips while it is learnt what one shows hides that from nobody who lists them later."""
    library, name = Library(tmp_path), ClipName.new(NOON)
    folder = library.camera_folder(KEY, "Porch")
    name.path(folder).parent.mkdir()
    name.path(folder).write_bytes(b"clip")
    if first is not None:
        name.path(folder, Suffix.DETAILS).write_bytes(first.to_bytes())
    library.scan()

    def read_and_be_late(file: str, day: int, limit: int) -> bytes | None:
        content = folders.read(file, day, limit)
        monkeypatch.undo()
        assert library.note(KEY, name.id, kinds=("person",))
        return content

    monkeypatch.setattr(library_module, "read", read_and_be_late)
    (clip,) = library.clips(KEY)
    assert clip.details == first
    for _ in range(2):
        (clip,) = library.clips(KEY)
        assert clip.details is not None
        assert clip.details.kinds == ("person",)
