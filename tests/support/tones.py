"""Tones as files of many kinds, and what tone there is in what a camera's speaker got."""

import io
import wave

import av
import numpy as np

from dev.simulator import Audio

_FORMS = {
    Audio.PCMU: ("mulaw", "8000"),
    Audio.PCMA: ("alaw", "8000"),
    Audio.PCM: ("s16le", "16000"),
    Audio.AAC: ("aac", ""),
}


def tone(frequency: float, seconds: float, rate: int = 22050) -> bytes:
    """Return a WAV file with a tone."""
    samples = np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * frequency / rate) * 12000
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def listen(heard: bytes, audio: Audio) -> tuple[float, float]:
    """Return the frequency that is loudest in a sound that is coded as a camera's own, and its seconds."""
    form, rate = _FORMS[audio]
    parts: list[np.ndarray] = []
    found = 1
    options = {"sample_rate": rate} if rate else {}
    with av.open(io.BytesIO(heard), "r", format=form, options=options) as container:
        for frame in container.decode(audio=0):
            parts.append(frame.to_ndarray().astype(np.float64).reshape(-1))
            found = frame.sample_rate
    samples = np.concatenate(parts)
    strength = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(strength)) * found / len(samples), len(samples) / found
