"""A go2rtc that somebody else runs, as the stream server of some cameras.

Nobody here starts or stops it, so it is looked at: every two seconds whether it answers and still knows our
names. One that went away comes back with nothing of ours in it, and is given everything anew.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, override

from ..model import LINK_SCHEME, Clock, Door, Secret
from .api import Api
from .binary import MINIMUM, Version
from .dials import DialResult, Dials
from .errors import ApiError, DialFailure, ExternalError, ServerDown, StreamServerError, place_of
from .guest import PARKED, GuestStream, derived_names
from .held import HeldStream
from .pool import MAX_PROBE_NAMES, ProbeNames
from .remote import RemoteAccess
from .served import DIAL_TIMEOUT, PictureServer
from .source import holds_keys
from .supervisor import ServerPhase, ServerState
from .turns import TakeTurn, no_gate

LOOK_EVERY = 2.0
"""Seconds between two looks at one that is well."""

LOOK_AGAIN = (0.5, 1.0, 2.0, 4.0)
"""Seconds until the next look at one that gave no answer; the last of them from then on."""

MISSES = 2
"""So many looks in a row without an answer, and it counts as away."""

DIAL_WITHIN = 8.0
"""Seconds that it may take to reach what it is to read."""

_LOGGER = logging.getLogger(__name__)
_REASONS = {
    "server_down": "external_unreachable",
    "bad_certificate": "external_certificate",
    "server_timeout": "external_timeout",
    "wrong_login": "external_login",
}


@dataclass(frozen=True, slots=True)
class ExternalSettings:
    """What one needs to know of a go2rtc that somebody else runs."""

    access: RemoteAccess
    seed: Secret
    """Random; the names for dials are derived from it."""
    door: Door | None = None
    """How it reads the relay, where it runs on another machine."""


@dataclass(frozen=True, slots=True)
class Guesthouse:
    """A go2rtc that passed all checks."""

    api: Api
    version: Version
    rtsp_port: int


async def check_external(
    settings: ExternalSettings, *, wyze: bool = False, reads: Secret | None = None
) -> Version:
    """Return the version of a go2rtc that can be used; raises ExternalError.

    With `wyze` it must know the cameras' own protocol. `reads` is an address that it has to reach, where a
    server of ours knows no such stream: it says so, which nobody else would.
    """
    api = Api(settings.access)
    try:
        found = await _enter(api, wyze=wyze)
        if reads is not None:
            await _check_reach(api, derived_names(settings.seed, "check")(0), reads)
    finally:
        await api.close()
    return found.version


async def _enter(api: Api, *, wyze: bool = False) -> Guesthouse:
    """Return the go2rtc behind an API, after all checks; raises ExternalError."""
    try:
        about = await api.about()
        if about.version is None:
            raise ExternalError("not a go2rtc", reason="external_not_go2rtc")
        if about.version < MINIMUM:
            details = {"version": str(about.version), "minimum": str(MINIMUM)}
            raise ExternalError("too old", reason="external_too_old", details=details)
        schemes = await api.schemes()
    except (ServerDown, ApiError) as err:
        raise ExternalError("no use", reason=_REASONS.get(err.reason, "external_not_go2rtc")) from None
    if "rtsp" not in schemes:
        raise ExternalError("it pulls no RTSP", reason="external_no_sources")
    if wyze and LINK_SCHEME not in schemes:
        raise ExternalError("it knows no such cameras", reason="external_no_wyze")
    if about.rtsp_port is None:
        raise ExternalError("it serves no RTSP", reason="external_no_rtsp")
    return Guesthouse(api, about.version, about.rtsp_port)


async def _check_reach(api: Api, name: str, reads: Secret) -> None:
    try:
        await api.patch(name, reads)
        try:
            await api.dial(name, within=DIAL_WITHIN)
        except DialFailure as err:
            if err.reason == "no_such_stream":
                return
        finally:
            await api.patch(name, PARKED)
    except (ServerDown, ApiError) as err:
        raise ExternalError("no use", reason=_REASONS.get(err.reason, "external_not_go2rtc")) from None
    raise ExternalError("it cannot reach us", reason="external_elsewhere")


class ExternalServer(PictureServer):
    """Somebody else's go2rtc with the streams of many cameras."""

    stream_type: ClassVar[type[HeldStream]] = GuestStream
    down_reason: ClassVar[str] = "external_down"

    def __init__(
        self,
        settings: ExternalSettings | None,
        *,
        clock: Clock,
        on_state: Callable[[ServerState], None] = lambda _: None,
        takes_keys: bool = False,
        turn: TakeTurn = no_gate,
    ) -> None:
        """Prepare; nobody is asked before `start`, and nobody at all while it is not known who.

        Without `takes_keys` it is told of no source that holds a camera's keys. `turn` waits until it may
        dial one more camera itself.
        """
        super().__init__(clock, turn)
        self._takes_keys = takes_keys
        self._settings = settings
        self._on_state = on_state
        self._state = ServerState()
        self._house: Guesthouse | None = None
        self._api: Api | None = None
        self._watch: asyncio.Task[None] | None = None
        if settings is not None:
            access = settings.access
            self.host = access.host
            self.door = settings.door
            secrets = (access.user, access.password, Secret(access.host))
            self._redactor.add(secret for secret in secrets if secret)
            probes = ProbeNames(derived_names(settings.seed, "dial"))
            self._dials = Dials(self._redactor, self._spawn, names=probes, delete=False)

    @property
    @override
    def state(self) -> ServerState:
        """How it stands."""
        return self._state

    @property
    @override
    def _backend(self) -> Guesthouse | None:
        return self._house

    @override
    async def add(self, camera_key: str, token: Secret, source: Secret, *, shared: bool = False) -> None:
        """Take a camera in; raises DialFailure (`keys_not_allowed`) besides, and takes back what was told."""
        try:
            self._check_keys(source)
        except DialFailure:
            async with self._changes:
                stream = self.stream_type.make(token, source, shared=shared)
                known = self._streams.setdefault(camera_key, stream)
                await self._bury(camera_key, known, known.rest)
            raise
        await super().add(camera_key, token, source, shared=shared)

    @override
    async def dial(self, source: Secret, *, timeout: float = DIAL_TIMEOUT) -> DialResult:
        """Connect to a camera and hang up; raises DialFailure (`keys_not_allowed`) besides."""
        self._check_keys(source)
        return await super().dial(source, timeout=timeout)

    def _check_keys(self, source: Secret) -> None:
        if not self._takes_keys and holds_keys(source, self.door):
            raise DialFailure("keys stay here", reason="keys_not_allowed")

    async def start(self) -> None:
        """Look at it once, and from then on; whether it is there or not raises nothing."""
        if self._settings is None:
            self._set(ServerPhase.FAILED, "external_login_missing")
            return
        if self._watch is not None:
            return
        self._api = Api(self._settings.access)
        self._set(ServerPhase.STARTING)
        await self._look_on(self._api)
        self._watch = asyncio.create_task(self._run(self._api), name="external go2rtc")

    async def stop(self) -> None:
        """Stop looking and hang up; cameras stay known for another start, here and there."""
        await self._close()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        self._house = None
        if self._api is not None:
            await self._api.close()
            self._api = None
        self._set(ServerPhase.STOPPED)

    async def _run(self, api: Api) -> None:
        misses = 0
        while True:
            await self._clock.sleep(self._pause(misses))
            misses = 0 if await self._look_on(api, patient=misses + 1 < MISSES) else misses + 1

    async def _look_on(self, api: Api, *, patient: bool = False) -> bool:
        """Look once, whatever happens: without another look there would be no pictures until a restart."""
        try:
            return await self._look(api, patient=patient)
        except Exception as err:  # noqa: BLE001
            _LOGGER.error("The external go2rtc could not be looked at (%s)", place_of(err))  # noqa: TRY400
            return False

    def _pause(self, misses: int) -> float:
        return LOOK_AGAIN[min(misses, len(LOOK_AGAIN)) - 1] if misses else LOOK_EVERY

    async def _look(self, api: Api, *, patient: bool = False) -> bool:
        """Look once, and bring in what is missing; returns whether all is well."""
        try:
            if self._house is not None and not await self._knows_us(self._house):
                # It was away between two looks, and with it whoever was watching.
                self._house = None
                self._set(ServerPhase.BACKOFF, "restarted")
            if self._house is None:
                await self._come_in(api)
        except StreamServerError as err:
            if not patient or self._house is None:
                self._house = None
                reason = _REASONS.get(err.reason, "external_not_go2rtc")
                self._set(ServerPhase.FAILED, err.reason if isinstance(err, ExternalError) else reason)
            return False
        return True

    async def _knows_us(self, house: Guesthouse) -> bool:
        """Put back what is missing; returns False when all is that it took before."""
        async with self._changes:
            found, streams = await house.api.streams(), self._streams.values()
            # Of one that it gave no answer for, it is not known whether it took it.
            answered = [self._streams[camera_key] for camera_key in self._streams.keys() - self._late]
            taken = [stream for stream in answered if stream.name not in self._refused]
            if taken and not any(stream.counted in found for stream in taken):
                return False
            missing = [stream for stream in streams if stream.counted not in found]
            now = self._clock.monotonic()
            await self._bring_in(house, [one for one in missing if self._refused.get(one.name, now) <= now])
        return True

    async def _empty_dials(self, api: Api) -> None:
        """Take back what dials were about that another run of ours gave up or could not tidy up."""
        assert self._settings is not None
        name, found = derived_names(self._settings.seed, "dial"), await api.streams()
        for left in {name(number) for number in range(1, MAX_PROBE_NAMES + 1)} & found.keys():
            await api.patch(left, PARKED)

    async def _come_in(self, api: Api) -> None:
        house = await _enter(api)
        async with self._changes:
            await self._tend(house.api)
            await self._empty_dials(house.api)
            await self._bring_in(house, self._streams.values())
        came_back = self._state.phase in (ServerPhase.FAILED, ServerPhase.BACKOFF)
        self._house = house
        self._set(ServerPhase.READY, version=str(house.version), came_back=came_back)

    def _set(
        self, phase: ServerPhase, reason: str = "", *, version: str | None = None, came_back: bool = False
    ) -> None:
        before = self._state
        self._state = ServerState(
            phase,
            reason,
            version=before.version if version is None else version,
            restarts=before.restarts + came_back,
        )
        if self._state != before:
            try:
                self._on_state(self._state)
            except Exception as err:  # noqa: BLE001
                # A mistake of whoever listens must not end the looking.
                _LOGGER.error("News of the external go2rtc could not be taken (%s)", place_of(err))  # noqa: TRY400
