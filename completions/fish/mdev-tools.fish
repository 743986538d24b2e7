# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion for all programs; completions/bash has the same in bash. fish looks for a file with the name of each
# command: they are links to this one.
functions -q __mdev_uuids; and exit

# __mdev_values KEY OPTION...: the values of one key, of the rows that mdev-query shows. --export quotes them.
function __mdev_values
    mdev-query --export $argv[2..] 2>/dev/null | string replace -rf "^MDEV_$argv[1]='?(.*?)'?\$" '$1' | sort -u
end

function __mdev_parents
    __mdev_values PARENT --parents
    __mdev_values PARENT
end

# __mdev_words: those before the one that is completed, without the command
function __mdev_words
    set -l words (commandline -opc)
    string join \n -- $words[2..]
end

# __mdev_uuids live|defined|startable|all: a startable device is defined and not live
function __mdev_uuids
    set -l words (__mdev_words)
    set -l uuid; set -l parent; set -l type; set -l mode; set -l state
    mdev-query --export 2>/dev/null | while read -l -d = key value
        switch $key
            case MDEV_UUID
                set uuid $value
            case MDEV_PARENT
                set parent (string trim -c \' -- $value)
            case MDEV_TYPE
                set type (string trim -c \' -- $value)
            case MDEV_MODE
                set mode $value
            case MDEV_DEVICE_STATE
                set state $value
            case MDEV_DEFINITION
                contains -- $uuid $words; and continue
                switch $argv[1]
                    case live
                        test -e /sys/bus/mdev/devices/$uuid; or continue
                    case defined
                        test "$value" != "''"; or continue
                    case startable
                        test "$value" != "''" -a ! -e /sys/bus/mdev/devices/$uuid; or continue
                end
                printf '%s\t%s %s, %s, %s\n' $uuid "$parent" "$type" "$mode" "$state"
        end
    end
end

# __mdev_live_attributes DIRECTORY: what can be written in a device's directory, besides what every device has
function __mdev_live_attributes
    find $argv[1]/ -maxdepth 2 -type f -perm /222 ! -path '*/power/*' ! -name remove ! -name uevent -printf '%P=\tattribute\n' 2>/dev/null
end

# __mdev_fields: what --columns and --sort of mdev-query may name
function __mdev_fields
    set -l words (__mdev_words)
    if contains -- --types $words
        string join \n parent type name device_api description available used devices why_none
    else if contains -- --parents $words
        string join \n parent path driver types devices
    else
        string join \n uuid parent parent_selector parent_path type type_name device_api mode state start unit \
            unit_state iommu_group vfio_node in_use_by definition node_user node_group node_mode attributes
    end
end

function __mdev_keys
    printf '%s\tkey\n' description= after= requires= wants= start=auto start=manual wait= node_user= node_group= node_mode=
end

function __mdev_create
    set -l words (__mdev_words)
    string match -qr -- '^--file=' $words; and return
    set -l args (string match -v -- '-*' $words)
    if string match -q -- '????????-????-????-????-????????????' "$args[1]"
        set -e args[1]
    end
    switch (count $args)
        case 0
            __mdev_values PARENT --parents
        case 1
            __mdev_values TYPE --types $args[1]
        case '*'
            __mdev_keys
            # a device of the type, if there is one, knows what they all have
            set -l devices /sys/class/mdev_bus/$args[1]/mdev_supported_types/$args[2]/devices/*
            set -q devices[1]; and __mdev_live_attributes /sys/bus/mdev/devices/(path basename $devices[1])
    end
end

function __mdev_manage
    set -l words (__mdev_words)
    if contains -- --import $words
        for file in /etc/mdevctl.d/*/*-*-*-*-*
            string replace /etc/mdevctl.d/ '' -- $file
        end
    else if contains -- --export-mdevctl $words
        __mdev_values UUID --mode=saved
        __mdev_values UUID --mode=persistent
    else
        set -l args (string match -v -- '-*' $words)
        if test (count $args) -eq 0
            __mdev_uuids all
            return
        end
        printf '%s\tkey\n' parent= type=
        __mdev_keys
        __mdev_live_attributes /sys/bus/mdev/devices/$args[1]
        for file in /etc/mdev-tools/devices/$args[1].conf /run/mdev-tools/devices/$args[1].conf
            test -r $file; and string replace -rf '^\s*attr\.([^=\s]*)\s*=.*' '$1=\tattribute' <$file
        end
    end
end

function __mdev_what
    set -l words (__mdev_words)
    if contains -- --types $words
        __mdev_values PARENT --parents
    else if not contains -- --parents $words
        __mdev_uuids all
    end
end

function __mdev_start
    contains -- --auto (__mdev_words); or __mdev_uuids startable
end

function __mdev_remove
    set -l words (__mdev_words)
    if contains -- --active $words; or contains -- --recorded $words
        __mdev_uuids live
    else if contains -- --definition $words
        __mdev_uuids defined
    else
        __mdev_uuids all
    end
end

function __mdevctl_uuids
    switch (__mdev_words)[1]
        case start
            __mdev_uuids startable
        case stop
            __mdev_uuids live
        case modify undefine
            __mdev_uuids defined
        case '*'
            __mdev_uuids all
    end
end

for command in mdev-create mdev-diagnose mdev-manage mdev-monitor mdev-query mdev-remove mdev-start mdev-verify
    complete -c $command -f -s h -l help -d 'print a short help'
    complete -c $command -f -s V -l version -d 'print the version'
end
for command in mdev-create mdev-manage
    complete -c $command -l transient -d 'keep the definition until the next boot'
    complete -c $command -l saved -d 'keep the definition, start the device by hand'
    complete -c $command -l persistent -d 'keep the definition, start the device automatically'
end
for command in mdev-query mdev-monitor
    complete -c $command -l parent -x -a '(__mdev_parents)' -d 'show only devices of a parent'
    complete -c $command -l type -x -a '(__mdev_values TYPE --types)' -d 'show only devices of a type'
    complete -c $command -l mode -x -a 'transient saved persistent unmanaged' -d 'show only devices in a mode'
    complete -c $command -l state -x -a 'active inactive failed invalid' -d 'show only devices in a state'
end

complete -c mdev-create -l no-start -d 'write the definition, do not create the device'
complete -c mdev-create -l file -r -F -d 'read the definition from a file'
complete -c mdev-create -l wait -x -d 'wait up to so many seconds for parent and type'
complete -c mdev-create -l dry-run -d 'print what would be done'
complete -c mdev-create -f -a '(__mdev_create)'

complete -c mdev-start -l auto -d 'start all persistent devices'
complete -c mdev-start -l parent -x -a '(__mdev_parents)' -d 'with --auto, start only devices of a parent'
complete -c mdev-start -l wait -x -d 'wait up to so many seconds for parent and type'
complete -c mdev-start -l unit -d 'run on behalf of a systemd unit'
complete -c mdev-start -f -a '(__mdev_start)'

complete -c mdev-manage -l import -d 'convert mdevctl\'s definitions into native ones'
complete -c mdev-manage -l export-mdevctl -d 'convert native definitions into mdevctl\'s'
complete -c mdev-manage -f -a '(__mdev_manage)'

complete -c mdev-query -l types -d 'show the types of parents'
complete -c mdev-query -l parents -d 'show the registered parents'
complete -c mdev-query -l columns -x -a '(__fish_complete_list , __mdev_fields)' -d 'show these fields as columns'
complete -c mdev-query -l sort -x -a '(__fish_complete_list , __mdev_fields)' -d 'sort by these fields'
complete -c mdev-query -l no-legend -d 'omit the head of the table'
complete -c mdev-query -l json -d 'print an array of JSON objects'
complete -c mdev-query -l export -d 'print KEY=value lines'
complete -c mdev-query -l tree -d 'print a tree'
complete -c mdev-query -f -a '(__mdev_what)'

complete -c mdev-monitor -l json -d 'print one JSON object per line'
complete -c mdev-monitor -f -a '(__mdev_uuids all)'

complete -c mdev-diagnose -l json -d 'print an array of JSON objects'
complete -c mdev-diagnose -f -a '(__mdev_uuids all; __mdev_parents)'

complete -c mdev-verify -F

complete -c mdev-remove -l active -d 'remove only the live device'
complete -c mdev-remove -l definition -d 'remove only the definition'
complete -c mdev-remove -l force -d 'remove devices in use, too'
complete -c mdev-remove -l recorded -d 'remove only the device that the unit has started'
complete -c mdev-remove -l timeout -x -d 'give up after so many seconds'
complete -c mdev-remove -f -a '(__mdev_remove)'

# __mdevctl_option COMMANDS OPTION...: an option of these commands of mdevctl
function __mdevctl_option
    complete -c mdevctl -n "__fish_seen_subcommand_from $argv[1]" $argv[2..]
    string match -q '*list*' -- $argv[1]; and complete -c lsmdev $argv[2..]
end

complete -c mdevctl -f -n __fish_use_subcommand -a 'define undefine modify start stop list types help'
complete -c mdevctl -f -n __fish_use_subcommand -l version
complete -c mdevctl -f
complete -c lsmdev -f
__mdevctl_option 'define undefine modify start stop list types' -l help
__mdevctl_option 'define undefine modify start stop list' -s u -l uuid -x -a '(__mdevctl_uuids)' -d 'UUID of the device'
__mdevctl_option 'define undefine modify start list types' -s p -l parent -x -a '(__mdev_parents)' -d parent
__mdevctl_option 'define modify start' -s t -l type -x -a '(__mdev_values TYPE --types)' -d type
__mdevctl_option 'define modify start' -l jsonfile -r -F -d 'take the definition from a file'
__mdevctl_option 'define undefine modify start stop' -s f -l force
__mdevctl_option 'define modify' -s a -l auto -d 'start it automatically'
__mdevctl_option modify -s m -l manual -d 'start it by hand'
__mdevctl_option modify -l addattr -x -d 'add an attribute'
__mdevctl_option modify -l value -x -d 'its value'
__mdevctl_option modify -l delattr -d 'remove an attribute'
__mdevctl_option modify -s i -l index -x -d 'its place'
__mdevctl_option modify -s l -l live -d 'the live device'
__mdevctl_option 'modify list' -s d -l defined -d 'the definition'
__mdevctl_option 'list types' -l dumpjson -d JSON
__mdevctl_option list -s v -l verbose -d 'attributes, too'
__mdevctl_option list -l version
