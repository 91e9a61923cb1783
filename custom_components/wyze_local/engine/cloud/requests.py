"""How the vendor is asked: headers and bodies of the calls, as other clients were seen to send them.

Only the person's own developer key opens the door. Nothing here pretends to be the vendor's application:
where a body must name a program and its version, it says `wyze_developer_api`, as a client does that its
users report to work. None of this was tried on the vendor's own servers.
"""

import hashlib
import random
from collections.abc import Iterable, Mapping

from ..model import Clock, Secret, Tokens
from .commands import Action
from .errors import CloudError, CloudReason
from .values import FactorWay, LogIn, Named, SecondFactor

_PROGRAM = "wyze_developer_api"


def log_in_headers(login: LogIn) -> dict[str, str]:
    """Return the headers that carry the developer key; raises CloudError (`bad_key`) for an impossible one.

    Answers of second factors are sent with them as well. Clients that were read send a constant of the
    vendor's application there instead, which is not ours to use: that the developer key is enough is
    unproven.
    """
    key_id, api_key = login.key.key_id.reveal().strip(), login.key.api_key.reveal().strip()
    for part in (key_id, api_key):
        if not part.isascii() or not part.isprintable() or not 0 < len(part) <= 512 or " " in part:
            raise CloudError(CloudReason.BAD_KEY, "log_in")
    return {"keyid": key_id, "apikey": api_key, "Phone-Id": login.phone_id.reveal()}


def log_in_body(login: LogIn) -> dict[str, object]:
    """Return the body of a log-in. The password goes out only as what the vendor compares."""
    return {"email": login.email.reveal().strip(), "password": _digest(login.password)}


def _digest(password: Secret) -> str:
    """Return what the vendor takes for a password: MD5 over UTF-8, three times."""
    digest = password.reveal().strip()
    for _ in range(3):
        digest = hashlib.md5(digest.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()
    return digest


def answer_body(login: LogIn, factor: SecondFactor, way: FactorWay, code: str) -> dict[str, object]:
    """Return the body that answers a second factor."""
    by_app = way is FactorWay.TOTP
    return log_in_body(login) | {
        "mfa_type": "TotpVerificationCode" if by_app else "PrimaryPhone",
        "verification_id": (factor.totp_id if by_app else factor.sms_id).reveal(),
        "verification_code": "".join(code.split()),
    }


def sms_query(factor: SecondFactor) -> dict[str, str]:
    """Return the query that asks for a text message."""
    return {
        "mfaPhoneType": "Primary",
        "sessionId": factor.sms_id.reveal(),
        "userId": factor.user_id.reveal(),
    }


def call_body(
    tokens: Tokens, phone_id: Secret, clock: Clock, fields: Mapping[str, object]
) -> dict[str, object]:
    """Return the body of a call of a signed-in account."""
    return {
        "access_token": tokens.access.reveal(),
        "phone_id": phone_id.reveal(),
        "app_name": _PROGRAM,
        "app_ver": _PROGRAM,
        "app_version": _PROGRAM,
        "phone_system_type": "1",
        "sc": _PROGRAM,
        "sv": _PROGRAM,
        "ts": int(clock.time() * 1000),
        **fields,
    }


def refresh_fields(tokens: Tokens) -> dict[str, object]:
    """Return what renews a pair of tokens."""
    return {"refresh_token": tokens.refresh.reveal()}


def managed_headers(tokens: Tokens) -> dict[str, str]:
    """Return the headers of a call about a newer model."""
    return {"authorization": tokens.access.reveal()}


def managed_body(
    camera: Named, clock: Clock, rng: random.Random, fields: Mapping[str, object]
) -> dict[str, object]:
    """Return the body of a call about a newer model."""
    return {
        **fields,
        "nonce": int(clock.time() * 1000),
        "targetInfo": {"id": camera.mac.reveal(), "productModel": camera.model, "type": "DEVICE"},
        "transactionId": f"{rng.getrandbits(128):032x}",
    }


def of_camera(camera: Named) -> dict[str, object]:
    """Return the fields that say which camera is meant."""
    return {"device_mac": camera.mac.reveal(), "device_model": camera.model}


def action_fields(camera: Named, action: Action) -> dict[str, object]:
    """Return the fields of an action."""
    key = {Action.LIGHT_ON: "floodlight_on", Action.LIGHT_OFF: "floodlight_off"}.get(action, action.value)
    return {
        "action_key": key,
        "instance_id": camera.mac.reveal(),
        "provider_key": camera.model,
        "action_params": {},
        "custom_string": "",
    }


def event_fields(since: float, until: float, macs: Iterable[Secret]) -> dict[str, object]:
    """Return the fields that ask for the newest events between two moments, in seconds since 1970."""
    return {
        "begin_time": int(since * 1000),
        "end_time": int(until * 1000),
        "count": 20,
        "order_by": 2,
        "event_type": "",
        "event_value_list": [],
        "event_tag_list": [],
        "device_mac": "",
        "device_mac_list": [mac.reveal() for mac in macs],
    }
