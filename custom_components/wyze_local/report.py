"""What may be told of an entry to anybody: an allow-list as types, shown by diagnostics and system health.

Nothing here names or identifies a person, a camera or a home: verdicts, versions, counts, times. What is not
a field here is in none of the views.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .account_status import ListCounts
from .cameras import is_account
from .clip_report import ClipsReport, clips_report
from .const import CONF_ACCOUNT, CONF_IGNORED
from .coordinator import CamerasCoordinator
from .engine.cloud import CallRecord
from .engine.relay import CameraStats
from .engine.watch import WatchState
from .entry import WyzeLocalConfigEntry
from .entry_vault import EntryVault
from .in_backup import key_in_backup
from .keys import async_get_keys
from .lan_only import is_lan_only
from .line import Line
from .shared import Shared
from .status import CameraStatus
from .trust_report import TrustReport


@dataclass(frozen=True, slots=True)
class EntryReport:
    """How Home Assistant stands with an entry."""

    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class RelayReport:
    """How the relay stands."""

    phase: str
    reason: str
    restarts: int


@dataclass(frozen=True, slots=True)
class ServerReport:
    """How the entry's stream server stands."""

    phase: str
    reason: str
    version: str
    restarts: int
    lost_pieces: int
    last_lines: tuple[str, ...]
    """What it printed last, without secrets."""


@dataclass(frozen=True, slots=True)
class VaultReport:
    """How the entry's vault stands, and the key file that all of them share."""

    open: bool
    passphrase: bool | None
    """Whether a recovery passphrase opens it, too; None while nobody knows."""
    key_place: str
    """`own`, or `chosen` by the person."""
    key_in_backup: str
    """Whether a backup would carry the key file along, in the words of `in_backup.py`."""


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """How the watch worker stands."""

    phase: str
    reason: str
    restarts: int
    cameras: int
    """How many it watches for all entries."""


@dataclass(frozen=True, slots=True)
class CameraReport:
    """One camera."""

    model: str | None
    scheme: str | None
    proven: bool | None
    connection: str
    available: bool
    since: str
    has_still: bool
    engine: str | None
    relayed: bool | None
    firmware: str
    figures: CameraStats | None
    watch: WatchState


@dataclass(frozen=True, slots=True)
class CallReport:
    """One call to the vendor: no content."""

    name: str
    status: str
    duration_ms: int
    at: str


@dataclass(frozen=True, slots=True)
class UplinkReport:
    """How the line to the vendor stands."""

    state: str
    since: str
    why: str | None
    next_try: str | None
    may_change: bool
    """Whether what the vendor says is taken over."""
    clean_lists: int
    """Of a recovery, so far."""


@dataclass(frozen=True, slots=True)
class AccountReport:
    """A vendor account."""

    way: str
    """`signed_in` or `one_time`."""
    ignored: int
    """Cameras that the person does not want."""
    lan_only: bool
    """Whether the vendor is left alone."""
    state: str | None = None
    since: str | None = None
    listed_at: str | None = None
    key_days: int | None = None
    """How many days ago the developer key was given."""
    counts: ListCounts | None = None
    trust: TrustReport | None = None
    uplink: UplinkReport | None = None
    """None while the vendor is left alone by a person's wish."""
    calls: tuple[CallReport, ...] = ()
    clock_ahead_s: int | None = None
    """By how many seconds this machine's clock is ahead of the vendor's, as of the newest answer."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything."""

    entry: EntryReport
    relay: RelayReport
    worker: WorkerReport
    vault: VaultReport
    clips: ClipsReport
    account: AccountReport | None = None
    stream_server: ServerReport | None = None
    camera_networks: Mapping[str, int] = field(default_factory=dict)
    """How many camera networks there are of each size."""
    cameras: Mapping[str, CameraReport] = field(default_factory=dict)
    """The cameras by their keys, which are in no view."""

    def view(self, *, camera_key: str | None = None) -> dict[str, Any]:
        """Return the report as JSON has it; with a camera key it tells of that camera only."""
        wanted = self.cameras if camera_key is None else {camera_key: self.cameras.get(camera_key)}
        cameras = [asdict(one) for one in wanted.values() if one is not None]
        return {**asdict(self), "cameras": cameras}


