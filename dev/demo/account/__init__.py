"""The account's story: a sign-in through the pages, cameras that play, a log-out of everybody, a new sign-in.

`town` is the stage, `story` is what happens on it.
"""

from .story import account, account_alone
from .town import Town

__all__ = ["Town", "account", "account_alone"]
