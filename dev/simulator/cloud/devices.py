"""What belongs to an account: cameras that match simulated ones, and those that never were on a LAN."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ..abilities import Ability
from ..camera import Camera
from ..faults import Says
from ..settings import OFF, ON
from ..specs import CameraSpec

MANAGED_MODELS = frozenset({"LD_CFP", "AN_RSCW", "GW_GC1", "HL_PAN4"})
"""Models that only the newer device management answers for: elsewhere their properties are empty."""

_TOLD: Mapping[str, Mapping[Ability | None, str]] = {
    "P1001": {None: "motion_detection"},
    "P1049": {Ability.SIREN: "siren"},
    "P1056": {Ability.FLOODLIGHT: "floodlight", Ability.SPOTLIGHT: "spotlight"},
}
"""Properties that tell of a camera's own settings, by what it must have for that (None: nothing)."""
_OFF = {"P1001": "0"}
"""How what is not on is told: 2 unless said here."""

SINCE_MS = 1_704_067_200_000
"""When all of these were set up, in milliseconds since 1970."""


@dataclass(slots=True)
class Device:
    """A device. What is `None` or `...` where the cloud has a value is sent so, or not at all."""

    mac: str = field(repr=False)
    enr: str = field(repr=False)
    p2p_id: str = field(repr=False)
    model: str
    nickname: str
    ip: str = field(default="", repr=False)
    """Its address, unless `camera` is there to tell."""
    camera: Camera | None = field(default=None, repr=False)
    """The simulated camera that it is: its address is where that is now, its power is that one's."""
    firmware: str = "4.36.13.0416"
    product_type: str = "Camera"
    dtls: int | None = 1
    p2p_type: int = 4
    online: bool = True
    power: bool = True
    electricity: int = 0
    """Charge of the battery in percent; 0 without one."""
    shared_by: str = ""
    """Whose it is, when it is not the account's own."""
    parent_mac: str = ""
    parent_enr: str = field(default="", repr=False)
    thumbnails: bool | None = True
    """None: the field is null; False: it is missing."""
    with_params: bool = True
    """Whether `device_params` is there."""
    properties: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    """Fields that it has beside or instead of the usual ones."""
    extra_params: dict[str, Any] = field(default_factory=dict)
    """The same within `device_params`."""
    ignores: frozenset[str] = frozenset()
    """Actions that are accepted and not done."""

    def __post_init__(self) -> None:
        """Fill the properties that every camera has."""
        usual = {"P1": "1", "P4": "1", "P1001": "1", "P1047": "1", "P1048": "0", "P1049": "2", "P1056": "2"}
        self.properties = {**usual, **self.properties}

    @classmethod
    def of_camera(cls, camera: Camera, nickname: str = "", **more: Any) -> Self:
        """Return the device that a simulated camera is."""
        spec = camera.spec
        known = {"camera": camera, "firmware": spec.firmware}
        name = nickname or spec.name.capitalize()
        return cls(spec.mac, spec.enr, spec.uid, spec.model, name, **{**known, **more})

    @classmethod
    def of_spec(cls, spec: CameraSpec, ip: str, nickname: str = "", **more: Any) -> Self:
        """Return the device that a camera of this spec is, at an address."""
        full = spec.complete()
        name = nickname or full.name.capitalize()
        known = {"ip": ip, "firmware": full.firmware}
        return cls(full.mac, full.enr, full.uid, full.model, name, **{**known, **more})

    @classmethod
    def elsewhere(cls, nickname: str, model: str, **more: Any) -> Self:
        """Return a device of invented identity that no LAN has, such as a camera of the cloud-only kind."""
        chance = hashlib.sha256(f"{model}/{nickname}".encode()).hexdigest().upper()
        mac = f"{model}_{chance[:12]}" if model.startswith(("GW_", "ME_")) else f"02{chance[:10]}"
        known: dict[str, Any] = {"p2p_id": mac, "p2p_type": 0, "dtls": 0, "ip": ""}
        return cls(mac, chance[12:28].lower(), model=model, nickname=nickname, **{**known, **more})

    @property
    def managed(self) -> bool:
        """Whether only the newer device management answers for it."""
        return self.model in MANAGED_MODELS

    @property
    def address(self) -> str:
        """Where the cloud thinks it is."""
        return self.ip or (self.camera.credentials.address if self.camera else "")

    def switch(self, on: bool) -> None:
        """Switch it on or off; the simulated camera, if it is one, follows."""
        self.power = on
        if self.camera:
            self.camera.say(None if on else Says.OFF)

    def put(self, pid: str, value: str) -> None:
        """Change a property; the simulated camera, if it is one that has such a thing, follows."""
        self.properties[pid] = value
        if self.camera and (setting := self._setting(pid)):
            self.camera.conduct.change({setting: ON if value == "1" else OFF})

    def value(self, pid: str) -> str:
        """Return a property: how the simulated camera is now, whoever told it."""
        if self.camera and (setting := self._setting(pid)):
            on = getattr(self.camera.settings, setting) == ON
            return "1" if on else _OFF.get(pid, "2")
        return self.properties[pid]

    def _setting(self, pid: str) -> str | None:
        """Return the setting of the simulated camera that a property tells of, None without any."""
        if self.camera is None:
            return None
        has = {None, *self.camera.spec.able}
        return next((name for ability, name in _TOLD.get(pid, {}).items() if ability in has), None)

    def property_list(self, wanted: list[str], now_ms: int) -> list[dict[str, Any]]:
        """Return its properties, those wanted or all."""
        known = {pid: self.value(pid) for pid in self.properties}
        values = {"P3": str(int(self.power)), "P5": str(int(self.online)), **known}
        return [
            {"pid": pid, "value": value, "ts": now_ms - 60_000}
            for pid, value in values.items()
            if not wanted or pid in wanted
        ]

    def listed(self, origin: str, now_ms: int) -> dict[str, Any]:
        """Return the device as the list of all devices has it: with every field, whoever needs them."""
        device: dict[str, Any] = {
            "mac": self.mac,
            "enr": self.enr,
            "nickname": self.nickname,
            "product_model": self.model,
            "product_type": self.product_type,
            "product_model_logo_url": f"{origin}/pictures/{self.model}.jpg",
            "hardware_ver": "1.2.0.3",
            "firmware_ver": self.firmware,
            "conn_state": int(self.online),
            "conn_state_ts": now_ms - 3_600_000,
            "push_switch": 1,
            "event_master_switch": 1,
            "user_role": 2 if self.shared_by else 1,
            "binding_user_nickname": self.shared_by or "Demo",
            "binding_ts": SINCE_MS,
            "first_binding_ts": SINCE_MS,
            "first_activation_ts": SINCE_MS,
            "timezone_name": "Europe/London",
            "timezone_gmt_offset": 0,
            "parent_device_mac": self.parent_mac,
            "parent_device_enr": self.parent_enr,
            "is_in_auto": 0,
        }
        if self.with_params:
            device["device_params"] = self._params(origin, now_ms)
        return device | self.extra

    def _params(self, origin: str, now_ms: int) -> dict[str, Any]:
        """Return `device_params`."""
        params: dict[str, Any] = {
            "p2p_id": self.p2p_id,
            "p2p_type": self.p2p_type,
            "ip": self.address,
            "power_switch": int(self.power),
            "ssid": "Invented Wi-Fi",
            "rssi": "-52",
            "electricity": str(self.electricity),
            "battery_charging_status": 0,
            "power_saving_mode_switch": 0,
            "records_event_switch": 1,
            "motion_alarm_switch": 1,
            "audio_alarm_switch": 1,
            "smoke_alarm_switch": 1,
            "co_alarm_switch": 1,
            "dongle_product_model": "",
            "dongle_switch": 0,
            "accessory_switch": 2,
            "spotlight_status": 0,
            "ai_notification_v2": 1,
            "device_setting_channel": 1,
        }
        if self.dtls is not None:
            params |= {"dtls": self.dtls, "main_device_dtls": self.dtls if not self.parent_mac else 1}
        if self.thumbnails is not False:
            params["camera_thumbnails"] = self._thumbnails(origin, now_ms) if self.thumbnails else None
        return params | self.extra_params

    def picture(self, origin: str) -> str:
        """Return the address of the last picture."""
        return f"{origin}/pictures/{self.mac}.jpg?X-Amz-Expires=1200&X-Amz-Signature=invented"

    def _thumbnails(self, origin: str, now_ms: int) -> dict[str, Any]:
        """Return where the last picture lies."""
        return {"thumbnails_url": self.picture(origin), "thumbnails_ts": now_ms - 90_000}


def plug(nickname: str = "Kettle") -> Device:
    """Return a device that is no camera."""
    return Device.elsewhere(nickname, "WLPP1", product_type="Plug", thumbnails=False)


ORDERS: dict[str, Callable[[Device], None]] = {
    "power_on": lambda device: device.switch(True),
    "power_off": lambda device: device.switch(False),
    "restart": lambda device: device.camera.reboot() if device.camera else None,
    "siren_on": lambda device: device.put("P1049", "1"),
    "siren_off": lambda device: device.put("P1049", "2"),
    "garage_door_trigger": lambda device: device.put("P1056", "2" if device.value("P1056") == "1" else "1"),
    "floodlight_on": lambda device: device.put("P1056", "1"),
    "floodlight_off": lambda device: device.put("P1056", "2"),
}
"""What `run_action` can ask for, and what it does."""
