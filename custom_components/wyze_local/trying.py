"""What a person wants tried of a list, as words on each of its cameras: pure."""

from collections.abc import Mapping

from .account_list import Listed
from .engine.ownership import Click, Ours, State, TestKeys, Waiting, Word


def clicks_to_try(listed: Mapping[str, Listed], state: State) -> list[Click]:
    """Return the words that let a list's cameras prove themselves: new ones, and ours with other keys."""
    return [
        Click(one.fingerprint, Word.TRY, one.told.keys, one.told.uid, one.told.model)
        for one in listed.values()
        if one.local and one.told.keys and _may_be_tried(one, state)
    ]


def _may_be_tried(listed: Listed, state: State) -> bool:
    """Tell whether trying a camera can change anything; what a person has said of it stays."""
    if listed.fingerprint in state.elsewhere:
        return False
    match state.cameras.get(listed.fingerprint):
        case None | Waiting():
            return True
        case Ours(pin=pin):
            return listed.told.keys != pin.keys
    return False


def is_asked(test: TestKeys, state: State) -> bool:
    """Tell whether it is a person who wants keys tried."""
    match state.cameras.get(test.camera):
        case Waiting(asked=asked):
            return asked
        case Ours(candidate=candidate) if candidate is not None:
            return candidate.asked
    return False
