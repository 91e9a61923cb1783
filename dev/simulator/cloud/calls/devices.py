"""Calls 6, 7, 9 to 14 and 18, 19: the person, their devices, what those are and shall do."""

from typing import Any

from ..answers import OFFLINE, PARAMETER_ERROR, Refused
from ..devices import ORDERS, Device
from ..world import Asked

DONE, IGNORED = 1, 3
"""Results of an action that was accepted."""


def user_info(asked: Asked) -> dict[str, Any]:
    """Tell who is signed in."""
    user = asked.owner
    return {
        "email": user.email,
        "nickname": user.nickname,
        "user_code": user.user_id[:12],
        "user_center_id": user.user_id,
        "open_user_id": user.user_id[::-1],
        "logo": f"{asked.origin}/pictures/logo.jpg",
    }


def device_list(asked: Asked) -> dict[str, Any]:
    """List everything that the person has or was lent."""
    listed = [device.listed(asked.origin, asked.now_ms) for device in asked.owner.devices]
    order = [{"device_id": device["mac"], "order_index": index} for index, device in enumerate(listed)]
    return {
        "device_list": listed,
        "device_sort_list": order,
        "device_group_list": [],
        "device_group_sort": [],
    }


def property_list(asked: Asked) -> dict[str, Any]:
    """Tell properties of one device; none at all of those that only device management answers for."""
    device = _device(asked, asked.text("device_mac"), asked.text("device_model"))
    wanted = asked.texts("target_pid_list")
    return {"property_list": [] if device.managed else device.property_list(wanted, asked.now_ms)}


def property_list_of_many(asked: Asked) -> dict[str, Any]:
    """Tell properties of several devices at once."""
    wanted = asked.texts("target_pid_list")
    found = []
    for mac in asked.texts("device_list"):
        device = _device(asked, mac)
        properties = [] if device.managed else device.property_list(wanted, asked.now_ms)
        found.append({"device_mac": device.mac, "device_property_list": properties})
    return {"device_list": found}


def device_info(asked: Asked) -> dict[str, Any]:
    """Tell what a device is."""
    device = _device(asked, asked.text("device_mac"), asked.text("device_model"))
    return {
        "device_mac": device.mac,
        "nickname": device.nickname,
        "product_model": device.model,
        "hardware_ver": "1.2.0.3",
        "firmware_ver": device.firmware,
        "conn_state": int(device.online),
        "property_list": [] if device.managed else device.property_list([], asked.now_ms),
    }


def set_property(asked: Asked) -> dict[str, Any]:
    """Change a property."""
    device = _device(asked, asked.text("device_mac"), asked.text("device_model"))
    _set(asked, device, {asked.text("pid"): asked.text("pvalue")})
    return {}


def set_property_list(asked: Asked) -> dict[str, Any]:
    """Change several properties."""
    device = _device(asked, asked.text("device_mac"), asked.text("device_model"))
    pairs = asked.body.get("property_list")
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise Refused(PARAMETER_ERROR, "parameter error: property_list")
    _set(asked, device, {str(pair.get("pid")): str(pair.get("pvalue")) for pair in pairs})
    return {}


def run_action(asked: Asked) -> dict[str, Any]:
    """Let a device do something; what it does not know it ignores, and the answer only hints at that."""
    device = _device(asked, asked.text("instance_id"), asked.text("provider_key"))
    order = asked.call.what = asked.text("action_key")
    if not isinstance(asked.body.get("action_params"), dict):
        raise Refused(PARAMETER_ERROR, "parameter error: action_params")
    _must_be_online(device)
    if asked.ignored or device.managed or order in device.ignores or order not in ORDERS:
        return {"result": IGNORED}
    ORDERS[order](device)
    return {"result": DONE}


def managed_action(asked: Asked) -> dict[str, Any]:
    """Let a device of the newer kind do something."""
    device, capabilities = _managed(asked)
    asked.number("nonce")
    asked.text("transactionId")
    _must_be_online(device)
    for capability in capabilities:
        for function in capability.get("functions", ()):
            asked.call.what = name = str(function.get("name"))
            if name in _FUNCTIONS and name not in device.ignores and not asked.ignored:
                ORDERS[_FUNCTIONS[name]](device)
        for entry in capability.get("properties", ()):
            asked.call.what = f"{capability.get('name')}:{entry.get('prop')}={entry.get('value')}"
            if "properties" not in device.ignores and not asked.ignored:
                device.put("P1056", "1" if str(entry.get("value")) == "1" else "2")
    return {}


_FUNCTIONS = {
    "wakeup": "power_on",
    "sleep": "power_off",
    "siren-on": "siren_on",
    "siren-off": "siren_off",
}


def managed_state(asked: Asked) -> dict[str, Any]:
    """Tell properties of a device of the newer kind: those that were asked for, as far as it has them."""
    device, capabilities = _managed(asked)
    known = {
        "iot-state": int(device.online),
        "iot-power": int(device.power),
        "on": int(device.value("P1056") == "1"),
        "state": int(device.value("P1049") == "1"),
        "firmware-ver": device.firmware,
        "ssid": "Invented Wi-Fi",
        "rssi": -52,
        "ip": device.address,
    }
    found = []
    for asked_for in capabilities:
        names = [name for name in asked_for.get("properties", ()) if name in known]
        found.append(
            {
                "iid": asked_for.get("iid"),
                "name": asked_for.get("name"),
                "properties": {name: known[name] for name in names},
            }
        )
    return {"capabilities": found}


def _device(asked: Asked, mac: str, model: str | None = None) -> Device:
    """Return a device of the person; raises Refused."""
    asked.call.device = mac
    for device in asked.owner.devices:
        if device.mac == mac and model in {None, device.model}:
            return device
    raise Refused(PARAMETER_ERROR, "parameter error: device")


def _must_be_online(device: Device) -> None:
    """Raise Refused for a device that the cloud does not reach."""
    if not device.online:
        raise Refused(OFFLINE, "DeviceOffline")


def _set(asked: Asked, device: Device, values: dict[str, str]) -> None:
    """Change properties, unless the device ignores that."""
    asked.call.what = ", ".join(f"{pid}={value}" for pid, value in values.items())
    _must_be_online(device)
    for pid, value in values.items():
        if pid not in device.ignores and not device.managed and not asked.ignored:
            device.put(pid, value)


def _managed(asked: Asked) -> tuple[Device, list[dict[str, Any]]]:
    """Return whom device management is asked about, and what; raises Refused."""
    target = asked.body.get("targetInfo")
    if not isinstance(target, dict) or target.get("type") != "DEVICE":
        raise Refused(PARAMETER_ERROR, "parameter error: targetInfo")
    capabilities = asked.body.get("capabilities")
    if not isinstance(capabilities, list) or not all(isinstance(entry, dict) for entry in capabilities):
        raise Refused(PARAMETER_ERROR, "parameter error: capabilities")
    return _device(asked, str(target.get("id")), str(target.get("productModel"))), capabilities
