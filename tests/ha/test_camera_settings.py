"""What is kept of a person's choices: what is missing or odd there is as if never chosen."""

from pathlib import Path
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.model import Sensitivity, WatchMode, Zone
from custom_components.wyze_local.installation import ClipKeeping
from custom_components.wyze_local.settings import CameraSettings

DOOR = {"name": "Door", "left": 0.25, "top": 0.5, "width": 0.25, "height": 0.5}


def test_a_camera_of_before_the_watch_is_not_watched() -> None:
    """Nobody was asked about it: an update must not make every camera stream all day."""
    settings = CameraSettings.parse({"camera_key": "x", "model": "HL_CAM4", "sound": False})
    assert settings.watch is WatchMode.OFF
    assert (settings.sensitivity, settings.zones, settings.pre_roll) == (Sensitivity.MEDIUM, (), 5.0)
    assert settings.sound is False


def test_choices_about_motion_are_read() -> None:
    chosen = {"watch": "key", "sensitivity": "high", "zones": [DOOR], "clips": False, "pre_roll": 8}
    settings = CameraSettings.parse(chosen)
    assert settings.watch is WatchMode.KEY
    assert settings.sensitivity is Sensitivity.HIGH
    assert settings.zones == (Zone("Door", 0.25, 0.5, 0.25, 0.5),)
    assert settings.clips is False
    assert settings.pre_roll == 8.0


@pytest.mark.parametrize(
    "odd",
    [
        {"watch": "always"},
        {"watch": ["key"]},
        {"sensitivity": 5},
        {"zones": [DOOR, DOOR]},
        {"zones": "Door"},
        {"clips": "no"},
        {"pre_roll": True},
        {"pre_roll": -1},
        {"pre_roll": float("nan")},
        {"pre_roll": 1e9},
    ],
)
def test_odd_choices_are_none(odd: dict[str, Any]) -> None:
    assert CameraSettings.parse(odd) == CameraSettings()


def test_clips_lie_in_a_place_of_our_own_until_another_is_chosen(hass: HomeAssistant) -> None:
    assert ClipKeeping().path(hass) == Path(hass.config.config_dir) / "wyze_local_clips"
    assert ClipKeeping(folder="/mnt/clips").path(hass) == Path("/mnt/clips")


@pytest.mark.parametrize(
    "odd",
    [
        {"clips_days": 0},
        {"clips_days": "7"},
        {"clips_days": True},
        {"clips_gigabytes": float("nan")},
        {"clips_gigabytes": -3},
        {"clips_folder": 5},
    ],
)
def test_an_odd_keeping_of_clips_is_the_usual_one(odd: dict[str, Any]) -> None:
    assert ClipKeeping.parse(odd) == ClipKeeping()


def test_the_keeping_of_clips_is_told_as_it_is_read() -> None:
    keeping = ClipKeeping("/mnt/clips", 3, 2.5)
    assert ClipKeeping.parse(keeping.data()) == keeping
