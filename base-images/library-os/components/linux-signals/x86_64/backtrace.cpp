#include "backtrace.hpp"

#include <arch/backtrace.hpp>
#include <memory/address_space.hpp>

namespace os::linux_signals {

namespace {

constexpr std::size_t k_scanned_words = 512;
constexpr std::size_t k_enough_by_frame_pointers = 3;

bool is_code(std::uint64_t address) {
    memory::AreaInfo area;
    return memory::find_area(VirtAddr{address}, area) &&
           memory::has(area.protection, memory::Protection::execute);
}

bool looks_like_return_address(std::uint64_t address) {
    std::uint8_t before[8];
    if (!is_code(address) || !arch::readable(address - sizeof(before), sizeof(before)))
        return false;
    __builtin_memcpy(before, VirtAddr{address - sizeof(before)}.as<const std::uint8_t>(),
                     sizeof(before));
    return follows_call(before);
}

std::size_t scan(std::uint64_t stack_pointer, Span<std::uint64_t> out) {
    std::size_t count = 0;
    const std::uint64_t start = stack_pointer & ~std::uint64_t{7};
    for (std::size_t i = 0; i < k_scanned_words && count < out.size(); ++i) {
        const std::uint64_t place = start + i * sizeof(std::uint64_t);
        if (!arch::readable(place, sizeof(std::uint64_t)))
            break;
        const std::uint64_t value = *VirtAddr{place}.as<const std::uint64_t>();
        if (looks_like_return_address(value))
            out[count++] = value;
    }
    return count;
}

std::size_t leading_code(Span<const std::uint64_t> addresses) {
    std::size_t count = 0;
    while (count < addresses.size() && (count == 0 || is_code(addresses[count])))
        ++count;
    return count;
}

} // namespace

bool follows_call(const std::uint8_t (&bytes)[8]) {
    constexpr std::uint8_t k_call_relative = 0xe8; // e8 and four bytes
    constexpr std::uint8_t k_group_five = 0xff;    // ff /2: opcode, ModRM, up to five bytes more
    if (bytes[3] == k_call_relative)
        return true;
    for (std::size_t at = 1; at + 1 < sizeof(bytes); ++at) {
        const bool near_call = bytes[at] == k_group_five && ((bytes[at + 1] >> 3) & 7) == 2;
        if (near_call)
            return true;
    }
    return false;
}

std::size_t program_backtrace(const arch::TrapFrame& frame, Span<std::uint64_t> out) {
    std::size_t count = arch::backtrace(frame.rip, frame.rbp, out);
    count = leading_code(Span<const std::uint64_t>(out.data(), count));
    if (count >= k_enough_by_frame_pointers)
        return count;
    out[0] = frame.rip;
    return 1 + scan(frame.rsp, out.part(1));
}

} // namespace os::linux_signals
