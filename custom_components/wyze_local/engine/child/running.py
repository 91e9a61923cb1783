"""How a child process runs: on its pipe, with a log that leads there, until it is done."""

import gc
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping

from .codec import MAX_MESSAGE
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
    logging.lastResort = PipeLog(pipe)
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
