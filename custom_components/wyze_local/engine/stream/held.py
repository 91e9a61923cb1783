"""One camera as a go2rtc of our own holds it: its names there, and what makes and ends them."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self

from ..model import Secret
from .api import Api
from .pool import check_token
from .source import PARKED, hop, needs_hop, secrets_in, still_source
from .viewers import ViewerNames


@dataclass(frozen=True, slots=True)
class HeldStream:
    """One camera: the name of its restream, where that comes from, and the names of its viewers.

    Viewers of a relay have a connection to it each. Those of a source that go2rtc itself holds share one:
    the restream, or a hop to it where go2rtc never notices that such a source died.
    """

    name: str
    source: Secret
    shared: bool = False
    """Whether viewers share one connection to the source, even if that could serve each apart."""
    viewers: ViewerNames = field(default_factory=ViewerNames, compare=False)
    hop: str = field(default_factory=lambda: secrets.token_hex(16), compare=False)

    @classmethod
    def make(cls, token: Secret, source: Secret, *, shared: bool = False) -> Self:
        """Return a camera under its token; raises InvalidField when that has another shape."""
        return cls(check_token(token), source, shared)

    @property
    def secrets(self) -> list[Secret]:
        """What must not be printed."""
        return self._own_secrets()

    def _own_secrets(self) -> list[Secret]:
        return [Secret(self.name), Secret(self.hop), *secrets_in(self.source)]

    @property
    def counted(self) -> str:
        """The name whose counters tell how the camera does."""
        return self.name

    @property
    def read_name(self) -> str:
        """The name under which other programs read."""
        return self.name

    @property
    def still_name(self) -> str | None:
        """The name under which a still may be had; None when that takes a viewer's."""
        return self.read_name if self.held_here else None

    @property
    def held_here(self) -> bool:
        """Whether go2rtc dials the camera itself, once for all viewers."""
        return self.shared or needs_hop(self.source)

    @property
    def heals_itself(self) -> bool:
        """Whether go2rtc opens the source anew by itself, and takes along all who watch.

        To help it would leave them behind.
        """
        return self.shared and not needs_hop(self.source)

    async def begin(self, api: Api, rtsp_port: int) -> None:
        """Make it known to a go2rtc."""
        self.viewers.forget()
        if needs_hop(self.source):
            # While go2rtc knows the name, the hop to it would become a second name of it.
            await api.delete(self.name)
            await api.patch(self.hop, hop(self.name, rtsp_port))
        await api.patch(self.name, self.source)

    async def replace(self, before: HeldStream, api: Api, rtsp_port: int) -> None:
        """Take the place of the same camera as it was before, whose connections end."""
        await before.end(api)
        await self.begin(api, rtsp_port)

    async def viewer_name(self, api: Api, coming: Callable[[], Iterable[str]], *, still: bool = False) -> str:
        """Return a name under which one more viewer sees a picture as soon as possible.

        `coming` tells who is there already: it is asked once go2rtc has told, since others come and go.
        """
        if needs_hop(self.source):
            return self.hop
        if self.shared:
            return self.name
        name = self.viewers.pick(await api.streams(), coming())
        await api.patch(name, still_source(self.source) if still else self.source)
        return name

    async def open_anew(self, api: Api, rtsp_port: int) -> None:
        """Give it a connection that is not up yet; who came through a hop follows by himself."""
        if self.heals_itself:
            return
        await api.delete(self.name)
        await api.patch(self.name, self.source)

    async def rest(self, api: Api) -> None:
        """Leave nothing behind while nobody looks after it."""
        await self.end(api)

    async def end(self, api: Api) -> None:
        """Let a go2rtc forget it, and every key in it.

        A DELETE in the moment of somebody's look-up is the end of go2rtc. So names that pulled the relay are
        emptied instead; only those whose connection nobody else would end are deleted: who still watches
        keeps the old connection, and the name has none for whoever comes.
        """
        for name in (self.name, *self.viewers.all):
            await api.patch(name, PARKED)
        if needs_hop(self.source):
            for name in (self.name, self.hop):
                await api.delete(name)
        elif self.shared:
            await api.delete(self.name)
        self.viewers.forget()
