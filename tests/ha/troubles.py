"""What can be wrong with the vendor, by the rows of the table in tests/faults/README.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from custom_components.wyze_local.environment import DATA_ENVIRONMENT
from dev.simulator.cloud import Certificate

from .account_rig import House

NEIGHBOUR = "eve@example.net"


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong with the vendor, and how the line to it stands once that is known."""

    row: int
    """Of the table in README.md."""
    kind: str
    """A fault of the fake cloud, or "refuses", "no_name", or "certificate" for one that is not good."""
    options: Mapping[str, Any] = field(default_factory=dict)
    stands: str | None = "offline"
    """None: it depends on what was answered before."""
    why: str | None = None

    def __str__(self) -> str:
        """Return a name for it that tells it from all others."""
        told = "-".join(str(value) for value in self.options.values() if value != NEIGHBOUR)
        return f"{self.row}-{self.kind}{f'-{told}' if told else ''}"[:48]

    async def begin(self, house: House) -> None:
        """Let it be so from now on."""
        match self.kind:
            case "refuses":
                await house.cloud.refuse()
            case "no_name":
                move_to(house, NOBODY)
            case "certificate":
                await house.cloud.show(Certificate(self.options["shown"]))
            case _:
                house.cloud.fault(self.kind, **self.options)

    async def end(self, house: House) -> None:
        """Let all be well again."""
        move_to(house, "127.0.0.1")
        await house.cloud.resume()


def move_to(house: House, name: str) -> None:
    """Let the vendor's hosts have another name from now on; one that nobody knows is a dead one."""
    hosts = house.hass.data[DATA_ENVIRONMENT].hosts
    for role, origin in house.cloud.hosts(name).items():
        object.__setattr__(hosts, role, origin)


NOBODY = "nobody.onion"
"""A name that every resolver has to refuse by itself, so that none is asked for it (RFC 7686)."""
OTHER = {"other": NEIGHBOUR}

QUICK = (
    Trouble(1, "refuses", why="net"),
    Trouble(1, "reset", why="net"),
    Trouble(2, "broken", {"status": 503}, why="server"),
    Trouble(2, "code", {"code": 1000}, why="server"),
    Trouble(4, "huge", why="malformed"),
    Trouble(4, "huge", {"told": True}, why="malformed"),
    Trouble(4, "gzip_bomb", {"bytes": 8 << 20}, why="malformed"),
    Trouble(4, "deep", why="malformed"),
    Trouble(5, "bad_json", why="malformed"),
    Trouble(5, "login_page", why="malformed"),
    Trouble(5, "portal", why="malformed"),
    Trouble(5, "raw", {"body": "[]"}, why="malformed"),
    Trouble(5, "raw", {"body": '{"code":"1","data":7}'}, why="trust"),
    Trouble(5, "null_data", why="trust"),
    Trouble(5, "cut", why="malformed"),
    Trouble(5, "other_codes", stands="online"),
    Trouble(5, "as_text", stands=None),
    Trouble(6, "wrong_account", OTHER, why="trust"),
    Trouble(7, "mixed", OTHER, stands=None),
    Trouble(7, "mixed_ids", OTHER, stands=None),
    Trouble(7, "no_devices", stands=None),
    Trouble(7, "no_params", stands=None),
    Trouble(7, "from_cache", stands=None),
    Trouble(7, "stale", stands=None),
    Trouble(11, "certificate", {"shown": "foreign"}, why="net"),
    Trouble(11, "certificate", {"shown": "other_name"}, why="net"),
    Trouble(11, "no_name", why="net"),
    Trouble(12, "rate_limit", {"retry_after": 3600}, "limited", "rate"),
    Trouble(12, "rate_limit", {"retry_after": "soon", "reset_by": "one day"}, "limited", "rate"),
    Trouble(12, "system_limit", stands="limited", why="rate"),
    Trouble(12, "too_often", stands="limited", why="rate"),
)
"""Troubles that are known at once."""

LASTING = (
    Trouble(3, "hang", why="net"),
    Trouble(4, "drip", why="net"),
)
"""Troubles that each call meets for the whole 15 seconds that it may take."""
