"""Players in open dialogs that lost their peer for good, and what makes the frontend start them anew.

Nothing else reaches such a player than its camera's state going away and coming back: not a closed session,
not another answer; an error would freeze it for ever (facts of frontend 20261028). So that is done for the
cameras that need it, and for no others: whoever keeps history sees a hole.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from homeassistant.components.camera import Camera
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN

REVIVE_GAP = 0.3
"""Seconds for which a camera's state is gone."""

DOUBT_SECONDS = 2.0
"""Seconds within which whoever asks for a picture names a way to himself. A browser does at once."""

OFFERS = 64
"""So many offers are remembered."""

_CANDIDATE = "a=candidate:"


class Revivals:
    """Makes players start anew, and finds out which must."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with all players well."""
        self._hass = hass
        self._revivals: dict[str, CALLBACK_TYPE] = {}
        self._doubts: dict[str, CALLBACK_TYPE] = {}
        self._answered: deque[int] = deque(maxlen=OFFERS)

    @callback
    def async_revive(self, cameras: Iterable[Camera]) -> None:
        """Make the players of these cameras start anew."""
        for entity_id, camera in {camera.entity_id: camera for camera in cameras}.items():
            if entity_id not in self._revivals:
                self._hass.states.async_remove(entity_id)
                self._revivals[entity_id] = async_call_later(
                    self._hass, REVIVE_GAP, partial(self._async_write_back, camera)
                )

    @callback
    def _async_write_back(self, camera: Camera, _now: datetime) -> None:
        self._revivals.pop(camera.entity_id, None)
        camera.async_write_ha_state()

    @callback
    def async_server_back(self, viewers: Iterable[Camera]) -> None:
        """Make everybody start anew whose peer died with the stream server."""
        self._answered.clear()
        self.async_revive(viewers)

    @callback
    def async_introduced(self, camera: Camera) -> None:
        """Note that a player of this camera is being made at the other end of the present connection."""
        if (connection := current_connection.get()) is not None:
            connection.subscriptions.setdefault(_introduction(camera), _nothing)

    @callback
    def async_offered(self, camera: Camera, session_id: str, offer_sdp: str) -> None:
        """Take an offer, and doubt it if it may be an old one.

        When its connection comes back, the frontend sends again what it had sent before, old offers too. If
        Home Assistant was restarted meanwhile, the player has lost its peer for good. Such an offer differs
        from fresh ones in that no player was introduced on its connection, and that nothing comes after it.
        """
        connection, offer = current_connection.get(), hash(offer_sdp)
        known = offer in self._answered
        self._answered.append(offer)
        if connection is None or known or _CANDIDATE in offer_sdp:
            return
        if _introduction(camera) not in connection.subscriptions:
            # Once for a connection: whoever offers again after this is no frontend, and knows what he does.
            self.async_introduced(camera)
            self._doubts[session_id] = async_call_later(
                self._hass, DOUBT_SECONDS, partial(self._async_silent, session_id, camera)
            )

    @callback
    def async_heard(self, session_id: str) -> None:
        """Note that somebody is at the other end of a session, or that it is over."""
        if (cancel := self._doubts.pop(session_id, None)) is not None:
            cancel()

    @callback
    def _async_silent(self, session_id: str, camera: Camera, _now: datetime) -> None:
        self._doubts.pop(session_id, None)
        self.async_revive([camera])

    @callback
    def async_close(self) -> None:
        """Do nothing any more."""
        for cancel in (*self._revivals.values(), *self._doubts.values()):
            cancel()
        self._revivals.clear()
        self._doubts.clear()


def _introduction(camera: Camera) -> tuple[str, str]:
    """Return the name under which a connection remembers who was introduced on it, while it lasts."""
    return DOMAIN, camera.entity_id


def _nothing() -> None:
    """Do what is left to do for an introduction when its connection ends."""
