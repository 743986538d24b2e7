# shellcheck shell=bash
# lib.sh BOX BUILD HERE FILE TEST: runs one test in a sandbox. `run` starts it in mount and PID namespaces of its
# own: everything that is mounted and started here goes with them.
#
# The fake /sys consists of ordinary files and links. It does not react: a device is there because the test has
# put it there, "remove" just keeps what was written to it, and only kernel_makes() below pretends a creation.
# So this proves what the programs read, write, say and return, and no more. What the kernel does, in what order
# and with which errors, is for the virtual machine (tests/vm).
set -euo pipefail

box=$1 build=$2 here=$3 file=$4 test=$5

export A=aaaaaaaa-0000-4000-8000-00000000000a
export B=bbbbbbbb-0000-4000-8000-00000000000b
export C=cccccccc-0000-4000-8000-00000000000c

# ---- the sandbox ---------------------------------------------------------------------------------------------

mount -t tmpfs -o mode=755 tmpfs "$box"
mkdir "$box"/{bin,dev,etc,run,sys,tmp}
chmod 1777 "$box/tmp"
mount --bind "$build" "$box/bin"
cp -a /etc/{passwd,group} "$box/etc"
for name in ld.so.cache ld.so.conf ld.so.conf.d alternatives nsswitch.conf; do
        [[ ! -e /etc/$name ]] || cp -a "/etc/$name" "$box/etc"
done
# what was built: with systemd, or (empty) configured --without-systemd
with_systemd=$(sed -n 's/^#define HAVE_SYSTEMD 1$/1/p' "$build/config.h")
if [[ $with_systemd ]]; then
        mkdir -p "$box"/etc/systemd/system
        cp "$build"/units/mdev{@,-parent@}.service "$here/../../units/mdev.target" "$box/etc/systemd/system"
fi
for name in null zero full random urandom tty; do
        touch "$box/dev/$name"
        mount --bind "/dev/$name" "$box/dev/$name"
done
ln -s /proc/self/fd "$box/dev/fd"
touch "$box/dev/kmsg"
mkdir -p "$box"/sys/{bus/mdev/devices,class/mdev_bus,devices/virtual/mtty}
for name in dev etc run sys; do
        mount --rbind "$box/$name" "/$name"
done
export PATH=$box/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TMPDIR=$box/tmp
# systemctl works on files, as for a host that is not running
export SYSTEMD_OFFLINE=1

# ---- the fake /sys -------------------------------------------------------------------------------------------

parent_dir() {
        echo "/sys/devices/virtual/mtty/$1"
}

sys_parent() {
        mkdir -p "$(parent_dir "$1")/mdev_supported_types"
        ln -s "../../devices/virtual/mtty/$1" "/sys/class/mdev_bus/$1"
}

# sys_type PARENT TYPE [AVAILABLE]
sys_type() {
        local dir
        dir=$(parent_dir "$1")/mdev_supported_types/$2
        mkdir -p "$dir/devices"
        echo "${3:-4}" >"$dir/available_instances"
        echo vfio-pci >"$dir/device_api"
        echo "name of $2" >"$dir/name"
        touch "$dir/create"
}

# sys_device PARENT TYPE UUID
sys_device() {
        local dir
        dir=$(parent_dir "$1")/$3
        mkdir "$dir"
        touch "$dir"/{remove,uevent,a,b}
        ln -s "../../../../../devices/virtual/mtty/$1/$3" "$(parent_dir "$1")/mdev_supported_types/$2/devices/$3"
        ln -s "../../../devices/virtual/mtty/$1/$3" "/sys/bus/mdev/devices/$3"
        # the kernel makes this link last
        ln -s "../mdev_supported_types/$2" "$dir/mdev_type"
}

