#!/bin/sh
# Make .venv fit one of the locked sets: embedded (to run), dev (to test), e2e (to test in a browser too).
# Called by make; safe to call again, also after it was killed half-way.
set -eu
cd "$(dirname "$0")"

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

wanted=${1:-}
case $wanted in
  embedded) enough="embedded dev e2e" ;;
  dev) enough="dev e2e" ;;
  e2e) enough="e2e" ;;
  *) fail "say which set: ./setup.sh embedded | dev | e2e" ;;
esac

# Two set-ups at once would undo each other: the second waits for the first.
if [ -z "${TAKEDOWN_SETUP_LOCKED:-}" ] && command -v flock >/dev/null; then
  TAKEDOWN_SETUP_LOCKED=1 exec flock setup.sh "$0" "$@"
fi

# Debian packages, if this is Debian and we may; otherwise false, and the caller says what is missing.
apt() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "installing with apt-get: $*"
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

python=${PYTHON:-python3}
command -v "$python" >/dev/null || apt python3 || fail "Python is missing: sudo apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "Python 3.11 or newer is needed, $python is $("$python" -V). Name another one: make run PYTHON=python3.12"

# -- the virtual environment: whole, or made anew ------------------------------------------------------------
whole() { [ -e .venv/.made ] && [ ! -e .venv/.installing ] && .venv/bin/python -c 'import pip' 2>/dev/null; }
if ! whole; then
  rm -rf .venv
  if "$python" -c 'import ensurepip' 2>/dev/null || apt python3-venv; then
    "$python" -m venv .venv
  elif "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --without-pip .venv
    "$python" -m pip --python .venv/bin/python install -q --disable-pip-version-check pip
  elif command -v virtualenv >/dev/null; then
    virtualenv -q -p "$python" .venv
  elif command -v uv >/dev/null; then
    UV_PYTHON_DOWNLOADS=never uv venv -q --seed -p "$(command -v "$python")" .venv
  else
    fail "Python's venv module is missing. Install it, then run this again: sudo apt-get install python3-venv"
  fi
  touch .venv/.made
fi

# -- the packages, exactly as locked -------------------------------------------------------------------------
fits() { for set in $enough; do cmp -s "requirements/$set.txt" ".venv/.installed-$set" && return 0; done; return 1; }
if ! fits; then
  say "installing the locked packages of requirements/$wanted.txt (half a minute) ..."
  touch .venv/.installing
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-input --require-hashes -r "requirements/$wanted.txt" ||
    fail "the packages could not be installed; the lines above say why. Run this again when that is mended."
  cp "requirements/$wanted.txt" ".venv/.installed-$wanted"
  rm .venv/.installing
fi

# -- what no Python package brings ---------------------------------------------------------------------------
pango="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
if ! .venv/bin/python -W ignore -c 'import weasyprint' >/dev/null 2>&1; then
  # shellcheck disable=SC2086 # a list of packages
  apt $pango || say "everything works but PDF, which needs Pango: sudo apt-get install $pango"
fi
if [ "$wanted" = e2e ] && ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
  apt chromium || say "the journey in a browser will be left out, it needs Chromium: sudo apt-get install chromium"
fi
