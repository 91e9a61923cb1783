"""The account's story: a sign-in through the pages, cameras that play, a log-out of everybody, a new sign-in.

`pages` clicks through Home Assistant's dialogs as a person does, `cloud` speaks to the fake vendor cloud's
control API, `town` is the stage, `story` is what happens on it.
"""

from .story import account, account_alone
from .town import Town

__all__ = ["Town", "account", "account_alone"]
