"""Before somebody else's go2rtc is relied on: everything that can be wrong with it, each by its own name."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

import engine.stream
from dev.ports import free_port
from dev.simulator.cloud.authority import Certificate, make_authority, server_contexts
from engine.model import Secret
from engine.stream import ExternalError, ExternalSettings, RemoteAccess, check_external
from tests.support import streaming
from tests.support.external import OTHERS, PASSWORD, USER, External, external_go2rtc
from tests.support.relay import running_relay

pytestmark = pytest.mark.live

ENGINE = Path(engine.stream.__file__).parents[2]
SEED = Secret("5eed" * 8)
GOOD = {"version": "1.9.14", "rtsp": {"listen": ":8554"}}


@pytest.fixture
async def external(tmp_path: Path) -> AsyncIterator[External]:
    streaming.allow_loopback()
    async with external_go2rtc(tmp_path) as running:
        yield running


def settings(url: str, user: str = USER, password: str = PASSWORD) -> ExternalSettings:
    return ExternalSettings(RemoteAccess.parse(url, user, password), SEED)


async def why(wanted: ExternalSettings, **options: object) -> ExternalError:
    with pytest.raises(ExternalError) as caught:
        await check_external(wanted, **options)
    assert PASSWORD not in str(caught.value)
    return caught.value


async def test_a_good_one_is_taken_and_its_file_stays_as_it_is(external: External) -> None:
    before = external.file.read_bytes()
    async with running_relay() as relay:
        reads = Secret(f"rtsp://127.0.0.1:{relay.port}/nothing?auth=nothing")
        for _ in range(2):
            assert str(await check_external(settings(external.url), wyze=True, reads=reads)) == "1.9.14"
    assert external.file.read_bytes() == before
    names = await external.names()
    assert len(names - {OTHERS}) == 1


async def test_one_that_does_not_reach_the_relay_is_no_use(external: External) -> None:
    reads = Secret(f"rtsp://127.0.0.1:{free_port()}/nothing?auth=nothing")
    assert (await why(settings(external.url), reads=reads)).reason == "external_elsewhere"


@pytest.mark.parametrize(("user", "password"), [("", ""), (USER, "wrong"), ("wrong", PASSWORD)])
async def test_a_wrong_password_is_one(external: External, user: str, password: str) -> None:
    assert (await why(settings(external.url, user, password))).reason == "external_login"


async def test_nobody_there() -> None:
    assert (await why(settings(f"http://127.0.0.1:{free_port()}"))).reason == "external_unreachable"


async def test_somebody_who_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert (await why(settings(url))).reason == "external_timeout"


async def test_a_secure_address_that_is_none(external: External) -> None:
    url = external.url.replace("http:", "https:")
    assert (await why(settings(url))).reason == "external_certificate"


@pytest.mark.parametrize(
    ("about", "schemes", "reason"),
    [
        ({**GOOD, "version": "1.9.13"}, ["rtsp"], "external_too_old"),
        ({**GOOD, "version": "1.8.5"}, ["rtsp"], "external_too_old"),
        ({**GOOD, "version": "next"}, ["rtsp"], "external_not_go2rtc"),
        ({"hello": "world"}, ["rtsp"], "external_not_go2rtc"),
        (GOOD, ["http", "wyze"], "external_no_sources"),
        (GOOD, ["rtsp"], "external_no_wyze"),
        ({**GOOD, "rtsp": {"listen": ""}}, ["rtsp", "wyze"], "external_no_rtsp"),
        ({**GOOD, "rtsp": {"listen": ":rtsp"}}, ["rtsp", "wyze"], "external_no_rtsp"),
        ({"version": "1.9.14"}, ["rtsp", "wyze"], "external_no_rtsp"),
        ("<html>A router</html>", [], "external_not_go2rtc"),
        ([], [], "external_not_go2rtc"),
        (302, [], "external_not_go2rtc"),
        (404, [], "external_not_go2rtc"),
        (500, [], "external_not_go2rtc"),
    ],
)
async def test_something_else_at_the_address(about: object, schemes: list[str], reason: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/nvr/api/schemes":
            return web.json_response(schemes)
        assert request.path == "/nvr/api"
        match about:
            case int():
                return web.Response(status=about, headers={"Location": "http://127.0.0.1:9/"})
            case str():
                return web.Response(text=about, content_type="text/html")
        return web.json_response(about)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        error = await why(settings(f"http://127.0.0.1:{port}/nvr"), wyze=True)
    finally:
        await runner.cleanup()
    assert error.reason == reason
    if reason == "external_too_old":
        assert isinstance(about, dict)
        assert error.details == {"version": about["version"], "minimum": "1.9.14"}


async def test_a_page_without_end_is_not_read_to_its_end() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"[" * 65536)

    app = web.Application()
    app.router.add_get("/api", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        assert (await why(settings(f"http://127.0.0.1:{port}"))).reason == "external_not_go2rtc"
    finally:
        await runner.cleanup()


# Asks a go2rtc with a trust of its own: the system's, as it was when the program started.
ASKS = """
import asyncio, sys
sys.path[:0] = sys.argv[4:]
from engine.model import Secret
from engine.stream import ExternalError, ExternalSettings, RemoteAccess, check_external
settings = ExternalSettings(RemoteAccess.parse(*sys.argv[1:4]), Secret("5eed" * 8))
try:
    print(asyncio.run(check_external(settings)))
except ExternalError as err:
    print(err.reason)
"""


async def test_a_secure_address_counts_if_the_system_trusts_its_authority(
    external: External, tmp_path: Path
) -> None:
    authority = make_authority("An authority of the person's own")
    file = tmp_path / "ca.pem"
    file.write_text(authority.pem())

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", external.api)
        await asyncio.gather(copy(reader, outer), copy(inner, writer), return_exceptions=True)

    async def copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            to.write(data)
        to.close()

    async def asked(port: int, **trust: str) -> str:
        arguments = [f"https://127.0.0.1:{port}", USER, PASSWORD, str(ENGINE)]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            ASKS,
            *arguments,
            env={"PATH": os.defpath, **trust},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        return output.decode().strip()

    context = server_contexts(authority)[Certificate.GOOD]
    async with await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context) as secure:
        port = secure.sockets[0].getsockname()[1]
        assert await asked(port, SSL_CERT_FILE=str(file)) == "1.9.14"
        assert await asked(port) == "external_certificate"
