"""One camera: its address, its sessions, its footage, and what happens before it and to it."""

import asyncio
import random

from .broadcast import Broadcast
from .conduct import Conduct
from .counters import Counters, Sent, Walk
from .door import Door
from .faults import Faults, Says, Stubborn, WrongKey, a_share
from .footage import Footage
from .network import Address, Network
from .session import Session
from .settings import Settings
from .speaker import Speaker
from .specs import CameraSpec, Credentials, Framing, Refusal
from .wire import framers, keys
from .wire.framing import Framer

_BOOT_RETRY = 0.2


class Camera:
    """A simulated camera; made, started and stopped by a `Simulator`.

    Every method must be called in the event loop that runs the simulator. Methods that give it a
    trouble return at once; `resume` takes all troubles away.
    """

    def __init__(self, spec: CameraSpec, footage: Footage) -> None:
        """Take a complete spec and what to send."""
        self.spec = spec
        self.faults = Faults()
        self.counters = Counters()
        self.speaker = Speaker(self.counters)
        self.session_limit = spec.session_limit
        self.refusal = spec.refusal
        self.framer: Framer = self._make_framer(spec.enr)
        self._door = Door(self)
        self._broadcast = Broadcast(spec, footage, self.faults, self.counters, lambda: self._door.sessions)
        self.conduct = Conduct(spec, self.faults, self.counters, self._broadcast.show)
        chance = random.Random(f"{spec.name}/{spec.seed}")
        self._network = Network(self.faults, self.counters, chance, self._on_datagram)
        self._boot_timer: asyncio.TimerHandle | None = None

    # Identity.

    @property
    def enr(self) -> str:
        """The key in force; after `change_key` not the one in `link`."""
        return self.spec.enr[::-1].swapcase() if self.faults.wrong_key else self.spec.enr

    @property
    def psk(self) -> bytes:
        """The DTLS key in force."""
        return keys.psk(self.enr)

    @property
    def credentials(self) -> Credentials:
        """What reaches the camera where it is now."""
        host, port = self._network.address
        spec = self.spec
        return Credentials(host, port, spec.uid, spec.enr, spec.mac, spec.model)

    @property
    def link(self) -> str:
        """The `wyze://` link of the camera, which holds its key."""
        return self.credentials.link

    @property
    def settings(self) -> Settings:
        """What commands read and change."""
        return self.conduct.settings

    @property
    def sessions(self) -> list[Session]:
        """The open sessions, oldest first."""
        return self._door.sessions

    def sent(self, since: int = 0) -> list[Sent]:
        """Return when the newest frames were sent, oldest first, from the sequence after `since` on."""
        return self._broadcast.sent.since(since)

    def _make_framer(self, enr: str) -> Framer:
        """Return the reader and builder of this camera's datagrams."""
        spec, auth_key = self.spec, keys.auth_key(enr, self.spec.mac)
        newer = spec.framing is Framing.CC51
        return framers.make(spec.uid.encode(), auth_key, newer=newer, strict=spec.checks_mac)

    # Life.

    def start(self) -> None:
        """Open the socket; raises OSError when the address is taken."""
        self._network.open(self.spec.host, self.spec.port)
        self._door.open()

    def stop(self) -> None:
        """End sessions, tell viewers, close the socket."""
        self._door.close()
        if self._boot_timer:
            self._boot_timer.cancel()
        self.conduct.stop()
        self._network.close()

    async def closed(self) -> None:
        """Wait until nothing of it runs any more, after `stop`."""
        await self._broadcast.closed()

    # What happens before it.

    def motion(self, seconds: float = 6.0) -> None:
        """Let somebody walk through the picture for some seconds, from half a key frame interval later on.

        A walk during a walk prolongs it and begins it anew. Raises ValueError in all scenes but the yard.
        """
        self._broadcast.walk(seconds)

    @property
    def walks(self) -> list[Walk]:
        """Who was in the picture when, oldest first, by the frames that were really sent."""
        return list(self._broadcast.walks)

    # Troubles.

    def freeze(self, on: bool = True) -> None:
        """Send no media any more; everything else stays alive."""
        self.faults.frozen = on

    def mute(self, on: bool = True) -> None:
        """Hear and say nothing; sessions are not told."""
        self.faults.muted = on

    def sleep(self, on: bool = True) -> None:
        """End all sessions and answer nothing, as a battery camera does."""
        if on:
            self._door.drop(self.sessions, politely=True)
        self.faults.asleep = on

    def reboot(self, away: float = 5.0, *, refused: bool = False) -> None:
        """Lose all sessions without a word and be away for some seconds.

        When `refused` the port is closed meanwhile, so that viewers are told by ICMP.
        """
        self._door.drop(self.sessions, politely=False)
        self.counters.reboots += 1
        self.conduct.restart()
        self._broadcast.reboot()
        self.faults.away = True
        if refused:
            self._network.close()
        if self._boot_timer:
            self._boot_timer.cancel()
        self._boot_timer = asyncio.get_running_loop().call_later(away, self._boot)

    def _boot(self) -> None:
        """Be back at the same address, as soon as it is free."""
        self._boot_timer = None
        try:
            self._network.reopen()
        except OSError:
            self._boot_timer = asyncio.get_running_loop().call_later(_BOOT_RETRY, self._boot)
            return
        self.faults.away = False

    def move(self, host: str | None = None, port: int = 0) -> None:
        """Be at another address from now on, all sessions lost; port 0 takes a free one.

        Raises OSError, and stays, when the address is taken or not one of this machine's.
        """
        self._network.open(host or self._network.address[0], port)
        self._door.drop(self.sessions, politely=False)

    def lose(self, share: float) -> None:
        """Lose this share (0 to 1) of the camera's datagrams."""
        self.faults.loss = a_share(share)

    def reorder(self, share: float, delay: float = 0.012) -> None:
        """Deliver this share (0 to 1) of the camera's datagrams late by `delay` seconds."""
        self.faults.reorder = a_share(share)
        self.faults.reorder_delay = delay

    def slow(self, delay: float) -> None:
        """Answer log-in and commands only after `delay` seconds."""
        self.faults.slow = delay

    def disobey(self, how: Stubborn | None = Stubborn.IGNORES) -> None:
        """Do nothing that it is told. None obeys again."""
        self.faults.stubborn = how

    def dawdle(self, delay: float) -> None:
        """Say yes at once and carry orders out only after `delay` seconds."""
        self.faults.dawdle = delay

    def silence_audio(self, on: bool = True) -> None:
        """Announce sound and send none."""
        self.faults.silent_audio = on

    def say(self, what: Says | None) -> None:
        """End all sessions, let nobody in and say why. None lets in again."""
        self.faults.says = what
        if what is not None:
            self._door.drop(self.sessions, politely=True)

    def speak_no_dtls(self, on: bool = True) -> None:
        """Answer no handshake any more; all sessions are lost."""
        self.faults.no_dtls = on
        self._door.drop(self.sessions, politely=False)

    def change_key(self, how: WrongKey | None = WrongKey.ALERT) -> None:
        """Have another key than the one in `link`, as after a set-up with another account.

        All sessions are lost. None gives the old key back.
        """
        self.faults.wrong_key = how
        self.framer = self._make_framer(self.enr if how is WrongKey.SILENCE else self.spec.enr)
        self._door.drop(self.sessions, politely=False)

    def limit_sessions(self, limit: int, refusal: Refusal = Refusal.ANSWER) -> None:
        """Refuse further sessions above a number; open ones stay."""
        self.session_limit = limit
        self.refusal = refusal

    def resume(self) -> None:
        """Take all troubles away; a rebooting camera is back at once."""
        self.change_key(None) if self.faults.wrong_key else None
        if self._boot_timer:
            self._boot_timer.cancel()
            self._boot()
        self.faults.clear()
        self.session_limit, self.refusal = self.spec.session_limit, self.spec.refusal

    # Datagrams.

    def transmit(self, datagram: bytes, address: Address) -> None:
        """Give a datagram to the network."""
        self._network.transmit(datagram, address)

    def _on_datagram(self, datagram: bytes, address: Address) -> None:
        """Take a datagram from the network."""
        if inbound := self.framer.parse(datagram):
            self._door.receive(inbound, address)

    # Sessions.

    def on_handshake(self, *, ok: bool) -> None:
        """Count a handshake that ended."""
        if ok:
            self.counters.handshakes += 1
        else:
            self.counters.failed_handshakes += 1

    def on_audience(self, *, newcomer: bool = False) -> None:
        """Start or stop media after a session changed what it wants."""
        self._broadcast.update(newcomer=newcomer)

    def hang_up(self, session: Session) -> None:
        """End a session and tell its viewer."""
        self._door.drop([session], politely=True)
