# Sourced by every case, before it. A case fails as soon as a check does, or any other command (set -e).
# shellcheck shell=bash
set -euo pipefail
set -o errtrace
# To the microsecond: what the case before has left is still being logged in the same second
case_began=${EPOCHREALTIME/,/.}
# The innermost shell has said it when the outer ones end
trap '(( BASH_SUBSHELL )) || echo "FAILED: $(caller_line): $BASH_COMMAND"' ERR

# caller_line: the line of the case that led here, and those that called it
caller_line() {
        local i lines=''

        for (( i = 1; i < ${#BASH_SOURCE[@]}; i++ )); do
                [[ ${BASH_SOURCE[i]} != */cases/* ]] || lines+=" < ${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]}"
        done
        echo "${lines:3}"
}

# fail MESSAGE
fail() {
        echo "FAILED: $(caller_line): $*"
        trap - ERR
        exit 1
}

# skip REASON: what the case needs is not here
skip() {
        echo "$*" >/run/mdev-test/reason
        trap - ERR
        exit 77
}

# check COMMAND...: must succeed
check() {
        local status=0

        echo "+ $*"
        "$@" || status=$?
        (( status == 0 )) || fail "status $status of: $*"
}

# check_fails STATUS COMMAND...: must end with just this status
check_fails() {
        local want=$1 status=0
        shift

        echo "+ $*"
        "$@" || status=$?
        (( status == want )) || fail "status $status, not $want, of: $*"
}

# is GOT WANTED: the two are the same text
is() {
        [[ $1 == "$2" ]] || fail "got '$1', wanted '$2'"
}

# contains TEXT PART
contains() {
        [[ $1 == *"$2"* ]] || fail "no '$2' in: $1"
}

# eventually SECONDS COMMAND...: must succeed within so many seconds. For observing only: what it prints is shown
# when it never did.
eventually() {
        local seconds=$1 end=$((${EPOCHREALTIME//[.,]/} + $1 * 1000000)) output
        shift

        while ! output=$("$@" 2>&1); do
                (( ${EPOCHREALTIME//[.,]/} < end )) || fail "not within $seconds s: $*${output:+ ($output)}"
                sleep 0.1
        done
}

# stays SECONDS COMMAND...: succeeds, and goes on to do so
stays() {
        local seconds=$1 end=$((${EPOCHREALTIME//[.,]/} + $1 * 1000000)) output
        shift

        while (( ${EPOCHREALTIME//[.,]/} < end )); do
                output=$("$@" 2>&1) || fail "no longer: $*${output:+ ($output)}"
                sleep 0.1
        done
}

# not COMMAND...: for eventually, stays and check
not() {
        ! "$@"
}

# uuid N: the Nth UUID of the tests
uuid() {
        printf '00000000-0000-4000-8000-%012x\n' "$1"
}

# unit N: the name of its unit
unit() {
        echo "mdev@$(uuid "$1").service"
}

# unit_is N STATE: the unit's ActiveState
unit_is() {
        local state
        state=$(systemctl show -P ActiveState "$(unit "$1")")
        [[ $state == "$2" ]] || { echo "$state"; return 1; }
}

# live N: the device is there. Its inode is that of this creation, for those who compare: stat -L -c %i "$(sysfs N)"
live() {
        [[ -e $(sysfs "$1") ]]
}

# sysfs N: the path of the device
sysfs() {
        echo "/sys/bus/mdev/devices/$(uuid "$1")"
}

# types PARENT: the directory of the parent's types
types() {
        echo "/sys/class/mdev_bus/$1/mdev_supported_types"
}

# raw_create PARENT TYPE N: with sysfs alone. TYPE may lack the driver's name.
raw_create() {
        local dir
        dir=$(types "$1")
        [[ -d $dir/$2 ]] && dir+=/$2 || dir=$(echo "$dir"/*-"$2")
        printf %s "$(uuid "$3")" >"$dir/create"
}

# raw_remove N
raw_remove() {
        echo 1 >"$(sysfs "$1")/remove"
}

# make_devices PARENT TYPE FIRST LAST: with sysfs alone, as fast as a shell can
make_devices() {
        local dir i
        dir=$(types "$1")
        [[ -d $dir/$2 ]] && dir+=/$2 || dir=$(echo "$dir"/*-"$2")
        for (( i = $3; i <= $4; i++ )); do
                printf '00000000-0000-4000-8000-%012x' "$i" >"$dir/create"
        done
}

# device_count: how many are live
device_count() {
        find /sys/bus/mdev/devices -mindepth 1 2>/dev/null | wc -l
}

sample_modules=(mtty mdpy mbochs mdev_test)

# parent_load MODULE [PARAMETER=VALUE]...: loads it, and waits for udev to have seen the parents
parent_load() {
        modprobe "$@"
        udevadm settle
        # what is defined from now on is not to be met by this registration
        eventually 60 parents_idle
}

# parents_idle: for no registered parent a start of its devices is queued or at work
parents_idle() {
        local jobs parent

        jobs=$(systemctl list-jobs --plain --no-legend 'mdev-parent@*')
        [[ $jobs ]] || return 0
        for parent in /sys/class/mdev_bus/*; do
                [[ $jobs != *" $(systemd-escape --template=mdev-parent@.service "${parent##*/}") "* ]] || return 1
        done
}

# parent_unload [MODULE]...: without arguments, all. Fails, and says so, when one is in use.
parent_unload() {
        local module
        (( $# )) || set -- "${sample_modules[@]}"
        for module; do
                [[ ! -d /sys/module/$module ]] || modprobe -r "$module"
        done
        udevadm settle
}

# parent_reset MODULE [PARAMETER=VALUE]...: the parent with no devices, as it is after loading
parent_reset() {
        parent_unload "$1"
        parent_load "$@"
}

# knob NAME VALUE: of mdev_test (tests/kernel/README)
knob() {
        printf %s "$2" >"/sys/module/mdev_test/parameters/$1"
}

# define N LINE...: the definition of the Nth device, written as any other program may
define() {
        local file
        file=$(uuid "$1").conf
        mkdir -p /etc/mdev-tools/devices
        printf '%s\n' "${@:2}" >"/etc/mdev-tools/devices/.$file"
        mv "/etc/mdev-tools/devices/.$file" "/etc/mdev-tools/devices/$file"
}

# units FIRST LAST: the names of these units
units() {
        local i
        for (( i = $1; i <= $2; i++ )); do
                printf 'mdev@00000000-0000-4000-8000-%012x.service\n' "$i"
        done
}

# all_up FIRST LAST: all these devices are live, and their units active. Prints the others.
all_up() {
        local i states path bad=''
        mapfile -t states < <(units "$1" "$2" | xargs systemctl show -P ActiveState | grep .)
        for (( i = $1; i <= $2; i++ )); do
                # Without a process for each: this may be asked often, of many
                printf -v path '/sys/bus/mdev/devices/00000000-0000-4000-8000-%012x' "$i"
                [[ -e $path ]] || bad+=" $i has no device,"
                [[ ${states[i - $1]} == active ]] || bad+=" $i is ${states[i - $1]},"
        done
        [[ ! $bad ]] || { echo "${bad:1:-1}"; return 1; }
}

# no_jobs: systemd has nothing to do with devices
no_jobs() {
        local jobs
        jobs=$(systemctl list-jobs --plain --no-legend 'mdev*' '*mdev_bus*')
        [[ ! $jobs || $jobs == "No jobs"* ]] || { echo "$jobs"; return 1; }
}

# settle: udev and systemd have done what the last events made them do. A job's end may be an event, and so on.
settle() {
        local i
        for i in 1 2; do
                udevadm settle --timeout=300
                eventually 300 no_jobs
        done
}

# log_of N: what systemd and the helpers have said about the unit since the case began
log_of() {
        journalctl --sync
        journalctl -q -o cat --no-pager --since="@$case_began" -u "$(unit "$1")"
}

# says N TEXT: its log has this
says() {
        local log
        log=$(log_of "$1")
        [[ $log == *"$2"* ]] || fail "no '$2' in the log of unit $1: $log"
}

# run_examples [CHECK] <COMMANDS: runs these lines of a document (examples prints them), each in a shell of its own; each has
# to succeed, and then CHECK COMMAND. $said is what it said; UUID is $uuid, and $stands, a sed script, puts what the guest
# has in place of what it has not.
run_examples() {
        local command ran=0
        while read -r command <&9; do
                command=$(sed -E "s/(^|[@ =])UUID/\1${uuid-}/g; ${stands-}" <<<"${command#[#\$] }")
                # no part of the guest; tests/host and tests/cases have it
                command=${command%% | jq *}
                echo "+ $command"
                case $command in
                mdev-monitor*|'journalctl -f'*|'udevadm monitor'*) follow "$command" ;;
                *) uuid=${uuid-} bash -o pipefail -c "$command" </dev/null >/run/mdev-test/said 2>&1 ||
                           fail "status $?: $(cat /run/mdev-test/said)" ;;
                esac
                said=$(</run/mdev-test/said)
                tail -n 20 <<<"$said"
                [[ ! ${1-} ]] || "$1" "$command"
                ran=$((ran + 1))
        done 9<&0
        (( ran > 0 )) || fail 'no commands'
}

# follow COMMAND: it goes on until it is ended, and tells of a device that comes and goes meanwhile
follow() {
        local follower
        setsid bash -c "$1" </dev/null >/run/mdev-test/said 2>&1 &
        follower=$!
        eventually 120 followed
        kill -- "-$follower"
        wait "$follower" || true
}

followed() {
        raw_create mtty mtty-1 9
        settle
        raw_remove 9
        settle
        grep -q "$(uuid 9)" /run/mdev-test/said
}

# hold N: a process that has the device open, as a VM has; its PID is $holder
hold() {
        vfio-hold "$(uuid "$1")" >"/run/mdev-test/hold$1" &
        # shellcheck disable=SC2034 # for the cases
        holder=$!
        eventually 20 grep -q holding "/run/mdev-test/hold$1"
}

# let_go PID: the holder ends
let_go() {
        kill "$1"
        wait "$1" 2>/dev/null || true
}
