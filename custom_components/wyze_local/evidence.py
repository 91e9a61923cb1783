"""What the relay says of an entry's cameras, as verdicts on them."""

from dataclasses import replace
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .engine.relay import CameraState, CameraStats, Phase
from .own_source import OwnSources
from .settings import Engine
from .status import MOVING, Connection

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .watched import Watched


class RelayEvidence:
    """Takes the relay's word for one entry."""

    def __init__(self, coordinator: CamerasCoordinator, own: OwnSources) -> None:
        """Serve one coordinator; `own` is asked where the relay can make nothing of a camera."""
        self._coordinator = coordinator
        self._own = own

    @callback
    def async_on_state(self, camera_key: str, state: CameraState, *, again: bool = False) -> None:
        """Take how a camera stands; `again`: that was so before somebody began to listen."""
        coordinator = self._coordinator
        if (watched := coordinator.watched(camera_key)) is None or not watched.settings.relayed:
            return
        news = replace(state, readers=0) != replace(watched.relay, readers=0)
        muted = watched.relay.muted
        # That a session goes on is no handshake, and a camera may be another by the time that this is heard.
        begins = not again and watched.relay.phase is not Phase.LIVE
        again = again or state.refusals in (0, watched.relay.refusals)
        wants_own = watched.note(state)
        match state.phase:
            case Phase.LIVE:
                if begins:
                    coordinator.on_handshake(camera_key, watched.record, True)
                coordinator.async_answered(camera_key, watched)
            case Phase.STALLED if not watched.barren:
                coordinator.async_set(camera_key, Connection.STALLED)
            case Phase.STALLED | Phase.LOST | Phase.REFUSED if news:
                coordinator.async_failed(camera_key, watched, state.reason, again=again)
            case Phase.IDLE if (status := coordinator.verdict(camera_key)) is not None:
                if status.connection in MOVING:
                    coordinator.async_set(camera_key, watched.at_rest)
                elif not status.available and not watched.withheld:
                    coordinator.async_look_again(camera_key, watched)
        if state.muted != muted:
            coordinator.async_update_listeners()
        if wants_own and watched.settings.engine is Engine.AUTO:
            coordinator.spawn(self._own.async_try(camera_key, watched))
        coordinator.publish()

    @callback
    def async_again(self, camera_key: str, watched: Watched) -> None:
        """Take once more what was said last: of a camera that stays away the relay has nothing new to say."""
        if watched.settings.relayed and watched.relay.phase in (Phase.LOST, Phase.REFUSED):
            self._coordinator.async_failed(camera_key, watched, watched.relay.reason, again=True)
        else:
            self._coordinator.async_look_again(camera_key, watched)

    @callback
    def async_on_formats(self, _camera_key: str) -> None:
        """Show how its pictures and sound are coded."""
        self._coordinator.async_update_listeners()

    @callback
    def async_on_stats(self, camera_key: str, stats: CameraStats) -> None:
        """Take what a camera's session has brought."""
        coordinator = self._coordinator
        if (watched := coordinator.watched(camera_key)) is None or not watched.settings.relayed:
            return
        watched.count(coordinator.shared.environment.clock.monotonic(), stats)
        if watched.seen:
            coordinator.async_answered(camera_key, watched)
            coordinator.publish()
