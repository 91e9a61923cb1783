"""A child process's log reaches the parent without anything that a camera or a client could have said."""

import logging

from engine.child import Log
from engine.child.pipe_log import PipeLog

CANARY = "CanaryEnr+/=?;:!"


class Mouth:
    """A pipe of which only what was said is looked at."""

    def __init__(self) -> None:
        self.said: list[Log] = []

    def send(self, message: Log) -> None:
        self.said.append(message)


def heard(name: str, level: int, text: object, *arguments: object, fault: bool = False) -> list[Log]:
    """Return what the parent hears of one line."""
    mouth = Mouth()
    logger = logging.Logger(name)  # noqa: LOG001 - no part of the tree, where others listen
    logger.addHandler(PipeLog(mouth.send))
    try:
        if fault:
            raise ValueError(CANARY)
    except ValueError:
        logger.log(level, text, *arguments, exc_info=True)
    else:
        logger.log(level, text, *arguments)
    return mouth.said


def test_our_own_words_are_told_without_their_arguments() -> None:
    (line,) = heard("engine.relay.x", logging.WARNING, "It said %s", CANARY)
    assert line == Log(logging.WARNING, "engine.relay.x", "It said %s", "")


def test_an_exception_is_told_by_its_kind_and_place() -> None:
    (line,) = heard("engine.lan", logging.ERROR, "It ends", fault=True)
    assert CANARY not in repr(line)
    assert line.error.startswith("ValueError at test_pipe_log.py:")


def test_the_words_of_others_are_not_told() -> None:
    (line,) = heard("asyncio", logging.ERROR, f"Task got {CANARY}")
    assert (line.where, line.text) == ("asyncio", "said something")


def test_what_is_no_warning_is_nobodys_business() -> None:
    assert heard("engine.relay", logging.INFO, "well") == []


def test_a_line_has_its_limits() -> None:
    (line,) = heard("engine." + "x" * 500, logging.WARNING, "y" * 5000)
    assert (len(line.where), len(line.text)) == (64, 200)
