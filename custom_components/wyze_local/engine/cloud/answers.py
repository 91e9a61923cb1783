"""What is kept of the vendor's answers: a list of fields, and nothing that is not on it.

Wi-Fi names, clips, time zones, signal strengths and whatever else is sent along end here, of pictures all
but where one of an event lies. A field that is missing, null or odd is passed over; only an answer without
its main part is refused.
"""

import unicodedata
from collections.abc import Mapping

from ..model import InvalidField, Secret, Tokens
from ..model.camera import parse_address, parse_enr, parse_mac, parse_model, parse_name, parse_uid
from .decode import JSON, Refused
from .errors import CloudReason
from .fields import MAX_TOKEN, checked, member, members, number, secret, switch, text
from .values import (
    UNHEARD,
    CameraList,
    CloudCamera,
    CloudEvent,
    EventKind,
    EventTag,
    FactorWay,
    Heard,
    SecondFactor,
    SignedIn,
    UserInfo,
)

MAX_DEVICES = 500
CAMERA_TYPES = frozenset({"camera", "doorbell"})

_KINDS: Mapping[str, EventKind] = {
    **dict.fromkeys(("1", "6", "7", "13"), EventKind.MOTION),
    "2": EventKind.SOUND,
    "4": EventKind.SMOKE,
    "5": EventKind.CARBON_MONOXIDE,
    "10": EventKind.DOORBELL,
    "12": EventKind.FACE,
}
_TAGS: Mapping[int, EventTag] = {
    101: EventTag.PERSON,
    102: EventTag.VEHICLE,
    103: EventTag.PET,
    104: EventTag.PACKAGE,
    101001: EventTag.FACE,
    800001: EventTag.CRYING,
    800002: EventTag.BARKING,
    800003: EventTag.MEOWING,
}
_PICTURE = 1
"""The kind of an event's file that is a picture, and not a clip."""
_ID = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-:.")


def log_in(body: JSON, now: float) -> SignedIn | SecondFactor:
    """Return what a log-in led to; raises Refused, also for second factors that nobody here can answer."""
    access = secret(member(body, "access_token"), MAX_TOKEN)
    refresh = secret(member(body, "refresh_token"), MAX_TOKEN)
    user_id = secret(member(body, "user_id"))
    if access and refresh and user_id:
        return SignedIn(user_id, Tokens(access, refresh, int(now)))
    ways = frozenset(_way(text(option)) for option in members(member(body, "mfa_options")))
    if not ways:
        raise Refused(CloudReason.MALFORMED)
    totp = member(body, "mfa_details", "totp_apps")
    totp_id = next((found for app in members(totp) if (found := secret(member(app, "app_id")))), Secret(""))
    factor = SecondFactor(ways, user_id, totp_id, secret(member(body, "sms_session_id"), MAX_TOKEN))
    if not ways & {FactorWay.TOTP, FactorWay.SMS}:
        raise Refused(_unanswerable(ways))
    return factor


def answered(body: JSON, now: float) -> SignedIn:
    """Return what an answered second factor led to; raises Refused (`wrong_code`) for all but a log-in."""
    try:
        found = log_in(body, now)
    except Refused:
        raise Refused(CloudReason.WRONG_CODE) from None
    if not isinstance(found, SignedIn):
        raise Refused(CloudReason.WRONG_CODE)
    return found


def _way(option: str) -> FactorWay:
    option = option.lower()
    for word, way in (
        ("totp", FactorWay.TOTP),
        ("phone", FactorWay.SMS),
        ("sms", FactorWay.SMS),
        ("mail", FactorWay.EMAIL),
        ("passkey", FactorWay.PASSKEY),
        ("webauthn", FactorWay.PASSKEY),
        ("fido", FactorWay.PASSKEY),
    ):
        if word in option:
            return way
    return FactorWay.OTHER


def _unanswerable(ways: frozenset[FactorWay]) -> CloudReason:
    if FactorWay.EMAIL in ways:
        return CloudReason.EMAIL_FACTOR
    return CloudReason.PASSKEY_ONLY if FactorWay.PASSKEY in ways else CloudReason.UNKNOWN_FACTOR


def sms_session(body: JSON) -> Secret:
    """Return the id under which a text message's code can be answered; raises Refused."""
    found = secret(member(body, "session_id"), MAX_TOKEN)
    if not found:
        raise Refused(CloudReason.MALFORMED)
    return found


def tokens(data: JSON, now: float) -> Tokens:
    """Return a renewed pair; raises Refused."""
    access = secret(member(data, "access_token"), MAX_TOKEN)
    refresh = secret(member(data, "refresh_token"), MAX_TOKEN)
    if not access or not refresh:
        raise Refused(CloudReason.MALFORMED)
    return Tokens(access, refresh, int(now))


def user(data: JSON, heard: Heard = UNHEARD) -> UserInfo:
    """Return whose account it is."""
    if not isinstance(data, dict):
        raise Refused(CloudReason.MALFORMED)
    return UserInfo(
        user_id=secret(data.get("user_center_id")) or secret(data.get("open_user_id")),
        email=secret(data.get("email")),
        heard=heard,
    )


