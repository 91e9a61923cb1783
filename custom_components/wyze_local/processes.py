"""Whether relay and stream server run, as one entry needs to know it: pictures want both."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .engine.relay import RelayPhase, RelayState
from .engine.stream import ExternalServer, PictureServer, ServerPhase, ServerState

if TYPE_CHECKING:
    from .shared import Shared


class Processes:
    """Follows the life of both processes."""

    def __init__(self, hass: HomeAssistant, shared: Shared, server: PictureServer, entry_id: str) -> None:
        """Look at them as they are."""
        self._hass = hass
        self._shared = shared
        self._entry_id = entry_id
        self.external = isinstance(server, ExternalServer)
        """Whether the stream server is somebody else's: while it is away, the relay serves all the same."""
        self.server_up = server.state.phase is ServerPhase.READY
        self.on_change: Callable[[bool, bool], None] = lambda _down, _back: None
        """Told whether one of them is down for longer, and whether both are back."""
        self.on_server_back: Callable[[], None] = lambda: None
        """Told that the stream server is back from a death, and with it nobody who was watching."""

    @property
    def relay_up(self) -> bool:
        """Whether the relay runs."""
        return self._shared.relaying.state.phase is RelayPhase.READY

    @property
    def up(self) -> bool:
        """Whether all runs that cameras need to be looked at."""
        return self.relay_up and (self.server_up or self.external)

    @callback
    def async_start(self) -> tuple[CALLBACK_TYPE, CALLBACK_TYPE]:
        """Begin to follow; returns what ends it."""
        shared, listener = self._shared, self._async_on_server
        if self.external:
            end = shared.externals.async_listen(self._entry_id, listener)
        else:
            end = shared.async_listen(listener)
        return end, shared.relaying.async_listen(self._async_on_relay)

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
