"""How rooms of the engine become programs: with the engine in reach, and nothing that lies beside it."""

import shutil
import subprocess
import sys
from pathlib import Path

HALL = Path(__file__).parents[2] / "custom_components" / "wyze_local"


def test_a_program_reaches_nothing_beside_the_engine(tmp_path: Path) -> None:
    """Home Assistant wants files in the hall that bear the names of standard modules."""
    engine = tmp_path / "hall" / "engine"
    (engine / "probe").mkdir(parents=True)
    for name in ("__init__.py", "start.py"):
        shutil.copy(HALL / "engine" / name, engine)
    (engine / "probe" / "__init__.py").touch()
    (engine / "probe" / "__main__.py").write_text(
        "import colorsys, sys\nfrom . import __name__ as name\nprint(name, colorsys.__file__, sys.argv[1:])\n"
    )
    (engine.parent / "colorsys.py").write_text("raise SystemExit('the wrong one')\n")
    result = subprocess.run(
        [sys.executable, "-E", "-s", "-P", engine / "start.py", "probe", "one"],
        cwd=engine.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (result.returncode, result.stderr) == (0, "")
    name, module, rest = result.stdout.split(maxsplit=2)
    assert name == "engine.probe"
    assert not Path(module).is_relative_to(tmp_path)
    assert rest.strip() == "['one']"
