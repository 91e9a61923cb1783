"""A network drive of Windows' kind: Samba, mounted by a library of its own (smbnetfs). Needs root."""

from pathlib import Path
from typing import ClassVar, override

from .nas import Nas

_PORT = 445
_SERVER = """
[global]
interfaces = lo
bind interfaces only = yes
map to guest = Bad User
guest account = root
private dir = {place}
lock directory = {place}
state directory = {place}
cache directory = {place}
pid directory = {place}
ncalrpc dir = {place}/calls
log file = {place}/log
load printers = no
disable netbios = yes
smb ports = {port}
[clips]
path = {share}
read only = no
guest ok = yes
guest only = yes
"""


class Smb(Nas):
    """The drive. How much is free on it, such a mount does not tell."""

    programs: ClassVar = {
        "/usr/sbin/smbd": "samba",
        "smbnetfs": "smbnetfs",
        "ip": "iproute2",
        "nsenter": "util-linux",
    }
    server: ClassVar = "smbd"

    def __init__(self, place: Path, folder: Path, share: Path, *, patient: bool) -> None:
        """Prepare; it always connects anew."""
        super().__init__(place, folder, share, patient=patient)
        self.folder = folder / "127.0.0.1" / "clips"

    @override
    def prepare(self) -> None:
        settings = _SERVER.format(place=self.place, share=self.share, port=_PORT)
        (self.place / "smb.conf").write_text(settings, encoding="utf-8")
        (self.place / "smbnetfs.conf").write_text('auth "guest" ""\n', encoding="utf-8")
        (self.place / "smbnetfs.conf").chmod(0o600)

    @override
    def serve(self) -> None:
        self.within("/usr/sbin/smbd", "-F", "--no-process-group", "-s", self.place / "smb.conf")
        self.until_served(_PORT)

    @override
    def mount(self) -> None:
        settings = f"config={self.place}/smbnetfs.conf"
        # What is not said there, it looks for at home.
        self.within("env", f"HOME={self.place}", "smbnetfs", "-f", "-o", settings, self.point)
        self.until_mounted()
