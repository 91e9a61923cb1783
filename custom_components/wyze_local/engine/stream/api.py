"""A thin client for go2rtc's API: our own child's over its private unix socket, or somebody else's over HTTP.

go2rtc keeps its streams in a map that it does not lock everywhere: a listing beside a change ends the
process. So everything that lists or changes is one call in flight at a time. A dial, a still and a viewer's
signalling may take long and are not held back: they look a name up once, and that look-up waits for every
change but a DELETE. A DELETE in exactly that microsecond remains, and the supervisor would put everything
back. Cameras that the relay holds never cause one; others do when they come, change, go or are opened anew.

Nothing here can write go2rtc's configuration: there is no PUT.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Literal
from urllib.parse import quote

import aiohttp
from yarl import URL

from ..model import Secret
from .answers import (
    About,
    StreamInfo,
    parse_about,
    parse_json,
    parse_schemes,
    parse_stream,
    parse_streams,
    parse_version,
)
from .binary import Version
from .config import Access
from .errors import ApiError, DialFailure, ServerDown, StillFailure
from .failures import classify
from .remote import RemoteAccess

SHORT_TIMEOUT = 3.0
"""Seconds that a call may take which asks go2rtc only for what it knows, waiting for its turn included."""

MAX_ANSWER = 8 << 20
MAX_ERROR = 4096
_CHUNK = 65536
_USER_AGENT = "wyze-local"

type Method = Literal["GET", "PATCH", "DELETE"]


class Api:
    """The API of one running go2rtc."""

    def __init__(self, access: Access | RemoteAccess) -> None:
        """Prepare; needs a running event loop."""
        self._turn = asyncio.Lock()
        self._base, connector, login = _ways(access)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": _USER_AGENT, **login},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def is_set_up(self) -> bool:
        """Tell whether go2rtc has set up all its parts. Until then every other question may be its end."""
        try:
            await self._short("GET", "api/stack", {})
        except ApiError as err:
            if err.reason == "server_fault":
                return False
            raise
        return True

    async def version(self, *, within: float = SHORT_TIMEOUT) -> Version | None:
        """Return the version, or None when the answer names none. Also a watchdog's sign of life."""
        return parse_version(parse_json(await self._short("GET", "api", {}, within=within)))

    async def about(self) -> About:
        """Return what a go2rtc says of itself."""
        return parse_about(parse_json(await self._short("GET", "api", {})))

    async def schemes(self) -> frozenset[str]:
        """Return the source schemes that this go2rtc knows."""
        return parse_schemes(parse_json(await self._short("GET", "api/schemes", {})))

    async def streams(self) -> dict[str, StreamInfo]:
        """Return all streams by name."""
        return parse_streams(parse_json(await self._short("GET", "api/streams", {})))

    async def patch(self, name: str, source: Secret) -> None:
        """Make a stream, or give one another source; a connection that is up keeps its old one.

        Raises ApiError (`refused_source`) when go2rtc does not take the source.
        """
        await self._short("PATCH", "api/streams", {"name": name, "src": source.reveal()})

    async def delete(self, name: str) -> None:
        """Forget a stream. Whoever watches it keeps a connection that nobody looks after."""
        # go2rtc then tries to change its configuration, which nobody can: 400, and the stream is gone.
        await self._short("DELETE", "api/streams", {"src": name}, also_fine=400)

    async def dial(self, name: str, *, within: float) -> StreamInfo:
        """Connect to a stream's camera and return what it offers; raises DialFailure."""
        # No `microphone`: asking for it would open the camera's speaker.
        query = {"src": name, "video": "all", "audio": "all"}
        try:
            async with asyncio.timeout(within), self._request("GET", "api/streams", query) as response:
                body = await _read(response)
        except TimeoutError:
            raise DialFailure("the dial took too long", reason="timeout") from None
        if response.status != 200:
            raise DialFailure("the dial failed", reason=classify(body.decode(errors="replace")))
        return parse_stream(parse_json(body))

    async def still(self, name: str, *, within: float) -> bytes:
        """Return a JPEG of what the camera sees now; raises StillFailure."""
        try:
            async with (
                asyncio.timeout(within),
                self._request("GET", "api/frame.jpeg", {"src": name}) as response,
            ):
                body = await _read(response)
        except TimeoutError:
            raise StillFailure("the still took too long", reason="timeout") from None
        if response.status != 200:
            raise StillFailure("no still", reason="no_ffmpeg" if b"executable file" in body else "no_still")
        # A failed dial is answered with 200 and nothing.
        if not body.startswith(b"\xff\xd8"):
            raise StillFailure("not a picture")
        return body

    async def open_websocket(
        self, name: str, user_agent: str, *, within: float
    ) -> aiohttp.ClientWebSocketResponse:
        """Open a viewer's signalling channel; raises ServerDown or ApiError."""
        self._check_open("signalling")
        try:
            async with asyncio.timeout(within):
                return await self._session.ws_connect(
                    _url(self._base, "api/ws", {"src": name}),
                    headers={"User-Agent": user_agent},
                    max_msg_size=1 << 20,
                )
        except TimeoutError:
            raise ApiError("no answer", reason="server_timeout") from None
        except aiohttp.WSServerHandshakeError as err:
            raise ApiError(f"signalling: status {err.status}") from None
        except aiohttp.ClientError, OSError:
            raise ServerDown("signalling") from None

    def _check_open(self, call: str) -> None:
        """Raise ServerDown for one who waited for a turn, or a name, until go2rtc had ended."""
        if self._session.closed:
            raise ServerDown(call)

    async def _short(
        self,
        method: Method,
        path: str,
        query: Mapping[str, str],
        *,
        within: float = SHORT_TIMEOUT,
        also_fine: int = 200,
    ) -> bytes:
        """Make a call when it is its turn; returns the body. The query never shows in errors."""
        try:
            async with (
                asyncio.timeout(within),
                self._turn,
                self._request(method, path, query) as response,
            ):
                body = await _read(response)
        except TimeoutError:
            raise ApiError(f"{method} {path}: no answer", reason="server_timeout") from None
        if response.status in (200, also_fine):
            return body
        raise ApiError(f"{method} {path}: status {response.status}", reason=_reason(method, response.status))

    @contextlib.asynccontextmanager
    async def _request(
        self, method: Method, path: str, query: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        self._check_open(f"{method} {path}")
        try:
            async with self._session.request(
                method, _url(self._base, path, query), allow_redirects=False
            ) as response:
                yield response
        except aiohttp.ClientSSLError:
            raise ServerDown(f"{method} {path}", reason="bad_certificate") from None
        except (aiohttp.ClientError, ConnectionError, OSError) as err:
            if isinstance(err, TimeoutError):
                raise
            # aiohttp's own errors carry the whole request, keys included.
            raise ServerDown(f"{method} {path}") from None


def _ways(access: Access | RemoteAccess) -> tuple[str, aiohttp.BaseConnector, dict[str, str]]:
    """Return the address, what connects to it, and the header that opens it."""
    if isinstance(access, RemoteAccess):
        base, user = access.url.reveal(), access.user.reveal()
        connector: aiohttp.BaseConnector = aiohttp.TCPConnector(limit=0)
    else:
        base, user = "http://localhost", access.user
        connector = aiohttp.UnixConnector(access.socket, limit=0)
    if not user:
        return base, connector, {}
    return base, connector, {"Authorization": aiohttp.encode_basic_auth(user, access.password.reveal())}


def _reason(method: Method, status: int) -> str:
    if status in (401, 403):
        return "wrong_login"
    return "refused_source" if method == "PATCH" and status == 400 else "server_fault"


def _url(base: str, path: str, query: Mapping[str, str]) -> URL:
    """Return an address in which every character of a value is only itself."""
    text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return URL(f"{base}/{path}?{text}" if text else f"{base}/{path}", encoded=True)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body; raises ApiError when it is longer than any honest answer."""
    limit = MAX_ANSWER if response.status == 200 else MAX_ERROR
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            raise ApiError("an answer without end", reason="bad_answer")
    return bytes(body)
