"""Files on their way to a browser that may be gone."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from aiohttp import ClientSession, web

from custom_components.wyze_local.engine.library import OpenFile
from custom_components.wyze_local.serving import async_send
from dev.ports import free_port

from .rigging import wait_for

SIZE = 4_000_000


async def test_who_hangs_up_in_the_middle_is_no_error(socket_enabled: None, tmp_path: Path) -> None:
    """Players do that whenever somebody jumps: nobody has to read of it in the log."""
    (tmp_path / "clip").write_bytes(bytes(SIZE))
    left, errors, ends = asyncio.Event(), list[BaseException](), list[web.StreamResponse]()

    async def serve(request: web.Request) -> web.StreamResponse:
        async def read[Result](work: Callable[[], Result]) -> Result:
            if request.task.get_name() == "begun":
                await left.wait()
                await wait_for(lambda: request.transport is None or request.transport.is_closing())
            request.task.set_name("begun")
            return work()

        with (tmp_path / "clip").open("rb") as file:
            opened = OpenFile(file.fileno(), SIZE, 0.0)
            try:
                ends.append(await async_send(request, opened, "video/mp4", read, growing=False))
            except Exception as err:
                errors.append(err)
                raise
            return ends[0]

    app = web.Application()
    app.router.add_get("/", serve)
    # What is written finds the connection gone before anybody has said so.
    runner = web.AppRunner(app, handler_cancellation=False)
    await runner.setup()
    try:
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
            await answer.content.readany()
            answer.close()
        left.set()
        await wait_for(lambda: ends or errors)
    finally:
        await runner.cleanup()
    assert errors == []
