"""A child process's log, told to the parent: never anything that a camera or a client sent."""

import logging
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, override

from .messages import Log


class PipeLog(logging.Handler):
    """Tells the parent of warnings: the words of our source, never their arguments."""

    def __init__(self, send: Callable[[Log], None]) -> None:
        """Tell through `send`, which may be called in any thread."""
        super().__init__(logging.WARNING)
        self._send = send

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Pass on where it was said, and what, if it is ours."""
        text = str(record.msg) if record.name.startswith("engine.") else "said something"
        error = ""
        if record.exc_info and record.exc_info[0] is not None:
            error = f"{record.exc_info[0].__name__} at {_place(record.exc_info[2])}"
        self._send(Log(record.levelno, record.name[:64], text[:200], error[:200]))


def _place(trace: Any) -> str:
    """Return file and line of where an exception came from."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"


def repeat(logger: logging.Logger, room: str, line: Log) -> None:
    """Say in the parent's log what a child has said, as no more than an error."""
    level = min(max(line.level, logging.DEBUG), logging.ERROR)
    logger.log(level, "%s process: %s: %s %s", room.capitalize(), line.where, line.text, line.error)
