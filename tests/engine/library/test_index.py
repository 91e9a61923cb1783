"""The clips in memory: whatever is put in, dropped and found, in whatever order, each camera has its own."""

import random
from collections.abc import Iterable

import pytest

from engine.library.index import Entry, Index
from engine.model import ClipDetails, ClipName

CAMERAS = ("0a1b2c" + "0" * 26, "0a1b2d" + "0" * 26)
FOLDERS = ("porch-0a1b2c", "by_hand-0a1b2c", "yard-0a1b2d")
NOON = 1_790_000_000.0


class Plain:
    """The same, as simply as can be."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, ClipName], Entry] = {}
        self.changed: set[tuple[str, ClipName]] = set()

    def fill(self, found: Iterable[Entry]) -> None:
        after = {entry.key: entry for entry in found if entry.key not in self.changed}
        after |= {key: entry for key, entry in self.entries.items() if key in self.changed}
        self.entries = after

    def between(self, camera_key: str, since: float, until: float) -> list[Entry]:
        ours = [one for one in self.entries.values() if one.folder[-6:] == camera_key[:6]]
        found = [one for one in ours if since <= one.name.at.timestamp() < until]
        return sorted(found, key=lambda one: (one.name.at, one.name.token), reverse=True)


def an_entry(rng: random.Random) -> Entry:
    """Return one of few clips, so that the same one comes again and again."""
    name = ClipName.new(NOON + rng.randrange(8) * 3600, f"{rng.randrange(3):08x}")
    return Entry(rng.choice(FOLDERS), name, rng.randrange(4), rng.random() < 0.5, pinned=False)


@pytest.mark.parametrize("seed", range(20))
def test_each_camera_has_its_clips_newest_first_whatever_happens(seed: int) -> None:
    """Also what is changed while a pass goes over the folders, which may have seen it before."""
    rng, index, plain = random.Random(seed), Index(), Plain()
    for _ in range(200):
        entry = an_entry(rng)
        match rng.choice(("put", "put", "drop", "begin", "fill")):
            case "put":
                index.put(entry)
                plain.entries[entry.key] = entry
                plain.changed.add(entry.key)
            case "drop":
                index.drop(entry)
                plain.entries.pop(entry.key, None)
                plain.changed.add(entry.key)
            case "begin":
                index.begin()
                plain.changed.clear()
            case "fill":
                found = [an_entry(rng) for _ in range(rng.randrange(12))]
                index.fill(found)
                plain.fill(found)
        assert set(index.all()) == set(plain.entries.values())
        assert index.folders() == {folder for folder, _ in plain.entries}
        since, until = sorted(NOON + rng.uniform(-1, 9) * 3600 for _ in range(2))
        for camera_key in CAMERAS:
            for got, want in (
                (index.of(camera_key), plain.between(camera_key, 0.0, float("inf"))),
                (index.between(camera_key, since, until), plain.between(camera_key, since, until)),
            ):
                # Which of two of one name comes first, in two folders, is nobody's business.
                assert [one.name for one in got] == [one.name for one in want]
                assert set(got) == set(want)
        for name in (entry.name, an_entry(rng).name):
            known = {one for (_, other), one in plain.entries.items() if other == name}
            assert index.find(CAMERAS[1], name) in ({None} if not known else known | {None})


def test_what_was_told_of_a_clip_is_remembered_until_it_is_another() -> None:
    """A look through the folders that finds it unchanged makes nobody read it again."""
    index, entry = Index(), an_entry(random.Random(7))
    told = ClipDetails(started=NOON, ended=NOON + 1)
    index.put(entry)
    index.tell(entry, told)
    index.fill([entry])
    assert index.told(entry) == (True, told)
    index.begin()
    index.fill([Entry(entry.folder, entry.name, entry.bytes + 1, entry.still, entry.pinned)])
    assert index.told(entry) == (False, None)
    index.drop(entry)
    assert index.all() == []
