// A BIOS that is difficult, for the boot record to cope with: a first sector that hooks INT 13h and
// then starts the disk that follows it, as that BIOS would have.
#pragma once

#include <disk/layout.hpp>

namespace unik::disk::test {

struct DifficultBios {
    std::uint16_t sector_shift = 0;  // sectors of 512 << shift bytes
    std::uint16_t most = 0xffff;     // sectors; a request for more is refused (status 09h)
    std::uint16_t at_once = 0xffff;  // sectors; of a larger request only so many are read
    std::uint16_t fail_each = 0;     // of so many reads one fails (status 10h); 0: none
    std::uint32_t end = 0xffffffff;  // its sectors from here on cannot be read (status 40h)
    std::uint16_t no_extensions = 0; // 1: functions 41h and up are not there
};

// The disk behind its BIOS, to be booted as a disk of sectors of 512 bytes. disk is borrowed.
Layout behind(const DifficultBios& bios, const Layout& disk);

} // namespace unik::disk::test
