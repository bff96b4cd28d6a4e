// Cylinders, heads and sectors: what some containers still record, though nobody addresses a disk
// by them any more.
#pragma once

#include <cstdint>

namespace unik::disk {

struct Geometry {
    std::uint32_t cylinders = 0;
    std::uint32_t heads = 0;
    std::uint32_t sectors = 0; // per track
};

// As the appendix "CHS Calculation" of Microsoft's Virtual Hard Disk Image Format Specification
// says; at most 65535 × 16 × 255, about 127 GiB.
Geometry vhd_geometry(std::uint64_t sectors);
// 16 heads of 63 sectors, at most 16383 cylinders: what ATA disks report.
Geometry ata_geometry(std::uint64_t sectors);
// 255 heads of 63 sectors, as BIOSes present SCSI disks; at most 65535 cylinders.
Geometry scsi_geometry(std::uint64_t sectors);

} // namespace unik::disk
