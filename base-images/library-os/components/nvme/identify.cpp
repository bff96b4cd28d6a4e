#include "identify.hpp"

#include <bit>

#include <vocabulary/endian.hpp>

#include "page_list.hpp"

namespace os::nvme {

namespace {

// 3.1.1
constexpr std::uint32_t k_entries_mask = 0xffff; // less one
constexpr unsigned k_timeout_shift = 24;         // in 500 ms
constexpr std::uint32_t k_timeout_unit = 500;
constexpr std::uint32_t k_most_ready_milliseconds = 30'000;
constexpr std::uint32_t k_stride_mask = 0xf;
constexpr std::uint32_t k_nvm_commands = 1U << 5;
constexpr unsigned k_least_page_shift = 16;

// Bytes of the controller's data (figure 247).
constexpr unsigned k_serial = 4;
constexpr unsigned k_most_transfer_exponent = 77;
constexpr unsigned k_controller_type = 111;
constexpr std::uint8_t k_discovery_controller = 2;
constexpr std::uint8_t k_administrative_controller = 3;
constexpr unsigned k_command_size = 512;
constexpr unsigned k_completion_size = 513;
constexpr unsigned k_namespaces = 516;
constexpr unsigned k_write_cache = 525;

// Bytes of a namespace's data (figure 245).
constexpr unsigned k_sectors = 0;
constexpr unsigned k_format_count = 25; // less one
constexpr unsigned k_format = 26;
constexpr unsigned k_attributes = 99;
constexpr std::uint8_t k_write_protected = 1;
constexpr unsigned k_formats = 128;

template <typename T>
T load(Bytes data, unsigned offset) {
    T value;
    __builtin_memcpy(&value, data.part(offset, sizeof value).data(), sizeof value);
    return value;
}

} // namespace

Result<Capabilities> parse_capabilities(std::uint32_t low, std::uint32_t high) {
    Capabilities out;
    out.most_entries = (low & k_entries_mask) + 1;
    out.ready_milliseconds = ((low >> k_timeout_shift) + 1) * k_timeout_unit;
    if (out.ready_milliseconds > k_most_ready_milliseconds)
        out.ready_milliseconds = k_most_ready_milliseconds;
    out.doorbell_stride = 4U << (high & k_stride_mask);
    if (out.most_entries < 2 || (high & k_nvm_commands) == 0 ||
        (high >> k_least_page_shift & 0xf) != 0 || high == k_all)
        return Errno::enodev;
    return out;
}

Result<ControllerIdentity> parse_controller(Bytes data) {
    if (data.size() < k_identify_size)
        return Errno::einval;
    // The low half is what it demands, the high half what it can.
    const auto fits = [&](unsigned offset, unsigned exponent) {
        return (data[offset] & 0xfU) <= exponent && (data[offset] >> 4U) >= exponent;
    };
    const std::uint8_t type = data[k_controller_type];
    if (!fits(k_command_size, 6) || !fits(k_completion_size, 4) || type == k_discovery_controller ||
        type == k_administrative_controller)
        return Errno::einval;
    ControllerIdentity out;
    __builtin_memcpy(out.serial, data.data() + k_serial, sizeof out.serial);
    const unsigned exponent = data[k_most_transfer_exponent];
    out.most_bytes = exponent == 0 || exponent >= std::bit_width(k_list_entries) - 1U
                         ? k_most_transfer
                         : k_page_size << exponent;
    out.namespaces = load<vocabulary::Le32>(data, k_namespaces);
    out.write_cache = (data[k_write_cache] & 1) != 0;
    return out;
}

Result<NamespaceIdentity> parse_namespace(Bytes data) {
    if (data.size() < k_identify_size)
        return Errno::einval;
    NamespaceIdentity out;
    out.sectors = load<vocabulary::Le64>(data, k_sectors);
    if (out.sectors == 0)
        return out;
    const unsigned format = data[k_format] & 0xfU;
    if (format > data[k_format_count] || format > 15)
        return Errno::einval;
    const std::uint32_t layout = load<vocabulary::Le32>(data, k_formats + 4 * format);
    const std::uint32_t metadata = layout & 0xffff;
    const std::uint32_t exponent = layout >> 16 & 0xff;
    if (metadata != 0 || exponent < 9 || exponent > 12)
        return Errno::eopnotsupp;
    out.sector_size = 1U << exponent;
    if (out.sectors > static_cast<std::uint64_t>(INT64_MAX) >> exponent)
        return Errno::einval;
    if ((data[k_attributes] & k_write_protected) != 0)
        out.access = block::Access::read_only;
    return out;
}

} // namespace os::nvme
