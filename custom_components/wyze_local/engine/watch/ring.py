"""What came before the motion: the newest pictures and sounds of a camera, kept in memory by whole groups."""

from collections import deque
from collections.abc import Iterator

from .piece import Piece

MAX_BYTES = 16 << 20
MAX_PIECES = 6000
"""What the ring of one camera holds at most, in bytes and in pieces; whatever its sender does."""


class Ring:
    """The pieces since the last key frame that is at least so many seconds old.

    Sound that came between two pictures lies between them. What cannot be decoded for want of a key frame
    is not kept.
    """

    def __init__(self, span: float, *, max_bytes: int = MAX_BYTES, max_pieces: int = MAX_PIECES) -> None:
        """Keep at least so many seconds, unless that would be more than the limits."""
        self.span = span
        self.bytes = 0
        self.too_long = False
        """A single group of pictures is more than the limits allow: nothing comes before the motion then."""
        self._max_bytes = max_bytes
        self._max_pieces = max_pieces
        self._pieces: deque[Piece] = deque()
        self._keys: deque[float] = deque()
        """The moments of the key frames in it."""

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self._pieces)

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces, oldest first; the first is a key frame."""
        return iter(self._pieces)

    def nearest_key(self, moment: float) -> Piece | None:
        """Return the key frame that was taken nearest to a moment."""
        keys = (piece for piece in self._pieces if piece.key)
        return min(keys, key=lambda piece: abs(piece.moment - moment), default=None)

    def since(self, moment: float) -> list[Piece]:
        """Return the pieces from the last key frame on that is not later than a moment, or all."""
        start = max((key for key in self._keys if key <= moment), default=None)
        found: list[Piece] = []
        for piece in self._pieces:
            if piece.key and piece.moment == start:
                found = []
            found.append(piece)
        return found

    def add(self, piece: Piece) -> None:
        """Take in the newest piece, and let go what is no longer needed."""
        if piece.key:
            self._keys.append(piece.moment)
            self.too_long = False
        elif not self._keys:
            return
        self._pieces.append(piece)
        self.bytes += piece.size
        while len(self._keys) > 1 and (self._full or self._keys[1] <= piece.moment - self.span):
            self._drop_group()
        if self._full:
            self.clear()
            self.too_long = True

    def clear(self) -> None:
        """Forget everything."""
        self._pieces.clear()
        self._keys.clear()
        self.bytes = 0

    @property
    def _full(self) -> bool:
        return self.bytes > self._max_bytes or len(self._pieces) > self._max_pieces

    def _drop_group(self) -> None:
        """Let the oldest group of pictures go."""
        self._keys.popleft()
        while self._pieces:
            self.bytes -= self._pieces.popleft().size
            if self._pieces and self._pieces[0].key:
                return
