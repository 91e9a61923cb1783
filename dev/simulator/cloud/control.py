"""The fake cloud's part of the simulator's control API.

GET  /cloud                                where it is, its faults, how much it was asked
GET  /cloud/calls?since=N&endpoint=NAME    what it was asked, those with a number above N
GET  /cloud/users/EMAIL                    what the person's phone and app show, and their devices
GET  /cloud/users/EMAIL/traces             what nobody else may ever find of them, by what it is
POST /cloud/faults/FAULT                   {"endpoint", "after", "times", "user"} and what FAULTS names
POST /cloud/ORDER                          what ORDERS names
POST /cloud/users/EMAIL                    {"locked", "no_password", "nickname": …} changes a person
POST /cloud/users/EMAIL/devices/NAME       {"ip", "nickname", "dtls", …} changes a device;
                                           {"removed": true} and {"to": EMAIL} take it away
POST /cloud/users/EMAIL/events             {"device": NAME, "value": "1", "tags": [101]} adds an event
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from aiohttp import web

from .answers import Role
from .authority import Certificate
from .devices import Device
from .events import MOTION, Event
from .people import User
from .records import Call
from .server import FakeCloud

type _Body = Mapping[str, Any]

_PERSON = frozenset({"locked", "no_password", "nickname"})
_DEVICE = frozenset(field.name for field in fields(Device)) - {"camera", "mac", "ignores"}
_FAULT = frozenset({"endpoint", "after", "times", "user"})


async def _certificate(cloud: FakeCloud, body: _Body) -> None:
    """Show a certificate."""
    role = body.get("role")
    await cloud.show(Certificate(body["kind"]), None if role is None else Role(role))


async def _invalidate(cloud: FakeCloud, body: _Body) -> None:
    """End tokens."""
    email = body.get("user")
    user = None if email is None else _user(cloud, email)
    cloud.invalidate(user, refresh_too=bool(body.get("refresh_too", True)))


async def _clock(cloud: FakeCloud, body: _Body) -> None:
    """Let time pass, or have a wrong date."""
    cloud.clock.advance(float(body.get("advance", 0.0)))
    cloud.skew = float(body.get("skew", cloud.skew))


ORDERS: dict[str, tuple[str, Callable[[FakeCloud, _Body], Awaitable[None]]]] = {
    "resume": ("{} takes all troubles away", lambda cloud, _: cloud.resume()),
    "refuse": ("{} takes no connections", lambda cloud, _: cloud.refuse()),
    "certificate": (f'{{"kind": {" | ".join(Certificate)}, "role": null}} shows that one', _certificate),
    "invalidate": ('{"user": null, "refresh_too": true} ends tokens, of one person or of all', _invalidate),
    "clock": ('{"advance": seconds, "skew": seconds} lets time pass; a wrong Date header', _clock),
}
"""Order → what its body holds, and what it does."""


class CloudControl:
    """The routes of one fake cloud."""

    def __init__(self, cloud: FakeCloud) -> None:
        """Take a running one."""
        self._cloud = cloud

    def routes(self) -> list[web.RouteDef]:
        """Return what to serve."""
        person = "/cloud/users/{email}"
        return [
            web.get("/cloud", self._describe),
            web.get("/cloud/calls", self._calls),
            web.get(person, self._person),
            web.get(person + "/traces", self._traces),
            web.post("/cloud/faults/{kind}", self._fault),
            web.post(person, self._change_person),
            web.post(person + "/devices/{name}", self._change_device),
            web.post(person + "/events", self._add_event),
            web.post("/cloud/{order}", self._order),
        ]

    async def _describe(self, _: web.Request) -> web.Response:
        """Answer with what there is."""
        return web.json_response(self._cloud.describe())

    async def _calls(self, request: web.Request) -> web.Response:
        """Answer with what was asked."""
        since, endpoint = int(request.query.get("since", "0")), request.query.get("endpoint")
        return web.json_response(
            {"calls": [_told(call) for call in self._cloud.calls(endpoint, since=since)]}
        )

    async def _person(self, request: web.Request) -> web.Response:
        """Answer with what a person sees."""
        return web.json_response(self._seen(self._user(request)))

    async def _traces(self, request: web.Request) -> web.Response:
        """Answer with what could betray a person to somebody else."""
        origin = self._cloud.world.origins[Role.API]
        return web.json_response({"traces": self._user(request).traces(origin)})

    async def _fault(self, request: web.Request) -> web.Response:
        """Let a fault work."""
        body = await _body(request)
        known = {name: body.pop(name) for name in _FAULT & body.keys()}
        self._cloud.fault(request.match_info["kind"], known.pop("endpoint", None), **known, **body)
        return web.json_response(self._cloud.describe())

    async def _order(self, request: web.Request) -> web.Response:
        """Give an order."""
        name = request.match_info["order"]
        if name not in ORDERS:
            raise web.HTTPNotFound(text=f"there is no such order; there are: {', '.join(ORDERS)}")
        await ORDERS[name][1](self._cloud, await _body(request))
        return web.json_response(self._cloud.describe())

    async def _change_person(self, request: web.Request) -> web.Response:
        """Change a person."""
        user = self._user(request)
        _change(user, await _body(request), _PERSON)
        return web.json_response(self._seen(user))

    async def _change_device(self, request: web.Request) -> web.Response:
        """Change a device, take it away, or give it to somebody else."""
        user, body = self._user(request), await _body(request)
        try:
            device = user.device(request.match_info["name"])
        except KeyError:
            raise web.HTTPNotFound(text="there is no device of that name") from None
        receiver = _user(self._cloud, body.pop("to")) if "to" in body else None
        removed = bool(body.pop("removed", False))
        if "power" in body:
            device.switch(bool(body.pop("power")))
        _change(device, body, _DEVICE)
        if removed or receiver:
            user.devices.remove(device)
        if receiver:
            receiver.devices.append(device)
        return web.json_response(self._seen(user))

    async def _add_event(self, request: web.Request) -> web.Response:
        """Let a camera tell about something."""
        user, body = self._user(request), await _body(request)
        device = user.device(str(body["device"]))
        tags = tuple(int(tag) for tag in body.get("tags", ()))
        at_ms = int(body.get("at_ms", self._cloud.clock.now_ms()))
        value = str(body.get("value", MOTION))
        user.events.append(Event(secrets.token_hex(8), device.mac, device.model, at_ms, value, tags))
        return web.json_response(self._seen(user))

    def _user(self, request: web.Request) -> User:
        """Return the person of a request's path."""
        return _user(self._cloud, request.match_info["email"])

    def _seen(self, user: User) -> dict[str, Any]:
        """Return what a person sees on their phone."""
        return {
            "email": user.email,
            "totp": self._cloud.code(user),
            "phone": [message.code for message in user.phone],
            "events": len(user.events),
            "devices": [
                {
                    "nickname": device.nickname,
                    "model": device.model,
                    "ip": device.address,
                    "power": device.power,
                    "online": device.online,
                }
                for device in user.devices
            ],
        }


def _user(cloud: FakeCloud, email: str) -> User:
    """Return a person; raises HTTPNotFound."""
    if email not in cloud.world.users:
        raise web.HTTPNotFound(text="there is nobody of that e-mail")
    return cloud.world.users[email]


def _change(thing: User | Device, body: _Body, known: frozenset[str]) -> None:
    """Set fields; raises ValueError for one that there is not."""
    if unknown := body.keys() - known:
        raise ValueError(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(sorted(known))}")
    for name, value in body.items():
        setattr(thing, name, value)


async def _body(request: web.Request) -> dict[str, Any]:
    """Return a request's body; raises TypeError or ValueError."""
    text = await request.text()
    body = json.loads(text) if text.strip() else {}
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def _told(call: Call) -> dict[str, Any]:
    """Return a call as JSON."""
    return asdict(call) | {"fields": sorted(call.fields)}
