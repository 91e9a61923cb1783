"""The check's words in English, for whoever runs it outside Home Assistant. Inside, translations say the same."""

from collections.abc import Mapping

from .offline import Cue, Ending, Trial
from .values import Diagnosis, Note, Outcome, Rung

RUNGS: Mapping[Rung, str] = {
    Rung.ADDRESS: "Address",
    Rung.UDP: "Answers by UDP",
    Rung.FRAMING: "Speaks the protocol",
    Rung.HANDSHAKE: "Has the key",
    Rung.LOGIN: "Log-in",
    Rung.CHALLENGE: "Lets us in",
    Rung.COMMANDS: "Answers commands",
    Rung.MEDIA: "Pictures and sound",
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.PASSED: "passed",
    Outcome.DOUBTFUL: "doubtful",
    Outcome.FAILED: "failed",
    Outcome.NOT_REACHED: "not reached",
}

CAUSES: Mapping[Diagnosis, tuple[str, str]] = {
    Diagnosis.WELL: (
        "Everything holds.",
        "Please add this report to the project's table of models, so that others know.",
    ),
    Diagnosis.OUTSIDE: (
        "The address lies outside the camera networks; nothing was sent.",
        "Add its network, or correct the address.",
    ),
    Diagnosis.UNREACHABLE: (
        "There is no way to the address from this machine.",
        "Check the address, the cable or Wi-Fi of this machine, and the routes between the networks.",
    ),
    Diagnosis.BLOCKED: (
        "This machine refuses to send.",
        "Look for a firewall on this machine, or a container that does not use the host's network.",
    ),
    Diagnosis.NOBODY_THERE: (
        "Nobody on the local network has that address: the camera is off, or has another address now.",
        "Power the camera, and look its address up in your router.",
    ),
    Diagnosis.OTHER_DEVICE: (
        "Nothing answers, and the address belongs to other hardware now.",
        "Look the camera's address up in your router; give it a fixed one there.",
    ),
    Diagnosis.NO_ANSWER: (
        "Nothing answers: the camera is off, at another address, full of other viewers, or has another key "
        "and keeps silent.",
        "Power the camera anew, look its address up in your router, and fetch its keys again if it was set "
        "up anew.",
    ),
    Diagnosis.ASLEEP: (
        "Nothing answers, and this model sleeps most of the time to save its battery.",
        "Wake it (its button, or somebody in front of it) and check again within some seconds.",
    ),
    Diagnosis.PORT_CLOSED: (
        "A device is at the address, and says that nothing listens there: a camera that is starting, or no "
        "camera.",
        "Wait a minute and check again; then look the camera's address up in your router.",
    ),
    Diagnosis.NO_DTLS: (
        "The camera answers, but not the encrypted handshake: its firmware is too old for it, or too new.",
        "Update its firmware in the vendor's app, and tell us model and firmware.",
    ),
    Diagnosis.WRONG_KEY: (
        "The camera has another key than was given: it was set up anew, or the key is another camera's.",
        "Fetch the camera's keys again.",
    ),
    Diagnosis.UPDATING: (
        "The camera is installing firmware.",
        "Wait some minutes and check again.",
    ),
    Diagnosis.CHECKING: (
        "The camera is still asking the vendor whether its own key is right, as after a start without internet.",
        "Give it internet access for a minute, or wait; then check again.",
    ),
    Diagnosis.OFF: (
        "The camera says that it is switched off.",
        "Switch it on in the vendor's app.",
    ),
    Diagnosis.REFUSED: (
        "The camera is there and says no: most often it has too many viewers already.",
        "Close other viewers (the vendor's app, bridges), and check again.",
    ),
    Diagnosis.BUSY: (
        "The camera has the key and then falls silent before the log-in is done: most often it has too many "
        "viewers already.",
        "Close other viewers (the vendor's app, bridges), and check again.",
    ),
    Diagnosis.HUNG_UP: (
        "The camera let us in and hung up before it sent a picture.",
        "Close other viewers, power it anew, and check again.",
    ),
    Diagnosis.PROTOCOL_FAULT: (
        "Something answers that makes no sense.",
        "Tell us model and firmware: this may be a new firmware.",
    ),
    Diagnosis.NO_MEDIA: (
        "The camera lets us in and sends no picture.",
        "Power it anew; if that does not help, tell us model and firmware.",
    ),
    Diagnosis.NO_KEY_FRAME: (
        "Pictures come, but none with which decoding could begin.",
        "Tell us model and firmware, with this report.",
    ),
    Diagnosis.WEAK_NETWORK: (
        "It plays, but much gets lost on the way.",
        "Move the camera or the access point, or lower the camera's resolution.",
    ),
    Diagnosis.SLOW: (
        "It plays, but takes more than a second to answer.",
        "Close other viewers; a weak Wi-Fi does it, too.",
    ),
    Diagnosis.MUTE_COMMANDS: (
        "It plays, but answers no command: it cannot be controlled on the local network.",
        "Tell us model and firmware, with this report.",
    ),
    Diagnosis.NO_SOUND: (
        "It plays, and announces sound that does not come.",
        "Switch its sound on in the vendor's app, or switch sound off for it here.",
    ),
}
"""What it comes to: the cause, and the next step."""

NOTES: Mapping[Note, str] = {
    Note.REORDERED: "pictures overtake each other on the way, and are put in order here",
    Note.GAPS: "frame numbers leave gaps although nothing was lost",
    Note.RARE_KEYS: "key frames are far apart: pictures come late, and motion is seen late",
    Note.CLOCK: "the camera's clock is wrong by more than a minute",
    Note.UNKNOWN_MODEL: "the model is not in the table of models yet",
    Note.OTHER_MODEL: "the camera calls itself by another model than was entered",
}

FIGURES: Mapping[str, str] = {
    "answers": "answers",
    "answer_seconds": "seconds for one answer",
    "survey_seconds": "seconds for all of them",
    "sound_announced": "sound announced",
    "speaker": "speaker announced",
    "wifi_signal": "Wi-Fi signal",
    "card": "SD card",
    "battery": "battery",
    "pictures": "pictures",
    "key_frames": "key frames",
    "pictures_per_second": "pictures per second",
    "announced_per_second": "announced per second",
    "video": "video",
    "bytes": "bytes",
    "numbers_skipped": "frame numbers skipped",
    "numbers_backwards": "frame numbers that went backwards",
    "sounds": "packets of sound",
    "audio": "sound",
    "sample_rate": "samples per second",
    "channels": "channels",
    "datagrams": "datagrams",
    "fragments_lost": "fragments lost",
    "late": "fragments too late",
    "reordered": "frames that waited for an older one",
    "frames_given_up": "frames given up",
    "frames_missing": "frames missing",
    "rejected": "records rejected",
    "malformed": "packets without sense",
    "loss_percent": "lost, percent",
    "seconds_to_key_frame": "seconds to the first key frame",
    "key_frame_interval": "longest time between key frames, seconds",
    "clock_ahead": "camera's clock ahead, seconds",
}

TRIALS: Mapping[Trial, str] = {
    Trial.GOES_ON: "A session that stands goes on without internet",
    Trial.LETS_IN: "The camera lets somebody in without internet",
    Trial.COMES_BACK: "The camera comes back after a power cut without internet",
}

ENDINGS: Mapping[Ending, str] = {Ending.YES: "yes", Ending.NO: "no", Ending.NOT_TRIED: "not tried"}

CUES: Mapping[Cue, str] = {
    Cue.CUT: "Now cut the camera off from the internet, in your router (not from this machine).",
    Cue.POWER: "Now unplug the camera, wait ten seconds, and plug it in again.",
}