@callback
def make_report(hass: HomeAssistant, entry: WyzeLocalConfigEntry, shared: Shared) -> Report:
    """Return what may be told of an entry; less of one that is not loaded."""
    relay = shared.relaying.state
    report = Report(
        EntryReport(entry.state.value, entry.error_reason_translation_key),
        RelayReport(relay.phase.value, relay.reason, relay.restarts),
        _worker(shared),
        _vault(hass, None),
        clips_report(shared.clips.keeper),
        _account(entry, shared),
    )
    if entry.state is not ConfigEntryState.LOADED:
        return report
    data = entry.runtime_data
    coordinator = data.coordinator
    sizes = Counter(f"/{network.prefixlen}" for network in coordinator.networks.networks)
    return replace(
        report,
        vault=_vault(hass, data.vault),
        stream_server=_server(coordinator),
        camera_networks=dict(sizes),
        cameras={key: _camera(coordinator, key, status) for key, status in coordinator.data.items()},
    )


def _worker(shared: Shared) -> WorkerReport:
    worker, cameras = shared.watching.worker, len(shared.watching.cameras)
    return WorkerReport(worker.phase.value, worker.reason, worker.restarts, cameras)


def _server(coordinator: CamerasCoordinator) -> ServerReport:
    server = coordinator.server
    state = server.state
    return ServerReport(
        phase=state.phase.value,
        reason=state.reason,
        version=state.version,
        restarts=state.restarts,
        lost_pieces=server.lost_pieces,
        last_lines=state.last_lines[-40:],
    )


def _camera(coordinator: CamerasCoordinator, camera_key: str, status: CameraStatus) -> CameraReport:
    relaying = coordinator.shared.relaying
    watched, stills = coordinator.watched(camera_key), coordinator.stills(camera_key)
    camera = watched.record.camera if watched else None
    return CameraReport(
        model=camera.credentials.model if camera else None,
        scheme=getattr(camera.credentials, "scheme", "lan") if camera else None,
        proven=camera.proven if camera else None,
        connection=status.connection.value,
        available=status.available,
        since=status.since.isoformat(),
        has_still=stills is not None and stills.last is not None,
        engine=watched.settings.engine.value if watched else None,
        relayed=watched.settings.relayed if watched else None,
        firmware=relaying.facts(camera_key).firmware,
        figures=relaying.stats(camera_key) if camera_key in relaying.cameras else None,
        watch=coordinator.shared.watching.state(camera_key),
    )


def _account(entry: WyzeLocalConfigEntry, shared: Shared) -> AccountReport | None:
    if not is_account(entry):
        return None
    known = entry.data[CONF_ACCOUNT], len(entry.data[CONF_IGNORED]), is_lan_only(entry)
    account = entry.runtime_data.account if entry.state is ConfigEntryState.LOADED else None
    if account is None:
        return AccountReport(*known)
    status = account.data
    return AccountReport(
        *known,
        state=status.state.value,
        since=status.since.isoformat(),
        listed_at=status.listed_at.isoformat() if status.listed_at else None,
        key_days=account.key_days,
        counts=status.counts,
        trust=TrustReport.of(account),
        uplink=None if account.lan_only else _uplink(account.line),
        calls=tuple(map(_call, account.calls)),
        clock_ahead_s=None if account.lan_only else _clock_ahead(shared),
    )


def _clock_ahead(shared: Shared) -> int | None:
    skew = shared.cloud_client().clock_skew
    return None if skew is None else round(skew)


def _uplink(line: Line) -> UplinkReport:
    status = line.status
    return UplinkReport(
        state=status.state.value,
        since=status.since.isoformat(),
        why=status.why.value if status.why else None,
        next_try=status.next_try.isoformat() if status.next_try else None,
        may_change=line.may_change,
        clean_lists=line.lists,
    )


def _call(call: CallRecord) -> CallReport:
    at = datetime.fromtimestamp(call.at, UTC).isoformat()
    return CallReport(call.name, call.status, call.duration_ms, at)


def _vault(hass: HomeAssistant, vault: EntryVault | None) -> VaultReport:
    key = async_get_keys(hass).places.current
    return VaultReport(
        open=vault is not None and vault.is_open,
        passphrase=vault.has_passphrase if vault else None,
        key_place="chosen" if key.chosen else "own",
        key_in_backup=key_in_backup(hass, key.path),
    )
