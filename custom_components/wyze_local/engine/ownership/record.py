"""The state as a JSON value for the vault, and back. Strict: one form is right, whatever else is refused.

Whole numbers, texts, truths, lists and objects only, as vaults hold them.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any

from ..model import EngineError, InvalidField
from .evidence import Word, hashed, model_id
from .state import Absence, Account, Apart, Candidate, Known, Ours, Pin, Refusals, State, Waiting
from .words import Cause, Invariant

type JSON = bool | int | str | list[JSON] | dict[str, JSON] | None

VERSION = 1
_OURS, _WAITING, _APART = "ours", "waiting", "apart"
_APART_WORDS = (Word.LEFT_OUT, Word.NOT_MINE, Word.SOLD)
_MOST = 1 << 53


class RecordError(EngineError):
    """What was kept cannot be read. The reason is `ownership_damaged` or `ownership_too_new`."""


class _NotStrict(ValueError):
    """A value is not what the writer would have written."""


def state_to_json(state: State) -> dict[str, JSON]:
    """Return the state as a JSON value, in the one form that is read back."""
    cameras: dict[str, JSON] = {key: _known_to_json(known) for key, known in sorted(state.cameras.items())}
    elsewhere: dict[str, JSON] = dict(sorted(state.elsewhere.items()))
    return {
        "version": VERSION,
        "owner": state.owner,
        "now": state.now,
        "account": _plain(asdict(state.account)),
        "cameras": cameras,
        "elsewhere": elsewhere,
    }


def state_from_json(value: JSON) -> State:
    """Return the state of a JSON value; raises RecordError for whatever `state_to_json` does not write."""
    if isinstance(value, dict) and isinstance(version := value.get("version"), int) and version > VERSION:
        raise RecordError(reason="ownership_too_new")
    try:
        _version, owner, now, account, cameras, elsewhere = _fields(
            value, "version", "owner", "now", "account", "cameras", "elsewhere"
        )
        state = State(
            owner=_hash(owner, optional=True),
            account=_account(account),
            cameras={_hash(key): _known_from_json(known) for key, known in _object(cameras).items()},
            elsewhere={_hash(key): _hash(uid, optional=True) for key, uid in _object(elsewhere).items()},
            now=_number(now),
        )
        # True is 1 and 1.0 is 1 to Python, and neither is to us.
        if not _same(value, state_to_json(state)):
            raise _NotStrict
    except _NotStrict, InvalidField:
        raise RecordError(reason="ownership_damaged") from None
    return state


def _plain(value: Mapping[str, Any]) -> dict[str, JSON]:
    return {key: str(part) if isinstance(part, StrEnum) else part for key, part in value.items()}


def _known_to_json(known: Known) -> JSON:
    match known:
        case Ours():
            return {
                "kind": _OURS,
                "pin": _plain(asdict(known.pin)),
                "candidate": None if known.candidate is None else asdict(known.candidate),
                "refusals": asdict(known.refusals),
                "absence": asdict(known.absence),
            }
        case Waiting(keys, uid, model, asked):
            return {"kind": _WAITING, "keys": keys, "uid": uid, "model": model, "asked": asked}
        case Apart(why):
            return {"kind": _APART, "why": str(why)}


def _known_from_json(value: JSON) -> Known:
    match _object(value).get("kind"):
        case "ours":
            _kind, pin, candidate, refusals, absence = _fields(
                value, "kind", "pin", "candidate", "refusals", "absence"
            )
            return Ours(
                _pin(pin),
                None if candidate is None else _candidate(candidate),
                _refusals(refusals),
                _absence(absence),
            )
        case "waiting":
            _kind, keys, uid, model, asked = _fields(value, "kind", "keys", "uid", "model", "asked")
            return Waiting(
                _hash(keys, optional=True), _hash(uid, optional=True), _model(model), _truth(asked)
            )
        case "apart":
            _kind, why = _fields(value, "kind", "why")
            if why not in _APART_WORDS:
                raise _NotStrict
            return Apart(Word(_text(why)))
    raise _NotStrict


def _pin(value: JSON) -> Pin:
    keys, uid, model, since, by = _fields(value, *_names(Pin))
    if by not in tuple(Cause):
        raise _NotStrict
    return Pin(
        _hash(keys, optional=True),
        _hash(uid, optional=True),
        _model(model),
        _number(since),
        Cause(_text(by)),
    )


def _candidate(value: JSON) -> Candidate:
    keys, uid, asked, works, old_refused = _fields(value, *_names(Candidate))
    return Candidate(
        _hash(keys), _hash(uid, optional=True), _truth(asked), _truth(works), _truth(old_refused)
    )


def _refusals(value: JSON) -> Refusals:
    count, first, suspect = _fields(value, *_names(Refusals))
    return Refusals(_count(count), _number(first), _truth(suspect))


def _absence(value: JSON) -> Absence:
    count, since = _fields(value, *_names(Absence))
    return Absence(_count(count), _number(since))


def _account(value: JSON) -> Account:
    frozen_by, bad_at, owner_seen, watched, clean, clean_at, doubtful, recovering, well_at, signed_out = (
        _fields(value, *_names(Account))
    )
    if frozen_by is not None and frozen_by not in tuple(Invariant):
        raise _NotStrict
    return Account(
        frozen_by=None if frozen_by is None else Invariant(_text(frozen_by)),
        bad_at=_number(bad_at),
        owner_seen=_truth(owner_seen),
        watched=_truth(watched),
        clean=_count(clean),
        clean_at=_number(clean_at),
        doubtful=_count(doubtful),
        recovering=_truth(recovering),
        well_at=None if well_at is None else _number(well_at),
        signed_out=_truth(signed_out),
    )


def _names(of: type[Pin | Candidate | Refusals | Absence | Account]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(of))


def _fields(value: JSON, *names: str) -> list[JSON]:
    found = _object(value)
    if found.keys() != {*names}:
        raise _NotStrict
    return [found[name] for name in names]


def _object(value: JSON) -> dict[str, JSON]:
    if not isinstance(value, dict):
        raise _NotStrict
    return value


def _text(value: JSON) -> str:
    if not isinstance(value, str):
        raise _NotStrict
    return value


def _hash(value: JSON, *, optional: bool = False) -> str:
    hashed("hash", _text(value), optional=optional)
    return _text(value)


def _model(value: JSON) -> str:
    model_id(_text(value))
    return _text(value)


def _truth(value: JSON) -> bool:
    if not isinstance(value, bool):
        raise _NotStrict
    return value


def _number(value: JSON) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _MOST:
        raise _NotStrict
    return value


def _count(value: JSON) -> int:
    if _number(value) < 0:
        raise _NotStrict
    return _number(value)


def _same(one: JSON, other: JSON) -> bool:
    """Compare as texts, where Python would take a truth for a number."""
    return repr(one) == repr(other) if not isinstance(one, dict) else _same_object(one, other)


def _same_object(one: dict[str, JSON], other: JSON) -> bool:
    return (
        isinstance(other, dict)
        and one.keys() == other.keys()
        and all(_same(value, other[key]) for key, value in one.items())
    )
