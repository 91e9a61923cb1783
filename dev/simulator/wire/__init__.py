"""The bytes a camera speaks on the LAN: pure functions and sans-IO state, no sockets, no clocks.

From the outside in: `transcode` and `iotc` (datagrams), `dtls` (records), `av` (packets inside a
record), `hl` (commands) and `media` (pictures and sound). `keys` and `xxtea` derive and answer.
"""


class WireError(ValueError):
    """Bytes that do not follow the protocol; the datagram is dropped."""
