// The commands that disks are driven with, and what they answer (SPC-4, SBC-3). Numbers are
// big-endian on the wire.
#pragma once

#include <scsi/transport.hpp>

namespace os::scsi {

Command test_unit_ready(Address address);
Command inquiry(Address address, MutableBytes data);
Command report_luns(Address address, MutableBytes data);
Command mode_sense(Address address, MutableBytes data);
Command read_capacity_10(Address address, MutableBytes data);
Command read_capacity_16(Address address, MutableBytes data);
Command synchronize_cache(Address address);
// The shortest form that can say it. `count` is at most 0xffff.
Command read_sectors(Address address, std::uint64_t sector, std::uint32_t count, MutableBytes data);
Command write_sectors(Address address, std::uint64_t sector, std::uint32_t count,
                      MutableBytes data);

inline constexpr std::uint32_t k_most_sectors = 0xffff; // of one command

enum class DeviceType { disk, cd, other };

struct Identity {
    bool present = false;
    DeviceType type = DeviceType::other;
    std::uint8_t version = 0; // of SPC
};
// enodev when too little came. The same holds for the next ones.
Result<Identity> parse_inquiry(Bytes data);

struct Capacity {
    std::uint64_t sectors = 0;
    std::uint32_t sector_size = 0;
    std::uint32_t physical_sector_size = 0;
};
inline constexpr std::uint64_t k_too_many_for_10 = 0x100000000;
// `sectors` is k_too_many_for_10 when only READ CAPACITY (16) can tell.
Result<Capacity> parse_capacity_10(Bytes data);
Result<Capacity> parse_capacity_16(Bytes data);

bool is_write_protected(Bytes mode_sense_data);

// How long the whole REPORT LUNS answer is that begins like this.
std::size_t luns_size(Bytes data);
// The LUNs of a REPORT LUNS answer that single-level addressing reaches; returns how many were
// stored.
std::size_t parse_luns(Bytes data, Span<std::uint16_t> luns);

} // namespace os::scsi
