# shellcheck shell=bash disable=SC2154,SC2034 # some are of lib.sh, some for it
# other-init.sh: for cases about other inits than systemd, sourced by them: what is the same with all of them.

top=/opt/mdev-test

# other_etc NAME SCRIPT: /etc as Debian's packages of the init and "make install" would leave it, and the tests as the
# last thing that it starts. What else there is (dbus needs libsystemd here) is none of the boot's business.
other_etc() {
        cp -an "$top/inits/$1/etc/." /etc/
        rm -f /etc/init.d/{dbus,hwclock.sh,procps,rsync}
        install -m 755 "$2" /etc/init.d/mdev-tools
        grep -v getty "$top/inits/$1/usr/share/sysvinit/inittab" >/etc/inittab
        echo "mt:2345:once:$top/guest/main </dev/null >/dev/console 2>&1" >>/etc/inittab
        # stands for a service that looks for devices, as the header's X-Start-Before: has it
        printf '%s\n' '#!/bin/sh' '### BEGIN INIT INFO' '# Provides: libvirtd' "# Required-Start: \$remote_fs" \
                '# Required-Stop:' '# Default-Start: 2 3 4 5' '# Default-Stop:' '### END INIT INFO' \
                'ls /sys/bus/mdev/devices >/run/seen-by-libvirtd' >/etc/init.d/libvirtd
        chmod 755 /etc/init.d/libvirtd
        # as Debian's update-rc.d has it done, where it is installed
        find /etc/init.d -type f -exec grep -q '^### BEGIN INIT INFO' {} \; -printf '%f\n' |
                PATH=$top/inits/$1/usr/sbin:$PATH xargs insserv
}

# next_init NAME BUILD: the next boot is one with this init, and nosystemd or installed programs
next_init() {
        local usr=/run/other-init/usr
        [[ -d $usr ]] || usr=/usr
        echo "$*" >/var/lib/mdev-test/init
        ln -sfn "$top/guest/other-init" "$usr/sbin/init"
        sync
}

# other_definitions: what is to be there in that boot, and what not
other_definitions() {
        echo mdev_test >/etc/modules-load.d/mdev_test.conf
        echo 'options mdev_test parents=parent0' >/etc/modprobe.d/mdev_test.conf
        define 1 parent=parent0 type=mdev_test-crypto start=auto attr.assign_adapter=5,6 requires=a.service
        define 2 parent=parent0 type=mdev_test-crypto
        define 3 parent=late type=mdev_test-crypto start=auto wait=0
        define 4 parent=late type=mdev_test-crypto
        mkdir -p /etc/mdevctl.d/parent0
        echo '{"mdev_type": "mdev_test-crypto", "start": "auto"}' >"/etc/mdevctl.d/parent0/$(uuid 5)"
}

# modes N...: as mdev-query has them
modes() {
        local n
        for n; do
                mdev-query --json "$(uuid "$n")" | sed -n 's/.*"mode": "\(.*\)".*/\1/p'
        done | xargs
}

# other_host: what has to be so in such a boot
other_host() {
        check test ! -e /run/systemd/system
        is "$(command -v systemctl || true)" ''
        is "$(readlink /proc/1/exe)" /usr/sbin/init
        check test -S /run/udev/control
}

# other_devices: the devices of the boot, and all that is done with devices by hand
other_devices() {
        local output

        # The init script was there, before those who look for devices
        check live 1
        check live 5
        check not live 2
        check not live 3
        is "$(xargs <"$(sysfs 1)/matrix")" '05. 06.'
        is "$(sort /run/seen-by-libvirtd | xargs)" "$(uuid 1) $(uuid 5)"
        is "$(modes 1 2 3 5)" 'persistent saved persistent persistent'

        check mdev-create --persistent "$(uuid 10)" parent0 mdev_test-crypto assign_domain=7
        check grep -qx start=auto "/etc/mdev-tools/devices/$(uuid 10).conf"
        check mdev-create --saved "$(uuid 11)" parent0 mdev_test-crypto
        check mdev-create --transient "$(uuid 12)" parent0 mdev_test-crypto
        check raw_create parent0 crypto 13
        is "$(modes 10 11 12 13)" 'persistent saved transient unmanaged'
        check test -c "/dev/vfio/$(basename "$(readlink "$(sysfs 10)/iommu_group")")"
        check mdev-manage --saved "$(uuid 10)"
        check mdev-manage --persistent "$(uuid 11)"
        check mdev-manage --persistent "$(uuid 12)" description=kept
        check mdev-manage --transient "$(uuid 13)"
        is "$(modes 10 11 12 13)" 'saved persistent persistent transient'
        check_fails 15 mdev-create --persistent "$(uuid 14)" parent0 mdev_test-crypto refuse=x
        check_fails 10 mdev-query "$(uuid 14)"
        check mdev-verify
        output=$(mdev-query --json "$(uuid 1)")
        contains "$output" '"unit_state": null'

        hold 12
        check_fails 17 mdev-remove "$(uuid 12)"
        let_go "$holder"
        check mdev-remove "$(uuid 10)" "$(uuid 12)" "$(uuid 13)"
        check mdev-remove --active "$(uuid 11)"
        is "$(device_count)" 2
        check mdev-start "$(uuid 11)"
        check live 11
}

# other_late COMMAND...: parents that come after the boot. COMMAND start|stop is what starts and stops the init script.
other_late() {
        knob add late
        eventually 60 live 3
        check not live 4
        # gone and back, quickly: the last registration counts
        knob flap late:3:0
        eventually 60 live 3

        # What goes wrong is in the kernel's log
        define 6 parent=later type=mdev_test-crypto start=auto attr.refuse=x
        knob add later
        eventually 60 bash -c "dmesg | grep -q 'mdev-start: $(uuid 6): attribute refuse'"
        check not live 6

        # Stopped, devices stay, and what comes gets none
        check "$@" stop
        check live 1
        knob unregister late
        udevadm settle
        check not live 3
        knob register late
        udevadm settle
        check not live 3
        rm "/etc/mdev-tools/devices/$(uuid 6).conf"
        check "$@" start
        check live 3
}

# other_examples FILE BLOCK [FILE BLOCK]...: what the documents have people type to install it (payload builds as they say);
# then page's commands for any other init, and those for a device
other_examples() {
        local stands='s/i915-GVTg_V5_4/mdev_test-crypto/' said

        run_examples < <(while (( $# )); do examples "$1" "$2"; shift 2; done |
                grep -vE '^([#$] )?(apt-get|autoreconf|./configure|make)')
        check mdev-remove --active "$(uuid 1)"
        rm /run/mdev-tools/auto
        run_examples < <(examples "$page" 5)
        check live 1
        check test -e /run/mdev-tools/auto
        knob add 0000:00:02.0
        run_examples < <(examples "$page" 6)
        is "$(mdev-query --no-legend --parent=0000:00:02.0 --columns=mode,state | xargs)" 'persistent active'
        check mdev-remove "$(mdev-query --no-legend --parent=0000:00:02.0 --columns=uuid)"
}
