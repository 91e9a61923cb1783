"""One clip on its way to the disk: what the reader's thread asks for, and what the disk's makes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..model import (
    ClipBegan,
    ClipDetails,
    ClipFailed,
    ClipFinished,
    ClipName,
    ClipNews,
    ClipOwner,
    ClipStill,
    Cut,
    Sound,
    Suffix,
    Trouble,
    trouble_of,
)
from .file import ClipFile, NoSpaceToKeep
from .salvage import tidy
from .tables import NotOurs
from .writer import Job, Writer


@dataclass(frozen=True, slots=True)
class Plan:
    """What a clip is to be."""

    folder: Path
    name: ClipName
    event_id: str | None
    started: float
    """When its first picture was taken, in seconds since 1970."""
    part: int = 1
    audio: Sound = Sound.NONE
    keep_free: int | None = None
    owner: ClipOwner = field(default_factory=ClipOwner)

    def details(self, ended: float, cut: Cut) -> ClipDetails:
        """Return what is written down about it."""
        return ClipDetails(self.started, ended, self.event_id, self.part, self.audio, cut)


class Output:
    """A clip that is being written. The methods without underscore are the reader's, and never wait.

    News are told from the disk's thread, or from the reader's when the disk hangs.
    """

    def __init__(self, writer: Writer, plan: Plan, tell: Callable[[ClipNews], None]) -> None:
        """Take over a plan; nothing is written yet."""
        self.plan = plan
        self.failed: Trouble | None = None
        self._writer = writer
        self._tell = tell
        self._file: ClipFile | None = None
        self._still = False

    def begin(self, data: bytes) -> None:
        """Make the file, with its header and first fragments; what the disk is slow at comes after that."""
        self._put(lambda: self._begin(data), len(data), urgent=True)
        self._put(self._settle, 0)

    def append(self, data: bytes) -> None:
        """Add a fragment."""
        if data:
            self._put(lambda: self._append(data), len(data))

    def still(self, picture: bytes, taken: float) -> None:
        """Put a still beside it, in place of any before; `taken` is in seconds since 1970."""
        self._put(lambda: self._put_still(picture, taken), len(picture))

    def finish(self, cut: Cut) -> None:
        """Make it whole and give it its name."""
        self._put(lambda: self._finish(cut), 0)

    def _put(self, job: Job, size: int, *, urgent: bool = False) -> None:
        if self.failed is None and not self._writer.put(lambda: self._guarded(job), size, urgent=urgent):
            self._fail(Trouble.STALLED)
            # If the disk ever answers again, what it has is kept.
            self._writer.put(self._rescue)

    def _guarded(self, job: Job) -> Job | None:
        """Do something with the disk, and stop at the first thing that goes wrong."""
        if self.failed:
            return None
        rest = None
        try:
            rest = job()
        except NoSpaceToKeep:
            self._fail(Trouble.NO_SPACE_TO_KEEP)
        except FileExistsError:
            self._fail(Trouble.NAME_TAKEN)
        except NotOurs:
            self._fail(Trouble.UNPLAYABLE)
        except OSError as err:
            self._fail(trouble_of(err))
        if self.failed:
            self._rescue()
        return None if rest is None else lambda: self._guarded(rest)

    def _fail(self, trouble: Trouble) -> None:
        if self.failed is None:
            self.failed = trouble
            self._tell(ClipFailed(self.plan.name.id, self.plan.event_id, trouble))

    def _begin(self, data: bytes) -> None:
        plan = self.plan
        tidy(plan.folder, self._writer, self._tell, plan.owner)
        self._file = ClipFile.begin(plan.folder, plan.name, data, plan.keep_free)
        self._tell(ClipBegan(plan.name.id, plan.event_id, plan.started, plan.part))

    def _settle(self) -> None:
        assert self._file is not None
        self._file.settle()
        # What is known by now, for whoever finds the clip after a crash.
        self._note(self.plan.details(self.plan.started, Cut.SALVAGED))

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        self._file.append(data)

    def _put_still(self, picture: bytes, taken: float) -> None:
        assert self._file is not None
        self._file.put(Suffix.STILL, Suffix.STILL_PART, picture)
        self._still = True
        self._tell(ClipStill(self.plan.name.id, self.plan.event_id, taken))

    def _note(self, details: ClipDetails) -> None:
        assert self._file is not None
        self._file.put(Suffix.DETAILS, Suffix.DETAILS_PART, details.to_bytes())

    def _finish(self, cut: Cut) -> Job:
        """Make the file whole; returns what is left to do."""
        assert self._file is not None
        whole, size = self._file.finish()
        ended = self.plan.started + whole.seconds
        return lambda: self._publish(cut, ended, size)

    def _publish(self, cut: Cut, ended: float, size: int) -> None:
        assert self._file is not None
        try:
            self._note(self.plan.details(ended, cut))
        except OSError:
            # It has lasted; that its end is not written down is no reason to lose it.
            if cut is not Cut.TROUBLE:
                raise
        self._file.publish()
        self._file = None
        plan = self.plan
        self._tell(
            ClipFinished(plan.name.id, plan.event_id, plan.started, ended, size, plan.audio, self._still, cut)
        )

    def _rescue(self) -> None:
        """Keep what can be played of a clip that failed, and remove it otherwise."""
        if self._file is None:
            return
        try:
            self._finish(Cut.TROUBLE)()
        except NotOurs:
            self._file.discard()
        except OSError:
            # It stays as it is until the disk is back, or there is another worker.
            self._writer.tidied.discard(self.plan.folder)
            self._file.close()
        self._file = None
