"""Dialling a camera to see whether it answers: under a borrowed name, with nothing left behind."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from ..model import Secret
from .answers import Media
from .api import Api
from .errors import DialFailure, ServerDown, StreamServerError
from .pool import ProbeNames
from .reach import Reach
from .redact import Redactor
from .source import PARKED, secrets_in, udp_target

PATIENCE = 15.0
"""Seconds after which only a camera that has answered is still dialled: for its picture go2rtc waits on."""

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DialResult:
    """What a camera offers."""

    medias: tuple[Media, ...]
    addresses: frozenset[str] = frozenset()
    """Where the connection led, as far as go2rtc tells: a server can send visitors elsewhere."""

    @property
    def moves(self) -> bool:
        """Whether a browser may be able to play it, and not only show single pictures of it."""
        codecs = {codec for media in self.medias if media.kind == "video" for codec in media.codecs}
        return bool(codecs - {"JPEG"})


class Dials:
    """Dials cameras, few at a time."""

    def __init__(
        self,
        redactor: Redactor,
        spawn: Callable[[Coroutine[None, None, None]], None],
        *,
        names: ProbeNames | None = None,
        delete: bool = True,
    ) -> None:
        """Take what has to know secrets while they are in use, and what owns work that goes on afterwards.

        Without `delete` a name stays known to go2rtc for good, and leads nowhere.
        """
        self._redactor = redactor
        self._spawn = spawn
        self._names = names or ProbeNames()
        self._delete = delete
        self._kept: dict[str, list[Secret]] = {}
        """Names under which go2rtc still knows a camera, and the secrets that stay masked for it."""

    async def dial(self, api: Api, source: Secret, within: float) -> DialResult:
        """Connect and hang up; raises DialFailure, ServerDown, ApiError.

        `within` counts from one's turn; who waits for that as long again hears `queued`, which says nothing
        about the camera.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(within):
                name = await self._names.borrow(source)
        except TimeoutError:
            raise DialFailure("too many dials at once", reason="queued") from None
        until = loop.time() + within
        known = self._mask(name, source)
        ended = False
        try:
            await api.patch(name, source)
            result = await _ask(api, name, source, until - loop.time())
            ended = True
        except DialFailure as err:
            ended = err.reason != "timeout"
            if not ended and within >= PATIENCE and udp_target(source) is not None:
                raise DialFailure("it answered, and sent no picture", reason="no_media") from None
            raise
        except StreamServerError:
            ended = True
            raise
        finally:
            self._spawn(self._hang_up(api, name, source, known, ended=ended))
        return result

    async def _hang_up(
        self, api: Api, name: str, source: Secret, known: list[Secret], *, ended: bool
    ) -> None:
        """Leave no key behind under a name whose dial has ended, and lend it to the next.

        Where that fails, or the dial goes on, the keys stay masked, and the next dial of the same camera
        finds the name again.
        """
        if ended and await self._forgotten(api.patch(name, PARKED)):
            self._redactor.remove(known)
            self._names.give_back(name)
            return
        self._kept[name] = known
        expired = self._names.set_aside(name, source)
        if expired is None:
            return
        if await self._forgotten(api.delete(expired) if self._delete else api.patch(expired, PARKED)):
            self._redactor.remove(self._kept.pop(expired))

    async def _forgotten(self, work: Coroutine[None, None, None]) -> bool:
        """Return whether a go2rtc knows a name no more, or is none any more."""
        try:
            await work
        except ServerDown:
            return True
        except StreamServerError:
            _LOGGER.debug("A dial could not be tidied up")
            return False
        return True

    def _mask(self, name: str, source: Secret) -> list[Secret]:
        """Return a source's secrets, which are masked from now on; under a kept name they were all along."""
        known = secrets_in(source)
        self._redactor.add(known)
        self._redactor.remove(self._kept.pop(name, []))
        return known


async def _ask(api: Api, name: str, source: Secret, within: float) -> DialResult:
    """Have go2rtc dial; ask the network meanwhile whether anything speaks against the address."""
    target = udp_target(source)
    if target is None:
        info = await api.dial(name, within=within)
    else:
        async with Reach(target) as reach:
            try:
                info = await api.dial(name, within=within)
            except DialFailure as err:
                if err.reason == "no_answer" and reach.reason is not None:
                    raise DialFailure("the network refused", reason=reach.reason) from None
                raise
    medias = tuple(media for producer in info.producers for media in producer.medias)
    if not any(media.kind == "video" for media in medias):
        raise DialFailure("no picture", reason="no_media")
    return DialResult(medias, info.addresses)
