"""The kernel's word on why nothing answers: a closed port can be told from a camera that is silent."""

import asyncio
import errno
import socket

import pytest

from dev.ports import free_port
from engine.stream.reach import Reach


async def reason_after(target: tuple[str, int], seconds: float = 2.0) -> str | None:
    async with Reach(target) as reach:
        deadline = asyncio.get_running_loop().time() + seconds
        while reach.reason is None and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        return reach.reason


async def test_a_closed_port_is_told() -> None:
    assert await reason_after(("127.0.0.1", free_port())) == "port_closed"


async def test_nothing_is_said_against_a_port_that_is_only_silent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.setblocking(False)
        assert await reason_after(silent.getsockname(), 0.3) is None
        assert len(silent.recv(100)) == 4


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ECONNREFUSED, "port_closed"),
        (errno.EHOSTUNREACH, "unreachable"),
        (errno.ENETUNREACH, "unreachable"),
        (errno.EPERM, "blocked"),
        (errno.ENOBUFS, None),
    ],
)
def test_each_word_of_the_kernel_has_its_reason(code: int, reason: str | None) -> None:
    reach = Reach(("127.0.0.1", 9))
    reach.error_received(OSError(code, "x"))
    assert reach.reason == reason


async def test_an_address_that_the_kernel_refuses_at_once_does_no_harm() -> None:
    async with Reach(("127.0.0.1", 0)) as reach:
        await asyncio.sleep(0)
    assert reach.reason is None
