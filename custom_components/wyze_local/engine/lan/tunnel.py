"""The way into a camera: search, session, DTLS handshake. Then a tunnel for packets on two channels."""

import asyncio
from collections.abc import Callable

from ..model import CameraNetworks, Clock, Credentials
from .dtls import Client, State
from .errors import LanError, Reason
from .framing import Framer, Inbound, Kind
from .framing_0402 import Framer0402
from .framing_cc51 import FramerCC51
from .keys import PSK_IDENTITY, Keys
from .link import Link
from .values import Framing, LinkStats, Stage, StageHandler

STAGE = 5.0
"""Seconds that each stage may take."""
_SEARCH_EVERY = 0.1
_WISH_EVERY = (0.1, 0.4, 1.0)
"""Seconds until the wish for a session is repeated; the last one again and again."""
MAIN, TALK = 0, 1


class Tunnel:
    """One association with one camera. Made by `open`; `close` at any time."""

    def __init__(self, credentials: Credentials, clock: Clock, stats: LinkStats) -> None:
        """Derive keys; nothing is sent yet."""
        self.keys = Keys(credentials)
        self.stats = stats
        self.heard_at = clock.monotonic()
        """When anything genuine was last heard, by the clock."""
        self.on_packet: Callable[[bytes], None] = lambda _: None
        """Takes the packets of the main channel."""
        self.on_talk: Callable[[bytes], None] = lambda _: None
        """Takes the DTLS bytes of the talk-back channel."""
        self.on_end: Callable[[LanError], None] = lambda _: None
        """Told once when the tunnel ended other than by `close`, after it was open."""
        self.on_stage: StageHandler = lambda _: None
        """Told how far it has come."""
        self._clock = clock
        self._address = credentials.address
        self._port = credentials.port
        self._framers: tuple[Framer, ...] = (Framer0402(self.keys), FramerCC51(self.keys))
        self._framer: Framer | None = None
        self._dtls = Client(self.keys.psk, PSK_IDENTITY)
        self._link: Link | None = None
        self._waiting: tuple[Kind | None, asyncio.Future[None]] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._over: LanError | None = None

    @property
    def framing(self) -> Framing:
        """How the camera frames its datagrams; known once it answered."""
        assert self._framer is not None
        return self._framer.framing

    # Opening.

    async def open(self, networks: CameraNetworks | None) -> None:
        """Find the camera and complete the handshake; raises LanError, and is closed then."""
        host = self._address.reveal()
        if networks is not None and host not in networks:
            raise LanError(Reason.OUTSIDE)
        try:
            self._link = Link(host, self._port, self._on_datagram, self._fail, self.stats)
        except OSError as err:
            raise LanError(Reason.BLOCKED, "no socket") from err
        try:
            self.on_stage(Stage.SEARCH)
            await self._search()
            self.on_stage(Stage.SESSION)
            await self._wish()
            self.on_stage(Stage.HANDSHAKE)
            await self._handshake()
        except BaseException:
            self.close()
            raise

    async def _search(self) -> None:
        """Send both hellos until either is answered."""
        hellos = [framer.search() for framer in self._framers]

        def again() -> float:
            for hello in hellos:
                self._transmit(hello)
            return _SEARCH_EVERY

        await self._stage(Kind.FOUND, again, lambda: LanError(Reason.NO_ANSWER))

    async def _wish(self) -> None:
        """Ask for a session until it is granted."""
        pauses = iter(_WISH_EVERY)

        def again() -> float:
            assert self._framer is not None
            self._transmit(self._framer.open(self._clock.time()))
            return next(pauses, _WISH_EVERY[-1])

        await self._stage(Kind.OPENED, again, lambda: LanError(Reason.REFUSED, "it opens no session"))

    async def _handshake(self) -> None:
        """Complete the DTLS handshake, which repeats by itself what stays unanswered."""
        self._dtls.start(self._loop_time())

        def again() -> float:
            self._dtls.poll(self._loop_time())
            self._flush()
            return max(0.0, (self._dtls.deadline or 0.0) - self._loop_time())

        await self._stage(None, again, self._dtls.give_up)

    async def _stage(
        self, wanted: Kind | None, again: Callable[[], float], too_late: Callable[[], LanError]
    ) -> None:
        """Do something again and again until the wanted datagram came, or the association is open."""
        if self._over is not None:
            # Something happened between two stages.
            raise self._over
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._waiting = wanted, done

        def tick() -> None:
            if not done.done():
                self._timer = loop.call_later(again(), tick)

        tick()
        try:
            async with asyncio.timeout(STAGE):
                await done
        except TimeoutError:
            raise too_late() from None
        finally:
            self._waiting = None
            if self._timer:
                self._timer.cancel()

    @staticmethod
    def _loop_time() -> float:
        return asyncio.get_running_loop().time()

    # Out.

    def send(self, packet: bytes) -> None:
        """Send a packet on the main channel; into nothing when the tunnel is over."""
        if self._dtls.state is State.OPEN:
            self.send_dtls(MAIN, self._dtls.seal(packet))

    def send_dtls(self, channel: int, payload: bytes) -> None:
        """Send DTLS bytes on a channel."""
        if self._framer is not None:
            self._transmit(self._framer.data(channel, payload))

    def close(self) -> None:
        """Hang up politely and close the socket; nothing is called any more."""
        self._over = self._over or LanError(Reason.CLOSED)
        self._dtls.close()
        self._flush()
        if self._link:
            self._link.close()

    def _transmit(self, datagram: bytes) -> None:
        if self._link:
            self._link.send(datagram)

    def _flush(self) -> None:
        for payload in self._dtls.take():
            self.send_dtls(MAIN, payload)

    # In.

    def _on_datagram(self, datagram: bytes, port: int) -> None:
        """Take a datagram of the camera's host."""
        framer = self._framer
        if framer is None:
            self._on_first(datagram, port)
            return
        inbound = framer.parse(datagram)
        if inbound is None:
            self.stats.foreign += 1
        elif inbound.kind is Kind.DATA:
            self._on_data(inbound, len(datagram), port)
        elif inbound.kind is Kind.PING:
            self.stats.pings += 1
            self._transmit(framer.pong(inbound))
        elif inbound.kind is Kind.OPENED:
            self._reached(Kind.OPENED)

    def _on_first(self, datagram: bytes, port: int) -> None:
        """Take the first answer, which decides how we go on."""
        for framer in self._framers:
            inbound = framer.parse(datagram)
            if inbound and inbound.kind is Kind.FOUND and self._link:
                self._framer = framer
                self._link.port = port
                if more := framer.on_found(inbound):
                    self._transmit(more)
                self._reached(Kind.FOUND)
                return
        self.stats.foreign += 1

    def _on_data(self, inbound: Inbound, size: int, port: int) -> None:
        """Take DTLS bytes."""
        if inbound.channel == TALK:
            self.on_talk(inbound.payload)
            return
        dtls, stats = self._dtls, self.stats
        stats.datagrams += 1
        stats.bytes += size
        packets = dtls.receive(inbound.payload, self._loop_time())
        stats.rejected = dtls.rejected
        if packets:
            self._on_genuine(packets, port)
            if dtls.state is State.OPEN and self._waiting is None:
                return
        # The end of the handshake, or of all, may come in one datagram with packets.
        self._flush()
        if dtls.state is State.OPEN:
            self._reached(None)
        elif dtls.state is State.FAILED:
            self._fail(dtls.failure or LanError(Reason.PROTOCOL_FAULT))
        elif dtls.state is State.CLOSED:
            self._fail(LanError(Reason.HUNG_UP))

    def _on_genuine(self, packets: list[bytes], port: int) -> None:
        """Take packets that nobody else could have sealed."""
        self.heard_at = self._clock.monotonic()
        if self._link and self._link.port != port:
            # It moved, and proved it.
            self._link.port = port
        for packet in packets:
            self.on_packet(packet)

    def _reached(self, kind: Kind | None) -> None:
        """Go on to the next stage, if this is what was waited for."""
        if self._waiting and self._waiting[0] is kind:
            self._done().set_result(None)

    def _done(self) -> asyncio.Future[None]:
        """Return what is waited for, for the last time: what comes next belongs to the next stage."""
        assert self._waiting is not None
        (_, done), self._waiting = self._waiting, None
        return done

    def _fail(self, error: LanError) -> None:
        """End: tell whoever waits, the next stage, or whoever uses the open tunnel."""
        if self._over is not None:
            return
        if self._waiting:
            self._done().set_exception(error)
            return
        self._over = error
        if self._dtls.state in (State.OPEN, State.CLOSED):
            self.close()
            self.on_end(error)
