// OVA: an OVF package (DMTF DSP0243 1.1) as one tar archive, its members in the order in which the
// specification wants them:
//
//     NAME.ovf          the description of the machine, XML
//     NAME.mf           the SHA-256 digests of the others
//     NAME-disk1.vmdk   the disk, stream-optimized
//
// The first two depend on the third, which is written first, behind the room they need: the
// description is padded so that its size does not depend on the numbers in it.
#pragma once

#include <string>

#include <disk/formats.hpp>

namespace unik::disk {

struct OvfDisk {
    std::string file_name;
    std::uint64_t file_size = 0;
    std::uint64_t capacity = 0; // bytes
};

// The description, always of the same size for the same machine. bad-value: a disk controller that
// has no name in OVF.
Result<std::string> ovf_description(const Appliance& appliance, const OvfDisk& disk);

} // namespace unik::disk
