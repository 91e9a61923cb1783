"""The controls of one entry's cameras: what each has, how it stands, and the way to change it.

Entities show what `of` returns and call `async_set`; nobody else speaks to cameras about their settings.
Truth is what the camera last said: a change counts when it has been read back.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .const import LOGGER
from .control_bitrate import Bitrates
from .control_camera import ControlledCamera, RelaySender
from .control_cloud import CloudControls, CloudFailed
from .control_cloud_rounds import CloudRounds
from .control_known import KnownControls
from .control_rounds import ControlRounds
from .control_state import CLOUD_IGNORED, NO_CLOUD, NOT_NOW, ControlFailed, is_out_of_reach
from .engine.catalog import ControlCatalog
from .engine.control import CameraControl, ControlError, ControlReason, Feature, Move, Survey, Value, WayPoint

if TYPE_CHECKING:
    from .account import AccountCoordinator
    from .coordinator import CamerasCoordinator

SURVEY_EVERY = 24 * 3600.0
"""Seconds after which a camera is asked for what it did not answer, too: a datagram may have been lost."""


class Controls(KnownControls):
    """Controls of all cameras of one entry."""

    def __init__(self, hass: HomeAssistant, coordinator: CamerasCoordinator, catalog: ControlCatalog) -> None:
        """Serve one coordinator's cameras."""
        super().__init__(hass, coordinator)
        self.cloud: CloudControls | None = None
        """The second way to them, where an account is followed."""
        self._catalog = catalog
        self._rounds = ControlRounds(self, coordinator)
        self._bitrates = Bitrates(self, coordinator, self._memory)

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Begin to ask cameras how they stand; returns what stops it."""
        return self._rounds.async_start()

    @callback
    def async_add_cloud(self, account: AccountCoordinator) -> Callable[[], None]:
        """Have a second way to cameras; returns what begins to ask it about those out of reach.

        That ends with the entry.
        """
        self.cloud = CloudControls(account, self._coordinator)
        return CloudRounds(self, self.cloud, self._coordinator, account).async_start

    async def async_set(self, camera_key: str, feature: Feature, value: Value) -> None:
        """Change a feature; returns when the camera itself says that it has changed.

        Of wishes for one feature that wait for their turn only the last is said, for all who wished.
        Raises ControlFailed.
        """
        camera = self._camera(camera_key)
        await camera.wishes.async_fulfil(
            feature, value, partial(self._async_say, camera_key, camera, feature)
        )

    async def _async_say(
        self, camera_key: str, camera: ControlledCamera, feature: Feature, value: Value
    ) -> None:
        """Change a feature now; raises ControlFailed."""
        with camera.changing(feature):
            try:
                found = await self._control(camera_key, camera).set(feature, value)
            except ControlError as err:
                LOGGER.debug("A camera was not told (%s: %s)", feature, err)
                if not is_out_of_reach(err):
                    self._async_doubt(camera_key, camera, feature, err)
                    raise ControlFailed.of(err) from err
                await self._async_by_cloud(camera_key, camera, feature, value, err)
            else:
                self._async_learn(camera_key, camera, Survey(frozenset({feature}), {feature: found}))
                if feature is Feature.SIREN:
                    self._rounds.async_expect_end(camera_key, on=found is True)
                if feature is Feature.BITRATE:
                    self._bitrates.async_note(camera_key, found)

    async def _async_by_cloud(
        self, camera_key: str, camera: ControlledCamera, feature: Feature, value: Value, err: ControlError
    ) -> None:
        """Have the vendor tell a camera that is out of reach; raises ControlFailed when that is of no use."""
        try:
            if self.cloud is None:
                raise CloudFailed
            found = await self.cloud.async_set(camera_key, camera.state.features, feature, value)
        except CloudFailed as failure:
            raise (ControlFailed(CLOUD_IGNORED) if failure.ignored else ControlFailed.of(err)) from err
        self.async_hear_of(camera_key, {feature: found})

    async def async_restart(self, camera_key: str) -> None:
        """Have a camera start anew, by the vendor's session only: no command of the LAN is known for it.

        Whether it does so shows when it comes back. Raises ControlFailed.
        """
        async with self._camera(camera_key).wishes.lock:
            try:
                if self.cloud is None:
                    raise CloudFailed
                await self.cloud.async_restart(camera_key)
            except CloudFailed as failure:
                raise ControlFailed(CLOUD_IGNORED if failure.ignored else NO_CLOUD) from failure

    async def async_move(self, camera_key: str, move: Move) -> None:
        """Have a camera look elsewhere; returns when it says where it looks. Raises ControlFailed.

        A few turns wait for each other; more, and the oldest of those that wait fails.
        """
        camera = self._camera(camera_key)
        await camera.wishes.async_turn(move, partial(self._async_turn, camera_key, camera))

    async def _async_turn(self, camera_key: str, camera: ControlledCamera, move: Move) -> None:
        """Have a camera look elsewhere now; raises ControlFailed."""
        with camera.changing(Feature.POSITION):
            try:
                position = await self._control(camera_key, camera).move(move)
            except ControlError as err:
                self._async_doubt(camera_key, camera, Feature.POSITION, err)
                raise ControlFailed.of(err) from err
        self._async_learn(camera_key, camera, Survey(frozenset({Feature.POSITION}), position=position))
        # It says yes as soon as its motors begin.
        self._rounds.async_soon(camera_key)

    async def async_save_way_points(self, camera_key: str, points: tuple[WayPoint, ...]) -> None:
        """Have a camera remember these positions, instead of those in its state; raises ControlFailed."""
        camera = self._camera(camera_key)
        async with camera.wishes.lock:
            with camera.changing(Feature.WAY_POINTS):
                try:
                    found = await self._control(camera_key, camera).save_way_points(points)
                except ControlError as err:
                    self._async_doubt(camera_key, camera, Feature.WAY_POINTS, err)
                    raise ControlFailed.of(err) from err
            self._async_learn(camera_key, camera, Survey(frozenset({Feature.WAY_POINTS}), way_points=found))

    async def async_refresh(self, camera_key: str) -> None:
        """Ask a camera how everything stands that it has, and now and then what it has.

        Nobody who wants to change something waits for it. Raises ControlFailed.
        """
        camera = self._camera(camera_key)
        control = self._control(camera_key, camera)
        now = self._clock.monotonic()
        whole = camera.firmware is None or now - camera.surveyed_at >= SURVEY_EVERY
        changed = set[Feature]()
        camera.rounds.append(changed)
        try:
            survey = await control.ask(control.conceivable if whole else camera.state.features)
        except ControlError as err:
            LOGGER.debug("A camera did not say how it stands (%s)", err)
            self.async_lost(camera_key)
            raise ControlFailed.of(err) from err
        finally:
            camera.rounds[:] = [one for one in camera.rounds if one is not changed]
        if self._cameras.get(camera_key) is camera:
            self._async_learn(camera_key, camera, survey.without(changed))
            self._async_note_firmware(camera_key, camera, survey, now if whole else None)

    async def async_restore(self, camera_key: str) -> None:
        """Tell a camera, which has just said how it stands, what its log-in undid of a person's wishes."""
        if (camera := self._cameras.get(camera_key)) is not None:
            await self._bitrates.async_restore(camera_key, camera)

    def _camera(self, camera_key: str) -> ControlledCamera:
        """Return a camera that can be told something; raises ControlFailed."""
        if camera_key not in self._cameras:
            self.async_follow(self._coordinator.data)
        if (camera := self._cameras.get(camera_key)) is None or self._coordinator.watched(camera_key) is None:
            raise ControlFailed(NOT_NOW)
        return camera

    def _control(self, camera_key: str, camera: ControlledCamera) -> CameraControl:
        """Return what speaks to a camera, as its model wants it; raises ControlFailed."""
        if (watched := self._coordinator.watched(camera_key)) is None:
            raise ControlFailed(NOT_NOW)
        model = watched.record.camera.credentials.model
        if camera.control is None or camera.model != model:
            sender = RelaySender(self._coordinator, camera_key)
            camera.control = CameraControl(sender, self._clock, self._catalog.model(model))
            camera.model = model
        return camera.control

    @callback
    def _async_doubt(
        self, camera_key: str, camera: ControlledCamera, feature: Feature, err: ControlError
    ) -> None:
        """Show of a feature that was changed in vain only what was read since, and have it asked for soon."""
        if is_out_of_reach(err) or err.word is ControlReason.UNSUPPORTED:
            return
        if err.found is not None:
            self._async_learn(camera_key, camera, Survey(frozenset({feature}), {feature: err.found}))
        elif err.word is not ControlReason.REFUSED:
            before = camera.state
            values = {one: value for one, value in before.values.items() if one is not feature}
            position = None if feature is Feature.POSITION else before.position
            self._async_publish(camera_key, camera, replace(before, values=values, position=position))
        self._rounds.async_soon(camera_key)
