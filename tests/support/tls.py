"""A TLS door before a plain server on loopback, with a certificate that nobody trusts, as cameras have."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from dev.simulator.cloud.authority import Certificate, make_authority, server_contexts


@contextlib.asynccontextmanager
async def behind_tls(port: int) -> AsyncIterator[int]:
    """Serve what a port of loopback serves, under TLS; yields the port of that."""
    context = server_contexts(make_authority("A camera"))[Certificate.FOREIGN]
    visits: set[asyncio.Task[None]] = set()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        visits.add(task)
        task.add_done_callback(visits.discard)
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, inner_writer))
                group.create_task(_pump(inner_reader, writer))
        except* ConnectionError:
            pass
        finally:
            for end in (writer, inner_writer):
                end.transport.abort()

    server = await asyncio.start_server(visit, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for open_visit in tuple(visits):
            open_visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass everything on; an end is the end of both directions."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    raise ConnectionResetError
