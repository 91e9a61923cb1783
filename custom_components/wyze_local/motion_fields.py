"""The fields of the form about one camera's motion and clips."""

from typing import Any

import probatio

from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .const import CONF_CLIPS, CONF_PRE_ROLL, CONF_SENSITIVITY, CONF_WATCH
from .engine.model import Sensitivity, WatchMode
from .engine.model.watch import MIN_ZONE_SIDE
from .settings import MAX_PRE_ROLL

CONF_LEFT = "left"
CONF_TOP = "top"
CONF_WIDTH = "width"
CONF_HEIGHT = "height"
ZONE_SECTIONS = ("zone_1", "zone_2", "zone_3", "zone_4")


def _choice(options: list[str], key: str) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(options=options, translation_key=key, mode=SelectSelectorMode.DROPDOWN)
    )


def _percent(least: float, most: float) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=least, max=most, step=1, unit_of_measurement="%", mode=NumberSelectorMode.BOX
        )
    )


_LEAST = MIN_ZONE_SIDE * 100
ZONE_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Optional(CONF_NAME): TextSelector(),
    probatio.Required(CONF_LEFT, default=0): _percent(0, 100 - _LEAST),
    probatio.Required(CONF_TOP, default=0): _percent(0, 100 - _LEAST),
    probatio.Required(CONF_WIDTH, default=100): _percent(_LEAST, 100),
    probatio.Required(CONF_HEIGHT, default=100): _percent(_LEAST, 100),
}
_ZONE = probatio.Schema(ZONE_FIELDS)
MOTION_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Required(CONF_WATCH): _choice([mode.value for mode in WatchMode], CONF_WATCH),
    probatio.Required(CONF_SENSITIVITY): _choice([one.value for one in Sensitivity], CONF_SENSITIVITY),
    probatio.Required(CONF_CLIPS): BooleanSelector(),
    probatio.Required(CONF_PRE_ROLL): NumberSelector(
        NumberSelectorConfig(
            min=0, max=MAX_PRE_ROLL, step=1, unit_of_measurement="s", mode=NumberSelectorMode.BOX
        )
    ),
    probatio.Optional("zone_1"): section(_ZONE, {"collapsed": False}),
    probatio.Optional("zone_2"): section(_ZONE, {"collapsed": True}),
    probatio.Optional("zone_3"): section(_ZONE, {"collapsed": True}),
    probatio.Optional("zone_4"): section(_ZONE, {"collapsed": True}),
}
