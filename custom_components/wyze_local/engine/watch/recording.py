"""One recording that was asked for: its clip, or its clips where one does not hold all of it."""

from collections.abc import Callable, Iterable

from ..model import ClipFailed, ClipName, ClipNews, ClipOwner, ClipSettings, Clock, Cut, Trouble
from .fragments import Fragments
from .intake import Format
from .key_frame import still_of
from .output import Output, Plan
from .piece import Piece
from .voice import Voice
from .writer import Writer

MAX_CLIP_BYTES = 1 << 30
"""A clip that has grown so large goes on in the next, whatever time it has taken."""
BEGIN_WITHIN = 8.0
"""Seconds in which the first picture has to come of what somebody asked for: they wait for it."""
PATIENCE = 30.0
"""Seconds after a clip's longest time in which a key frame has to come for the next; then it just ends."""


class Recording:
    """Used by the one thread that reads the camera. Moments are monotonic seconds."""

    def __init__(
        self,
        settings: ClipSettings,
        clock: Clock,
        writer: Writer,
        tell: Callable[[ClipNews], None],
        *,
        event_id: str | None,
        clip_id: str | None,
        best: float,
        ends: float | None,
    ) -> None:
        """Take an order; nothing is written before `begin`. `ends` is None while nobody knows."""
        self.event_id = event_id
        self.ends = ends
        self.over = False
        """Nothing more is to be done: it ended, or failed."""
        self._settings = settings
        self._clock = clock
        self._writer = writer
        self._tell = tell
        self.clip_id = clip_id
        self._part = 0
        self._output: Output | None = None
        self._base = 0.0
        self._bytes = 0
        self._last_key = 0.0
        self._group = 0.0
        self._best = best
        self._candidate: Piece | None = None
        self._shown: Piece | None = None

    @property
    def begun(self) -> bool:
        """Whether there ever was a clip of it."""
        return self._part > 0

    def due(self, at: float) -> bool:
        """Tell whether its time has come: to end, or of what somebody asked for, never to begin."""
        if self.event_id is None and not self.begun and at >= self._best + BEGIN_WITHIN:
            return True
        return self.ends is not None and at >= self.ends

    def begin(self, form: Format, pieces: Iterable[Piece]) -> None:
        """Begin a clip with pieces whose first is a key frame."""
        several = list(pieces)
        first = several[0]
        now = self._clock.time()
        started = now - (self._clock.monotonic() - first.moment)
        owner = ClipOwner(self._settings.owner)
        name = ClipName.new(now, owner.token()) if self.clip_id is None else ClipName.parse(self.clip_id)
        self._part += 1
        plan = Plan(
            self._settings.folder,
            name,
            self.event_id,
            max(0.0, started),
            self._part,
            form.hearing.sound,
            self._settings.keep_free,
            owner,
        )
        self._form, self._base, self._bytes = form, first.moment, 0
        self._candidate = self._shown = None
        # How far apart key frames are is not told by a time in which there were none.
        self._last_key = 0.0
        self._fragments = Fragments(form.picture.codec, form.tracks, first.moment)
        self._voice = Voice(form.hearing.voice) if form.hearing.voice else None
        self._output = Output(self._writer, plan, self._tell)
        self.clip_id = None
        made = [self._fragments.header()]
        for piece in several:
            made.append(self._made(piece))
            self._look(piece)
        content = b"".join(made)
        self._output.begin(content)
        self._bytes = len(content)
        self._show(final=False)

    def add(self, form: Format, piece: Piece) -> None:
        """Take in a piece that arrived."""
        if self._output is None:
            if piece.key and not self.over:
                self.begin(form, [piece])
            return
        if piece.key and self._full(piece.moment):
            self._end(Cut.LONGEST)
            self.begin(form, [piece])
            return
        if piece.moment - self._base > self._settings.longest + PATIENCE:
            self._end(Cut.LONGEST)
            return
        content = self._made(piece)
        self._bytes += len(content)
        self._output.append(content)
        self._look(piece)
        if piece.key:
            self._show(final=False)
        if self._output.failed is not None:
            self._output, self.over = None, True

    def _made(self, piece: Piece) -> bytes:
        """Return what is to be written now that this piece is there."""
        if piece.video or self._voice is None:
            return self._fragments.add(piece)
        return b"".join(self._fragments.add(part) for part in self._voice.encode(piece))

    def best(self, moment: float, nearest: Piece | None) -> None:
        """Learn of a moment that shows more than all before, and of the key frame nearest to it."""
        self._best = moment
        if nearest is not None and self._output is not None and nearest.moment >= self._base:
            self._candidate = nearest
            self._show(final=False)

    def interrupt(self, cut: Cut) -> None:
        """End the clip; the next begins with the next key frame."""
        self._end(cut)

    def give_up(self) -> None:
        """End it as it is, in whatever state: what was written is kept, and whoever waits for it is told."""
        output, self._output, self.over = self._output, None, True
        clip_id = self.clip_id if output is None else output.plan.name.id
        self._tell(ClipFailed(clip_id, self.event_id, Trouble.UNPLAYABLE))
        if output is not None and self._bytes:
            output.finish(Cut.TROUBLE)

    def finish(self, cut: Cut) -> None:
        """End the clip, and the recording with it."""
        self._end(cut)
        self.over = True

    def _full(self, moment: float) -> bool:
        """Tell whether this key frame is the last at which the clip can be cut in time."""
        after = moment - self._base + self._group
        return after > self._settings.longest or self._bytes > MAX_CLIP_BYTES

    def _end(self, cut: Cut) -> None:
        if self._output is None:
            return
        voiced = [] if self._voice is None else self._voice.rest()
        self._output.append(b"".join(self._fragments.add(piece) for piece in voiced) + self._fragments.rest())
        self._show(final=True)
        self._output.finish(cut)
        self._output = None

    def _look(self, piece: Piece) -> None:
        """Keep the key frame that is nearest to the best moment."""
        if not piece.key:
            return
        self._group, self._last_key = piece.moment - (self._last_key or piece.moment), piece.moment
        if self._candidate is None or abs(piece.moment - self._best) < abs(
            self._candidate.moment - self._best
        ):
            self._candidate = piece

    def _show(self, *, final: bool) -> None:
        """Write the still once no better one can come: with the first key frame from the best moment on."""
        found = self._candidate
        if found is None or found is self._shown or self._output is None:
            return
        if self._last_key < self._best and not final:
            return
        self._shown = found
        if (picture := still_of(self._form.picture, found)) is not None:
            taken = self._output.plan.started + (found.moment - self._base)
            self._output.still(picture, taken)
