"""The vendor's interface, call by call: without a memory but for the limits on how often it may be asked."""

import asyncio
import random
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from weakref import WeakSet

import aiohttp

from ..model import Clock, Secret, Tokens
from . import answers, requests
from .commands import (
    MANAGED_STATES,
    WRITABLE,
    Action,
    Property,
    from_managed,
    is_managed,
    managed_action,
    managed_question,
)
from .decode import JSON, Refused
from .errors import CloudError, CloudReason
from .fields import member, number
from .hosts import Hosts
from .limits import Lanes, LogInGate
from .refusals import of_answer, of_call, of_log_in, of_refresh, of_sms
from .tokens import Keeper
from .transport import Judge, Note, Request, Transport
from .values import (
    CallRecord,
    CameraList,
    CloudEvent,
    FactorWay,
    Heard,
    LogIn,
    Named,
    SecondFactor,
    SignedIn,
    UserInfo,
)

_LOG_INS = "log-ins"
"""The lane of everything that comes before there is a session.

Its calls are few and a person waits for them: the last one is not held back, a code would be too late then.
"""
_IGNORED = 3
"""The result of an action that the vendor took and does not carry out."""


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
        self._transport = Transport(session, tls, clock)
        self._lanes = Lanes(clock, rng)
        self._gate = LogInGate(clock)
        self._keepers: WeakSet[Keeper] = WeakSet()

    def mind(self, keeper: Keeper) -> None:
        """Have an account's tokens looked after at the end."""
        self._keepers.add(keeper)

    async def close(self) -> None:
        """End: renewals that are under way come to their end, as when their sessions close."""
        await asyncio.gather(*(keeper.close() for keeper in tuple(self._keepers)))

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
        url = f"{self.hosts.auth}/api/user/login"
        request = Request("log_in", url, body, of_log_in, headers, spare=0)
        return await self._send(request, lambda body, _: answers.log_in(body, self.clock.time()), _LOG_INS)

    async def send_sms(self, login: LogIn, factor: SecondFactor) -> SecondFactor:
        """Have the vendor send a text message; return the factor that its code answers.

        Never without being asked to: each one rings a telephone.
        """
        request = Request(
            "send_sms",
            f"{self.hosts.auth}/user/login/sendSmsCode",
            {},
            of_sms,
            requests.log_in_headers(login),
            requests.sms_query(factor),
            spare=0,
        )
        sms_id = await self._send(request, lambda body, _: answers.sms_session(body), _LOG_INS)
        return replace(factor, sms_id=sms_id, sms_sent=True)

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
            spare=0,
        )
        return await self._send(request, lambda body, _: answers.answered(body, self.clock.time()), _LOG_INS)

    async def refresh(self, tokens: Tokens, phone_id: Secret, *, note: Note | None = None) -> Tokens:
        """Return a new pair. The old one has ended when this returns: write the new one down first.

        `token_refused` when the vendor does not take the old one.
        """
        fields = requests.refresh_fields(tokens)
        path = "/app/user/refresh_token"

        def parse(data: JSON, _: Heard) -> Tokens:
            return answers.tokens(data, self.clock.time())

        return await self._ask(
            "refresh", path, tokens, phone_id, fields, parse, note, judge=of_refresh, urgent=True
        )

    async def user(self, tokens: Tokens, phone_id: Secret, *, note: Note | None = None) -> UserInfo:
        """Return whose account it is."""
        path = "/app/user/get_user_info"
        return await self._ask("user", path, tokens, phone_id, {}, answers.user, note)

    async def cameras(self, tokens: Tokens, phone_id: Secret, *, note: Note | None = None) -> CameraList:
        """Return all cameras, with their keys and states, by one call."""
        path = "/app/v2/home_page/get_object_list"
        return await self._ask("cameras", path, tokens, phone_id, {}, answers.cameras, note)

    async def properties(
        self, tokens: Tokens, phone_id: Secret, camera: Named, *, note: Note | None = None
    ) -> dict[Property, str]:
        """Return a camera's states, as far as the vendor tells."""
        if is_managed(camera):
            fields: dict[str, object] = {"capabilities": managed_question()}
            path = "/device-management/api/device-property/get_iot_prop"
            return await self._manage(
                "properties", path, tokens, phone_id, camera, fields, _managed_states, note
            )
        fields = {**requests.of_camera(camera), "target_pid_list": []}
        path = "/app/v2/device/get_property_list"
        return await self._ask(
            "properties", path, tokens, phone_id, fields, lambda data, _: _states(data), note
        )

    async def set_property(
        self,
        tokens: Tokens,
        phone_id: Secret,
        camera: Named,
        what: Property,
        value: str,
        *,
        note: Note | None = None,
    ) -> None:
        """Ask for a state to be changed. That the vendor takes it does not mean that it happens."""
        if what not in WRITABLE or is_managed(camera):
            raise CloudError(CloudReason.BAD_REQUEST, "set_property")
        fields = {**requests.of_camera(camera), "pid": what.value, "pvalue": value}
        path = "/app/v2/device/set_property"
        await self._ask("set_property", path, tokens, phone_id, fields, lambda data, _: None, note)

    async def act(
        self,
        tokens: Tokens,
        phone_id: Secret,
        camera: Named,
        action: Action,
        *,
        note: Note | None = None,
    ) -> None:
        """Ask for an action; raises `ignored` when the vendor itself says that it was."""
        if is_managed(camera):
            fields: dict[str, object] = {"capabilities": [managed_action(camera, action)]}
            path = "/device-management/api/action/run_action"
            await self._manage("act", path, tokens, phone_id, camera, fields, _nothing, note)
            return
        fields = requests.action_fields(camera, action)
        path = "/app/v2/auto/run_action"
        await self._ask("act", path, tokens, phone_id, fields, lambda data, _: _not_ignored(data), note)

    async def events(
        self,
        tokens: Tokens,
        phone_id: Secret,
        since: float,
        until: float,
        macs: Iterable[Secret],
        *,
        note: Note | None = None,
    ) -> tuple[CloudEvent, ...]:
        """Return the newest 20 events between two moments (seconds since 1970), oldest first."""
        fields = requests.event_fields(since, until, macs)
        path = "/app/v2/device/get_event_list"
        return await self._ask(
            "events", path, tokens, phone_id, fields, lambda data, _: answers.events(data), note
        )

    async def _ask[T](
        self,
        name: str,
        path: str,
        tokens: Tokens,
        phone_id: Secret,
        fields: Mapping[str, object],
        parse: Callable[[JSON, Heard], T],
        note: Note | None,
        *,
        judge: Judge = of_call,
        urgent: bool = False,
    ) -> T:
        """Send a call of a signed-in account and return what the data of its answer is parsed to."""
        body = requests.call_body(tokens, phone_id, self.clock, fields)
        request = Request(name, f"{self.hosts.api}{path}", body, judge, urgent=urgent)
        return await self._send(
            request, lambda body, heard: parse(member(body, "data"), heard), phone_id, note
        )

    async def _manage[T](
        self,
        name: str,
        path: str,
        tokens: Tokens,
        phone_id: Secret,
        camera: Named,
        fields: Mapping[str, object],
        parse: Callable[[JSON], T],
        note: Note | None,
    ) -> T:
        """Send a call about a newer model and return what the data of its answer is parsed to."""
        body = requests.managed_body(camera, self.clock, self.rng, fields)
        url = f"{self.hosts.devmgmt}{path}"
        request = Request(name, url, body, of_call, requests.managed_headers(tokens))
        return await self._send(request, lambda body, _: parse(member(body, "data")), phone_id, note)

    async def _send[T](
        self, request: Request, parse: Callable[[JSON, Heard], T], lane: object, note: Note | None = None
    ) -> T:
        def heard(record: CallRecord) -> None:
            for listener in (note, self._on_call):
                if listener is not None:
                    listener(record)

        return await self._transport.call(request, parse, self._lanes.lane(lane), heard)


def _nothing(_: JSON) -> None:
    return None


def _not_ignored(data: JSON) -> None:
    if number(member(data, "result")) == _IGNORED:
        raise Refused(CloudReason.IGNORED)


def _states(data: JSON) -> dict[Property, str]:
    found = answers.properties(data, frozenset(what.value for what in Property))
    return {Property(name): value for name, value in found.items()}


def _managed_states(data: JSON) -> dict[Property, str]:
    return from_managed(answers.managed(data, MANAGED_STATES))
