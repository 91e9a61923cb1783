"""How a child process runs: on its pipe, with a log that leads there, until it is done."""

import asyncio
import contextlib
import gc
import logging
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping

from .codec import MAX_MESSAGE
from .messages import Log
from .pipe import Pipe
from .pipe_log import PipeLog

_LOGGER = logging.getLogger(__name__)


async def run(
    control: int,
    allowed: Mapping[str, type],
    serve: Callable[[Pipe], Awaitable[None]],
    *,
    limit: int = MAX_MESSAGE,
) -> None:
    """Serve on the pipe that this descriptor is one end of; an error ends the process."""
    pipe = await Pipe.over(socket.socket(fileno=control), allowed, limit)
    logging.lastResort = PipeLog(_from_any_thread(pipe))
    # What has been imported stays: the collector need not look at it again and again.
    gc.freeze()
    try:
        await serve(pipe)
    except Exception:
        # The parent hears where it broke, but not what with; standard error leads nowhere.
        _LOGGER.exception("It ends")
        sys.exit(1)
    finally:
        pipe.close()


def _from_any_thread(pipe: Pipe) -> Callable[[Log], None]:
    loop, ours = asyncio.get_running_loop(), threading.current_thread()

    def send(line: Log) -> None:
        if threading.current_thread() is ours:
            pipe.send(line)
        else:
            # A loop that is closed belongs to a process that ends.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(pipe.send, line)

    return send
