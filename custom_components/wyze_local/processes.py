"""Whether relay and stream server run, as one entry needs to know it: pictures want both."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .engine.relay import RelayPhase, RelayState
from .engine.stream import ServerPhase, ServerState, StreamServer

if TYPE_CHECKING:
    from .shared import Shared


class Processes:
    """Follows the life of both processes."""

    def __init__(self, hass: HomeAssistant, shared: Shared, server: StreamServer) -> None:
        """Look at them as they are."""
        self._hass = hass
        self._shared = shared
        self.server_up = server.state.phase is ServerPhase.READY
        self.on_change: Callable[[bool, bool], None] = lambda _down, _back: None
        """Told whether one of them is down for longer, and whether both are back."""
        self.on_server_back: Callable[[], None] = lambda: None
        """Told that the stream server is back from a death, and with it nobody who was watching."""

    @property
    def up(self) -> bool:
        """Whether both run."""
        return self.server_up and self._shared.relaying.state.phase is RelayPhase.READY

    @callback
    def async_start(self) -> tuple[CALLBACK_TYPE, CALLBACK_TYPE]:
        """Begin to follow; returns what ends it."""
        return (
            self._shared.async_listen(self._async_on_server),
            self._shared.relaying.async_listen(self._async_on_relay),
        )

    @callback
    def _async_on_server(self, state: ServerState) -> None:
        back = state.phase is ServerPhase.READY and not self.server_up
        self.server_up = state.phase is ServerPhase.READY
        self._async_changed(down=state.phase in (ServerPhase.FAILED, ServerPhase.STOPPED), back=back)
        if back and not self._hass.is_stopping:
            self.on_server_back()

    @callback
    def _async_on_relay(self, state: RelayState) -> None:
        down = state.phase in (RelayPhase.FAILED, RelayPhase.STOPPED)
        self._async_changed(down=down, back=state.phase is RelayPhase.READY)

    @callback
    def _async_changed(self, *, down: bool, back: bool) -> None:
        if not self._hass.is_stopping:
            self.on_change(down, back and self.up)
