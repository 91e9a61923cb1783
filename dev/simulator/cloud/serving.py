"""From a request to its answer: read it, note it, let faults strike, answer."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from .answers import PARAMETER_ERROR, TOKEN, Answer, Refused, Role, accepted, refused
from .calls import COMMON, ENDPOINTS, NAMES, PICTURE, PORTAL, Endpoint
from .door import Serve
from .faults import KINDS, Fault, Faults
from .faults.hindering import LOGIN_PAGE, Lost, page, reset_date
from .records import UNKNOWN
from .world import Asked, World

STILL = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////"
    "////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8A"
    "P//Z"
)
"""A JPEG of one pixel."""


class Server:
    """Answers requests, in whichever of the vendor's houses they come."""

    names = NAMES
    """The endpoints."""

    def __init__(self, world: World, faults: Faults, date: Callable[[], str]) -> None:
        """Take what answers are made from; `date` is the header's value."""
        self._world = world
        self._faults = faults
        self._date = date
        self._endpoints = {(endpoint.role, endpoint.path): endpoint for endpoint in ENDPOINTS}

    def serving(self, role: Role, name_of: Callable[[Role, web.Request], str | None]) -> Serve:
        """Return what serves the requests that come to one server."""

        async def serve(request: web.Request) -> web.StreamResponse:
            """Serve one request."""
            endpoint = self._endpoints.get((role, request.path)) if request.method == "POST" else None
            name = endpoint.name if endpoint else _other(role, request)
            now = self._world.clock.now
            call = self._world.calls.begin(name, role.value, request.path, now())
            call.server_name = name_of(role, request)
            call.agent = request.headers.get("User-Agent", "")
            asked = Asked(self._world, request, role, call, {})
            try:
                response = await self._answer(asked, endpoint)
            except Lost:
                # The connection is gone: this goes nowhere.
                return web.Response(status=500)
            finally:
                self._world.calls.end(call, now())
            call.status = response.status
            return response

        return serve

    async def _answer(self, asked: Asked, endpoint: Endpoint | None) -> web.StreamResponse:
        """Return the answer to a request; raises Lost when there is to be none."""
        unreadable = None
        try:
            asked.body = await _read(asked.request)
        except Refused as error:
            unreadable = error
        asked.call.fields = frozenset(asked.body)
        if endpoint is not None and endpoint.name == "login" and "mfa_type" in asked.body:
            self._world.calls.rename(asked.call, "second_factor")
        asked.user = self._world.user_of(_token(asked))
        asked.call.user = asked.user.email if asked.user else None
        striking = self._faults.striking(asked)
        asked.call.faults = tuple(fault.kind for fault in striking)
        remaining, until = self._world.limits.spend(asked.call.user or "", asked.now)
        try:
            for fault in striking:
                if (hinder := KINDS[fault.kind].hinder) and (response := await hinder(asked, fault)):
                    return self._dated(response)
            if unreadable:
                raise unreadable
            if remaining < 0:
                return self._dated(_limited(asked, until))
            if endpoint is None:
                return self._dated(_without_endpoint(asked))
            answer = self._good(asked, endpoint, striking)
        except Refused as why:
            answer = refused(asked.role, why, asked.now_ms)
        limits = {"X-RateLimit-Remaining": str(max(0, remaining)), "X-RateLimit-Reset-By": reset_date(until)}
        return await self._deliver(asked, answer, striking, limits)

    def _good(self, asked: Asked, endpoint: Endpoint, striking: list[Fault]) -> Answer:
        """Do what was asked; raises Refused."""
        _judge(asked, endpoint)
        # Where a log-in says whose it was, the call is known by that from then on.
        answer = accepted(asked.role, endpoint.handler(asked), asked.now_ms)
        for fault in striking:
            if twist := KINDS[fault.kind].twist:
                twist(asked, answer, fault)
        self._world.kept[endpoint.name, asked.call.user] = answer.body
        return answer

    async def _deliver(
        self, asked: Asked, answer: Answer, striking: list[Fault], limits: Mapping[str, str]
    ) -> web.StreamResponse:
        """Send an answer."""
        asked.call.code = answer.code
        body = json.dumps(answer.body).encode()
        for fault in striking:
            if deliver := KINDS[fault.kind].deliver:
                return await deliver(asked, body, fault)
        headers = {**limits, **answer.headers}
        return self._dated(
            web.Response(body=body, content_type="application/json", status=answer.status, headers=headers)
        )

    def _dated(self, response: web.StreamResponse) -> web.StreamResponse:
        """Return an answer with the cloud's date."""
        if not response.prepared:
            response.headers.setdefault("Date", self._date())
        return response


def _other(role: Role, request: web.Request) -> str:
    """Return the endpoint of what is no call."""
    if role is Role.API and request.method == "GET" and request.path.startswith("/pictures/"):
        return PICTURE
    return PORTAL if role is Role.API and request.path == "/portal" else UNKNOWN


def _without_endpoint(asked: Asked) -> web.StreamResponse:
    """Return the answer to what is no call."""
    if asked.call.endpoint == PICTURE:
        return web.Response(body=_picture(asked), content_type="image/jpeg")
    if asked.call.endpoint == PORTAL:
        return page(LOGIN_PAGE, 200)
    return web.json_response({"message": "Not Found"}, status=404)


def _picture(asked: Asked) -> bytes:
    """Return what lies where the picture of an event should."""
    event_id = asked.request.path.rpartition("/")[2].removesuffix(".jpg")
    events = (event for user in asked.world.users.values() for event in user.events)
    return next((one.body for one in events if one.event_id == event_id and one.body is not None), STILL)


async def _read(request: web.Request) -> dict[str, Any]:
    """Return a request's body; raises Refused."""
    if request.method != "POST" or not request.can_read_body:
        return {}
    try:
        body = json.loads(await request.read())
    except ValueError, web.HTTPRequestEntityTooLarge:
        raise Refused(PARAMETER_ERROR, "parameter error: body") from None
    if not isinstance(body, dict):
        raise Refused(PARAMETER_ERROR, "parameter error: body")
    return body


def _token(asked: Asked) -> object:
    """Return the access token that came with a request."""
    if asked.role is Role.DEVMGMT:
        return asked.request.headers.get("authorization")
    return asked.body.get("access_token")


def _judge(asked: Asked, endpoint: Endpoint) -> None:
    """Raise Refused for a request without what all of its kind need."""
    if asked.role is Role.API:
        missing = [name for name in COMMON if not asked.body.get(name)]
        if missing:
            raise Refused(PARAMETER_ERROR, f"parameter error: {', '.join(missing)}")
    if endpoint.signed_in and asked.user is None:
        raise Refused(TOKEN, "AccessTokenError")


def _limited(asked: Asked, until: float) -> web.StreamResponse:
    """Return the answer to whoever has asked too often."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-By": reset_date(until)}
    body = {"code": "429", "msg": "Too Many Requests"}
    return web.json_response(body, status=429, headers=headers)
