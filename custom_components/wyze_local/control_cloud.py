"""The second way to a camera: the vendor's session, for the few things that it can tell a camera.

It is gone only when the camera cannot be reached on the local network, for cameras of an account that stays
signed in, whose line is well and which nothing speaks against; never while the vendor is to be left alone.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TYPE_CHECKING

from .account_status import AccountState
from .const import DOMAIN, LOGGER
from .engine.child import wait_for
from .engine.cloud import Action, CloudError, CloudReason, CloudSession, Property, is_managed
from .engine.control import Feature, Value
from .engine.model import Credentials
from .engine.ownership import CameraStanding
from .engine.uplink import Call, Uplink

if TYPE_CHECKING:
    from .account import AccountCoordinator
    from .coordinator import CamerasCoordinator

WITHIN = 25.0
"""Seconds after which an order, with the looks whether it was obeyed, is given up."""

_ACTIONS: Mapping[Feature, tuple[Action, Action]] = {
    Feature.SIREN: (Action.SIREN_OFF, Action.SIREN_ON),
    Feature.SPOTLIGHT: (Action.LIGHT_OFF, Action.LIGHT_ON),
    Feature.FLOODLIGHT: (Action.LIGHT_OFF, Action.LIGHT_ON),
}
"""What is told by an action: off, on."""

_STATES: Mapping[Feature, Property] = {
    Feature.SIREN: Property.SIREN,
    Feature.SPOTLIGHT: Property.LIGHT,
    Feature.FLOODLIGHT: Property.LIGHT,
    Feature.MOTION_DETECTION: Property.MOTION,
}
_LAMPS = frozenset({Feature.SPOTLIGHT, Feature.FLOODLIGHT})
_ON_OFF: Mapping[str, bool] = {"0": False, "1": True, "2": False}


class CloudFailed(Exception):
    """The vendor's session was of no use; `ignored` tells that the order was taken and nothing came of it."""

    def __init__(self, *, ignored: bool = False) -> None:
        """Remember what kind of failure it is."""
        super().__init__("ignored" if ignored else "no use")
        self.ignored = ignored


class CloudControls:
    """Tells the cameras of one account what to do, by way of the vendor."""

    def __init__(self, account: AccountCoordinator, cameras: CamerasCoordinator) -> None:
        """Serve one account; nothing is asked before somebody wants something."""
        self._account = account
        self._vault = cameras.vault
        self._clock = cameras.shared.environment.clock

    def may(self, camera_key: str) -> bool:
        """Tell whether the vendor may be asked about a camera at this moment."""
        account = self._account
        return (
            not account.lan_only
            and account.line.state is Uplink.ONLINE
            and account.data.state is AccountState.SIGNED_IN
            and not account.ownership.only_confirms
            and account.ownership.camera_standing(camera_key) is CameraStanding.TRUSTED
            and self._camera(camera_key) is not None
        )

    def can_restart(self, camera_key: str) -> bool:
        """Tell whether the vendor can restart such a camera at all."""
        camera = self._camera(camera_key)
        return camera is not None and not is_managed(camera)

    def within_reach(self, camera_key: str, features: Collection[Feature]) -> frozenset[Feature]:
        """Return which of a camera's features the vendor can change."""
        if (camera := self._camera(camera_key)) is None:
            return frozenset()
        found = _STATES.keys() & frozenset(features)
        if is_managed(camera):
            found -= {Feature.MOTION_DETECTION}
        # It knows of one lamp: of a camera that has two, nobody can say which one that is.
        return frozenset(found - _LAMPS if found >= _LAMPS else found)

    async def async_read(self, camera_key: str, features: Collection[Feature]) -> dict[Feature, Value]:
        """Return how these features stand, as far as the vendor tells; raises CloudFailed."""
        camera, wanted = self._camera(camera_key), self.within_reach(camera_key, features)
        if camera is None or not wanted:
            raise CloudFailed
        told = await self._async_ask(Call.BACKGROUND, camera_key, lambda session: session.properties(camera))
        found = {feature: _ON_OFF.get(told.get(_STATES[feature], "")) for feature in wanted}
        return {feature: value for feature, value in found.items() if value is not None}

    async def async_set(
        self, camera_key: str, features: Collection[Feature], feature: Feature, value: Value
    ) -> Value | None:
        """Change a feature of a camera that has these; returns how it stands then, None if nothing tells.

        Raises CloudFailed.
        """
        camera = self._camera(camera_key)
        reached = self.within_reach(camera_key, features)
        if camera is None or feature not in reached or not isinstance(value, bool):
            raise CloudFailed
        if (actions := _ACTIONS.get(feature)) is not None:
            action = actions[value]
            seen = await self._async_ask(Call.ACTION, camera_key, lambda session: session.act(camera, action))
        else:
            what, number = _STATES[feature], str(int(value))
            seen = await self._async_ask(
                Call.ACTION, camera_key, lambda session: session.set_property(camera, what, number)
            )
        return value if seen else None

    async def async_restart(self, camera_key: str) -> None:
        """Have a camera start anew. That it does so is not seen here. Raises CloudFailed."""
        camera = self._camera(camera_key)
        if camera is None or is_managed(camera):
            raise CloudFailed
        await self._async_ask(Call.ACTION, camera_key, lambda session: session.act(camera, Action.RESTART))

    def _camera(self, camera_key: str) -> Credentials | None:
        record = self._vault.records.get(camera_key)
        way = record.camera.credentials if record is not None else None
        return way if isinstance(way, Credentials) else None

    async def _async_ask[T](
        self, call: Call, camera_key: str, ask: Callable[[CloudSession], Awaitable[T]]
    ) -> T:
        """Ask the vendor, if that is allowed before and after; raises CloudFailed."""
        if not self.may(camera_key):
            raise CloudFailed

        async def asked(session: CloudSession) -> T:
            # The line may have had this wait for its turn.
            if not self.may(camera_key):
                raise CloudFailed
            return await ask(session)

        account = self._account
        task = account.config_entry.async_create_background_task(
            account.hass, account.async_call(call, asked), name=f"{DOMAIN} order to a camera"
        )
        try:
            if not await wait_for(self._clock, task, WITHIN) or task.cancelled():
                raise CloudFailed
            found = task.result()
        except CloudError as err:
            LOGGER.debug("The vendor's session was of no use for a camera (%s)", err.word)
            raise CloudFailed(ignored=err.word is CloudReason.IGNORED) from err
        finally:
            task.cancel()
        if found is None or not self.may(camera_key):
            raise CloudFailed
        return found