def cameras(data: JSON, heard: Heard = UNHEARD) -> CameraList:
    """Return the cameras among all devices; raises Refused when there is no list at all."""
    devices = member(data, "device_list")
    if not isinstance(devices, list) or len(devices) > MAX_DEVICES:
        raise Refused(CloudReason.TOO_LARGE if isinstance(devices, list) else CloudReason.MALFORMED)
    found: dict[Secret, CloudCamera] = {}
    others = unreadable = 0
    for device in devices:
        kind = text(member(device, "product_type")).lower()
        if isinstance(device, dict) and kind and kind not in CAMERA_TYPES:
            others += 1
        elif (camera := _camera(device) if kind else None) is None or camera.mac in found:
            unreadable += 1
        else:
            found[camera.mac] = camera
    return CameraList(tuple(found.values()), others, unreadable, heard)


def _camera(device: JSON) -> CloudCamera | None:
    mac = device_id(member(device, "mac"))
    if not mac:
        return None
    params = member(device, "device_params")
    return CloudCamera(
        mac=mac,
        uid=checked(member(params, "p2p_id"), parse_uid),
        enr=checked(member(device, "enr"), parse_enr),
        address=checked(member(params, "ip"), lambda value: Secret(parse_address(value))),
        nickname=_name(member(device, "nickname")),
        model=_model(member(device, "product_model")),
        firmware=_plain(member(device, "firmware_ver")),
        hardware=_plain(member(device, "hardware_ver")),
        online=switch(member(device, "conn_state")),
        power=switch(member(params, "power_switch")),
        dtls=switch(member(params, "dtls")),
        battery=_percent(member(params, "electricity")),
        notifications=switch(member(device, "push_switch")),
        recording=switch(member(device, "event_master_switch")),
        accessory=_model(member(params, "dongle_product_model")),
        parent=device_id(member(device, "parent_device_mac")),
        parent_dtls=switch(member(params, "main_device_dtls")),
        role=number(member(device, "user_role")),
    )


def device_id(value: JSON) -> Secret:
    """Return a device's id: a hardware address in its usual form, or what newer models have instead."""
    return checked(value, parse_mac) or Secret(_plain(value))


def _plain(value: JSON) -> str:
    """Return a short text of letters, digits and a few marks, or an empty one."""
    found = text(value, 64)
    return found if _ID.issuperset(found) else ""


def _model(value: JSON) -> str:
    try:
        return parse_model(text(value))
    except InvalidField:
        return ""


def _name(value: JSON) -> str:
    """Return a nickname as one line that can be shown; what cannot be in one is left out of it."""
    if not isinstance(value, str):
        return ""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in value[:512]).split())
    try:
        return parse_name(unicodedata.normalize("NFC", line)[:64])
    except InvalidField:
        return ""


def _percent(value: JSON) -> int | None:
    found = number(value)
    return found if found is not None and 0 <= found <= 100 else None


def properties(data: JSON, wanted: frozenset[str]) -> dict[str, str]:
    """Return those of the wanted properties that the vendor knows; raises Refused without a list."""
    rows = member(data, "property_list")
    if not isinstance(rows, list):
        raise Refused(CloudReason.MALFORMED)
    found = {text(member(row, "pid")): text(member(row, "value")) for row in rows}
    return {name: value for name, value in found.items() if name in wanted and value}


def events(data: JSON) -> tuple[CloudEvent, ...]:
    """Return what happened, oldest first, each once; raises Refused without a list."""
    rows = member(data, "event_list")
    if not isinstance(rows, list):
        raise Refused(CloudReason.MALFORMED)
    found = {event.event_id: event for row in rows[:MAX_DEVICES] if (event := _event(row)) is not None}
    return tuple(sorted(found.values(), key=lambda event: event.at))


def _event(row: JSON) -> CloudEvent | None:
    event_id = _plain(member(row, "event_id"))
    mac = device_id(member(row, "device_mac")) or device_id(member(row, "device_id"))
    at = number(member(row, "event_ts"))
    if not event_id or not mac or at is None:
        return None
    tags = {_TAGS[tag] for item in members(member(row, "tag_list")) if (tag := number(item) or 0) in _TAGS}
    kind = _KINDS.get(text(member(row, "event_value")), EventKind.OTHER)
    picture, model = _picture(member(row, "file_list")), _model(member(row, "device_model"))
    return CloudEvent(event_id, mac, kind, frozenset(tags), at / 1000, picture, model)


def _picture(files: JSON) -> Secret:
    """Return where the first picture among an event's files lies; empty where there is none."""
    found = (secret(member(one, "url"), MAX_TOKEN) for one in members(files) if _is_picture(one))
    return next(found, Secret(""))


def _is_picture(file: JSON) -> bool:
    return number(member(file, "type")) == _PICTURE


def managed(data: JSON, wanted: Mapping[str, frozenset[str]]) -> dict[str, dict[str, str]]:
    """Return a newer model's properties, by capability; raises Refused without a list."""
    rows = member(data, "capabilities")
    if not isinstance(rows, list):
        raise Refused(CloudReason.MALFORMED)
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        name = text(member(row, "name"))
        values = member(row, "properties")
        if name in wanted and isinstance(values, dict):
            kept = {key: _state(value) for key, value in values.items() if key in wanted[name]}
            found[name] = {key: value for key, value in kept.items() if value}
    return found


def _state(value: JSON) -> str:
    """Return a property's value; truth values are spelled as the older interface does."""
    return str(int(value)) if isinstance(value, bool) else text(value)
