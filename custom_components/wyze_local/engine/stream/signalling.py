"""One viewer's WebRTC session: an offer goes in, an answer and candidates come out; no picture does."""

import asyncio
import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from .answers import BadAnswer, parse_json
from .api import Api
from .errors import DialFailure
from .failures import classify

CONNECT_TIMEOUT = 5.0
ANSWER_TIMEOUT = 30.0
"""Seconds until go2rtc must have answered: a dial that meets every delay takes this long."""

CLOSE_TIMEOUT = 2.0
MAX_OFFER = 256 * 1024
MAX_CANDIDATE = 2048

_UNUSUAL = re.compile(r"[^A-Za-z0-9_.-]")
_OFFER = "webrtc"
_CANDIDATE = "webrtc/candidate"


@dataclass(frozen=True, slots=True)
class WebRtcAnswer:
    """The server's session description. It names addresses of this machine: not for logs."""

    sdp: str


@dataclass(frozen=True, slots=True)
class WebRtcCandidate:
    """A way to reach the server."""

    candidate: str


@dataclass(frozen=True, slots=True)
class WebRtcFailed:
    """The session came to nothing; `reason` is one of DialFailure's."""

    reason: str


@dataclass(frozen=True, slots=True)
class WebRtcClosed:
    """The signalling channel has ended, because the server did; always the last message."""


type WebRtcMessage = WebRtcAnswer | WebRtcCandidate | WebRtcFailed | WebRtcClosed


class WebRtcSession:
    """A viewer's signalling channel."""

    def __init__(
        self,
        stream: str,
        channel: aiohttp.ClientWebSocketResponse,
        on_message: Callable[[WebRtcMessage], None],
        open_sessions: set[WebRtcSession],
    ) -> None:
        """Own an open channel and join the open sessions; `open_session` makes it."""
        self.stream = stream
        """Name of the stream that is watched."""
        self._channel = channel
        self._on_message = on_message
        self._open_sessions = open_sessions
        self._answered = False
        open_sessions.add(self)
        self._reader = asyncio.create_task(self._read(), name="go2rtc signalling")

    async def candidate(self, candidate: str) -> None:
        """Pass a browser's candidate on; one that comes too late is dropped."""
        if len(candidate) <= MAX_CANDIDATE:
            await self.send(_CANDIDATE, candidate)

    async def close(self) -> None:
        """Close the channel; no message comes any more. A viewer's pictures end when the browser hangs up."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._close_channel()

    async def _close_channel(self) -> None:
        self._open_sessions.discard(self)
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._channel.close()

    async def send(self, kind: str, value: object) -> None:
        """Send one message; one that cannot be sent is dropped, as the reader notices the end."""
        with contextlib.suppress(aiohttp.ClientError, OSError):
            await self._channel.send_str(json.dumps({"type": kind, "value": value}))

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT) as limit:
                async for raw in self._channel:
                    message = _parse(raw.data) if raw.type is aiohttp.WSMsgType.TEXT else None
                    if message is None:
                        continue
                    if isinstance(message, WebRtcAnswer):
                        self._answered = True
                        limit.reschedule(None)
                    self._on_message(message)
                    if isinstance(message, WebRtcFailed) and not self._answered:
                        break
        except TimeoutError:
            self._on_message(WebRtcFailed("timeout"))
        except aiohttp.ClientError, OSError:
            pass
        await self._close_channel()
        self._on_message(WebRtcClosed())


def _parse(text: str) -> WebRtcMessage | None:
    """Return what go2rtc says, or None when it says nothing to us."""
    try:
        message = parse_json(text.encode())
    except BadAnswer:
        return None
    if not isinstance(message, dict):
        return None
    value = message.get("value")
    match message.get("type"):
        case "webrtc" if isinstance(value, dict) and isinstance(sdp := value.get("sdp"), str):
            return WebRtcAnswer(sdp)
        case "webrtc/candidate" if isinstance(value, str) and value:
            return WebRtcCandidate(value)
        case "error" if isinstance(value, str):
            return WebRtcFailed(classify(value))
    return None


async def open_session(
    api: Api,
    name: str,
    session_id: str,
    offer_sdp: str,
    on_message: Callable[[WebRtcMessage], None],
    open_sessions: set[WebRtcSession],
) -> WebRtcSession:
    """Open a channel for a viewer of a stream and send the offer.

    go2rtc shows the viewer as a consumer with the user agent `ha/<session_id>`. Raises StreamServerError.
    """
    if len(offer_sdp) > MAX_OFFER:
        raise DialFailure("an offer without end", reason="bad_offer")
    user_agent = f"ha/{_UNUSUAL.sub('_', session_id)[:64]}"
    channel = await api.open_websocket(name, user_agent, within=CONNECT_TIMEOUT)
    session = WebRtcSession(name, channel, on_message, open_sessions)
    try:
        # An empty list of servers, not a missing one: then go2rtc asks nobody on the internet who it is.
        await session.send(_OFFER, {"type": "offer", "sdp": offer_sdp, "ice_servers": []})
    except BaseException:
        await session.close()
        raise
    return session
