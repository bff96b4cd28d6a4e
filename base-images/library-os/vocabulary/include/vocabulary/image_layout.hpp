// What the tool writes into a kernel image and the kernel reads at boot.
//
// The link step puts these structures into read-only sections and lets the linker script fill in
// the addresses (QUAD), so no relocation is left for boot. The symbols are
//
//     unik_image        ImageHeader
//     unik_segments     SegmentRecord[segment_count]    the application's PT_LOAD segments
//     unik_start_steps  StartStep[start_step_count]     in dependency order
//     unik_syscalls     uint32_t[syscall_count]         by number, see SyscallHandlerWord
//     unik_syscall_names                                for messages, see below
//     unik_drivers      DriverEntry[driver_count]
//     unik_filesystems  FilesystemEntry[filesystem_count]
//
// Strings lie in the same section and are NUL-terminated.
#pragma once

#include <cstdint>

namespace vocabulary {

inline constexpr std::uint64_t k_image_magic = 0x3130304b494e5500; // "\0UNIK001"
inline constexpr std::uint32_t k_syscall_slots = 512;              // syscall_count is at most this

enum class ProgramKind : std::uint32_t {
    fixed = 0,                // ET_EXEC: segments lie at their final virtual addresses
    position_independent = 1, // ET_DYN: the kernel picks the base, the program relocates itself
    file = 2,                 // lies in the root file system, with the interpreter that it names
};

struct ImageHeader {
    std::uint64_t magic;
    std::uint32_t segment_count;
    std::uint32_t start_step_count;
    std::uint32_t driver_count;
    std::uint32_t filesystem_count;
    ProgramKind program_kind;
    std::uint32_t program_header_count;
    std::uint64_t entry; // as in the ELF header; relative for ET_DYN
    std::uint64_t
        program_headers;         // virtual address of the ELF program headers; relative for ET_DYN
    std::uint64_t configuration; // records, see boot_configuration.hpp
    std::uint64_t configuration_size;
    std::uint64_t name;          // C string: the Unikfile's name
    std::uint64_t version;       // C string: the Unikfile's version, may be empty
    std::uint64_t program;       // C string: the program's absolute path
    std::uint32_t syscall_count; // the highest linked number and one
    std::uint32_t syscall_name_count;
    std::uint32_t syscall_provider_count;
    std::uint32_t reserved;
};
static_assert(sizeof(ImageHeader) == 104);

// One PT_LOAD segment. Its bytes lie at `data` in the kernel's image, page offset preserved
// (data % 4096 == address % 4096), so that whole pages are mapped where they are, not copied.
struct SegmentRecord {
    std::uint64_t address;     // p_vaddr
    std::uint64_t memory_size; // p_memsz
    std::uint64_t data;        // kernel virtual address of the file's bytes
    std::uint64_t file_size;   // p_filesz
    std::uint32_t flags;       // PF_X 1, PF_W 2, PF_R 4
    std::uint32_t alignment_log2;
};
static_assert(sizeof(SegmentRecord) == 40);

struct StartStep {
    std::uint64_t name;     // C string: the component
    std::uint64_t function; // os::Result<void> (*)()
};
static_assert(sizeof(StartStep) == 16);

// A system call's os::SyscallHandler: the low half of its address, whose high half is all ones; 0:
// the call is not linked.
using SyscallHandlerWord = std::uint32_t;

// unik_syscall_names is read from its start when a message wants a name, never on a path that
// matters: syscall_provider_count C strings, the components that provide system calls; then for
// each number from 0 to syscall_name_count - 1 one byte, 0 or the number from 1 on of the component
// that provides the call, and the call's name as a C string, empty for an unknown number.

// match: "pci:VVVV:DDDD" in lower-case hexadecimal ("pci:VVVV:*" for all of a vendor) or "virtio:N"
// (virtio device type, decimal, behind whatever bus).
struct DriverEntry {
    std::uint64_t match;  // C string
    std::uint64_t attach; // os::Result<void> (*)(os::Device&)
};
static_assert(sizeof(DriverEntry) == 16);

struct FilesystemEntry {
    std::uint64_t mount_point; // C string, absolute: "/", "/dev", "/proc"
    std::uint64_t mount;       // os::Result<void> (*)(const char* mount_point)
};
static_assert(sizeof(FilesystemEntry) == 16);

} // namespace vocabulary
