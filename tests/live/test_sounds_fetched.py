"""Sounds from the web come from where a person said: nobody there leads Home Assistant further in.

In a network of its own, where one machine has addresses of the internet, of a home and of itself.
"""

import asyncio
import os
import subprocess
import threading
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest_socket
from aiohttp import web
from aiohttp.abc import ResolveResult
from yarl import URL

from homeassistant.exceptions import HomeAssistantError

from custom_components.wyze_local.sounds_fetched import MAX_HOPS, async_fetch

PORT = 8080
SOUND = b"a sound" * 10_000
INTERNET, ELSEWHERE = "1.2.3.4", "5.6.7.8"
HOME, NEIGHBOUR = "192.168.7.1", "192.168.7.2"
METADATA = "169.254.169.254"
ADDRESSES = (INTERNET, ELSEWHERE, HOME, NEIGHBOUR, METADATA)


class World:
    """A web server that has all addresses, and names that lead to them."""

    def __init__(self) -> None:
        """Begin with nobody having asked."""
        self.names: dict[str, list[str]] = {"localhost": ["127.0.0.1"], "2130706433": ["127.0.0.1"]}
        """Where a name leads; to one after the other, each time it is asked for."""
        self.knocks: list[str] = []
        """The addresses that were asked, in order."""
        self.over = asyncio.Event()

    async def resolve(self, host: str) -> list[ResolveResult]:
        """Return the next of a name's addresses."""
        addresses = self.names[host]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [ResolveResult(hostname=host, host=address, port=0, family=2, proto=6, flags=0)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Send on, or send a sound."""
        assert request.transport is not None
        self.knocks.append(request.transport.get_extra_info("sockname")[0])
        match request.path:
            case "/to":
                return web.Response(status=302, headers={"Location": request.query["there"]})
            case "/nowhere":
                return web.Response(status=302)
            case "/huge":
                return web.Response(headers={"Content-Length": str(1 << 40)})
            case "/silent":
                await self.over.wait()
        if request.path == "/secret" and request.headers.get("Authorization") is None:
            return web.Response(status=401)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(SOUND)
        return response


def at(host: str, path: str = "/sound") -> str:
    """Return an address."""
    return f"http://{host}:{PORT}{path}"


def via(host: str, there: str) -> str:
    """Return the address of somebody who sends whoever comes to another one."""
    return str(URL(at(host, "/to")).with_query(there=there))


async def fetched(world: World, url: str, most: int = 1 << 20) -> bytes | str:
    """Return the sound, or what is told of why there is none."""
    data = b""
    try:
        async with aclosing(async_fetch(URL(url), world.resolve, within=0.4, most=most)) as sound:
            async for piece in sound:
                data += piece
    except HomeAssistantError as err:
        assert err.__suppress_context__ or not err.__context__, "what lies behind it names the address"
        return str((err.translation_placeholders or {})["reason"])
    return data


def in_the_world(work: Callable[[World], Awaitable[None]]) -> None:
    """Do something in a network of its own."""
    # All of them are this machine's own, in a network that nothing leads out of.
    pytest_socket.socket_allow_hosts([*ADDRESSES, "127.0.0.0/8", "::1"], allow_unix_socket=True)

    async def play() -> None:
        world = World()
        app = web.Application()
        app.router.add_get("/{any:.*}", world.answer)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        for host in ("0.0.0.0", "::1"):
            await web.TCPSite(runner, host, PORT).start()
        try:
            await work(world)
        finally:
            world.over.set()
            await runner.cleanup()

    failures: list[BaseException] = []

    def alone() -> None:
        try:
            os.unshare(os.CLONE_NEWNET)
            for words in ("link set lo up", *(f"addr add {one}/32 dev lo" for one in ADDRESSES)):
                subprocess.run(["ip", *words.split()], check=True, timeout=10)
            asyncio.run(play())
        except BaseException as err:  # noqa: BLE001 - it is raised where it is seen
            failures.append(err)

    thread = threading.Thread(target=alone)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    if failures:
        raise failures[0]


def test_nobody_is_led_further_in_than_a_person_said() -> None:
    """Whatever the address looks like; whoever lies there is not even asked."""

    async def work(world: World) -> None:
        world.names["home.example"] = [HOME]
        for host, inside in (
            (INTERNET, "127.0.0.1"),
            (INTERNET, "localhost"),
            (INTERNET, "2130706433"),
            (INTERNET, "[::1]"),
            (INTERNET, "[::ffff:127.0.0.1]"),
            (INTERNET, "0.0.0.0"),
            (INTERNET, HOME),
            (INTERNET, "home.example"),
            (INTERNET, METADATA),
            (HOME, "127.0.0.1"),
            (HOME, METADATA),
        ):
            world.knocks.clear()
            assert await fetched(world, via(host, at(inside))) in ("redirect", "connection"), inside
            assert world.knocks == [host], inside
        world.knocks.clear()
        assert await fetched(world, via(HOME, via(INTERNET, at(NEIGHBOUR)))) == "redirect"
        assert world.knocks == [HOME, INTERNET], "who was outside is not at home any more"

    in_the_world(work)


def test_a_name_that_leads_elsewhere_a_moment_later_gains_nothing() -> None:
    """It is connected to what was looked at."""

    async def work(world: World) -> None:
        world.names["radio.example"] = [INTERNET, "127.0.0.1"]
        assert await fetched(world, via("radio.example", at("radio.example"))) == "connection"
        assert world.knocks == [INTERNET]

    in_the_world(work)


def test_what_a_person_named_is_fetched_wherever_it_lies() -> None:
    """Also at home, with user and password, and by way of redirects that lead not further in."""

    async def work(world: World) -> None:
        world.names |= {"radio.example": [ELSEWHERE], "nas.example": [HOME]}
        for url in (
            *(at(host) for host in ("127.0.0.1", "[::1]", HOME, INTERNET, "nas.example", METADATA)),
            via(INTERNET, at("radio.example")),
            via(INTERNET, "/sound"),
            via(HOME, at(NEIGHBOUR)),
            via(HOME, at(INTERNET)),
            at(f"me:word@{HOME}", "/secret"),
            via(f"me:word@{HOME}", "/secret"),
        ):
            assert await fetched(world, url) == SOUND, url
        assert await fetched(world, via(f"me:word@{HOME}", at(NEIGHBOUR, "/secret"))) == "401"

    in_the_world(work)


def test_what_has_no_end_has_one_here() -> None:
    """Too many redirects, too much of it, and nothing at all."""

    async def work(world: World) -> None:
        circle = via(INTERNET, "/sound")
        for _ in range(MAX_HOPS):
            circle = via(INTERNET, circle)
        assert await fetched(world, circle) == "redirect"
        assert len(world.knocks) == MAX_HOPS + 1
        for url, reason in (
            (via(INTERNET, "ftp://5.6.7.8/sound"), "redirect"),
            (via(INTERNET, "http://["), "connection"),
            (at(INTERNET, "/nowhere"), "redirect"),
            (at(INTERNET, "/huge"), "size"),
            (at(INTERNET, "/silent"), "timeout"),
        ):
            assert await fetched(world, url) == reason, url
        assert await fetched(world, at(INTERNET), most=len(SOUND) - 1) == "size"
        assert await fetched(world, at(INTERNET), most=len(SOUND)) == SOUND

    in_the_world(work)
