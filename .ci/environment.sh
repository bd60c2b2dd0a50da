#!/bin/sh
# Makes .venv, the environment of every make target, unless it is there and fits setup.cfg.
# PYTHON names the interpreter to make it with; without it the first suitable one is taken.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/made_from # written last, so that an interrupted installation leaves none
made_from() { pwd; cat setup.cfg; }

probe='
import sys
answer = "%d.%d" % sys.version_info[:2]
try:
    import ensurepip, venv
except ImportError:
    answer += " without venv"
print(answer)'

suitable_python() { # sets python and version
    set -- python3 python3.13 python3.12 python3.11
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; fi
    for python; do
        version=$("$python" -c "$probe" 2>/dev/null) || continue
        case $version in 3.11 | 3.12 | 3.13) return ;; esac
        found="${found:+$found, }$python ($version)"
    done
    echo "tfgan_apps needs Python 3.11, 3.12 or 3.13 with venv (Debian and Ubuntu: also the package" \
        "python3-venv), but found ${found:-no $* that runs}; install one, or name one by" \
        "make PYTHON=/path/to/python3." >&2
    exit 1
}

if .venv/bin/python -c '' 2>/dev/null && [ "$(made_from)" = "$(cat $stamp 2>/dev/null)" ]; then
    exit 0
fi
suitable_python
echo "Making .venv with Python $version ($python); downloads about 800 MB the first time."
rm -rf .venv
"$python" -m venv .venv
.venv/bin/python -m pip install --disable-pip-version-check --editable '.[serving,test]'
made_from >$stamp
