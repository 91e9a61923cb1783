"""A network drive: an SSH server of our own behind a loopback of its own, mounted by sshfs. Needs root.

What no disk of this machine does can be done to it: the server dies, or hangs and answers nobody, while its
files are open here. Nothing of this machine's own SSH is used or touched. What is missing is said by the
names of Debian's packages.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

PORT = 2222
WITHIN = 20.0
"""Seconds that anything here may take."""

_SERVER = """
ListenAddress 127.0.0.1:{port}
HostKey {place}/host
AuthorizedKeysFile {place}/user.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
Subsystem sftp internal-sftp
"""
# The server wants a folder that only its own service makes; it gets one that nobody else sees.
_ALONE = 'mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -f "$0"'


def run(*command: str | Path) -> str:
    words = [str(part) for part in command]
    return subprocess.run(words, check=True, timeout=WITHIN, capture_output=True, text=True).stdout


def _until(true: Callable[[], object]) -> None:
    end = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < end, "the network drive did not come or go in time"
        time.sleep(0.02)


class Nas:
    programs: ClassVar = {
        "/usr/sbin/sshd": "openssh-server",
        "ssh": "openssh-client",
        "sshfs": "sshfs",
        "ip": "iproute2",
        "nsenter": "util-linux",
    }
    """What is needed, and the packages of Debian that bring it."""
    server: ClassVar = "sshd"
    """What the processes of the server are called."""
    """The drive. Who looks at `folder` waits for as long as the server hangs: look at `share` instead."""

    def __init__(self, place: Path, folder: Path, share: Path, *, patient: bool) -> None:
        """Prepare; a patient mount connects anew when the server is back, another one ends with it."""
        self.point = folder
        """Where it is mounted."""
        self.folder = folder
        """Where its files lie below that."""
        self.share = share
        """Where they lie at the server."""
        self.place = place
        self._patient = patient
        self._space = f"wl-nas-{os.getpid()}"
        self._programs: list[subprocess.Popen[bytes]] = []

    def within(self, *command: str | Path) -> None:
        """Run a program of ours behind the drive's own loopback."""
        words = ["nsenter", f"--net=/run/netns/{self._space}", *(str(part) for part in command)]
        quiet = subprocess.DEVNULL
        self._programs.append(subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet))

    def open(self) -> None:
        """Make the loopback, then serve and mount."""
        missing = sorted(package for name, package in self.programs.items() if shutil.which(name) is None)
        assert not missing, f"install these packages of Debian first: {' '.join(missing)}"
        for folder in (self.place, self.point):
            folder.mkdir()
        run("ip", "netns", "add", self._space)
        run("ip", "-n", self._space, "link", "set", "lo", "up")
        self.prepare()
        self.serve()
        self.mount()

    def prepare(self) -> None:
        """Make keys and settings."""
        for name in ("host", "user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.place / name)
        settings = _SERVER.format(port=PORT, place=self.place)
        (self.place / "sshd_config").write_text(settings, encoding="utf-8")

    def serve(self) -> None:
        """Start the server."""
        self.within("unshare", "-m", "sh", "-c", _ALONE, self.place / "sshd_config")
        self.until_served(PORT)

    def until_served(self, port: int) -> None:
        """Wait until the server listens."""
        listens = ["nsenter", f"--net=/run/netns/{self._space}", "ss", "-Hltn", f"sport = :{port}"]
        _until(lambda: run(*listens))

    def mount(self) -> None:
        """Mount it, as a person's own mount would be."""
        options = [f"IdentityFile={self.place}/user", "StrictHostKeyChecking=no"]
        options += ["UserKnownHostsFile=/dev/null", "ssh_command=ssh -F none"]
        options += ["reconnect"] if self._patient else []
        words = [word for option in options for word in ("-o", option)]
        self.within("sshfs", "-f", "-p", str(PORT), *words, f"root@127.0.0.1:{self.share}", self.point)
        self.until_mounted()

    def until_mounted(self) -> None:
        """Wait until it is there."""
        _until(self._mounted)

    def _mounted(self) -> bool:
        # Without asking the drive, which may not answer.
        return f" {self.point} " in Path("/proc/self/mountinfo").read_text(encoding="utf-8")

    def _servers(self) -> list[int]:
        found = []
        for pid in map(int, run("ip", "netns", "pids", self._space).split()):
            with suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").startswith(self.server):
                    found.append(pid)
        return found

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._servers():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """Let the server die, as when its plug is pulled, but seen at once by who is connected."""
        self._signal(signal.SIGKILL)
        _until(lambda: not self._servers())

    def hang(self) -> None:
        """Let the server be there, and answer nothing any more."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again, beginning with what it was asked meanwhile."""
        self._signal(signal.SIGCONT)

    def detach(self) -> None:
        """Be gone from the folder, whoever still uses it."""
        run("umount", "-l", self.point)

    def close(self) -> None:
        """Leave nothing of it, in whatever state it is."""
        self.go_on()
        while self._mounted():
            self.detach()
        # The end of who mounted it ends all waiting for it, too.
        for program in self._programs:
            program.kill()
        self._signal(signal.SIGKILL)
        for program in self._programs:
            program.wait(WITHIN)
        run("ip", "netns", "delete", self._space)


@contextmanager
def nas(
    place: Path, folder: Path, share: Path, *, patient: bool = True, kind: type[Nas] = Nas
) -> Iterator[Nas]:
    """Serve a folder of this machine and mount it at another one; keys and settings lie at a third place."""
    made = kind(place, folder, share, patient=patient)
    try:
        made.open()
        yield made
    finally:
        made.close()
