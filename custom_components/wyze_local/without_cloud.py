"""What of an account stands still while its vendor is not asked or does not answer, as one word."""

from enum import StrEnum

from .account import AccountCoordinator
from .account_status import AccountState
from .cameras import camera_names


class Stopped(StrEnum):
    """What has stopped. The value is the state of a sensor."""

    NOTHING = "nothing"
    NEWS = "news"
    """What the vendor tells of cameras: new ones, other names, addresses and keys."""
    NEWS_AND_KEYS = "news_and_keys"
    """That, and with it the pictures of cameras whose keys are missing here."""


_ANSWERS = frozenset({AccountState.CHECKING, AccountState.SIGNED_IN})


def stopped(account: AccountCoordinator) -> Stopped:
    """Tell what stands still. Pictures and commands on the local network never do."""
    if account.data.state in _ANSWERS and account.line.may_change:
        return Stopped.NOTHING
    return Stopped.NEWS_AND_KEYS if keys_missing(account) else Stopped.NEWS


def keys_missing(account: AccountCoordinator) -> int:
    """Count the account's cameras whose keys would have to come from the vendor."""
    known = account.config_entry.runtime_data.vault.records
    return sum(key not in known for key in camera_names(account.config_entry))
