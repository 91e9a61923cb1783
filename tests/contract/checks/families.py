"""Texts whose keys are made of a word and an engine's reason, as `f"vault_{err.reason}"` is.

A family is every key that such a form can have. Where the engine lists its reasons they are taken from
there; where it only raises them, they are brought about by asking for everything that is wrong.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, partial

from custom_components.wyze_local.camera_check import CHECK_FAILURES
from custom_components.wyze_local.clip_trouble import FolderTrouble
from custom_components.wyze_local.clips_folder import FolderFault
from custom_components.wyze_local.control_state import OWN_REASONS
from custom_components.wyze_local.engine.cloud import CloudReason
from custom_components.wyze_local.engine.model import (
    CameraNetworks,
    Credentials,
    InvalidField,
    StreamAddress,
    parse_name,
    parse_wyze_link,
    parse_zones,
)
from custom_components.wyze_local.engine.stream import RemoteAccess, parse_own_host
from custom_components.wyze_local.engine.stream.errors import (
    BinaryError,
    ExternalError,
    PortTaken,
    ServerDown,
    StartFailed,
)
from custom_components.wyze_local.engine.uplink import Why
from custom_components.wyze_local.engine.vault import VaultReason
from custom_components.wyze_local.record_errors import RECORD_TROUBLES
from custom_components.wyze_local.server_errors import START_REASONS
from custom_components.wyze_local.speakers import OWN_TROUBLES
from custom_components.wyze_local.status import EXPLAINED, LASTING, STREAM_FAILURES
from custom_components.wyze_local.webrtc import OWN_DOING

# What a vault never says to somebody who saves or creates: nothing is left out, a disk can fail at any time.
_VAULT = frozenset(f"vault_{reason.value}" for reason in VaultReason)

_GOOD = {"address": "127.0.0.9", "uid": "A" * 20, "enr": "a" * 16, "mac": "0" * 12, "model": "HL_CAM4"}
_BAD = ("", "   ", "x" * 600, "a\nb", "\u202eabc", "?", "camera.local", "exec:x", "#", "-")
_QUERY = "uid=" + "A" * 20 + "&enr=" + "a" * 16 + "&mac=" + "0" * 12
_BAD_LINKS = (
    "",
    "   ",
    "x" * 5000,
    "nonsense",
    "wyze://",
    "wyze:///?x",
    "rtsp://127.0.0.9/x",
    f"wyze://user:word@127.0.0.9?{_QUERY}",
    f"wyze://127.0.0.9?{_QUERY}#hash",
    f"wyze://127.0.0.9?{_QUERY}&uid=B",
    f"wyze://127.0.0.9:0?{_QUERY}",
    f"wyze://127.0.0.9:99999?{_QUERY}",
    f"wyze://127.0.0.9/path?{_QUERY}",
    "wyze://127.0.0.9?%ff=%ff",
)
_BAD_STREAMS = (
    ("", "", ""),
    ("rtsp://127.0.0.9/" + "a" * 3000, "", ""),
    ("rtsp://127.0.0.9/two words", "", ""),
    ("nonsense", "", ""),
    ("exec:x", "", ""),
    ("rtsp://127.0.0.9/x#timeout=1", "", ""),
    ("rtsp://", "", ""),
    ("rtsp://camera.local/x", "", ""),
    ("rtsp://[::1]/x", "", ""),
    ("rtsp://127.0.0.9:0/x", "", ""),
    ("rtsp://a:b@c@127.0.0.9/x", "", ""),
    ("rtsp://a:b@127.0.0.9/x", "a", ""),
    *(("rtsp://127.0.0.9/x", user, "x") for user in ("", "a:b", "a\nb", "x" * 600)),
    *(("rtsp://127.0.0.9/x", "x", password) for password in ("a\nb", "x" * 600)),
)
_BAD_NETWORKS = (["x"], ["0.0.0.0/0"], ["224.0.0.0/8"], [f"10.{n}.0.0/16" for n in range(40)])


def _caught(call: Callable[[], object]) -> Iterator[str]:
    try:
        call()
    except InvalidField as err:
        yield f"{err.field}_{err.reason}"


@cache
def _fields() -> frozenset[str]:
    """Every complaint about what can be typed for a camera."""
    found: set[str] = set()
    for bad in _BAD:
        found |= {key for name in _GOOD for key in _caught(partial(_credentials, {name: bad}))}
    for port in (0, -1, 65536):
        found.update(_caught(partial(_credentials, {}, port)))
    for name in (*_BAD, "x" * 65):
        found.update(_caught(partial(parse_name, name)))
    for url, user, password in _BAD_STREAMS:
        found.update(_caught(partial(StreamAddress.parse, url, user=user, password=password)))
    for link in _BAD_LINKS:
        found.update(_caught(partial(parse_wyze_link, link)))
    return frozenset(found)


def _credentials(changes: dict[str, str], port: int = 1) -> Credentials:
    typed = _GOOD | changes
    return Credentials.parse(
        address=typed["address"],
        uid=typed["uid"],
        enr=typed["enr"],
        mac=typed["mac"],
        model=typed["model"],
        port=port,
    )


@cache
def _networks() -> frozenset[str]:
    """Every complaint about a list of networks."""
    return frozenset(key for bad in _BAD_NETWORKS for key in _caught(partial(CameraNetworks.parse, bad)))


@cache
def _server() -> frozenset[str]:
    """What may be wrong when a stream server is looked for and started; the rest has one text for all."""
    found = {PortTaken.reason, StartFailed.reason, ServerDown.reason}
    for kind in (BinaryError, StartFailed, ExternalError):
        listed = re.search(r"Reasons: ([^.]+)\.", kind.__doc__ or "")
        assert listed, f"{kind.__name__} no longer lists its reasons"
        found |= set(re.findall(r"`(\w+)`", listed[1]))
    assert found <= START_REASONS, f"no text for {found - START_REASONS}"
    return frozenset(f"server_{reason}" for reason in START_REASONS)


_BAD_SERVERS = (
    *(
        (url, "", "")
        for url in ("", "x" * 600, "nvr", "http://a@nvr", "http://nvr?", "http://nvr:0", "http://")
    ),
    *(("http://nvr", user, "x") for user in ("x" * 300, "a:b", "")),
    *(("http://nvr", "x", password) for password in ("x" * 300, "a\nb")),
)


@cache
def _external() -> frozenset[str]:
    """Every complaint about the address and the login of an external stream server."""
    keys = {key for typed in _BAD_SERVERS for key in _caught(partial(RemoteAccess.parse, *typed))}
    keys |= {key for bad in _BAD for key in _caught(partial(parse_own_host, bad, "host"))}
    return frozenset(f"external_{key.partition('_')[2]}" for key in keys)


_ZONE = {"name": "a", "left": 0.0, "top": 0.0, "width": 1.0, "height": 1.0}
# As the form can hold them: its numbers are percent within limits, and without a name there is no zone.
_BAD_ZONES = (
    [_ZONE | {"left": 0.5}],
    [_ZONE, _ZONE],
    [_ZONE | {"name": "x" * 50}],
    [_ZONE | {"name": "\u202e"}],
)


@cache
def _zones() -> frozenset[str]:
    """Every complaint about zones that can be typed."""
    keys = {key for zones in _BAD_ZONES for key in _caught(partial(parse_zones, zones))}
    reasons = (key.removeprefix("zone_").removeprefix("zones_").removeprefix("name_") for key in keys)
    return frozenset(f"motion_{reason}" for reason in reasons)


def _connections(word: str) -> frozenset[str]:
    return frozenset(f"{word}_{connection.value}" for connection in EXPLAINED)


_FAMILIES: dict[str, Callable[[], frozenset[str]]] = {
    "vault_{reason}": lambda: _VAULT,
    "cloud_{reason}": lambda: frozenset(f"cloud_{reason.value}" for reason in CloudReason),
    "server_{reason}": _server,
    "clips_folder_{value}": lambda: frozenset(f"clips_folder_{fault.value}" for fault in FolderFault),
    "motion_{reason}": _zones,
    "networks_{reason}": _networks,
    "external_{reason}": _external,
    "{field}_{reason}": _fields,
    "dial_{value}": lambda: _connections("dial"),
    "stream_{value}": lambda: frozenset(f"stream_{connection.value}" for connection in STREAM_FAILURES),
    "camera_{value}": lambda: _connections("camera"),
    "lasting_{value}": lambda: frozenset(f"lasting_{connection.value}" for connection in LASTING),
    # A person's check is what an outage does not forbid.
    "unchecked_{value}": lambda: frozenset(f"unchecked_{why.value}" for why in Why if why is not Why.OFFLINE),
    "clips_{value}": lambda: frozenset(f"clips_{trouble.value}" for trouble in FolderTrouble),
    "control_{reason}": lambda: frozenset(f"control_{reason}" for reason in OWN_REASONS),
    "viewer_{reason}": lambda: frozenset(f"viewer_{reason}" for reason in OWN_DOING),
    "record_{word}": lambda: frozenset(f"record_{word}" for word in {*RECORD_TROUBLES.values(), "failed"}),
    "check_failed_{word}": lambda: frozenset(f"check_failed_{word}" for word in CHECK_FAILURES),
    "speech_{word}": lambda: frozenset(f"speech_{word}" for word in OWN_TROUBLES.values()),
}


def family(form: str) -> frozenset[str] | None:
    """Return every key of a form, or None when there is no such family."""
    return known() if (known := _FAMILIES.get(form)) else None
