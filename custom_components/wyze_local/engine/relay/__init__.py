"""The relay: a child process that holds the one session of each camera and serves it on loopback RTSP.

This is the parent's side; importing it loads neither the LAN engine nor any cryptography:

    relay = Relay(clock=SystemClock(), rng=random.Random(), on_state=…, on_relay=…, on_remember=…)
    await relay.start()                             # one process for all cameras, kept running
    await relay.set_networks(networks)              # where cameras may be; none is dialled before
    await relay.add(key, credentials, token, remembered=text)
    relay.url(key)                                  # for other programs
    relay.url(key, watch=True)                      # for the watch worker, which is nobody who looks
    relay.url(key, opus=True)                       # for the stream server: browsers do not play AAC
    relay.url(key, twice=True)                      # for Home Assistant's own stream
    await relay.update(key, credentials=…)          # what is given; readers stay
    await relay.remove(key)
    await relay.stop()                              # nothing is left

Who holds it chooses a token per camera once per run of Home Assistant, so that URLs outlive the relay's
process. `add` before `start` is fine, and nothing has to be repeated after a crash: the next process gets
everything back. A reader is its own wish: the session is opened by DESCRIBE and lingers 30 s after the last
reader; `wish` opens it ahead of one, `always_on` keeps it.

`on_state(key, CameraState)` tells how a camera stands: `idle`, `connecting`, `live`, `stalled`, `lost`,
`refused`, with the reason; `states`, `stats` and `facts` can be asked at any time. `on_stats` brings new
figures every five seconds of a session, from which a `LossWindow` tells how weak the Wi-Fi is.
`on_relay(RelayState)` tells how the process does. `on_remember(key, text)` brings what lets readers attach
to a camera that is off, also after Home Assistant itself was restarted: keep the text, it is no secret.
`command`, `prove` and `ask(*search(…))`, which finds a camera that moved, go through the same process, so
that a camera never has more than one session and all handshakes pass one gate. `call` says something to a
camera that go2rtc holds, on a short session of its own.
"""

from ..child import ChildPhase as RelayPhase, ChildState as RelayState
from .asking import checking, search
from .calling import CallCommand, CallWay, call, leave
from .client import Relay
from .errors import RelayError
from .loss import LossWindow
from .records import nowhere
from .saying import say
from .states import Called, CameraFacts, CameraState, CameraStats, Phase

__all__ = [
    "CallCommand",
    "CallWay",
    "Called",
    "CameraFacts",
    "CameraState",
    "CameraStats",
    "LossWindow",
    "Phase",
    "Relay",
    "RelayError",
    "RelayPhase",
    "RelayState",
    "call",
    "checking",
    "leave",
    "nowhere",
    "say",
    "search",
]
