"""Faults that keep a call from being answered as it should, or at all."""

import asyncio
import contextlib
import time

from aiohttp import web

from ..answers import SYSTEM_LIMIT, TOKEN, TOO_OFTEN, Refused
from ..world import Asked
from .fault import Fault

LOGIN_PAGE = """\
<!DOCTYPE html>
<html><head><title>Sign in to the guest network</title></head>
<body><form action="/portal" method="post"><input name="room"><button>Connect</button></form></body></html>
"""

GATEWAY_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"
)

FORBIDDEN_PAGE = "<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>\n"


class Lost(Exception):
    """The connection was cut: there is nothing to answer any more."""


def page(text: str, status: int) -> web.Response:
    """Return an answer that is a page for people."""
    return web.Response(text=text, content_type="text/html", status=status)


def reset_date(now: float) -> str:
    """Return a time in seconds since 1970 as the vendor's limit headers write it."""
    return time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(now))


async def rate_limit(asked: Asked, fault: Fault) -> web.StreamResponse:
    """Answer 429, with the headers that say until when."""
    headers = {"X-RateLimit-Remaining": str(fault.options.get("remaining", 0))}
    reset_by = fault.options.get("reset_by", 300)
    if reset_by is not None:
        text = reset_date(asked.now + reset_by) if isinstance(reset_by, int | float) else str(reset_by)
        headers["X-RateLimit-Reset-By"] = text
    if fault.options.get("retry_after") is not None:
        headers["Retry-After"] = fault.text("retry_after", "")
    body = {"code": "429", "msg": "Too Many Requests"}
    return web.json_response(body, status=429, headers=headers)


async def system_limit(asked: Asked, fault: Fault) -> None:
    """Refuse by 1011."""
    raise Refused(SYSTEM_LIMIT, "system limit exceeded, please try again later")


async def too_often(asked: Asked, fault: Fault) -> None:
    """Refuse by 3044."""
    raise Refused(TOO_OFTEN, "request too often")


async def bad_token(asked: Asked, fault: Fault) -> None:
    """Refuse by 2001, as if the token were not good."""
    raise Refused(TOKEN, "AccessTokenError")


async def code(asked: Asked, fault: Fault) -> None:
    """Refuse by a code of choice."""
    status = fault.options.get("status")
    refusal = Refused(int(fault.number("code", 1003)), fault.text("message", "unknown request error"))
    refusal.status = None if status is None else int(status)
    raise refusal


async def forbidden(asked: Asked, fault: Fault) -> web.StreamResponse:
    """Answer as to an address that is blocked."""
    return page(FORBIDDEN_PAGE, 403)


async def broken(asked: Asked, fault: Fault) -> web.StreamResponse:
    """Answer as the gateway of a server that is down."""
    return page(GATEWAY_PAGE, int(fault.number("status", 502)))


async def login_page(asked: Asked, fault: Fault) -> web.StreamResponse:
    """Answer by a page, and as if all were well."""
    return page(LOGIN_PAGE, 200)


async def portal(asked: Asked, fault: Fault) -> web.StreamResponse:
    """Lead to the log-in page of a network for guests."""
    location = fault.text("location", f"{asked.origin}/portal")
    return web.Response(status=int(fault.number("status", 302)), headers={"Location": location})


async def raw(asked: Asked, fault: Fault) -> web.StreamResponse:
    """Answer by a body of choice."""
    kind = fault.text("content_type", "application/json")
    return web.Response(
        body=fault.text("body", "").encode(), content_type=kind, status=int(fault.number("status", 200))
    )


async def slow(asked: Asked, fault: Fault) -> None:
    """Answer late, or as soon as the fault is taken away."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(fault.number("seconds", 5.0)):
            await fault.gone.wait()


async def hang(asked: Asked, fault: Fault) -> None:
    """Answer only when the fault is taken away."""
    await fault.gone.wait()


async def reset(asked: Asked, fault: Fault) -> None:
    """Cut the connection; nothing was done."""
    cut_off(asked)


def cut_off(asked: Asked) -> None:
    """Cut the connection; raises Lost."""
    if asked.request.transport is not None:
        asked.request.transport.abort()
    raise Lost


async def ignore(asked: Asked, fault: Fault) -> None:
    """Accept an order and do nothing of it."""
    asked.ignored = True


async def wrong_account(asked: Asked, fault: Fault) -> None:
    """Answer as if somebody else had asked, as a cache did once."""
    other = fault.text("other", "")
    if other not in asked.world.users:
        raise Refused(1003, f"the fake cloud knows no {other}")
    asked.user = asked.world.users[other]
