"""The relay as the rest of the house sees it, in the parent's process: cameras go in, states come out."""

import logging
import random
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Unpack

from ..child import SLACK, ChildProcess, ChildState, Log, Question, Questions, Supervisor, repeat, say
from ..model import CameraNetworks, Clock, Credentials, Door, Secret
from .asking import PROVE_WITHIN, command, listen_on_loopback, proof
from .errors import RelayError
from .guests import Guest, guests_of
from .messages import (
    RELAY,
    Facts,
    Figures,
    Learned,
    RemoveCamera,
    Serve,
    SetGuests,
    SetNetworks,
    State,
    Turn,
    Wish,
    formats_from_text,
    formats_to_text,
)
from .records import Record, Wanted
from .states import CameraFacts, CameraState, CameraStats

_LOGGER = logging.getLogger(__name__)


class Relay:
    """A supervised relay process with the sessions of many cameras.

    What is added here stays added: after a crash the child gets everything back, at the same addresses.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        on_state: Callable[[str, CameraState], None] = lambda _key, _state: None,
        on_relay: Callable[[ChildState], None] = lambda _: None,
        on_remember: Callable[[str, str], None] = lambda _key, _text: None,
        on_stats: Callable[[str, CameraStats], None] = lambda _key, _stats: None,
    ) -> None:
        """Prepare; nothing runs before `start`.

        `on_state` gets a camera key and how that camera stands now, `on_stats` what its session has
        brought, `on_remember` the text that is worth keeping for `add` (no secret), `on_relay` how the
        process does. All are called in the event loop; what they raise is logged and changes nothing.
        """
        self._clock = clock
        self._on_state = on_state
        self._on_remember = on_remember
        self._on_stats = on_stats
        self._records: dict[str, Record] = {}
        self._networks = CameraNetworks()
        self._guests: tuple[Guest, ...] = ()
        self._listener: socket.socket | None = None
        self._port = 0
        self._on_relay = on_relay
        self._questions = Questions(RELAY)
        self._supervisor = Supervisor(
            RELAY,
            clock=clock,
            rng=rng,
            hear=self._hear,
            restore=self._restore,
            ended=self._process_ended,
            on_state=self._relay_changed,
        )

    @property
    def state(self) -> ChildState:
        """How the process stands."""
        return self._supervisor.state

    @property
    def pid(self) -> int | None:
        """Process id of the relay, or None while there is none."""
        return process.pid if (process := self._supervisor.process) else None

    @property
    def port(self) -> int:
        """TCP port on 127.0.0.1, the same as before unless somebody took it; 0 before the first start."""
        return self._port

    async def start(self) -> None:
        """Start the process and wait until it serves; raises RelayError."""
        if self._listener is not None:
            return
        self._listener = listen_on_loopback(self._port)
        self._port = int(self._listener.getsockname()[1])
        try:
            await self._supervisor.start(self._listener.fileno())
        except BaseException:
            self._close_listener()
            raise

    async def stop(self) -> None:
        """End everything; nothing is left. Cameras stay known for another start."""
        await self._supervisor.stop()
        self._close_listener()

    def _close_listener(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    # Cameras

    @property
    def states(self) -> Mapping[str, CameraState]:
        """How each camera stands, by camera key."""
        return {key: record.state for key, record in self._records.items()}

    def stats(self, camera_key: str) -> CameraStats:
        """Return what the present session has brought, at most some seconds old; raises RelayError."""
        return self._record(camera_key).stats

    def facts(self, camera_key: str) -> CameraFacts:
        """Return what the camera said about itself, empty where it said nothing yet; raises RelayError."""
        return self._record(camera_key).facts

    def url(self, camera_key: str, *, door: Door | None = None, **wanted: Unpack[Wanted]) -> Secret:
        """Return the camera's RTSP URL, with its token; the same over restarts. Raises RelayError.

        For how it can be read, see Wanted; `door` is for another machine.
        """
        return self._record(camera_key).url(self._port, door, wanted)

    async def set_doors(self, doors: Iterable[Door]) -> None:
        """Say who may come from other machines; raises RelayError (`port_taken`), and goes on trying."""
        self._guests = guests = guests_of(doors)
        if self._supervisor.process is not None:
            await self.ask(lambda number: SetGuests(number, guests), PROVE_WITHIN)

    async def set_networks(self, networks: CameraNetworks) -> None:
        """Say where cameras may be; none is dialled outside, and none at all before this was called."""
        self._networks = networks
        await self._tell(SetNetworks(tuple(networks.texts())))

    async def add(
        self,
        camera_key: str,
        credentials: Credentials,
        token: Secret,
        *,
        always_on: bool = False,
        audio: bool = True,
        resolution: str | None = None,
        remembered: str = "",
        door: Door | None = None,
    ) -> None:
        """Take a camera in, or change everything about one that is known.

        `token` is 32 hexadecimal digits, the `auth` of its URL; `always_on` keeps its session up without
        any reader; `resolution` is `hd`, `sd` or None for the camera's own; `remembered` is what
        `on_remember` said before, so that readers can attach while the camera is off; who comes
        through the `door` may read it too. Raises InvalidField for a token or key of another shape.
        """
        guest = door.user.reveal() if door else ""
        record = Record(camera_key, token, credentials, always_on, audio, resolution or "", guest)
        record.formats = formats_from_text(remembered)
        if (known := self._records.get(camera_key)) is not None:
            record.formats, record.state, record.said = known.formats, known.state, known.said
        self._records[camera_key] = record
        await self._tell(record.message())

    async def update(
        self,
        camera_key: str,
        *,
        credentials: Credentials | None = None,
        always_on: bool | None = None,
        audio: bool | None = None,
        resolution: str | None = None,
    ) -> None:
        """Change what is given; an empty resolution is the camera's own. Raises RelayError, InvalidField.

        Other credentials, sound or resolution open the session anew; readers stay.
        """
        record = self._record(camera_key)
        if credentials is not None:
            record.credentials = credentials
        if always_on is not None:
            record.always_on = always_on
        if audio is not None:
            record.audio = audio
        if resolution is not None:
            record.resolution = Record.check_resolution(resolution)
        await self._tell(record.message())

    async def remove(self, camera_key: str) -> None:
        """Forget a camera, close its sessions and its readers."""
        self._records.pop(camera_key, None)
        await self._tell(RemoveCamera(camera_key))

    async def wish(self, camera_key: str) -> None:
        """Open the camera's session now, as somebody is about to look; lingers as after a reader."""
        self._record(camera_key)
        await self._tell(Wish(camera_key))

    async def command(
        self, camera_key: str, code: int, payload: bytes = b"", *, timeout: float = 5.0
    ) -> bytes:
        """Send a command on the camera's session, or on a short one, and return the answer's payload.

        Sent again until it is answered, but for turns by so much. Raises RelayError, ValueError for what is
        no command.
        """
        make = command(camera_key, code, payload, timeout)
        self._record(camera_key)
        return await self.ask(make, timeout)

    async def prove(
        self, credentials: Credentials, networks: CameraNetworks, *, look: bool = False, greet: bool = False
    ) -> str:
        """Return when the camera has proved itself with its own key inside these networks.

        With `look`, also when it sent a picture; with `greet`, when it told its firmware, which is returned.
        Raises RelayError (`no_answer`, `wrong_key`, `outside`, …; `busy`, `no_media` for a look).
        """
        return (await self.ask(*proof(credentials, networks, look=look, greet=greet))).decode()

    async def turn(self, camera_key: str = "") -> None:
        """Wait until anybody may dial a camera, known or not, as the relay does; raises RelayError."""
        await self.ask(lambda number: Turn(number, camera_key), PROVE_WITHIN)

    def _record(self, camera_key: str) -> Record:
        try:
            return self._records[camera_key]
        except KeyError:
            raise RelayError("no such camera", reason="unknown_camera") from None

    async def _tell(self, message: object) -> None:
        """Say something to the process; when there is none, the next one gets everything anyway."""
        if (process := self._supervisor.process) is not None:
            process.pipe.send(message)
            await process.pipe.drained(SLACK)

    async def ask(self, question: Question, within: float) -> bytes:
        """Ask the process for something that takes at most so many seconds; raises RelayError.

        Cancelled, it stops there, too.
        """
        if (process := self._supervisor.process) is not None:
            return await self._questions.ask(process.pipe, question, within)
        raise RelayError("the relay is not running", reason="relay_down")

    def _restore(self, process: ChildProcess) -> None:
        """Give a new process everything."""
        process.pipe.send(SetNetworks(tuple(self._networks.texts())))
        for record in self._records.values():
            process.pipe.send(record.message())
            record.watched_at_end = False
        process.pipe.send(SetGuests(0, self._guests))
        process.pipe.send(Serve())

    def _process_ended(self) -> None:
        """Note what was watched; let nobody wait for answers that cannot come."""
        for record in self._records.values():
            record.watched_at_end = record.state.readers > 0
            record.stats = CameraStats()
        self._questions.nobody_there()

    def _relay_changed(self, state: ChildState) -> None:
        for record in self._records.values():
            self._set_state(record, record.state_while(state.phase, self._clock.time()))
        say(self._on_relay, state)

    def _set_state(self, record: Record, state: CameraState) -> None:
        if state != record.state:
            record.state = state
            say(self._on_state, record.key, state)

    def _hear(self, message: Any) -> None:
        match message:
            case State(key=key, state=state) if record := self._records.get(key):
                self._set_state(record, state)
            case Learned(key=key, formats=formats) if record := self._records.get(key):
                record.formats = formats
                say(self._on_remember, key, formats_to_text(formats))
            case Facts(key=key, facts=facts) if record := self._records.get(key):
                record.said = facts
            case Figures(key=key, stats=stats) if record := self._records.get(key):
                record.stats = stats
                say(self._on_stats, key, stats)
            case Log():
                repeat(_LOGGER, RELAY.room, message)
            case _:
                self._questions.take(message)