# kernel_makes PARENT TYPE UUID [COMMAND]: in the background, makes the device once mdev-create has begun, and runs
# COMMAND in its directory. mdev-create blocks at "create", which is a fifo, until that is done: it opens it behind
# the record that we wait for.
kernel_makes() {
        local create
        create=$(parent_dir "$1")/mdev_supported_types/$2/create
        rm "$create"
        mkfifo "$create"
        (
                until grep -qs ^.MDEV_RECORD=creating "/run/mdev-tools/$3"; do sleep 0.01; done
                sys_device "$1" "$2" "$3"
                cd "$(parent_dir "$1")/$3"
                eval "${4:-:}"
                cat "$create" >"$box/created"
        ) &
        maker=$!
}

# define UUID LINE...: a definition in /etc/mdev-tools/devices
define() {
        mkdir -p /etc/mdev-tools/devices
        printf '%s\n' "${@:2}" >"/etc/mdev-tools/devices/$1.conf"
}

# undo_device PARENT TYPE UUID: as if it had never been
undo_device() {
        rm -r "/sys/devices/virtual/mtty/$1/$3" "/sys/bus/mdev/devices/$3" \
                "/sys/devices/virtual/mtty/$1/mdev_supported_types/$2/devices/$3"
}

as_nobody() {
        setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
}

# Everything that a program could have changed
snapshot() {
        find /etc /run /sys "$box/tmp" -printf '%p %y %m %l\n' | sort
        find /etc /run /sys "$box/tmp" -type f -exec sha256sum {} + | sort
}

# needs_systemd: the test is about units
needs_systemd() {
        [[ $with_systemd ]] || exit 78
}

# ---- what a test says ----------------------------------------------------------------------------------------

fail() {
        echo "FAILED at $(basename "$file"):${BASH_LINENO[1]}: $*"
        [[ ! -v status ]] || printf 'last: status %s\n--- stdout:\n%s\n--- stderr:\n%s\n' "$status" "$out" "$err"
        exit 1
}

# expect STATUS COMMAND...: sets out and err
expect() {
        local want=$1
        shift
        status=0
        "$@" >"$box/out" 2>"$box/err" || status=$?
        out=$(tr -d '\0' <"$box/out")
        err=$(tr -d '\0' <"$box/err")
        (( status == want )) || fail "'$*' returned $status, not $want"
        # who fails says why, in lines that name the program; who succeeds is silent, but for warnings
        (( status == 0 )) || [[ $err ]] || fail "'$*' failed in silence"
}

out_is() { [[ $out == "$1" ]] || fail "stdout is not '$1'"; }
out_has() { local s; for s in "$@"; do [[ $out == *"$s"* ]] || fail "not on stdout: '$s'"; done; }
out_lacks() { local s; for s in "$@"; do [[ $out != *"$s"* ]] || fail "on stdout: '$s'"; done; }
err_has() { local s; for s in "$@"; do [[ $err == *"$s"* ]] || fail "not on stderr: '$s'"; done; }
err_lacks() { local s; for s in "$@"; do [[ $err != *"$s"* ]] || fail "on stderr: '$s'"; done; }
silent() { [[ ! $err ]] || fail "stderr is not empty"; }
exists() { local p; for p in "$@"; do [[ -e $p || -L $p ]] || fail "$p is not there"; done; }
absent() { local p; for p in "$@"; do [[ ! -e $p && ! -L $p ]] || fail "$p is there"; done; }
# what was written to "create" is there when kernel_makes is done
content() {
        [[ $1 != "$box/created" ]] || wait "$maker" || true
        [[ $(<"$1") == "$2" ]] || fail "$1 holds '$(<"$1")', not '$2'"
}
same() { [[ $1 == "$2" ]] || { diff <(echo "$1") <(echo "$2") || true; fail "$3"; }; }

no_temporary_files() {
        local found
        found=$(find /etc/mdev-tools/devices /run/mdev-tools/devices /etc/mdevctl.d -name '.*' 2>/dev/null || true)
        [[ ! $found ]] || fail "left: $found"
}

# shellcheck disable=SC1090
. "$file"
"$test"
