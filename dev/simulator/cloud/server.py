"""The fake cloud: its servers, and everything that a test or the demo may do with it."""

import asyncio
import json
import ssl
import tempfile
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from .answers import Role
from .authority import Certificate, client_context, make_authority, server_contexts
from .devices import Device
from .door import Door
from .faults import KINDS, Fault, Faults
from .people import Factor, User, make_user
from .records import Call
from .serving import Server
from .world import World


class FakeCloud:
    """The vendor's cloud on this machine, over HTTPS, while the `async with` block runs.

    `folder` gets `ca.pem` and `cloud.json`, which tell a client whom to trust and where to ask; without one
    they lie in a folder that is gone at the end.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Make its authority; nothing listens before the block."""
        self.world = World()
        self.clock = self.world.clock
        self.tokens = self.world.tokens
        self.limits = self.world.limits
        self.faults = Faults()
        self.skew = 0.0
        """Seconds by which the `Date` header is ahead of the cloud's clock."""
        self._own_folder = None if folder else tempfile.TemporaryDirectory(prefix="fake-cloud-")
        self.folder = folder or Path(self._own_folder.name if self._own_folder else "")
        authority = make_authority("Fake cloud's authority")
        self._pem = authority.pem()
        contexts = server_contexts(authority)
        self._server = Server(self.world, self.faults, self._date)
        self.doors = {role: Door(self._server.serving(role, self._name_of), contexts) for role in Role}
        self._certificate = Certificate.GOOD

    async def __aenter__(self) -> Self:
        """Open."""
        try:
            for role, door in self.doors.items():
                await door.open()
                self.world.origins[role] = f"https://127.0.0.1:{door.port}"
            await asyncio.to_thread(self._write)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """Let go of whoever waits, and stop listening."""
        self.faults.clear()
        for door in self.doors.values():
            await door.close()
        if self._own_folder is not None:
            self._own_folder.cleanup()

    # For whoever asks it.

    @property
    def ca_path(self) -> Path:
        """The certificate of its authority."""
        return self.folder / "ca.pem"

    @property
    def file(self) -> Path:
        """A JSON file that tells another process of this machine where it is: origins and `ca.pem`."""
        return self.folder / "cloud.json"

    def hosts(self, name: str = "127.0.0.1") -> dict[str, str]:
        """Return its origins by role, under an address or a name of this machine."""
        found = {role.value: f"https://{name}:{door.port}" for role, door in self.doors.items()}
        return found | dict.fromkeys(("pictures", "alarms"), found[Role.API.value])

    def tls_context(self) -> ssl.SSLContext:
        """Return what a client needs to trust it."""
        return client_context(self._pem)

    # People and things.

    def add_user(
        self,
        email: str = "ann@example.org",
        password: str = "correct horse",  # noqa: S107 - invented
        *,
        factors: tuple[Factor, ...] = (),
        devices: list[Device] | None = None,
    ) -> User:
        """Give somebody an account, with one developer key."""
        user = make_user(email, password, factors=factors, devices=devices)
        self.world.users[email] = user
        return user

    def code(self, user: User) -> str:
        """Return what the person's authenticator app shows now."""
        return user.totp(self.clock.now())

    def secrets(self) -> dict[str, str]:
        """Return all that nobody may find outside a vault, by what it is."""
        return self.world.secrets()

    def invalidate(self, user: User | None = None, *, refresh_too: bool = True) -> None:
        """End the tokens of one person or of all, as the vendor did twice."""
        self.tokens.revoke(user.email if user else None, refresh_too=refresh_too)

    # Troubles.

    def fault(
        self,
        kind: str,
        endpoint: str | None = None,
        *,
        after: int = 0,
        times: int | None = None,
        user: str | None = None,
        **options: Any,
    ) -> Fault:
        """Spoil answers from now on; see `KINDS`. Raises ValueError for what there is not."""
        if kind not in KINDS:
            raise ValueError(f"there is no such fault; there are: {', '.join(KINDS)}")
        if endpoint is not None and endpoint not in self._server.names:
            raise ValueError(f"there is no such endpoint; there are: {', '.join(sorted(self._server.names))}")
        return self.faults.add(Fault(kind, endpoint, after, times, user, options))

    async def show(self, certificate: Certificate, role: Role | None = None) -> None:
        """Show a certificate from now on, everywhere or on one server."""
        self._certificate = certificate
        for door in [self.doors[role]] if role else self.doors.values():
            await door.show(certificate)

    async def refuse(self) -> None:
        """Take no connections until `resume`."""
        for door in self.doors.values():
            await door.refuse()

    async def resume(self) -> None:
        """Take all troubles away; people, tokens and devices stay as they are."""
        self.faults.clear()
        self.skew = 0.0
        if self._certificate is not Certificate.GOOD:
            await self.show(Certificate.GOOD)
        for door in self.doors.values():
            await door.listen()

    # What was asked.

    def calls(self, endpoint: str | None = None, *, user: str | None = None, since: int = 0) -> list[Call]:
        """Return what was asked, oldest first: of an endpoint, of a person, after a number."""
        return self.world.calls.of(endpoint, user=user, since=since)

    def most_together(self, endpoint: str) -> int:
        """Return how many calls of an endpoint were ever unanswered at once."""
        return self.world.calls.most_together(endpoint)

    @property
    def handshakes(self) -> int:
        """How many TLS handshakes were begun: more than there were calls, when certificates were refused."""
        return sum(door.handshakes for door in self.doors.values())

    def describe(self) -> dict[str, Any]:
        """Return what there is, without anything secret."""
        return {
            "hosts": self.hosts(),
            "ca": str(self.ca_path),
            "certificate": self._certificate,
            "skew": self.skew,
            "users": [user.email for user in self.world.users.values()],
            "faults": [
                {
                    "kind": fault.kind,
                    "endpoint": fault.endpoint,
                    "after": fault.after,
                    "times": fault.times,
                    "user": fault.user,
                    "struck": fault.struck,
                    **fault.options,
                }
                for fault in self.faults
            ],
            "calls": len(self.calls()),
            "handshakes": self.handshakes,
        }

    def _date(self) -> str:
        """Return what the `Date` header says."""
        return formatdate(self.clock.now() + self.skew, usegmt=True)

    def _name_of(self, role: Role, request: web.Request) -> str | None:
        """Return the name that a request's connection asked for."""
        return self.doors[role].server_name(request)

    def _write(self) -> None:
        """Write where it is and whom to trust."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca_path.write_text(self._pem)
        self.file.write_text(json.dumps({"hosts": self.hosts(), "ca": str(self.ca_path.resolve())}))
