"""One call to the vendor: over verified TLS, bounded in every way, and no exception but the room's own.

Nothing that was sent or received is in an exception: they are made outside of what they replace, so that
not even their context leads back to an address, a header or a body.
"""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import aiohttp

from ..model import Clock
from .decode import JSON, Refused, parse_bounded, read_bounded
from .errors import CloudError, CloudReason
from .limits import AWAY_UNKNOWN, NEARLY_SPENT, Lane, away, date_of, nearly_spent
from .refusals import RATE_CODES, by_status, code_of
from .values import CallRecord, Heard

CONNECT_TIMEOUT = 5.0
TOTAL_TIMEOUT = 15.0
_CHUNK = 16 << 10
_USER_AGENT = "wyze-local"
_MAX_SKEW = 300.0
"""Seconds that this machine's clock and the vendor's may differ."""

_NOT_YET_VALID, _EXPIRED = 9, 10
"""OpenSSL's words for a certificate that another time would be right for."""
_MADE = 1_780_000_000.0
"""No right clock is earlier: this was written after it."""

_CACHES = ("X-Cache", "X-Cache-Status", "CF-Cache-Status")
"""Where caches say that an answer is one of theirs."""

_CLOCK_MAY_EXPLAIN = frozenset(
    {CloudReason.SERVER, CloudReason.BAD_REQUEST, CloudReason.BAD_CREDENTIALS, CloudReason.BAD_KEY}
)

type Judge = Callable[[int, JSON], CloudReason | None]
"""Says why an answer is a refusal, if it is one."""
type Note = Callable[[CallRecord], None]


@dataclass(frozen=True, slots=True)
class Request:
    """A call. Prints without its keys."""

    name: str
    url: str = field(repr=False)
    body: Mapping[str, object] = field(repr=False)
    judge: Judge = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    urgent: bool = False
    spare: int = NEARLY_SPENT
    """How many calls are left, by the vendor's count, when nothing more is asked."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def verified(tls: ssl.SSLContext | bool) -> ssl.SSLContext | bool:
    """Return a TLS context that verifies, or True for the session's own; raises ValueError for any other."""
    if isinstance(tls, ssl.SSLContext):
        if tls.verify_mode is not ssl.CERT_REQUIRED or not tls.check_hostname:
            raise ValueError("the vendor is only spoken to over verified TLS")
    elif tls is not True:
        raise ValueError("the vendor is only spoken to over verified TLS")
    return tls


