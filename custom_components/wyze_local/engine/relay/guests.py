"""Stream servers on other machines, as the relay knows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..model import Door, Secret


@dataclass(frozen=True, slots=True)
class Guest:
    """A stream server on another machine: through which port it may come, and what it must show."""

    port: int
    user: Secret
    password: Secret


def guests_of(doors: Iterable[Door]) -> tuple[Guest, ...]:
    """Return what the relay needs to know of doors: not under which address this machine is found."""
    return tuple(Guest(door.port, door.user, door.password) for door in doors)
