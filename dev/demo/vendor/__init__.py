"""What the vendor's cloud did to people, done to an account while its cameras are watched.

Five plays, each of which can be played alone or all in one Home Assistant: `outage` (16 February 2024),
`token_storm` (December 2019), `web_cache` (September 2023), `cloud_slow` and `wrong_account`. `town` is the
stage, `audience` watches, `eyes`, `ears` and `ties` notice, `strangers` looks for what is somebody else's,
`story` is what the plays are written with, `play` plays them.

Time is scaled by policy, not by a clock: what the integration waits an hour for takes `HOUR` seconds here.
What the network itself needs (timeouts, handshakes) takes as long as ever.
"""

from .play import PLAYS, play

__all__ = ["PLAYS", "play"]
