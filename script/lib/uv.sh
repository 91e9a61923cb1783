# Finds or brings uv, and makes the environment with it. Sourced by script/setup.
# shellcheck shell=bash
UV_VERSION=0.13.9

# Everything that uv keeps for this project lies in the project.
export UV_PYTHON_INSTALL_DIR="$TOOLS/uv-python" UV_TOOL_DIR="$TOOLS/uv-tools" UV_TOOL_BIN_DIR="$TOOLS/bin"
export UV_NO_PROGRESS=1

uv_looks_good() { "$(uv_path)" --version; }

uv_path() { command -v uv || printf '%s' "$TOOLS/uv/bin/uv"; }

bring_uv() {
  command -v uv >/dev/null && return 0
  command -v python3 >/dev/null ||
    fail "There is neither uv nor any python3 to fetch it with." "Install uv, or python3 with pip, and run this again."
  python3 -m pip --version >/dev/null 2>&1 ||
    fail "There is no uv, and python3 has no pip to fetch it with." \
      "Install uv, or pip (on Debian: apt install python3-pip), and run this again."
  quietly python3 -m pip install --disable-pip-version-check --only-binary :all: --target "$PARTIAL/uv" "uv==$UV_VERSION" ||
    fail "uv $UV_VERSION could not be fetched from the Python package index." \
      "Check the network (or your pip settings), or install uv yourself, and run this again."
  rm -rf "$TOOLS/uv"
  mv "$PARTIAL/uv" "$TOOLS/uv"
}

environment_looks_good() {
  "$VENV/bin/python" - <<'PY'
from importlib.util import find_spec
import sys

wanted = ("homeassistant", "hass_frontend", "pytest_homeassistant_custom_component", "hypothesis", "av", "playwright")
sys.exit(not all(find_spec(name) for name in wanted))
PY
}

# Made beside the old one and swapped in whole, so that an environment is either complete or absent.
bring_environment() {
  local python=$1
  quietly "$UV" venv --relocatable --python "$python" "$PARTIAL/venv" ||
    fail "The Python environment could not be created." "Look at the lines above; PYTHON=… chooses another interpreter."
  environment_flags "$python"
  quietly "$UV" pip sync --python "$PARTIAL/venv/bin/python" --require-hashes --compile-bytecode "$ROOT/requirements.lock" ||
    fail "The locked Python packages could not be installed." "Check the network and the lines above, then run this again."
  [ ! -e "$VENV" ] || mv "$VENV" "$PARTIAL/old-venv"
  mv "$PARTIAL/venv" "$VENV"
}

# Headers of an unpacked Python do not lie where compilers look.
environment_flags() {
  local include=${1%/bin/*}/include
  export CFLAGS="${CFLAGS:-} -I$include" CXXFLAGS="${CXXFLAGS:-} -I$include"
}
