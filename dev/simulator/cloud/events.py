"""What cameras told the cloud about."""

from dataclasses import dataclass, field
from typing import Any

MOTION = "1"
SOUND = "2"
DOORBELL = "10"
"""Values of events."""

PERSON, VEHICLE, PET, PACKAGE = 101, 102, 103, 104
"""Tags of events."""


@dataclass(slots=True)
class Event:
    """An event, as the cloud keeps it."""

    event_id: str
    mac: str
    model: str
    at_ms: int
    """When, in milliseconds since 1970."""
    value: str = MOTION
    tags: tuple[int, ...] = ()
    image: bool | str = True
    """Whether there is a picture; a text stands in the place of its address."""
    body: bytes | None = None
    """What lies where the picture should; None for one."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Fields that it has beside or instead of the usual ones."""

    def listed(self, origin: str) -> dict[str, Any]:
        """Return the event as the second version of the interface lists it."""
        return {
            "event_id": self.event_id,
            "device_mac": self.mac,
            "device_model": self.model,
            "event_category": 1,
            "event_value": self.value,
            "event_ts": self.at_ms,
            "event_ack_result": 1,
            "is_feedback_correct": 0,
            "is_feedback_face": 0,
            "is_feedback_person": 0,
            "read_state": 0,
            "event_params": {},
            "recognized_instance_list": [],
            "tag_list": list(self.tags),
            "file_list": self._files(origin),
            **self.extra,
        }

    def _files(self, origin: str) -> list[dict[str, Any]]:
        """Return the video, and the picture after it if there is one."""
        common = {
            "status": 1,
            "en_algorithm": 3,
            "en_password": "invented",
            "is_ai": 0,
            "ai_tag_list": list(self.tags),
            "ai_url": "",
            "file_params": {},
        }
        video = f"{origin}/pictures/{self.event_id}.mp4?X-Amz-Expires=1200&X-Amz-Signature=invented"
        files = [{"file_id": f"{self.event_id}-2", "type": 2, "url": video, **common}]
        if self.image is True:
            url = f"{origin}/pictures/{self.event_id}.jpg?X-Amz-Expires=1200&X-Amz-Signature=invented"
            files.append({"file_id": f"{self.event_id}-1", "type": 1, "url": url, **common})
        elif self.image is not False:
            files.append({"file_id": f"{self.event_id}-1", "type": 1, "url": self.image, **common})
        return files