class Transport:
    """Sends requests, one attempt each. Starts nothing and owns nothing."""

    def __init__(self, session: aiohttp.ClientSession, tls: ssl.SSLContext | bool, clock: Clock) -> None:
        """Remember what to send with."""
        self._session = session
        self._tls = verified(tls)
        self._clock = clock
        self.skew: float | None = None
        """By how many seconds this machine's clock is ahead of the vendor's, once known."""

    async def call[T](self, request: Request, parse: Callable[[JSON, Heard], T], lane: Lane, note: Note) -> T:
        """Send a request when it is its turn, and return what a good answer is parsed to.

        Raises CloudError, and nothing else as long as `parse` raises nothing but Refused.
        """
        await lane.turn(request.name, urgent=request.urgent)
        began, at = self._clock.monotonic(), self._clock.time()
        status = "cancelled"
        try:
            answer = await self._call(request, parse, lane)
            status = "ok"
        except CloudError as err:
            status = err.reason
            raise
        finally:
            duration = round((self._clock.monotonic() - began) * 1000)
            note(CallRecord(request.name, status, duration, at))
        return answer

    async def _call[T](self, request: Request, parse: Callable[[JSON, Heard], T], lane: Lane) -> T:
        answer, word = await self._exchange(request)
        if answer is None:
            raise CloudError(word, request.name)
        sent = date_of(answer.headers)
        # What comes out of a cache tells when it went in.
        if sent is not None and "Age" not in answer.headers:
            self.skew = self._clock.time() - sent
        body, refusal = await _read(answer)
        if refusal is None:
            refusal = request.judge(answer.status, body)
        retry_at = self._keep_away(answer, body, refusal, lane, request.spare)
        if hollow := refusal is None:
            try:
                return parse(body, _heard(answer.headers, self._clock.time(), retry_at))
            except Refused as err:
                refusal = err.word
        if refusal in _CLOCK_MAY_EXPLAIN and self._clock_is_wrong():
            refusal = CloudReason.CLOCK_WRONG
        raise CloudError(refusal, request.name, retry_at=retry_at, hollow=hollow)

    async def _exchange(self, request: Request) -> tuple[_Answer | None, CloudReason]:
        """Return the answer, or None and why there is none."""
        try:
            async with (
                asyncio.timeout(TOTAL_TIMEOUT),
                self._session.post(
                    request.url,
                    params=request.query or None,
                    data=json.dumps(request.body, separators=(",", ":")).encode(),
                    headers={
                        "Accept": "application/json",
                        "Accept-Encoding": "gzip",
                        "Content-Type": "application/json",
                        "User-Agent": _USER_AGENT,
                        **request.headers,
                    },
                    allow_redirects=False,
                    auto_decompress=False,
                    raise_for_status=False,
                    ssl=self._tls,
                    timeout=aiohttp.ClientTimeout(total=TOTAL_TIMEOUT, connect=CONNECT_TIMEOUT),
                ) as response,
            ):
                encoding = response.headers.get("Content-Encoding", "").lower()
                body = b""
                if by_status(response.status) is None:
                    body = await read_bounded(response.content.iter_chunked(_CHUNK), encoding)
                return _Answer(response.status, response.headers, body), CloudReason.SERVER
        except Refused as err:
            return None, err.word
        except (aiohttp.ClientError, OSError, ValueError, LookupError, RuntimeError) as err:
            return None, self._failure(err)

    def _failure(self, err: Exception) -> CloudReason:
        """Return the word for an exception of a connection. Order matters: some are of several kinds."""
        match err:
            case TimeoutError():
                return CloudReason.TIMEOUT
            case aiohttp.ClientConnectorCertificateError():
                return self._certificate(err.certificate_error)
            case aiohttp.ClientSSLError() | ssl.SSLError() | aiohttp.ServerFingerprintMismatch():
                return CloudReason.CERTIFICATE
            case aiohttp.ClientConnectorDNSError():
                return CloudReason.NAME_LOOKUP
            case aiohttp.ClientConnectionError() | OSError() | RuntimeError():
                # A session that was closed meanwhile is a RuntimeError.
                return CloudReason.UNREACHABLE
            case _:
                return CloudReason.MALFORMED

    def _certificate(self, err: Exception) -> CloudReason:
        """Tell a wrong clock from a wrong certificate, as far as that can be told."""
        code = getattr(err, "verify_code", None)
        if code == _NOT_YET_VALID or self._clock.time() < _MADE:
            return CloudReason.CLOCK_WRONG
        if code == _EXPIRED and self._clock_is_wrong():
            return CloudReason.CLOCK_WRONG
        return CloudReason.CERTIFICATE

    def _clock_is_wrong(self) -> bool:
        return self.skew is not None and abs(self.skew) > _MAX_SKEW

    def _keep_away(
        self, answer: _Answer, body: JSON, refusal: CloudReason | None, lane: Lane, spare: int
    ) -> float | None:
        """Close the lane when the vendor wants that; return until when, in seconds since 1970."""
        limited = refusal is CloudReason.RATE_LIMITED
        if not limited and not nearly_spent(answer.headers, spare):
            return None
        now = date_of(answer.headers) or self._clock.time()
        told = away(answer.headers, now)
        return lane.close(RATE_CODES.get(code_of(body), AWAY_UNKNOWN) if told is None else told)


def _heard(headers: Mapping[str, str], now: float, retry_at: float | None) -> Heard:
    """Return by which way an answer came, and for how long it is the last one."""
    sent, age = date_of(headers), headers.get("Age", "").strip()[:9]
    hit = any("hit" in headers.get(name, "").lower() for name in _CACHES)
    return Heard(
        None if sent is None else now - sent,
        float(age) if age.isascii() and age.isdigit() else 0.0,
        hit,
        None if retry_at is None else retry_at - now,
    )


async def _read(answer: _Answer) -> tuple[JSON, CloudReason | None]:
    """Return the JSON of an answer, or why it has none."""
    if (word := by_status(answer.status)) is not None:
        return None, word
    kind = answer.headers.get("Content-Type", "").lower()
    word = CloudReason.NOT_JSON
    if "html" not in kind and "xml" not in kind:
        try:
            return await parse_bounded(answer.body), None
        except Refused as err:
            word = err.word
    # "Not you" needs no words.
    return None, None if answer.status == 401 else word
