"""Where the vendor answers, by role. Tests and the demo put other places here; no option does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hosts:
    """Origins (`https://name[:port]`, no path), one for each role of the vendor's interface."""

    auth: str = "https://auth-prod.api.wyze.com"
    api: str = "https://app.wyzecam.com"
    devmgmt: str = "https://devicemgmt-service-beta.wyze.com"
    pictures: str = "https://prod-sight-safe-auth.wyze.com"
    """Where pictures of events lie, and with older models: see `alarms`. None is fetched from elsewhere."""
    alarms: str = "https://wyze-device-alarm-file-face.s3.us-west-2.amazonaws.com"

    def __post_init__(self) -> None:
        """Refuse anything but HTTPS, whoever sets it."""
        for origin in (self.auth, self.api, self.devmgmt, self.pictures, self.alarms):
            if not origin.startswith("https://") or origin.count("/") != 2:
                raise ValueError("a host is given as https://name[:port]")


KEYS_PAGE = "https://developer-api-console.wyze.com/#/apikey/view"
"""Where a person makes a developer key."""
KEYS_HELP = "https://support.wyze.com/hc/en-us/articles/16129834216731"
"""The vendor's own words on how that is done."""
