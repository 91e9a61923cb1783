"""What a process leaves on the board when it ends: read by the parent, of processes that really end."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.watch import board as board_module
from engine.watch.board import Board

ENGINE = Path(board_module.__file__).parents[2]

PROCESS = """
import ctypes, os, signal, sys, threading, time
sys.path.insert(0, sys.argv[1])
from engine.watch.board import Hand, Mark, open_marks
memory = open_marks(int(sys.argv[2]))
marks = {{slot: Mark(memory, slot) for slot in (3, 4, 5)}}

def thread(slot, work):
    threading.Thread(target=work, name=marks[slot].thread, daemon=True).start()

def busy(slot, hand=Hand.READER):
    with marks[slot].of(hand):
        time.sleep(60)

resting = threading.Event()

def idle(slot):
    with marks[slot]:
        pass
    resting.set()
    time.sleep(60)

def until_busy(*slots):
    while not all(any(memory[hand * 4096 + slot] for hand in Hand) for slot in slots):
        time.sleep(0.01)

{what}
time.sleep(60)
"""

CRASH = """
thread(3, lambda: busy(3))
thread(5, lambda: idle(5))
until_busy(3)
thread(4, lambda: ctypes.string_at(0))
"""
STILL = """
import asyncio
from engine.watch.stills import Stills
thread(3, lambda: busy(3))
until_busy(3)
asyncio.run(Stills(marks[4], lambda frame: ctypes.string_at(0).to_bytes()).get(None, 1.0))
"""
ABORT = CRASH.replace("ctypes.string_at(0)", "os.abort()")
KILLED = """
thread(3, lambda: busy(3))
thread(4, lambda: busy(4, Hand.STILL))
thread(5, lambda: idle(5))
until_busy(3, 4)
resting.wait()
os.kill(os.getpid(), signal.SIGKILL)
"""
ACCUSED = """
thread(3, lambda: busy(3))
until_busy(3)
marks[5].accuse()
os._exit(1)
"""
IDLE = """
thread(5, lambda: idle(5))
resting.wait()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def board() -> Iterator[Board]:
    made = Board()
    yield made
    made.close()


def end(board: Board, what: str) -> int:
    """Let a process do something; returns how it ended."""
    return subprocess.run(
        [sys.executable, "-c", PROCESS.format(what=what), str(ENGINE), str(board.fileno())],
        pass_fds=(board.fileno(),),
        timeout=30,
        check=False,
    ).returncode


@pytest.mark.parametrize(
    ("what", "code", "accused"),
    [
        pytest.param(CRASH, -signal.SIGSEGV, {4}, id="the thread that crashed, whoever else was at work"),
        pytest.param(STILL, -signal.SIGSEGV, {4}, id="the still that crashed, whoever else was at work"),
        pytest.param(ABORT, -signal.SIGABRT, {4}, id="the thread that gave up"),
        pytest.param(KILLED, -signal.SIGKILL, {3, 4}, id="all that were at work when it was killed"),
        pytest.param(ACCUSED, 1, {5}, id="whom the process itself accuses"),
        pytest.param(IDLE, -signal.SIGKILL, set(), id="nobody, when nobody was at work"),
    ],
)
def test_whom_it_died_of_is_seen_afterwards(board: Board, what: str, code: int, accused: set[int]) -> None:
    assert end(board, what) == code
    assert board.accused() == accused


def test_what_one_process_left_is_not_held_against_the_next(board: Board) -> None:
    for what in (CRASH, KILLED, ACCUSED):
        end(board, what)
        board.wipe()
        assert board.accused() == frozenset()
    end(board, CRASH)
    assert board.accused() == {4}, "the last words are found where they are looked for, again and again"
