"""One camera at a go2rtc of somebody else's: few names that can be told from all others, and no traces.

There PATCH changes only memory, while DELETE rewrites the owner's file. So names are never deleted but for a
camera that is removed for good; and as they are derived from the camera's token, Home Assistant finds the
same ones again after its own restart.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self, override

from ..model import Secret
from .api import Api
from .held import HeldStream
from .pool import check_token
from .source import hop, needs_hop
from .viewers import MAX_NAMES, ViewerNames

PREFIX = "wyze_local_"
"""What every name of ours begins with."""

PARKED = Secret(f"rtsp://127.0.0.1:9/{PREFIX}parked")
"""A source that leads nowhere: nothing listens there, and there is nothing in it."""


def derived_names(seed: Secret, purpose: str) -> Callable[[int], str]:
    """Return what makes the names for a purpose, always the same ones; none tells of another, or the seed."""

    def name(number: int) -> str:
        return PREFIX + hashlib.sha256(f"{seed.reveal()} {purpose} {number}".encode()).hexdigest()[:32]

    return name


@dataclass(slots=True)
class _Side:
    """Which of its two names a camera has at the moment."""

    second: bool = False


@dataclass(frozen=True, slots=True)
class GuestStream(HeldStream):
    """One camera at somebody else's go2rtc.

    A source that go2rtc holds itself dies in silence, and could only be opened anew by a DELETE. Instead it
    is opened under the camera's other name, to which the hop goes over; whoever watches comes through that.
    """

    other: str = field(default="", compare=False)
    side: _Side = field(default_factory=_Side, compare=False)

    @classmethod
    @override
    def make(cls, token: Secret, source: Secret, *, shared: bool = False) -> Self:
        """Return a camera under names derived from its token."""
        check_token(token)
        name = derived_names(token, "camera")
        viewers = ViewerNames(derived_names(token, "viewer"))
        return cls(name(0), source, shared, viewers, name(1), other=name(2))

    @property
    @override
    def secrets(self) -> list[Secret]:
        """What must not be printed."""
        return [*self._own_secrets(), Secret(self.other)]

    @property
    @override
    def counted(self) -> str:
        """The name whose counters tell how the camera does."""
        return self.other if self.side.second and needs_hop(self.source) else self.name

    @property
    @override
    def read_name(self) -> str:
        """The name under which other programs read."""
        return self.hop if needs_hop(self.source) else self.name

    @override
    async def begin(self, api: Api, rtsp_port: int) -> None:
        """Make it known to a go2rtc, or put its present source into one that knows it already."""
        self.viewers.forget()
        self.side.second = False
        await self._point(api, rtsp_port)

    async def _point(self, api: Api, rtsp_port: int) -> None:
        await api.patch(self.counted, self.source)
        if needs_hop(self.source):
            await api.patch(self.hop, hop(self.counted, rtsp_port, known=True))

    @override
    async def replace(self, before: HeldStream, api: Api, rtsp_port: int) -> None:
        """Take the place of the same camera as it was before: whoever watches follows by himself."""
        through = hop(self.counted, rtsp_port, known=True)
        await self._fill(api, through if needs_hop(self.source) else self.source)
        await self._point(api, rtsp_port)

    @override
    async def open_anew(self, api: Api, rtsp_port: int) -> None:
        """Open the source under the camera's other name; the old connection ends with its last reader."""
        if self.heals_itself:
            return
        self.side.second = not self.side.second
        await self._point(api, rtsp_port)

    @override
    async def rest(self, api: Api) -> None:
        """Leave no address and no key behind, without touching the owner's file."""
        await self._fill(api, PARKED)

    async def _fill(self, api: Api, source: Secret) -> None:
        for name in await self._known(api):
            await api.patch(name, source)

    @override
    async def end(self, api: Api) -> None:
        """Let a go2rtc forget it for good, and only what it knows: each DELETE rewrites the owner's file."""
        await self._fill(api, PARKED)
        for name in await self._known(api):
            await api.delete(name)
        self.viewers.forget()

    async def _known(self, api: Api) -> list[str]:
        """Return those of this camera's names that a go2rtc knows, from whichever run of ours."""
        found = await api.streams()
        mine = (self.name, self.other, self.hop, *map(self.viewers.new, range(MAX_NAMES)))
        return [name for name in mine if name in found]
