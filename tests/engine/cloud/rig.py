"""A client, the small vendor it speaks to, and a clock that both go by."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import aiohttp
from aiohttp import web

from engine.cloud import CallRecord, CloudClient, LogIn
from engine.model import Account, DeveloperKey, Secret, Tokens
from tests.engine.cloud.server import Respond, Server, authority, serving
from tests.support.clock import FakeClock

LOG_IN = "/api/user/login"
ANSWER = "/user/login"
SEND_SMS = "/user/login/sendSmsCode"
REFRESH = "/app/user/refresh_token"
USER = "/app/user/get_user_info"
CAMERAS = "/app/v2/home_page/get_object_list"

EMAIL = "somebody@example.org"
PASSWORD = "correct-horse-battery"
KEY_ID = "key-id-of-somebody"
API_KEY = "api-key-of-somebody"
PHONE_ID = "phone-id-of-somebody"
ACCESS = "access-token-of-somebody"
REFRESH_TOKEN = "refresh-token-of-somebody"
USER_ID = "user-id-of-somebody"
CANARIES = (EMAIL, PASSWORD, KEY_ID, API_KEY, PHONE_ID, ACCESS, REFRESH_TOKEN, USER_ID, "127.0.0.1")

SIGNED_IN = {"access_token": ACCESS, "refresh_token": REFRESH_TOKEN, "user_id": USER_ID}
KEY = DeveloperKey(Secret(KEY_ID), Secret(API_KEY))


def log_in(password: str = PASSWORD) -> LogIn:
    return LogIn(Secret(EMAIL), Secret(password), KEY, Secret(PHONE_ID))


def tokens(obtained: float = 0, access: str = ACCESS, refresh: str = REFRESH_TOKEN) -> Tokens:
    return Tokens(Secret(access), Secret(refresh), int(obtained))


def account(pair: Tokens) -> Account:
    return Account(Secret(USER_ID), Secret(EMAIL), KEY, 0, Secret(PHONE_ID), pair)


def device(**changes: Any) -> dict[str, Any]:
    """Return a camera as the vendor lists it, with much that nobody here wants to know."""
    params = {
        "p2p_id": "ABCDEFGHJKLMNPQRSTUV",
        "p2p_type": 3,
        "ip": "192.168.77.88",
        "dtls": 1,
        "main_device_dtls": 0,
        "power_switch": 1,
        "ssid": "unwanted-network",
        "rssi": "-44",
        "public_ip": "203.0.113.9",
        "electricity": "77",
        "camera_thumbnails": {"thumbnails_url": "https://example.org/unwanted-picture", "thumbnails_ts": 1},
    }
    params |= changes.pop("device_params", {})
    return {
        "mac": "2CAA8E010203",
        "enr": "enr-of-a-camera1",
        "nickname": "Front door",
        "product_model": "HL_CAM4",
        "product_type": "Camera",
        "product_model_logo_url": "https://example.org/unwanted-logo",
        "firmware_ver": "4.52.9.4188",
        "hardware_ver": "0.0.0.0",
        "conn_state": 1,
        "push_switch": 1,
        "event_master_switch": 0,
        "user_role": 1,
        "binding_user_nickname": "unwanted-person",
        "timezone_name": "Unwanted/Zone",
        "parent_device_mac": "",
        "device_params": params,
    } | changes


@dataclass
class Rig:
    """What a test holds in its hands."""

    server: Server
    client: CloudClient
    clock: FakeClock
    records: list[CallRecord] = field(default_factory=list)
    skew: float = 0.0
    """By how many seconds the vendor's clock is ahead."""

    def on(self, path: str, respond: Respond) -> None:
        """Answer a path, dated by the common clock."""

        async def dated(request: web.BaseRequest) -> web.StreamResponse:
            response = await respond(request)
            response.headers["Date"] = formatdate(self.clock.time() + self.skew, usegmt=True)
            return response

        self.server.routes[path] = dated

    def in_turn(self, path: str, *responds: Respond) -> None:
        """Answer a path with one after the other; the last one stays."""
        left = list(responds)

        async def respond(request: web.BaseRequest) -> web.StreamResponse:
            return await (left.pop(0) if len(left) > 1 else left[0])(request)

        self.on(path, respond)


@asynccontextmanager
async def rig(start: float = 1000.0) -> AsyncIterator[Rig]:
    """Set everything up."""
    clock = FakeClock(start)
    async with serving() as server, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        records: list[CallRecord] = []
        client = CloudClient(
            session,
            hosts=server.hosts,
            tls=authority().trusting(),
            clock=clock,
            rng=random.Random(7),
            on_call=records.append,
        )
        yield Rig(server, client, clock, records)
