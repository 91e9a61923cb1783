"""A client of the vendor's cloud, written for these tests from the facts and from nothing of ours."""

import hashlib
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

from dev.simulator.cloud import DeveloperKey, FakeCloud, User


def digest(password: str) -> str:
    """Return MD5 of MD5 of MD5, each in hexadecimal."""
    once = _md5(password.encode("utf-8"))
    twice = _md5(once.encode("ascii"))
    return _md5(twice.encode("ascii"))


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@dataclass
class Reply:
    """An answer."""

    status: int
    headers: Any
    body: Any

    @property
    def data(self) -> Any:
        return self.body["data"]


@dataclass
class Vendor:
    """A client, signed in or not."""

    cloud: FakeCloud
    user: User
    password: str = "correct horse"
    key: DeveloperKey | None = None
    name: str = "127.0.0.1"
    tokens: tuple[str, str] = ("", "")
    phone_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=self.cloud.tls_context())
        timeout = aiohttp.ClientTimeout(total=20)
        self.session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.session.close()

    async def post(self, role: str, path: str, body: Any, **more: Any) -> Reply:
        url = self.cloud.hosts(self.name)[role] + path
        async with self.session.post(url, json=body, allow_redirects=False, **more) as answer:
            text = await answer.text()
            return Reply(
                answer.status,
                answer.headers,
                await answer.json(content_type=None) if text.startswith("{") else text,
            )

    async def log_in(self, **more: Any) -> Reply:
        key = self.key or self.user.key
        headers = {"keyid": key.key_id, "apikey": key.api_key, "User-Agent": "test"}
        body = {"email": self.user.email, "password": digest(self.password), **more}
        return self._keep(await self.post("auth", "/api/user/login", body, headers=headers))

    async def answer(self, kind: str, verification_id: str, code: str, *, by: str = "app") -> Reply:
        key = self.key or self.user.key
        headers = {"Phone-Id": self.phone_id}
        headers |= {"X-API-Key": "any"} if by == "app" else {"keyid": key.key_id, "apikey": key.api_key}
        body = {"email": self.user.email, "password": digest(self.password), "mfa_type": kind}
        body |= {"verification_id": verification_id, "verification_code": code}
        return self._keep(await self.post("auth", "/user/login", body, headers=headers))

    async def send_sms(self, session_id: str, user_id: str) -> Reply:
        query = {"mfaPhoneType": "Primary", "sessionId": session_id, "userId": user_id}
        headers = {"Phone-Id": self.phone_id, "X-API-Key": "any"}
        return await self.post("auth", "/user/login/sendSmsCode", {}, params=query, headers=headers)

    async def refresh(self) -> Reply:
        reply = await self.call("/app/user/refresh_token", refresh_token=self.tokens[1])
        if reply.body["code"] == "1":
            self._keep(Reply(200, {}, reply.data))
        return reply

    async def call(self, path: str, **body: Any) -> Reply:
        common = {
            "access_token": self.tokens[0],
            "phone_id": self.phone_id,
            "phone_system_type": "1",
            **dict.fromkeys(("app_name", "app_ver", "app_version", "sc", "sv"), "wyze_developer_api"),
            "ts": int(time.time() * 1000),
        }
        return await self.post("api", path, common | body)

    async def manage(self, path: str, body: dict[str, Any]) -> Reply:
        headers = {"authorization": self.tokens[0]}
        return await self.post("devmgmt", f"/device-management/api/{path}", body, headers=headers)

    async def devices(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.list()).data["device_list"]
        return found

    async def list(self) -> Reply:
        return await self.call("/app/v2/home_page/get_object_list")

    async def events(self, **more: Any) -> Reply:
        usual = {"begin_time": 0, "end_time": 1 << 50, "count": 20, "order_by": 1, "event_type": ""}
        usual |= {"event_value_list": [], "event_tag_list": [], "device_mac": "", "device_mac_list": []}
        return await self.call("/app/v2/device/get_event_list", **usual | more)

    def _keep(self, reply: Reply) -> Reply:
        if isinstance(reply.body, dict) and reply.body.get("access_token"):
            self.tokens = reply.body["access_token"], reply.body["refresh_token"]
        return reply
