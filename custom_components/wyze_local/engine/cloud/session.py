"""An account that is signed in: its calls. How its tokens are kept is told in `tokens.py`."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from ..model import Account, Tokens
from .client import CloudClient
from .commands import Action, Property, carry_out, change
from .renewals import RefreshPolicy, Renewals
from .tokens import Keeper
from .values import CallRecord, CameraList, CloudEvent, Named, UserInfo

MAX_RECORDS = 50


class CloudSession:
    """The calls of one account. Close it when its entry ends.

    Raises CloudError only: `token_refused` while the next try of a renewal is waited for, `signed_out` when
    there is none any more. Never signs in by itself.
    """

    def __init__(
        self,
        client: CloudClient,
        account: Account,
        *,
        on_tokens: Callable[[Tokens], Awaitable[None]],
        policy: RefreshPolicy | None = None,
        renewals: Renewals | None = None,
        on_renewals: Callable[[Renewals], Awaitable[None]] | None = None,
    ) -> None:
        """Begin with the account's tokens, and what an earlier session of theirs has tried.

        `on_tokens` writes a renewed pair down and returns when it is safe; an EngineError or OSError of it
        means that it is not, and it is asked again at the next call. `on_renewals` is handed what the next
        session is to begin with as `renewals`; what it cannot write down is not tried.
        """
        self._client = client
        self._account = account
        self._keeper = Keeper(
            account.tokens,
            lambda tokens: client.refresh(tokens, account.phone_id, note=self.calls.append),
            on_tokens,
            clock=client.clock,
            rng=client.rng,
            policy=policy or RefreshPolicy(),
            renewals=renewals,
            note=on_renewals,
        )
        client.mind(self._keeper)
        self.calls: deque[CallRecord] = deque(maxlen=MAX_RECORDS)
        """The newest calls, for diagnostics."""

    @property
    def account(self) -> Account:
        """The account with the tokens that are in use."""
        return replace(self._account, tokens=self._keeper.tokens)

    @property
    def signed_out(self) -> bool:
        """Whether the vendor takes neither the tokens nor their renewal: only a new log-in helps."""
        return self._keeper.signed_out

    async def close(self) -> None:
        """End. Calls under way are given up (`ended`), and none begins any more.

        A renewal that is under way comes to its end, which takes 36 seconds at most.
        """
        await self._keeper.close()

    async def user(self, *, early: bool = True) -> UserInfo:
        """Return whose account it is; with `early` off, tokens are renewed only when they are refused."""
        return await self._keeper.ask(
            lambda tokens: self._client.user(tokens, self._account.phone_id, note=self.calls.append),
            early=early,
        )

    async def cameras(self) -> CameraList:
        """Return all cameras of the account, with their keys and states, by one call."""
        return await self._keeper.ask(
            lambda tokens: self._client.cameras(tokens, self._account.phone_id, note=self.calls.append)
        )

    async def properties(self, camera: Named) -> dict[Property, str]:
        """Return what the vendor knows of a camera's states; what it does not know is missing."""
        return await self._keeper.ask(
            lambda tokens: self._client.properties(
                tokens, self._account.phone_id, camera, note=self.calls.append
            )
        )

    async def set_property(self, camera: Named, what: Property, value: str) -> bool:
        """Change a state and see that it has changed; returns False where nothing tells.

        Raises `ignored` when it has not within 7 seconds.
        """
        return await change(self, self._client.clock, camera, what, value)

    async def act(self, camera: Named, action: Action) -> bool:
        """Have a camera do something and see that it did; returns False where nothing tells.

        Raises `ignored`.
        """
        return await carry_out(self, self._client.clock, camera, action)

    async def events(
        self, since: float, until: float, cameras: Iterable[Named] = ()
    ) -> tuple[CloudEvent, ...]:
        """Return the newest 20 events between two moments (seconds since 1970), oldest first.

        Of all cameras when none is named.
        """
        macs = [camera.mac for camera in cameras]
        return await self._keeper.ask(
            lambda tokens: self._client.events(
                tokens, self._account.phone_id, since, until, macs, note=self.calls.append
            )
        )

    async def send_property(self, camera: Named, what: Property, value: str) -> None:
        """Ask for a change without looking whether it came."""
        await self._keeper.ask(
            lambda tokens: self._client.set_property(
                tokens, self._account.phone_id, camera, what, value, note=self.calls.append
            )
        )

    async def send_action(self, camera: Named, action: Action) -> None:
        """Ask for an action without looking whether it was done."""
        await self._keeper.ask(
            lambda tokens: self._client.act(
                tokens, self._account.phone_id, camera, action, note=self.calls.append
            )
        )
