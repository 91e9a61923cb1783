"""What stands in the form about one camera's motion and clips, as settings; and what is said of it."""

from collections.abc import Iterator, Mapping
from typing import Any

import probatio

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowHandler, FlowResult

from .cameras import CameraItem, async_change_camera
from .const import CONF_CLIPS, CONF_PRE_ROLL, CONF_SENSITIVITY, CONF_WATCH, CONF_ZONES, KIND_STILLS
from .engine.model import InvalidField, Zone, parse_zones
from .engine.relay import CameraStats
from .entry import WyzeLocalConfigEntry
from .motion_fields import CONF_HEIGHT, CONF_LEFT, CONF_TOP, CONF_WIDTH, ZONE_SECTIONS
from .plain import plain
from .settings import CameraSettings
from .zone_view import ZonePreview

HD_KILOBITS = 1900
SD_KILOBITS = 480
"""What is asked of cameras for each size, so about the most that they send."""
STILL_WAIT = 8.0
"""Seconds for the first still of a camera; a picture without one has the grid only."""
ENOUGH_PICTURES = 100
"""So many of a session tell what it brings in a second."""
WHOLE = {CONF_LEFT: 0, CONF_TOP: 0, CONF_WIDTH: 100, CONF_HEIGHT: 100}


class MotionForm:
    """The pages about one camera, from the first look to what is kept."""

    def __init__(self, hass: HomeAssistant, entry: WyzeLocalConfigEntry, item: CameraItem) -> None:
        """Begin with what is kept; the entry is loaded."""
        self._hass = hass
        self._entry = entry
        self._item = item
        self._settings = CameraSettings.parse(item.data)
        self._preview = ZonePreview(hass, item.key, self._async_still)
        self._zones = self._settings.zones
        self.values = motion_values(self._settings)
        """What the form shows."""

    @property
    def battery(self) -> bool:
        """Whether the camera is one that sleeps, which nobody may keep awake."""
        return self._entry.runtime_data.coordinator.catalog.model(self._item.model).battery

    @property
    def stills_only(self) -> bool:
        """Whether the camera sends stills, of which there are too few to see motion in."""
        return self._settings.kind == KIND_STILLS

    @property
    def has_other_zones(self) -> bool:
        """Whether zones were typed that nobody has seen drawn yet."""
        return self._zones != self._settings.zones

    @callback
    def async_take(self, values: Mapping[str, Any]) -> None:
        """Take what was typed and is all right."""
        self.values = dict(values)
        self._zones = read_zones(values)

    @callback
    def async_placeholders(self) -> dict[str, str]:
        """Return what the texts hold: a fresh picture, and what watching costs."""
        return {
            "name": plain(self._item.name),
            "picture": self._preview.async_show(self._zones),
            "kilobits": str(self._kilobits()),
            "zone": "–",
        }

    @callback
    def async_save(self) -> None:
        """Keep what was taken; no stream is interrupted for it."""
        chosen = {name: self.values[name] for name in (CONF_WATCH, CONF_SENSITIVITY, CONF_CLIPS)}
        async_change_camera(
            self._hass,
            self._entry,
            self._item.key,
            **chosen,
            **{CONF_PRE_ROLL: float(self.values[CONF_PRE_ROLL])},
            **{CONF_ZONES: [zone.data() for zone in self._zones]},
        )

    @callback
    def async_close(self) -> None:
        """Show no picture any more."""
        self._preview.async_close()

    async def _async_still(self) -> bytes | None:
        coordinator = self._entry.runtime_data.coordinator
        if (stills := coordinator.stills(self._item.key)) is None:
            return None
        still = await stills.get(live=coordinator.is_live(self._item.key), wait=STILL_WAIT)
        return still.jpeg if still else None

    def _kilobits(self) -> int:
        """Return kilobits per second of its stream: measured where it runs, else what it sends at most."""
        shared = self._entry.runtime_data.shared
        if (rate := shared.watching.state(self._item.key).rate) > 0:
            return max(1, round(rate * 8 / 1000))
        relaying = shared.relaying
        stats = relaying.stats(self._item.key) if self._item.key in relaying.cameras else CameraStats()
        if stats.frames >= ENOUGH_PICTURES and stats.fps > 0:
            return max(1, round(stats.bytes / stats.frames * stats.fps * 8 / 1000))
        return SD_KILOBITS if self._settings.resolution == "sd" else HD_KILOBITS


