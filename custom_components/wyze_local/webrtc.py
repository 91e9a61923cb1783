"""WebRTC signalling between a browser and the stream server; the pictures themselves never pass here."""

from collections.abc import Callable
from typing import override

from webrtc_models import RTCIceCandidateInit

from homeassistant.components.camera import (
    Camera,
    CameraWebRTCProvider,
    WebRTCAnswer,
    WebRTCCandidate,
    WebRTCError,
    WebRTCSendMessage,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN, LOGGER
from .coordinator import CamerasCoordinator
from .engine.model import EngineError
from .engine.stream import (
    WebRtcAnswer,
    WebRtcCandidate,
    WebRtcClosed,
    WebRtcFailed,
    WebRtcMessage,
    WebRtcSession,
)
from .revival import Revivals
from .status import EXPLAINED, FAILURES, CameraStatus, Connection
from .talkers import Talkers, async_may_talk

OWN_DOING = frozenset({"no_common_codec", "bad_offer"})
"""Reasons that lie with one viewer; the camera is well for all others."""


class WyzeLocalWebRTCProvider(CameraWebRTCProvider):
    """Hands offers to the stream server and answers back, one session per viewer."""

    def __init__(self, hass: HomeAssistant, coordinator: CamerasCoordinator) -> None:
        """Prepare."""
        self._hass = hass
        self._coordinator = coordinator
        self._sessions: dict[str, WebRtcSession] = {}
        self._viewers: dict[str, Camera] = {}
        self._waiting: dict[str, list[str]] = {}
        self._talkers = Talkers()
        self.revivals = Revivals(hass)
        coordinator.processes.on_server_back = self._async_revive

    @property
    @override
    def domain(self) -> str:
        """Return the integration's domain."""
        return DOMAIN

    @callback
    @override
    def async_is_supported(self, stream_source: str) -> bool:
        """Return False: only our own cameras use this provider, and they ask for it by themselves."""
        return False

    @override
    async def async_handle_async_webrtc_offer(
        self, camera: Camera, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        """Open a session for one viewer; a failure is told once and leaves nothing behind."""
        camera_key: str = getattr(camera, "camera_key", "")
        if not async_may_talk(camera.entity_id, offer_sdp):
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="viewer_may_not_talk")
        if not self._talkers.async_take(camera_key, session_id, offer_sdp):
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="viewer_speaker_taken")
        self._waiting[session_id] = []
        self.revivals.async_offered(camera, session_id, offer_sdp)
        try:
            session = await self._coordinator.server.webrtc(
                camera_key, session_id, offer_sdp, self._receiver(camera_key, session_id, send_message)
            )
        except EngineError as err:
            self._waiting.pop(session_id, None)
            self._talkers.async_leave(session_id)
            self._coordinator.async_note_failure(camera_key, err.reason)
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key=failure_key(err.reason, self._coordinator.data.get(camera_key)),
            ) from err
        if (early := self._waiting.pop(session_id, None)) is None:
            # The viewer left while the session was being opened.
            await session.close()
            return
        self._sessions[session_id] = session
        self._viewers[session_id] = camera
        for candidate in early:
            await session.candidate(candidate)

    def _receiver(
        self, camera_key: str, session_id: str, send_message: WebRTCSendMessage
    ) -> Callable[[WebRtcMessage], None]:
        answered = False

        @callback
        def receive(message: WebRtcMessage) -> None:
            nonlocal answered
            match message:
                case WebRtcAnswer(sdp=sdp):
                    answered = True
                    send_message(WebRTCAnswer(sdp))
                case WebRtcCandidate(candidate=candidate):
                    send_message(WebRTCCandidate(RTCIceCandidateInit(candidate)))
                case WebRtcFailed(reason=reason) if not answered:
                    # After the answer an error would freeze the player for ever: then nothing is said.
                    self._coordinator.async_note_failure(camera_key, reason)
                    key = failure_key(reason, self._coordinator.data.get(camera_key))
                    text = str(HomeAssistantError(translation_domain=DOMAIN, translation_key=key))
                    send_message(WebRTCError("webrtc_offer_failed", text))
                case WebRtcFailed(reason=reason):
                    LOGGER.debug("A running session reported %s", reason)
                case WebRtcClosed():
                    self._sessions.pop(session_id, None)
                    self._talkers.async_leave(session_id)

        return receive

    @override
    async def async_on_webrtc_candidate(self, session_id: str, candidate: RTCIceCandidateInit) -> None:
        """Pass a browser's candidate on; one that comes before the session is open waits for it."""
        self.revivals.async_heard(session_id)
        if (waiting := self._waiting.get(session_id)) is not None:
            waiting.append(candidate.candidate)
        elif (session := self._sessions.get(session_id)) is not None:
            await session.candidate(candidate.candidate)

    @callback
    @override
    def async_close_session(self, session_id: str) -> None:
        """End one viewer's session."""
        self.revivals.async_heard(session_id)
        self._waiting.pop(session_id, None)
        self._viewers.pop(session_id, None)
        self._talkers.async_leave(session_id)
        if (session := self._sessions.pop(session_id, None)) is not None:
            self._hass.async_create_task(session.close(), f"{DOMAIN} close viewer")

    @callback
    def async_close(self) -> None:
        """End all sessions."""
        for session_id in {*self._sessions, *self._viewers, *self._waiting}:
            self.async_close_session(session_id)
        self.revivals.async_close()

    @callback
    def _async_revive(self) -> None:
        """Make the players of open dialogs start anew after the stream server died under them."""
        viewers = list(self._viewers.values())
        self._viewers.clear()
        self.revivals.async_server_back(viewers)


def failure_key(reason: str, status: CameraStatus | None) -> str:
    """Return the exception key for why a viewer sees nothing.

    What go2rtc says of a source is less than the camera's verdict, where there is one.
    """
    if reason in OWN_DOING:
        return f"viewer_{reason}"
    if status is not None and status.connection in EXPLAINED:
        return f"camera_{status.connection.value}"
    return f"camera_{FAILURES.get(reason, Connection.FAULT).value}"
