"""What must stay the same while a stream goes on: sessions, processes and the browser's connections."""

from dataclasses import dataclass, field
from typing import Any

from ..scenario import processes
from .town import VendorTown

PROCESSES = ("go2rtc", "relay")


@dataclass(frozen=True, slots=True)
class Ties:
    """Everything between a camera and the eyes that watch it, at one moment."""

    sessions: frozenset[tuple[str, str]] = frozenset()
    """Camera, and the address and port at which it sends its pictures."""
    processes: frozenset[tuple[str, int | None]] = frozenset()
    peers: frozenset[int] = frozenset()
    """The page's WebRTC connections that are up."""

    def lost(self, later: Ties) -> dict[str, int]:
        """Return how many of these are not there any more later."""
        return {
            "sessions_lost": len(self.sessions - later.sessions),
            "processes_lost": len(self.processes - later.processes),
            "peers_lost": len(self.peers - later.peers),
        }


@dataclass(slots=True)
class Stretch:
    """A stretch of a play in which nothing may interrupt a picture."""

    since: float
    ties: Ties
    until: float | None = None
    figures: dict[str, Any] = field(default_factory=dict)


async def look(town: VendorTown, watched: tuple[str, ...], peers: list[dict[str, Any]]) -> Ties:
    """Return the ties of this moment; `peers` is what the page tells of its connections."""
    home = town.home.process.pid
    return Ties(
        frozenset(
            (camera["name"], session["viewer"])
            for camera in await town.simulator.look()
            if camera["name"] in watched
            for session in camera["sessions"]
            if session["video"]
        ),
        frozenset((name, processes.find(home, name)) for name in PROCESSES),
        frozenset(peer["id"] for peer in peers if peer["state"] == "connected"),
    )
