"""What a camera can be told through the vendor's cloud, in the older and the newer interface.

An accepted command can be silently ignored, so what can be read back is read back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ..model import Clock
from .errors import CloudError, CloudReason
from .values import Named

MANAGED_MODELS = frozenset({"LD_CFP", "AN_RSCW", "GW_GC1", "GW_GC2", "HL_PAN4", "ME_WCO3"})
"""Models that only listen to the newer interface, as clients have found."""

LOOKS = (1.0, 2.0, 4.0)
"""Seconds between the looks whether a command was obeyed."""


class Property(StrEnum):
    """States whose meaning several clients agree on, by the older interface's names. Others are not used."""

    NOTIFICATIONS = "P1"
    POWER = "P3"
    RECORDING = "P4"
    ONLINE = "P5"
    MOTION = "P1001"
    MOTION_ALARM = "P1047"
    SOUND_ALARM = "P1048"
    SIREN = "P1049"
    LIGHT = "P1056"
    """1 is on, 2 is off."""


WRITABLE = frozenset(Property) - {Property.ONLINE, Property.POWER, Property.SIREN}
"""What is changed by itself; power and siren are changed by actions."""


class Action(StrEnum):
    """What a camera can be told to do."""

    POWER_ON = "power_on"
    POWER_OFF = "power_off"
    RESTART = "restart"
    SIREN_ON = "siren_on"
    SIREN_OFF = "siren_off"
    LIGHT_ON = "light_on"
    LIGHT_OFF = "light_off"


@dataclass(frozen=True, slots=True)
class _Effect:
    what: Property
    values: frozenset[str]


_EFFECTS: Mapping[Action, _Effect] = {
    Action.POWER_ON: _Effect(Property.POWER, frozenset({"1"})),
    Action.POWER_OFF: _Effect(Property.POWER, frozenset({"0"})),
    Action.SIREN_ON: _Effect(Property.SIREN, frozenset({"1"})),
    Action.SIREN_OFF: _Effect(Property.SIREN, frozenset({"0", "2"})),
    Action.LIGHT_ON: _Effect(Property.LIGHT, frozenset({"1"})),
    Action.LIGHT_OFF: _Effect(Property.LIGHT, frozenset({"0", "2"})),
}
"""How an action shows. A restart does not."""

MANAGED_STATES: Mapping[str, frozenset[str]] = {
    "iot-device": frozenset({"iot-power", "iot-state"}),
    "floodlight": frozenset({"on"}),
    "spotlight": frozenset({"on"}),
}
"""What a newer model is asked for, by capability."""
_IIDS = {"iot-device": 1, "floodlight": 4, "spotlight": 5}
_FLOODLIGHTS = frozenset({"LD_CFP"})


class Sender(Protocol):
    """What sends commands and reads states: a session."""

    async def properties(self, camera: Named) -> dict[Property, str]:
        """Return a camera's states."""
        ...

    async def send_property(self, camera: Named, what: Property, value: str) -> None:
        """Ask for a change."""
        ...

    async def send_action(self, camera: Named, action: Action) -> None:
        """Ask for an action."""
        ...


def is_managed(camera: Named) -> bool:
    """Tell whether a camera listens to the newer interface only."""
    return camera.model in MANAGED_MODELS


async def carry_out(sender: Sender, clock: Clock, camera: Named, action: Action) -> bool:
    """Send an action and look whether it was done; returns False where nothing tells.

    Raises CloudError (`ignored`) when it was not.
    """
    effect = _EFFECTS.get(action)
    if effect is not None and effect.what is Property.LIGHT and not is_managed(camera):
        await sender.send_property(camera, Property.LIGHT, "1" if action is Action.LIGHT_ON else "2")
    else:
        await sender.send_action(camera, action)
    return effect is not None and await _see(sender, clock, camera, effect)


async def change(sender: Sender, clock: Clock, camera: Named, what: Property, value: str) -> bool:
    """Change a state and look whether it has changed; returns False where nothing tells.

    Raises CloudError (`ignored`) when it has not.
    """
    await sender.send_property(camera, what, value)
    return await _see(sender, clock, camera, _Effect(what, frozenset({value})))


async def _see(sender: Sender, clock: Clock, camera: Named, effect: _Effect) -> bool:
    found: str | None = None
    for pause in LOOKS:
        await clock.sleep(pause)
        found = (await sender.properties(camera)).get(effect.what)
        if found in effect.values:
            return True
    # Of what a camera does not tell, nobody can say that it was ignored.
    if found is not None:
        raise CloudError(CloudReason.IGNORED, "act")
    return False


def managed_action(camera: Named, action: Action) -> dict[str, object]:
    """Return an action as a capability of the newer interface; raises CloudError (`bad_request`)."""
    match action:
        case Action.POWER_ON | Action.POWER_OFF:
            name = "wakeup" if action is Action.POWER_ON else "sleep"
            functions = [{"name": name, "in": {"wakeup-live-view": "1"}}]
            return {"iid": _IIDS["iot-device"], "name": "iot-device", "functions": functions}
        case Action.SIREN_ON | Action.SIREN_OFF:
            name = "siren-on" if action is Action.SIREN_ON else "siren-off"
            return {"name": "siren", "functions": [{"name": name, "in": {}}]}
        case Action.LIGHT_ON | Action.LIGHT_OFF:
            name = "floodlight" if camera.model in _FLOODLIGHTS else "spotlight"
            value = "1" if action is Action.LIGHT_ON else "0"
            return {"iid": _IIDS[name], "name": name, "properties": [{"prop": "on", "value": value}]}
        case _:
            raise CloudError(CloudReason.BAD_REQUEST, "act")


def managed_question() -> list[dict[str, object]]:
    """Return the capabilities that a newer model is asked for."""
    return [
        {"iid": _IIDS[name], "name": name, "properties": sorted(states)}
        for name, states in MANAGED_STATES.items()
    ]


def from_managed(states: Mapping[str, Mapping[str, str]]) -> dict[Property, str]:
    """Return a newer model's states under the older interface's names."""
    device = states.get("iot-device", {})
    found = {Property.POWER: device.get("iot-power"), Property.ONLINE: device.get("iot-state")}
    found[Property.LIGHT] = states.get("floodlight", {}).get("on") or states.get("spotlight", {}).get("on")
    return {what: value for what, value in found.items() if value is not None}
