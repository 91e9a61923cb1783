"""Dialling a camera to see whether it answers: under a borrowed name, with nothing left behind."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from ..model import Secret
from .answers import Media
from .api import Api
from .errors import DialFailure, StreamServerError
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

    async def dial(self, api: Api, source: Secret, within: float) -> DialResult:
        """Connect and hang up; raises DialFailure, ServerDown, ApiError."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        try:
            async with asyncio.timeout_at(until):
                name = await self._names.borrow(source)
        except TimeoutError:
            raise DialFailure("too many dials at once", reason="timeout") from None
        known = secrets_in(source)
        self._redactor.add(known)
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
        """Leave no key behind under a name whose dial has ended, and lend it to the next."""
        try:
            if ended:
                await api.patch(name, PARKED)
            elif (expired := self._names.set_aside(name, source)) is not None:
                await (api.delete(expired) if self._delete else api.patch(expired, PARKED))
        except StreamServerError:
            _LOGGER.debug("A dial could not be tidied up")
        finally:
            self._redactor.remove(known)
            if ended:
                self._names.give_back(name)


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
