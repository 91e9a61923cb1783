"""What models can do: a camera does not answer commands for what it has not got.

Invented from what their shops say; real firmware may differ.
"""

from collections.abc import Mapping
from enum import StrEnum


class Ability(StrEnum):
    """What some models have and others have not."""

    SIREN = "siren"
    SPOTLIGHT = "spotlight"
    FLOODLIGHT = "floodlight"
    PAN = "pan"
    BATTERY = "battery"
    RTSP = "rtsp"
    """Special firmware with a server of its own."""


_OF_MODELS: Mapping[str, frozenset[Ability]] = {
    "HL_BC": frozenset({Ability.SIREN, Ability.SPOTLIGHT}),
    "HL_CAM3P": frozenset({Ability.SIREN, Ability.SPOTLIGHT}),
    "HL_CAM4": frozenset({Ability.SIREN, Ability.SPOTLIGHT}),
    "HL_CFL2": frozenset({Ability.SIREN, Ability.FLOODLIGHT}),
    "HL_PAN2": frozenset({Ability.SIREN, Ability.PAN}),
    "HL_PAN3": frozenset({Ability.SIREN, Ability.PAN}),
    "HL_PANP": frozenset({Ability.SIREN, Ability.SPOTLIGHT, Ability.PAN}),
    "HL_WCO2": frozenset({Ability.SIREN, Ability.BATTERY}),
    "WVOD1": frozenset({Ability.BATTERY}),
    "WYZEC1-JZ": frozenset({Ability.RTSP}),
    "WYZECP1_JEF": frozenset({Ability.PAN, Ability.RTSP}),
    "WYZE_CAKP2JFUS": frozenset({Ability.SIREN, Ability.RTSP}),
}


def of_model(model: str) -> frozenset[Ability]:
    """Return what a model has; one that is not listed has what all have."""
    return _OF_MODELS.get(model, frozenset())
