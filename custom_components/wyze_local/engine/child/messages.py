"""What every child and its parent say to each other, whatever the child is for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ping:
    """Parent: are you there."""

    id: int


@dataclass(frozen=True, slots=True)
class Forget:
    """Parent: nobody waits for this answer any more; stop what it takes."""

    id: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Parent: leave everything in order and end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Child: it runs, and wants to hear what there is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Child: it worked."""

    id: int
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Failure:
    """Child: it did not."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pong:
    """Child: yes, I am."""

    id: int


@dataclass(frozen=True, slots=True)
class Log:
    """Child: a line for the log. Words of our own source only, never anything a camera or client sent."""

    level: int
    where: str
    text: str
    error: str
    """Class of the exception and where it was raised, if there was one."""


def by_name(*classes: type) -> dict[str, type]:
    """Return messages by the names they go by."""
    return {found.__name__: found for found in classes}


COMMON_FROM_PARENT = by_name(Ping, Forget, Stop)
COMMON_FROM_CHILD = by_name(Ready, Answer, Failure, Pong, Log)
