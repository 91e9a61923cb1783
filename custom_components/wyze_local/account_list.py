"""An account's list beside what an entry has: pure. It decides nothing that a proof has to decide."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from .engine.catalog import Catalog, LocalVideo
from .engine.cloud import CameraList, CloudCamera, Heard, Locality
from .engine.model import Credentials, InvalidField, StreamAddress, Way, parse_mac, parse_name
from .engine.ownership import AccountAnswer, Listed as Told, Quality
from .engine.vault import CameraRecord
from .installation import Installation
from .mixed_up import told_twice

MAX_BEHIND = 300.0
"""Seconds that the time of an answer may differ from ours."""
MAX_AGE = 60.0
"""Seconds that an answer to a question with a token may have lain in a cache."""

_KNOWN = {LocalVideo.YES: True, LocalVideo.NO: False, LocalVideo.UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class Listed:
    """A camera of the list. Personal: never logged."""

    fingerprint: str
    name: str
    """Empty where it is none that can be shown."""
    credentials: Credentials | None
    """None where the vendor left out too much, or tells the same of another one."""
    told: Told
    """The same in keyed hashes, of whatever was told."""
    local: bool
    """Whether it may have pictures on the local network, as far as list and catalog can tell."""


def read_list(
    found: CameraList, catalog: Catalog, installation: Installation
) -> tuple[dict[str, Listed], int]:
    """Return the cameras of a list by their keyed hash, and how many could not be understood."""
    listed: dict[str, Listed] = {}
    unreadable, twice = found.unreadable, told_twice(found.cameras)
    for camera in found.cameras:
        try:
            fingerprint = installation.fingerprint_of(parse_mac(camera.mac.reveal()))
        except InvalidField:
            # What needs the cloud may have an id of another form, and is no riddle for it.
            unreadable += _may_be_local(camera, catalog)
            continue
        way = camera.credentials() if twice.isdisjoint({camera.uid, camera.enr}) else None
        keys = installation.keys_of(camera.uid, camera.enr)
        told = Told(fingerprint, keys, installation.uid_of(camera.uid), camera.model)
        listed[fingerprint] = Listed(fingerprint, _name(camera), way, told, _may_be_local(camera, catalog))
    return listed, unreadable


def _may_be_local(camera: CloudCamera, catalog: Catalog) -> bool:
    locality, _ = camera.locality(_KNOWN[catalog.model(camera.model).local])
    return locality is not Locality.NEEDS_CLOUD


def _name(camera: CloudCamera) -> str:
    try:
        return parse_name(camera.nickname)
    except InvalidField:
        return ""


def new_cameras(listed: Mapping[str, Listed], known: Iterable[str], ignored: Iterable[str]) -> list[Listed]:
    """Return those that nobody has here and that the person did not refuse."""
    left_out = {*known, *ignored}
    return [one for one in listed.values() if one.fingerprint not in left_out]


def changed_way(listed: Listed, record: CameraRecord | None) -> Credentials | None:
    """Return how the list says that a known camera is reached, if it is in another way than so far."""
    if listed.credentials is None:
        return None
    if record is None:
        return listed.credentials
    return other_way(listed.credentials, record.camera.credentials)


def other_way(told: Credentials, ours: Way) -> Credentials | None:
    """Return how a camera is reached by what the vendor tells, if that is another way than so far."""
    if isinstance(ours, StreamAddress):
        return None
    # The list tells no port, and a model is no part of the way.
    theirs = replace(told, port=ours.port, model=ours.model or told.model)
    return None if replace(theirs, model=ours.model) == ours else theirs


def as_evidence(listed: Mapping[str, Listed], heard: Heard, known: Collection[str]) -> AccountAnswer:
    """Return what a list says about whose it is; `known` are the cameras that something is known of.

    Of what can never be a camera here nothing is at stake beside what is known: doorbells that need the cloud
    are no crowd of strangers. Where nothing in the list is known, all of it may be somebody else's.
    """
    familiar = not known or not listed.keys().isdisjoint(known)
    cameras = [one.told for one in listed.values() if one.local or one.fingerprint in known or not familiar]
    return AccountAnswer(quality=quality_of(heard), cameras=tuple(cameras))


def quality_of(heard: Heard) -> Quality:
    """Return how an answer came, by what its headers say."""
    if heard.from_cache or heard.age > MAX_AGE:
        return Quality.CACHED
    if heard.behind is not None and abs(heard.behind) > MAX_BEHIND:
        return Quality.STALE
    return Quality.FRESH
