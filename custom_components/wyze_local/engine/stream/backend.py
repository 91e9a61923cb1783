"""What the streams of many cameras need of whatever runs a go2rtc, or found one."""

from typing import Protocol

from .api import Api


class Backend(Protocol):
    """A go2rtc that can be asked at this moment."""

    @property
    def api(self) -> Api:
        """Its API."""
        ...

    @property
    def rtsp_port(self) -> int:
        """TCP port where it serves restreams."""
        ...
