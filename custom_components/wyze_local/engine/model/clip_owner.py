"""Who writes a clip: two installations may write to one folder, and neither may finish what the other writes.

A copy of an installation knows the same cameras and so writes to the same folders. Locks would not do, as
network drives have none or keep everybody from reading what is locked. So the digits of a clip's name tell:
four are random, the other four follow from them and a mark that no copy has. Nothing else can be read from
them.
"""

import secrets
from dataclasses import dataclass
from hashlib import blake2s

from .clip import ClipName

MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class ClipOwner:
    """An installation that writes clips."""

    mark: bytes = b""
    """Random, and kept where a copy of the installation does not take it along. Empty, every clip is ours."""

    def token(self) -> str:
        """Return the digits of a new clip's name."""
        if not self.mark:
            return secrets.token_hex(4)
        head = secrets.token_hex(2)
        return head + self._tail(head)

    def wrote(self, name: ClipName) -> bool:
        """Tell whether a clip is ours; of 65,536 that are somebody else's one seems to be."""
        return not self.mark or name.token[4:] == self._tail(name.token[:4])

    def _tail(self, head: str) -> str:
        return blake2s(head.encode(), key=self.mark, digest_size=2).hexdigest()
