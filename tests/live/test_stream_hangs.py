"""A go2rtc that hangs for a while: nothing is lost meanwhile, and no key stays in it afterwards."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import os
import signal

import pytest

from engine.model import Secret
from engine.stream import StreamServer
from tests.support.streaming import FastClock, new_token, running, until

pytestmark = pytest.mark.live

KEY = "plain-looking-key"
SOURCE = Secret(f"wyze://127.0.0.77?enr={KEY}")


async def names(server: StreamServer) -> set[str]:
    return set(await server._ready().api.streams())


async def test_what_could_not_be_removed_is_removed_later_and_its_key_masked_until_then() -> None:
    async with running(clock=FastClock(10)) as server:
        await server.add("kept", new_token(), Secret("wyze://127.0.0.78"))
        before = await names(server)
        await server.add("camera", new_token(), SOURCE)
        pid = server.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        await server.remove("camera")
        assert server.cameras == {"kept"}
        assert server._redactor.redact(KEY) == "***"
        os.kill(pid, signal.SIGCONT)
        await until(lambda: server._redactor.redact(KEY) == KEY, 8)
        assert await names(server) == before
        assert server.pid == pid


async def test_what_could_not_be_removed_dies_with_a_go2rtc_that_is_replaced() -> None:
    async with running(clock=FastClock(10)) as server:
        await server.add("camera", new_token(), SOURCE)
        pid = server.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        await server.remove("camera")
        os.kill(pid, signal.SIGKILL)
        await until(lambda: server.pid not in (None, pid))
        assert server._redactor.redact(KEY) == KEY
        assert await names(server) == set()


async def test_a_camera_that_is_added_meanwhile_is_there_afterwards() -> None:
    async with running(clock=FastClock(10)) as server:
        pid, token = server.pid, new_token()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        await server.add("camera", token, SOURCE)
        os.kill(pid, signal.SIGCONT)
        await until(lambda: not server._late, 8)
        assert token.reveal() in await names(server)
        assert server.pid == pid
        await server.remove("camera")
        assert token.reveal() not in await names(server)
        assert server._redactor.redact(KEY) == KEY


async def test_a_camera_that_is_changed_meanwhile_is_the_new_one_afterwards() -> None:
    async with running(clock=FastClock(10)) as server:
        pid, token = server.pid, new_token()
        assert pid is not None
        await server.add("camera", token, SOURCE)
        os.kill(pid, signal.SIGSTOP)
        await server.add("camera", token, Secret("wyze://127.0.0.78"))
        assert server._redactor.redact(KEY) == "***"
        os.kill(pid, signal.SIGCONT)
        await until(lambda: not server._late, 8)
        assert token.reveal() in await names(server)
        assert server._redactor.redact(KEY) == KEY, "nothing knows the old one any more"


async def test_a_camera_that_is_added_meanwhile_is_given_to_the_next_go2rtc() -> None:
    async with running(clock=FastClock(10)) as server:
        pid, token = server.pid, new_token()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        await server.add("camera", token, SOURCE)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: server.pid not in (None, pid))
        assert token.reveal() in await names(server)
