"""What the relay is asked to say through its cameras' speakers, and the sound that comes for it."""

from ..model import Clock, EngineError
from .channel import Channels
from .messages import Feed, Speak
from .speech import Speech


class Speeches:
    """Errands of speaking: one to say something, and one for each piece of its sound."""

    def __init__(self, channels: Channels, clock: Clock, ffmpeg: str) -> None:
        """Speak through these cameras; `ffmpeg` is where it lies, empty where there is none."""
        self._channels = channels
        self._clock = clock
        self._ffmpeg = ffmpeg
        self._running: dict[int, Speech] = {}

    async def speak(self, message: Speak) -> bytes:
        """Return when everything was said; raises EngineError (see Channel.speak)."""
        if (channel := self._channels.by_key.get(message.key)) is None:
            raise EngineError("no such camera", reason="unknown_camera")
        speech = self._running[message.speech] = Speech(self._ffmpeg, self._clock)
        try:
            await channel.speak(speech)
        finally:
            del self._running[message.speech]
        return b""

    async def feed(self, message: Feed) -> bytes:
        """Return when there is room for more; of what is not said any more nothing is kept."""
        if (speech := self._running.get(message.speech)) is not None:
            await speech.feed(message.data)
        return b""
