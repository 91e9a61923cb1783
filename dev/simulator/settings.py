"""What commands read and change in a camera, and what shows of it in its pictures."""

from dataclasses import dataclass, field

ON, OFF = 1, 2

NIGHT_ON, NIGHT_OFF, NIGHT_AUTO = 1, 2, 3
IR_FAR, IR_NEAR = 1, 2
AT_DUSK, IN_THE_DARK = 1, 2
"""From when on the automatic sees night."""

PAN_RANGE, TILT_RANGE = 350, 120
"""How far it turns, in degrees; both begin at 0."""
REST = (175, 60)
"""Where it rests: in the middle, so that it can turn both ways."""


@dataclass(frozen=True, slots=True)
class WayPoint:
    """A place that a patrol looks at."""

    tilt: int
    pan: int
    wait: int
    """Seconds it looks there."""


@dataclass(slots=True)
class Settings:
    """The camera's state by command. 1 = on, 2 = off unless said otherwise."""

    status_light: int = ON
    night_vision: int = NIGHT_AUTO
    ir_led: int = IR_FAR
    night_threshold: int = AT_DUSK
    bitrate: int = 120
    """Kilobytes per second."""
    resolution: int = 0
    """0 = 1080p, 1 = 360p, 2 = 720p, 3 = 2K, 4 = floodlight."""
    fps: int = 15
    flip_horizontal: int = OFF
    flip_vertical: int = OFF
    time_stamp: int = ON
    logo: int = ON
    time_zone: int = 0
    clock_offset: int = 0
    """Seconds between the camera's clock and ours."""
    motion_detection: int = ON
    motion_sensitivity: int = 128
    motion_tagging: int = OFF
    motion_tracking: int = OFF
    siren: int = OFF
    spotlight: int = OFF
    floodlight: int = OFF
    rtsp: int = OFF
    pan: int = REST[0]
    tilt: int = REST[1]
    pan_scan: int = OFF
    """Whether it goes from way-point to way-point."""
    way_points: list[WayPoint] = field(default_factory=list)
    wifi: int = 78
    """Percent."""
    card: int = ON
    """Whether there is an SD card."""
    card_size: int = 30436
    """Megabytes, as is what is free."""
    card_free: int = 12000
    battery: int = 87
    """Percent."""

    def turn_to(self, pan: int, tilt: int) -> None:
        """Look there, as far as the camera turns."""
        self.pan = min(PAN_RANGE, max(0, pan))
        self.tilt = min(TILT_RANGE, max(0, tilt))
