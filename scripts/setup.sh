#!/bin/sh
# Makes .venv with the packages of one requirements file; does nothing when it is up to date.
# usage: [PYTHON=python3.12] scripts/setup.sh requirements.txt|requirements-dev.txt
set -eu
cd "$(dirname "$0")/.."
wanted=$1

fail() {
    echo "$*" >&2
    exit 1
}

version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none; }

supported() { case $1 in 3.11 | 3.12 | 3.13) true ;; *) false ;; esac }

choose_python() {
    found= without_venv=
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        v=$(version "$candidate")
        [ "$v" = none ] || found="$found $candidate ($v)"
        supported "$v" || continue
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            chosen=$candidate
            return
        fi
        without_venv="${without_venv:-$candidate}"
    done
    [ -z "$without_venv" ] || fail "$without_venv cannot make a virtual environment. On Debian and Ubuntu:" \
        "apt-get install python3-venv (or python$(version "$without_venv")-venv), then run make again."
    fail "LungLens needs Python 3.11, 3.12 or 3.13; found:${found:- none}." \
        "Install one, or name it: make run PYTHON=/path/to/python3.12"
}

# A usable environment answers with a supported version (PYTHON's, where that is set) and has pip.
usable() {
    v=$(version .venv/bin/python)
    supported "$v" && .venv/bin/python -c 'import pip' 2>/dev/null || return 1
    [ -z "${PYTHON:-}" ] || [ "$v" = "$(version "$PYTHON")" ]
}

if ! usable; then
    choose_python
    echo "Making .venv with $chosen ($(version "$chosen"))"
    "$chosen" -m venv --clear .venv
fi

# What is installed is noted by content; the packages for development include those of the app.
dev=$(cat requirements.txt requirements-dev.txt | cksum)
app=$(cksum <requirements.txt)
installed=$(cat .venv/installed.stamp 2>/dev/null || true)
case $wanted:$installed in
    requirements.txt:"$app" | requirements.txt:"$dev" | requirements-dev.txt:"$dev") exit ;;
esac
echo "Installing $wanted (the first time a few minutes and some 2.5 GB of disk)"
rm -f .venv/installed.stamp
.venv/bin/python -m pip install --disable-pip-version-check -r "$wanted" ||
    fail "Installing $wanted failed, see above. Run make again to go on."
if [ "$wanted" = requirements.txt ]; then echo "$app"; else echo "$dev"; fi >.venv/installed.stamp
