"""Pictures of events: asked for at the listed places only, and without telling who asks."""

import aiohttp
import pytest
from aiohttp import web

from engine.cloud import CloudEvent, EventKind, Hosts, fetch_picture
from engine.cloud.pictures import MAX_PICTURE
from engine.model import Secret
from tests.engine.cloud.server import authority, serving

MAC = "2CAA8E010203"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 100


def event(url: str) -> CloudEvent:
    return CloudEvent("e1", Secret(MAC), EventKind.MOTION, frozenset(), 0.0, Secret(url))


async def fetch(body: bytes, path: str, *, kind: str = "image/jpeg", listed: bool = True) -> bytes | None:
    """Fetch from a place where this lies; what is told on the way there is checked."""

    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body, content_type=kind)

    async with (
        serving() as server,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        server.routes[path] = answer
        hosts = Hosts(pictures=server.origin) if listed else Hosts()
        url = f"{server.origin}{path}?st=a%2Fb"
        found = await fetch_picture(session, authority().trusting(), hosts, event(url))
        for asked in server.asked:
            assert listed
            assert asked.query == {"st": "a/b"}
            assert asked.headers.keys() <= {"host", "accept", "accept-encoding", "user-agent"}
        return found


@pytest.mark.parametrize("size", [0, MAX_PICTURE - len(JPEG)])
async def test_a_picture_comes_whole(size: int) -> None:
    assert await fetch(JPEG + bytes(size), f"/resource/{MAC}/a.jpg") == JPEG + bytes(size)


async def test_one_byte_too_many_is_too_large() -> None:
    assert await fetch(JPEG + bytes(MAX_PICTURE - len(JPEG) + 1), "/a.jpg") is None


@pytest.mark.parametrize("body", [b"", b"GIF89a", b"\xff\xd8", b"<html>"])
async def test_what_does_not_begin_as_a_picture_is_none(body: bytes) -> None:
    assert await fetch(body, "/a.jpg") is None


async def test_what_calls_itself_something_else_is_none() -> None:
    assert await fetch(JPEG, "/a.jpg", kind="image/svg+xml") is None


async def test_another_host_is_not_asked() -> None:
    assert await fetch(JPEG, "/a.jpg", listed=False) is None


async def test_another_cameras_place_is_not_asked() -> None:
    assert await fetch(JPEG, "/resource/2caa8effffff/a.jpg") is None


async def test_without_verification_nothing_is_asked() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ValueError, match="verified"):
            await fetch_picture(session, False, Hosts(), event("https://127.0.0.1/a.jpg"))