def ask_motion[Result: FlowResult[Any, Any]](
    flow: FlowHandler[Any, Result, Any],
    form: MotionForm,
    fields: Mapping[Any, Any],
    user_input: dict[str, Any] | None,
) -> Result | None:
    """Return the page on which a camera's motion and clips are asked for; None when the answers are right."""
    if form.battery:
        return flow.async_abort(reason="never_watched")
    if form.stills_only:
        return flow.async_abort(reason="stills_only")
    errors: dict[str, str] = {}
    placeholders = form.async_placeholders()
    if user_input is not None:
        errors = check_zones(user_input, form.values, placeholders)
        if not errors:
            form.async_take(user_input)
            return None
    schema = flow.add_suggested_values_to_schema(probatio.Schema(fields), user_input or form.values)
    return flow.async_show_form(
        step_id="motion", data_schema=schema, errors=errors, description_placeholders=placeholders
    )


def show_zones[Result: FlowResult[Any, Any]](flow: FlowHandler[Any, Result, Any], form: MotionForm) -> Result:
    """Return the page that shows over the picture the zones that were typed."""
    return flow.async_show_menu(
        step_id="zones",
        menu_options=["save_motion", "motion"],
        description_placeholders=form.async_placeholders(),
    )


def motion_values(settings: CameraSettings) -> dict[str, Any]:
    """Return the settings as form values."""
    return {
        CONF_WATCH: settings.watch.value,
        CONF_SENSITIVITY: settings.sensitivity.value,
        CONF_CLIPS: settings.clips,
        CONF_PRE_ROLL: settings.pre_roll,
        **{
            section: {
                CONF_NAME: zone.name,
                CONF_LEFT: round(zone.left * 100, 1),
                CONF_TOP: round(zone.top * 100, 1),
                CONF_WIDTH: round(zone.width * 100, 1),
                CONF_HEIGHT: round(zone.height * 100, 1),
            }
            for section, zone in zip(ZONE_SECTIONS, settings.zones, strict=False)
        },
    }


def check_zones(
    values: Mapping[str, Any], before: Mapping[str, Any], placeholders: dict[str, str]
) -> dict[str, str]:
    """Return form errors for zones that cannot be; `before` is what the form showed."""
    for section in ZONE_SECTIONS:
        part = values.get(section) or {}
        # Where there was a zone, taking its name away takes it away. Else somebody forgot the name.
        drawn = any(part.get(side, whole) != whole for side, whole in WHOLE.items())
        if drawn and not _name(part) and not _name(before.get(section) or {}):
            return {"base": "motion_nameless"}
    try:
        for zone in _typed(values):
            placeholders["zone"] = plain(zone["name"])
            Zone.parse(zone)
        read_zones(values)
    except InvalidField as err:
        return {"base": f"motion_{err.reason}"}
    return {}


def read_zones(values: Mapping[str, Any]) -> tuple[Zone, ...]:
    """Return the zones that a form holds: those with a name. Raises InvalidField."""
    return parse_zones(list(_typed(values)))


def _typed(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for section in ZONE_SECTIONS:
        part = values.get(section) or {}
        if name := _name(part):
            sides = {side: part.get(side, whole) / 100 for side, whole in WHOLE.items()}
            yield {"name": name, **sides}


def _name(part: Mapping[str, Any]) -> str:
    return str(part.get(CONF_NAME) or "").strip()
