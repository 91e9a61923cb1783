"""What can be asked of the fake cloud: only calls that need no secret of the vendor's own app."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..answers import Role
from ..world import Asked
from . import devices, events, sign_in

type Handler = Callable[[Asked], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call."""

    name: str
    role: Role
    path: str
    handler: Handler
    signed_in: bool = True
    """Whether it needs a good token."""


COMMON = (
    *("phone_id", "app_name", "app_ver", "app_version", "phone_system_type"),
    *("sc", "sv", "ts"),
)
"""What every body must hold that is sent to the second version of the interface."""

ENDPOINTS = (
    Endpoint("login", Role.AUTH, "/api/user/login", sign_in.log_in, signed_in=False),
    Endpoint("second_factor", Role.AUTH, "/user/login", sign_in.answer, signed_in=False),
    Endpoint("send_sms", Role.AUTH, "/user/login/sendSmsCode", sign_in.send_sms, signed_in=False),
    Endpoint("refresh", Role.API, "/app/user/refresh_token", sign_in.refresh, signed_in=False),
    Endpoint("user", Role.API, "/app/user/get_user_info", devices.user_info),
    Endpoint("devices", Role.API, "/app/v2/home_page/get_object_list", devices.device_list),
    Endpoint("properties", Role.API, "/app/v2/device/get_property_list", devices.property_list),
    Endpoint(
        "properties_of_many",
        Role.API,
        "/app/v2/device_list/get_property_list",
        devices.property_list_of_many,
    ),
    Endpoint("device_info", Role.API, "/app/v2/device/get_device_Info", devices.device_info),
    Endpoint("set_property", Role.API, "/app/v2/device/set_property", devices.set_property),
    Endpoint("set_properties", Role.API, "/app/v2/device/set_property_list", devices.set_property_list),
    Endpoint("action", Role.API, "/app/v2/auto/run_action", devices.run_action),
    Endpoint("events", Role.API, "/app/v2/device/get_event_list", events.event_list),
    Endpoint(
        "managed_action",
        Role.DEVMGMT,
        "/device-management/api/action/run_action",
        devices.managed_action,
    ),
    Endpoint(
        "managed_state",
        Role.DEVMGMT,
        "/device-management/api/device-property/get_iot_prop",
        devices.managed_state,
    ),
)

PICTURE = "picture"
"""Stills and clips behind the addresses in lists of devices and events, for whoever knows the address."""

PORTAL = "portal"
"""The log-in page that a captive portal leads to."""

NAMES = frozenset({*(endpoint.name for endpoint in ENDPOINTS), PICTURE, PORTAL})
