"""The vendor's interface, call by call: without a memory but for the limits on how often it may be asked."""

import random
import ssl
from collections.abc import Callable
from dataclasses import replace

import aiohttp

from ..model import Clock, Secret, Tokens
from . import answers, requests
from .decode import JSON, Refused
from .errors import CloudError, CloudReason
from .fields import member
from .hosts import Hosts
from .limits import Lanes, LogInGate
from .refusals import of_answer, of_call, of_log_in
from .transport import Note, Request, Transport
from .values import CallRecord, CameraList, FactorWay, LogIn, SecondFactor, SignedIn, UserInfo

_LOG_INS = "log-ins"
"""The lane of everything that comes before there is a session."""


class CloudClient:
    """The calls. One for a whole installation, so that the limits count for all its accounts.

    Every call raises CloudError and nothing else, and takes 15 seconds at most, waiting for its turn not
    counted. The session stays its owner's.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        hosts: Hosts,
        tls: ssl.SSLContext | bool,
        clock: Clock,
        rng: random.Random,
        on_call: Callable[[CallRecord], None] | None = None,
    ) -> None:
        """Prepare; `tls` is a context that verifies, or True for the session's own: ValueError otherwise.

        `on_call` hears of every call, without its content.
        """
        self.hosts = hosts
        self.clock = clock
        self.rng = rng
        self._on_call = on_call
        self._transport = Transport(session, tls, clock, rng)
        self._lanes = Lanes(clock, rng)
        self._gate = LogInGate(clock)

    @property
    def clock_skew(self) -> float | None:
        """By how many seconds this machine's clock is ahead of the vendor's; None before any answer."""
        return self._transport.skew

    async def log_in(self, login: LogIn) -> SignedIn | SecondFactor:
        """Sign in with e-mail, password and developer key, or learn which second factor is wanted.

        At most one log-in begins in 30 seconds: a second one waits for that long, a third raises
        `rate_limited`. Factors that nobody here can answer are errors (`email_factor`, `passkey_only`,
        `unknown_factor`).
        """
        headers = requests.log_in_headers(login)
        await self._gate.turn("log_in")
        body = requests.log_in_body(login)
        request = Request("log_in", f"{self.hosts.auth}/api/user/login", body, of_log_in, headers)
        found = await self._send(request, _LOG_INS)
        return self._parse("log_in", lambda: answers.log_in(found, self.clock.time()))

    async def send_sms(self, login: LogIn, factor: SecondFactor) -> SecondFactor:
        """Have the vendor send a text message; return the factor that its code answers.

        Never without being asked to: each one rings a telephone.
        """
        request = Request(
            "send_sms",
            f"{self.hosts.auth}/user/login/sendSmsCode",
            {},
            of_log_in,
            requests.log_in_headers(login),
            requests.sms_query(factor),
        )
        found = await self._send(request, _LOG_INS)
        return self._parse(
            "send_sms", lambda: replace(factor, sms_id=answers.sms_session(found), sms_sent=True)
        )

    async def answer(self, login: LogIn, factor: SecondFactor, way: FactorWay, code: str) -> SignedIn:
        """Answer a second factor (`TOTP`, or `SMS` after `send_sms`). Unproven against the vendor itself."""
        if way is FactorWay.SMS and not factor.sms_sent:
            raise CloudError(CloudReason.WRONG_CODE, "answer")
        request = Request(
            "answer",
            f"{self.hosts.auth}/user/login",
            requests.answer_body(login, factor, way, code),
            of_answer,
            requests.log_in_headers(login),
        )
        found = await self._send(request, _LOG_INS)
        try:
            signed_in = answers.log_in(found, self.clock.time())
        except Refused:
            signed_in = None
        if not isinstance(signed_in, SignedIn):
            raise CloudError(CloudReason.WRONG_CODE, "answer")
        return signed_in

    async def refresh(self, tokens: Tokens, phone_id: Secret, *, note: Note | None = None) -> Tokens:
        """Return a new pair. The old one has ended when this returns: write the new one down first.

        `token_refused` when the vendor does not take the old one.
        """
        fields = requests.refresh_fields(tokens)
        data = await self.ask("refresh", "/app/user/refresh_token", tokens, phone_id, fields, note=note)
        return self._parse("refresh", lambda: answers.tokens(data, self.clock.time()))

    async def user(self, tokens: Tokens, phone_id: Secret, *, note: Note | None = None) -> UserInfo:
        """Return whose account it is."""
        data = await self.ask("user", "/app/user/get_user_info", tokens, phone_id, {}, note=note)
        return self._parse("user", lambda: answers.user(data))

    async def cameras(self, tokens: Tokens, phone_id: Secret, *, note: Note | None = None) -> CameraList:
        """Return all cameras, with their keys and states, by one call."""
        path = "/app/v2/home_page/get_object_list"
        data = await self.ask("cameras", path, tokens, phone_id, {}, note=note)
        return self._parse("cameras", lambda: answers.cameras(data))

    async def ask(
        self,
        name: str,
        path: str,
        tokens: Tokens,
        phone_id: Secret,
        fields: dict[str, object],
        *,
        note: Note | None = None,
    ) -> JSON:
        """Send a call of a signed-in account and return the data of its answer."""
        body = requests.call_body(tokens, phone_id, self.clock, fields)
        found = await self._send(Request(name, f"{self.hosts.api}{path}", body, of_call), phone_id, note)
        return member(found, "data")

    async def _send(self, request: Request, lane: object, note: Note | None = None) -> JSON:
        def heard(record: CallRecord) -> None:
            for listener in (note, self._on_call):
                if listener is not None:
                    listener(record)

        return await self._transport.call(request, self._lanes.lane(lane), heard)

    def _parse[T](self, call: str, parse: Callable[[], T]) -> T:
        try:
            return parse()
        except Refused as err:
            word = err.word
        raise CloudError(word, call)
