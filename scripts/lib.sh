# Sourced by the scripts of this folder.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# No __pycache__ beside the sources; Debian's Python, whatever else is first in PATH.
export PYTHONDONTWRITEBYTECODE=1
python=/usr/bin/python3
# What runs here is asked directly, whatever proxy leads out. Who reads either name reads the lower case first.
no_proxy=127.0.0.1,localhost,${no_proxy:-${NO_PROXY:-}}
export no_proxy=${no_proxy%,}
export NO_PROXY=$no_proxy

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# Milliseconds for intervals.
now_ms() {
    echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

seconds_since() {
    local ms=$(($(now_ms) - $1))

    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

c_files() {
    find base domain contracts configs http msgqueue persistence ledger service eventservice bookingservice \
        searchservice tests bench -name '*.[ch]' | sort
}

# build PRESET: all of it, with every error there is.
build() {
    cmake --preset "$1" >/dev/null && cmake --build "build/$1" -- -k 0 --quiet
}
