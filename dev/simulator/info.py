"""What a camera says of itself when a viewer has logged in."""

import json

from .settings import ON, Settings
from .specs import Audio, CameraSpec


def camera_info(spec: CameraSpec, settings: Settings, *, accepted: bool) -> bytes:
    """Return the JSON that ends a log-in."""
    info = {
        "connectionRes": "1" if accepted else "2",
        "cameraInfo": {
            "videoParm": {
                "type": spec.video, "bitRate": str(settings.bitrate), "resolution": str(settings.resolution),
                "fps": str(spec.picture.fps), "horizontalFlip": str(settings.flip_horizontal),
                "verticalFlip": str(settings.flip_vertical), "time": str(settings.time_stamp),
                "logo": str(settings.logo),
            },
            "settingParm": {"stateVision": str(settings.night_vision), "nightVision": str(settings.ir_led)},
            "basicParm": {
                "firmware": spec.firmware, "type": "camera", "hardware": "1", "model": spec.model,
                "mac": spec.mac, "wifidb": str(settings.wifi),
            },
            "sdParm": _card(settings),
            "channelRequestResult": {"audio": "0" if spec.audio is Audio.NONE else "1", "video": "1"},
        },
    }  # fmt: skip
    return json.dumps(info, separators=(",", ":")).encode()


def _card(settings: Settings) -> dict[str, str]:
    """Return what is said about the SD card."""
    if settings.card != ON:
        return {"status": "2", "capacity": "0", "free": "0"}
    return {"status": "1", "capacity": str(settings.card_size), "free": str(settings.card_free)}
