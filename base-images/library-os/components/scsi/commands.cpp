#include "commands.hpp"

namespace os::scsi {

namespace {

constexpr std::uint8_t k_test_unit_ready = 0x00;
constexpr std::uint8_t k_inquiry = 0x12;
constexpr std::uint8_t k_mode_sense_6 = 0x1a;
constexpr std::uint8_t k_read_capacity_10 = 0x25;
constexpr std::uint8_t k_read_10 = 0x28;
constexpr std::uint8_t k_write_10 = 0x2a;
constexpr std::uint8_t k_synchronize_cache_10 = 0x35;
constexpr std::uint8_t k_read_16 = 0x88;
constexpr std::uint8_t k_write_16 = 0x8a;
constexpr std::uint8_t k_service_action_in_16 = 0x9e;
constexpr std::uint8_t k_read_capacity_16 = 0x10; // service action
constexpr std::uint8_t k_report_luns = 0xa0;

constexpr std::uint8_t k_all_pages = 0x3f;
constexpr std::uint8_t k_no_block_descriptors = 0x08;
constexpr std::uint8_t k_write_protect = 0x80;
constexpr unsigned k_most_physical_exponent = 12;
constexpr std::size_t k_luns_header = 8;
constexpr std::size_t k_lun_entry = 8;

void put(std::uint8_t* out, std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i)
        out[i] = static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
}

std::uint64_t get(Bytes data, std::size_t offset, unsigned bytes) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i)
        value = value << 8 | data[offset + i];
    return value;
}

Command command(Address address, std::uint8_t operation, std::uint8_t size) {
    Command made;
    made.address = address;
    made.bytes[0] = operation;
    made.size = size;
    return made;
}

Command asking(Address address, std::uint8_t operation, std::uint8_t size, MutableBytes data) {
    Command made = command(address, operation, size);
    made.direction = Data::from_device;
    made.data = data;
    return made;
}

struct Forms {
    std::uint8_t of_10;
    std::uint8_t of_16;
};

Command transfer(Address address, Forms forms, Data direction, std::uint64_t sector,
                 std::uint32_t count, MutableBytes data) {
    const bool is_short = sector + count <= k_too_many_for_10;
    Command made = is_short ? command(address, forms.of_10, 10) : command(address, forms.of_16, 16);
    if (is_short) {
        put(made.bytes + 2, sector, 4);
        put(made.bytes + 7, count, 2);
    } else {
        put(made.bytes + 2, sector, 8);
        put(made.bytes + 10, count, 4);
    }
    made.direction = direction;
    made.data = data;
    return made;
}

} // namespace

Command test_unit_ready(Address address) {
    return command(address, k_test_unit_ready, 6);
}

Command inquiry(Address address, MutableBytes data) {
    Command made = asking(address, k_inquiry, 6, data);
    put(made.bytes + 3, data.size(), 2);
    return made;
}

Command report_luns(Address address, MutableBytes data) {
    Command made = asking(address, k_report_luns, 12, data);
    put(made.bytes + 6, data.size(), 4);
    return made;
}

Command mode_sense(Address address, MutableBytes data) {
    Command made = asking(address, k_mode_sense_6, 6, data);
    made.bytes[1] = k_no_block_descriptors;
    made.bytes[2] = k_all_pages;
    put(made.bytes + 4, data.size(), 1);
    return made;
}

Command read_capacity_10(Address address, MutableBytes data) {
    return asking(address, k_read_capacity_10, 10, data);
}

Command read_capacity_16(Address address, MutableBytes data) {
    Command made = asking(address, k_service_action_in_16, 16, data);
    made.bytes[1] = k_read_capacity_16;
    put(made.bytes + 10, data.size(), 4);
    return made;
}

Command synchronize_cache(Address address) {
    return command(address, k_synchronize_cache_10, 10); // all of it: address and count are zero
}

Command read_sectors(Address address, std::uint64_t sector, std::uint32_t count,
                     MutableBytes data) {
    return transfer(address, {k_read_10, k_read_16}, Data::from_device, sector, count, data);
}

Command write_sectors(Address address, std::uint64_t sector, std::uint32_t count,
                      MutableBytes data) {
    return transfer(address, {k_write_10, k_write_16}, Data::to_device, sector, count, data);
}

Result<Identity> parse_inquiry(Bytes data) {
    if (data.size() < 5)
        return Errno::enodev;
    Identity identity;
    identity.present = data[0] >> 5 == 0; // the peripheral qualifier
    const unsigned type = data[0] & 31;
    identity.type = type == 0 ? DeviceType::disk : type == 5 ? DeviceType::cd : DeviceType::other;
    identity.version = data[2];
    return identity;
}

Result<Capacity> parse_capacity_10(Bytes data) {
    if (data.size() < 8)
        return Errno::enodev;
    Capacity capacity;
    capacity.sectors = get(data, 0, 4) + 1; // the last one's address came
    capacity.sector_size = static_cast<std::uint32_t>(get(data, 4, 4));
    capacity.physical_sector_size = capacity.sector_size;
    return capacity;
}

Result<Capacity> parse_capacity_16(Bytes data) {
    if (data.size() < 14 || get(data, 0, 8) == UINT64_MAX)
        return Errno::enodev;
    Capacity capacity;
    capacity.sectors = get(data, 0, 8) + 1;
    capacity.sector_size = static_cast<std::uint32_t>(get(data, 8, 4));
    const unsigned exponent = data[13] & 15;
    capacity.physical_sector_size = exponent <= k_most_physical_exponent
                                        ? capacity.sector_size << exponent
                                        : capacity.sector_size;
    return capacity;
}

bool is_write_protected(Bytes data) {
    return data.size() >= 3 && (data[2] & k_write_protect) != 0;
}

std::size_t luns_size(Bytes data) {
    return data.size() < k_luns_header ? 0
                                       : k_luns_header + static_cast<std::size_t>(get(data, 0, 4));
}

std::size_t parse_luns(Bytes data, Span<std::uint16_t> luns) {
    const Bytes list = data.part(0, luns_size(data)).part(k_luns_header);
    std::size_t count = 0;
    for (std::size_t at = 0; at + k_lun_entry <= list.size() && count < luns.size();
         at += k_lun_entry) {
        // SAM-5, 4.7.6: peripheral addressing on bus 0, or flat addressing; no further levels.
        const unsigned method = list[at] >> 6;
        const bool has_levels = get(list, at + 2, 6) != 0;
        if (has_levels || method > 1 || (method == 0 && list[at] != 0))
            continue;
        luns[count++] = static_cast<std::uint16_t>(get(list, at, 2) & 0x3fff);
    }
    return count;
}

} // namespace os::scsi
