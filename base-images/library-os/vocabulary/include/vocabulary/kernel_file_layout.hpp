// kernel.efi: the kernel as one file that firmware and loaders of several kinds take.
//
//     0x000   "MZ", and at 0x3c where the PE header is (k_pe_offset)
//     0x1f1   Linux's setup header, where the component linux-setup is linked (its flat binary
//             fills this page but for what is named here); else zeros
//     0x280   KernelFileHeader
//     0x400   PE headers: COFF header, optional header, section table; at most 512 bytes
//     0x600   Linux's real-mode code
//     0x1000  the kernel's memory from k_load_address on, as it is: gaps between segments are zeros
//     …       after a signature for Secure Boot: the certificate table
//
// As a PE image it is laid out in memory as in the file, so a relative virtual address is a file
// offset, and address RVA - 0x1000 + k_load_address is where the byte lies when loaded by anybody
// who puts the kernel where it is linked. Under UEFI it runs wherever the firmware loaded it.
//
// Where UEFI enters is told by a note in kernel.elf, as PVH's entry is. A kernel without it has no
// front door for UEFI, and its file neither "MZ" nor PE headers.
#pragma once

// The note: owner and type; the content is the entry's physical address as linked, 8 bytes.
#define UNIK_NOTE_OWNER "unik"
#define UNIK_NOTE_UEFI_ENTRY 1

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

#include <vocabulary/endian.hpp>

namespace vocabulary {

inline constexpr std::size_t k_setup_header_offset = 0x1f1;
inline constexpr std::size_t k_kernel_file_header_offset = 0x280;
inline constexpr std::size_t k_pe_offset = 0x400;
inline constexpr std::size_t k_pe_limit = 0x600;
inline constexpr std::size_t k_kernel_file_image = 0x1000; // also the size of all headers
inline constexpr std::uint64_t k_load_address = 0x10'0000; // physical
inline constexpr std::uint64_t k_kernel_file_magic = 0x314c4b4b494e5500; // "\0UNIKKL1"

// In the setup header: sizes that depend on the kernel (Linux's Documentation/arch/x86/boot.rst).
inline constexpr std::size_t k_setup_size_offset = 0x1f4;        // syssize, in 16 bytes
inline constexpr std::size_t k_setup_magic_offset = 0x202;       // "HdrS"
inline constexpr std::size_t k_setup_memory_size_offset = 0x260; // init_size

// Pages behind the image that an entry in long mode needs for page tables when the image is not
// where it is linked, however large its addresses: a table for each 2 MiB of the image and its
// directory; for mapping image and these pages one to one at most two directories and two tables
// of directories each; and a root for five levels. Linux loaders leave room for them (init_size).
constexpr std::uint64_t spare_pages_for(std::uint64_t image_size) {
    constexpr std::uint64_t table_span = 2ULL << 20;
    return image_size / table_span + 2 + 1 + 8 + 1;
}

struct KernelFileHeader {
    Le64 magic;
    Le64 load_address; // physical, of the byte at image_offset
    Le32 image_offset; // k_kernel_file_image
    Le32 image_size;   // bytes in the file, a multiple of 512
    Le32 memory_size;  // bytes in memory, a multiple of 4096: the rest is zeros
    Le32 pvh_entry;    // physical address of the 32-bit PVH entry; 0: there is none
    char name[64];     // the image's, NUL-terminated, printable ASCII
};
static_assert(sizeof(KernelFileHeader) == 96);
static_assert(k_kernel_file_header_offset + sizeof(KernelFileHeader) <= k_pe_offset);

} // namespace vocabulary
#endif
