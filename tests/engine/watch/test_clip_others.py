"""Two installations that write to one folder, on a drive that knows no locks: neither touches the other's."""

import os
import signal
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from engine.model import ClipName, ClipOwner, Suffix
from engine.watch.others import AT_WORK_FOR
from engine.watch.writer import Writer

from .camera import Hands, decoded, event, footage, settle, stage
from .test_clip_kills import start
from .test_clip_salvage import grown, laid

OURS, THEIRS = b"a" * 16, b"b" * 16


def parts(folder: Path) -> list[Path]:
    """Return the clips that are being written, or were."""
    return list(folder.rglob("*.mp4.part"))


def large_ones(folder: Path) -> list[Path]:
    """Return those of which much is written; one that gets its final name meanwhile is none of them."""
    found = []
    for part in parts(folder):
        with suppress(FileNotFoundError):
            if part.stat().st_size > 10_000:
                found.append(part)
    return found


def look(folder: Path, owner: bytes) -> None:
    """Let a worker start, look through the folder and end."""
    with stage(folder, owner=owner) as on:
        # The days come behind what has been put by then.
        settle(on)
        settle(on)
        on.close()


def test_what_another_installation_writes_is_left_alone(tmp_path: Path) -> None:
    """Until it is finished there; what it leaves when it dies it finds again at its next start."""
    content, folder = tmp_path / "footage", tmp_path / "clips"
    content.write_bytes(footage())
    folder.mkdir()
    process = start(folder, content, THEIRS)
    # Stopped, it would be waited for in vain.
    with process, ExitStack() as end:
        end.callback(process.kill)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        deadline = time.monotonic() + 20
        large: list[Path] = []
        while time.monotonic() < deadline:
            # Stopped at every look, it would get nowhere where it has to wait for a processor.
            if not large_ones(folder):
                os.sched_yield()
                continue
            process.send_signal(signal.SIGSTOP)
            # Until it has stopped, it may still give a part its final name.
            os.waitid(os.P_PID, process.pid, os.WSTOPPED)
            if large := large_ones(folder):
                break
            process.send_signal(signal.SIGCONT)
        part = large[0]
        with stage(folder, owner=OURS) as on:
            on.play(footage(), event(on, 6.5, 9.0))
            settle(on)
            on.close()
            (clip,) = {name for name in on.clips() if ClipOwner(OURS).wrote(name_of(name))}
            decoded(clip)
        assert part.exists()
        process.send_signal(signal.SIGCONT)
        while process.stdout.readline().strip() != name_of(part).id:
            assert time.monotonic() < deadline + 20
    decoded(part.with_suffix(""))
    left = laid(folder, name=ClipName.new(1.8e9, ClipOwner(THEIRS).token()))
    look(folder, OURS)
    assert left.exists()
    look(folder, THEIRS)
    assert not parts(folder)
    decoded(left.with_suffix(""))


def name_of(path: Path) -> ClipName:
    """Return which clip a file is of."""
    return ClipName.parse_file(path.parent.name, path.name)[0]


def test_what_nobody_goes_on_with_is_saved(tmp_path: Path) -> None:
    """After an hour without a change, as seen by us, whatever time the drive says it is."""
    part = laid(tmp_path, grown()[:-9], ClipName.new(1.8e9, ClipOwner(THEIRS).token()))
    small = part.with_name(part.name.replace(Suffix.CLIP_PART, Suffix.DETAILS_PART))
    small.write_bytes(b"{")
    clock = Hands()
    with stage(tmp_path, owner=OURS, writer=Writer(clock)) as on:

        def next_clip(hours: float) -> bool:
            settle(on)
            clock.now += hours * AT_WORK_FOR
            on.play(footage(), event(on, 6.5, 9.0))
            settle(on)
            settle(on)
            return part.exists()

        assert next_clip(0.9)
        with part.open("ab") as file:
            file.write(grown()[-9:])
        assert next_clip(0.9), "it has grown"
        assert next_clip(0.9)
        assert small.exists()
        assert not next_clip(0.2)
        on.close()
    decoded(part.with_suffix(""))


def test_a_name_tells_nothing_but_whose_it_is() -> None:
    """No two installations take each other's for their own, and names stay names."""
    ours, theirs = ClipOwner(OURS), ClipOwner(THEIRS)
    names = {ClipName.new(1.8e9, ours.token()) for _ in range(200)}
    assert len({name.token[:4] for name in names}) > 190
    assert all(ours.wrote(ClipName.parse(name.id)) for name in names)
    assert sum(theirs.wrote(name) for name in names) <= 1
    assert all(ClipOwner().wrote(name) for name in names), "who has no mark takes all for its own"
