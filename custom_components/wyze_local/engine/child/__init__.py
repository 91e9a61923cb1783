"""What supervised child processes have in common: how they start, what they say, how they are kept running.

The relay and the watch worker are built on it. The parent's side:

    RELAY = Program("relay", FROM_RELAY, RelayError)      # what is started, and what it may say
    supervisor = Supervisor(RELAY, clock=…, rng=…, hear=…, restore=…, ended=…, on_state=…)
    await supervisor.start(listener.fileno())             # raises RelayError; later ends are repaired
    await Questions(RELAY).ask(supervisor.process.pipe, lambda number: …, within)

The child's side: `ties.tie_to(parent)` before anything else, then `running.run(control, FROM_PARENT, serve)`.
"""

from .codec import MAX_MESSAGE, decode, encode, pack, unpack
from .errands import Errands
from .errors import ChildError, ProtocolError
from .messages import (
    COMMON_FROM_CHILD,
    COMMON_FROM_PARENT,
    Answer,
    Failure,
    Forget,
    Log,
    Ping,
    Pong,
    Ready,
    Stop,
    by_name,
)
from .pipe import Pipe
from .pipe_log import repeat
from .process import ChildProcess
from .program import Program
from .questions import SLACK, Question, Questions, say
from .states import ChildPhase, ChildState
from .supervisor import Supervisor
from .waiting import wait_for

__all__ = [
    "COMMON_FROM_CHILD",
    "COMMON_FROM_PARENT",
    "MAX_MESSAGE",
    "SLACK",
    "Answer",
    "ChildError",
    "ChildPhase",
    "ChildProcess",
    "ChildState",
    "Errands",
    "Failure",
    "Forget",
    "Log",
    "Ping",
    "Pipe",
    "Pong",
    "Program",
    "ProtocolError",
    "Question",
    "Questions",
    "Ready",
    "Stop",
    "Supervisor",
    "by_name",
    "decode",
    "encode",
    "pack",
    "repeat",
    "say",
    "unpack",
    "wait_for",
]
