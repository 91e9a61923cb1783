"""Names and numbers that several files of the integration share."""

import logging
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "wyze_local"
LOGGER: Final = logging.getLogger(__package__)

PLATFORMS: Final = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CAMERA,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.LIGHT,
    Platform.MEDIA_PLAYER,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SIREN,
    Platform.SWITCH,
]

SUBENTRY_CAMERA: Final = "camera"

# Config entry and subentry data: references only, never a key.
CONF_VAULT_ID: Final = "vault_id"
CONF_CAMERA_KEY: Final = "camera_key"
CONF_ACCOUNT: Final = "account"
ACCOUNT_SIGNED_IN: Final = "signed_in"
ACCOUNT_ONE_TIME: Final = "one_time"
CONF_CAMERAS: Final = "cameras"
CONF_LISTED_NAME: Final = "listed_name"
"""What the account called a camera last; empty when that is not known."""
CONF_LAN_ONLY: Final = "lan_only"
"""Whether the person wants an account's vendor to be left alone."""
CONF_CLOUD_HINTS: Final = "cloud_hints"
"""Whether an account's vendor may be asked what it saw when something moved."""
CONF_IGNORED: Final = "ignored"
"""The keyed hashes of cameras that the account has and the person does not want."""
CONF_LEFT: Final = "left"
"""The keyed hashes of addresses that an account's camera was found to have left."""
CONF_MAC: Final = "mac"
CONF_MAC_HASH: Final = "mac_hash"
CONF_MODEL: Final = "model"
CONF_KIND: Final = "kind"
KIND_STREAM: Final = "stream"
KIND_STILLS: Final = "stills"
"""A stream of single pictures, which browsers do not play as a film."""

# Settings of a camera.
CONF_ENGINE: Final = "engine"
CONF_RESOLUTION: Final = "resolution"
CONF_SOUND: Final = "sound"
CONF_FALLBACK: Final = "fallback"
CONF_WATCH: Final = "watch"
CONF_SENSITIVITY: Final = "sensitivity"
CONF_ZONES: Final = "zones"
CONF_CLIPS: Final = "clips"
CONF_PRE_ROLL: Final = "pre_roll"

CONF_PRESSES: Final = "presses"
"""Whether the vendor is asked over and over for the presses of a doorbell."""

# Options of an entry.
CONF_NETWORKS: Final = "networks"
CONF_LINK_DEVICES: Final = "link_devices"
"""Whether cameras are linked with what a router's integration knows of them."""
CONF_CLOUD_PICTURES: Final = "cloud_pictures"
"""Whether the vendor's pictures of events are shown, as the vendor's."""

# Settings of the installation, shown in every entry's options.
CONF_BINARY: Final = "binary"
CONF_WEBRTC_PORT: Final = "webrtc_port"
DEFAULT_WEBRTC_PORT: Final = 18556
CONF_CLIPS_FOLDER: Final = "clips_folder"
CONF_CLIPS_DAYS: Final = "clips_days"
CONF_CLIPS_GIGABYTES: Final = "clips_gigabytes"

# The key file of the installation, and the passphrase of an entry's vault.
CONF_KEY_PATH: Final = "key_path"
CONF_HAS_PASSPHRASE: Final = "has_passphrase"  # noqa: S105 - a field
CONF_PASSPHRASE: Final = "passphrase"  # noqa: S105 - a field
SECTION_KEYS: Final = "keys"

# The stream server of an entry, and who may read its streams.
CONF_SERVER: Final = "server"
SERVER_MANAGED: Final = "managed"
SERVER_EXTERNAL: Final = "external"
CONF_KEYS_ALLOWED: Final = "keys_allowed"
CONF_LAN: Final = "lan"
CONF_LAN_PORT: Final = "lan_port"
DEFAULT_LAN_PORT: Final = 18557
CONF_RELAY_HOST: Final = "relay_host"
CONF_RELAY_PORT: Final = "relay_port"
DEFAULT_RELAY_PORT: Final = 18558
SECTION_SERVER: Final = "stream_server"
SECTION_CLIPS: Final = "clips"
SECTION_LAN: Final = "other_machines"

# Fields of the camera forms.
CONF_LINK: Final = "link"
CONF_UID: Final = "uid"
CONF_ENR: Final = "enr"
CONF_USER: Final = "user"
CONF_ADD_NETWORK: Final = "add_network"
CONF_SAVE_UNPROVEN: Final = "save_unproven"

# Of the form that forgets a camera.
CONF_CAMERA: Final = "camera"
CONF_CONFIRM: Final = "confirm"

# Fields of the account forms.
CONF_KEY_ID: Final = "key_id"
CONF_KEEP: Final = "keep"
CONF_USED: Final = "used"
CONF_SEND_AGAIN: Final = "send_again"
CONF_PASSPHRASE_AGAIN: Final = "passphrase_again"  # noqa: S105 - a field

EVENT_CLIP: Final = f"{DOMAIN}_clip"
"""Fired when a clip is whole."""
EVENT_TRUST: Final = f"{DOMAIN}_trust"
"""Fired when an account's answers are trusted in another way than so far."""

LINGER_SECONDS: Final = 30.0
"""How long the shared parts outlive the last entry, so that a reload does not restart them."""

ISSUE_VAULT: Final = "vault_unreadable"
ISSUE_EXTERNAL: Final = "external_server_away"
ISSUE_KEYS_MISSING: Final = "camera_keys_missing"
ISSUE_KEY_AGE: Final = "account_key_old"
ISSUE_NOT_YOURS: Final = "cloud_not_yours"
ISSUE_WAITING: Final = "cameras_waiting"
ISSUE_NOT_MOVED: Final = "cameras_not_moved"
ISSUE_SOLD: Final = "camera_sold"
ISSUE_RELAY: Final = "relay_failing"
ISSUE_WATCH: Final = "watch_failing"
ISSUE_HELD: Final = "watch_held"
ISSUE_STREAM_SERVER: Final = "stream_server_failing"

MANUFACTURER: Final = "Wyze"
ANY_MANUFACTURER: Final = "Generic"
"""Of a camera that is a stream: a URL does not say who made it."""
