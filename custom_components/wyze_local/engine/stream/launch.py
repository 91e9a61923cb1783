"""Runs in the child, between fork and go2rtc: ties the process to its parent, then becomes go2rtc.

A file of its own that imports nothing but the standard library, run as
`python -I -S launch.py PARENT FD PROGRAM`: it has to start in milliseconds, and Home Assistant has threads,
so nothing may run between fork and exec.
"""

import ctypes
import os
import resource
import signal
import sys
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

FAILED = 126
"""Exit code of a launch that came to nothing."""

PASSED_ON = ("PATH", "HOME", "TZ")
"""The only variables that reach go2rtc; Python itself may have added some."""


def main(arguments: list[str]) -> NoReturn:
    """Tie this process to its parent and become go2rtc with the configuration at a file descriptor."""
    parent, descriptor, program = int(arguments[0]), int(arguments[1]), arguments[2]
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) or os.getppid() != parent:
        sys.exit(FAILED)
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        os.execve(program, ["go2rtc", "-c", f"/proc/self/fd/{descriptor}"], environment)  # noqa: S606
    except OSError as err:
        sys.exit(f"launch: {os.strerror(err.errno or 0)}")


if __name__ == "__main__":
    main(sys.argv[1:])
