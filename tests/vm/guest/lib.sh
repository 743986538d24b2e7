# Sourced by every case. A case fails when a command in it fails (set -e) or a check does.
# shellcheck shell=bash
set -euo pipefail
trap 'echo "failed: ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
set -o errtrace

fail() {
        trap - ERR
        echo "FAILED at ${BASH_SOURCE[-1]##*/}:${BASH_LINENO[-2]}: $*"
        exit 1
}

# skip REASON: this case cannot be run here
skip() {
        trap - ERR
        echo "$*" >/run/mdev-test/reason
        exit 77
}
