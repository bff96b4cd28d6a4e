// The run-time configuration of an image: built in at link time, overridden at boot through the
// hypervisor's own channel: on QEMU the fw_cfg file "opt/org.unik/configuration", elsewhere the
// words unik.KEY=VALUE of the kernel's command line (double quotes keep spaces within a word).
//
// Format: records `key=value`, each closed by one NUL byte. Order matters only among equal keys.
//
//     arg=VALUE        one argument, argv[0] first. Any arg record in the override replaces all
//                      arguments after argv[0] of the built-in list.
//     fixed=VALUE      built in only, between argv[0] and the others: an argument that stays, such
//                      as the script that an interpreter runs
//     env=NAME=VALUE   one variable; the override replaces by NAME and adds
//     hostname=NAME
//     directory=PATH   where a program that lies in the root file system starts; default /
//     ip4=dhcp | ADDRESS/PREFIX[,GATEWAY[,DNS]]      default dhcp
//     ip6=auto | off | ADDRESS/PREFIX[,GATEWAY]      default auto
//     console=serial | split | inline
//                               split: program's output on COM1, its errors on COM3, and the
//                               control channel as JSON lines on COM2; serial: all on COM1, without
//                               a control channel; inline: all on COM1, each line of the control
//                               channel behind a record separator (0x1e)
//     mark=TEXT                 in split mode, the first that the guest writes to COM1 and COM2:
//                               firmware may have written there before
//     exit=debug                the machine ends through QEMU's isa-debug-exit device at port 0xf4
//                               with the program's exit code; else by ACPI or a reset
//     memory_limit=BYTES        reserved
//     tmpfs=PATH,BYTES          a file system in memory is mounted at PATH, an absolute path
//     without
//                               dots that the root has, and holds at most so many bytes; of equal
//                               paths the last counts. /tmp, /run and /dev/shm are there without a
//                               record, each with at most half of the memory.
#pragma once

namespace vocabulary {

inline constexpr char k_configuration_file[] = "opt/org.unik/configuration";

} // namespace vocabulary
