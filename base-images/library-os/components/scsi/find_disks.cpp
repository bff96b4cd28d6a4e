#include <block/transfer_buffer.hpp>
#include <control/control.hpp>
#include <foundation/own.hpp>

#include "disk.hpp"

namespace os::scsi {

namespace {

constexpr std::size_t k_inquiry_size = 36;
constexpr std::size_t k_most_luns = 32; // of one target
constexpr unsigned k_most_targets = 64;
constexpr std::size_t k_luns_size = 8 + 8 * k_most_luns;
constexpr std::size_t k_one_lun_size = 8 + 8;

std::size_t lesser(std::size_t a, std::size_t b) {
    return a < b ? a : b;
}

// Transport errors end the search; what one unit does is its own affair.
Result<void> look_at_unit(Transport& transport, Address address, MutableBytes scratch) {
    const Result<Bytes> answer = ask(transport, inquiry(address, scratch.part(0, k_inquiry_size)));
    if (!answer.ok())
        return {};
    const Result<Identity> identity = parse_inquiry(answer.value());
    if (!identity.ok() || !identity->present || identity->type == DeviceType::other)
        return {};
    auto disk = UNIK_TRY(try_make<Disk>(transport, address, identity.value()));
    Result<void> ready = disk->prepare(scratch);
    if (ready.ok())
        ready = block::register_device(*disk, identity->type == DeviceType::cd ? "sr" : "sd");
    if (ready.ok())
        (void)disk.release();
    else if (ready.error() != Errno::enxio)
        control::warn("disk-error", "the disk at SCSI target %u, unit %u cannot be used: error %d",
                      address.target, address.lun, static_cast<int>(ready.error()));
    return {};
}

// The target's units; just unit 0 where the target does not tell. The first question fits one unit,
// which is the usual answer; no more is asked for than there is, since some adapters take a short
// answer for an error.
std::size_t find_units(Transport& transport, std::uint8_t target, MutableBytes scratch,
                       Span<std::uint16_t> luns) {
    Result<Bytes> answer =
        ask(transport, report_luns({target, 0}, scratch.part(0, k_one_lun_size)));
    const std::size_t size = answer.ok() ? luns_size(answer.value()) : 0;
    if (size > k_one_lun_size)
        answer =
            ask(transport, report_luns({target, 0}, scratch.part(0, lesser(size, k_luns_size))));
    const std::size_t count = answer.ok() ? parse_luns(answer.value(), luns) : 0;
    if (count > 0)
        return count;
    luns[0] = 0;
    return 1;
}

bool is_there(Transport& transport, std::uint8_t target, MutableBytes scratch) {
    return ask(transport, inquiry({target, 0}, scratch.part(0, k_inquiry_size))).ok();
}

} // namespace

Result<void> find_disks(Transport& transport) {
    const block::TransferBuffer buffer = UNIK_TRY(block::TransferBuffer::create(k_luns_size));
    const MutableBytes scratch = buffer.part(buffer.size());
    std::uint16_t luns[k_most_luns];
    for (unsigned i = 0; i < transport.target_count() && i < k_most_targets; ++i) {
        const auto target = static_cast<std::uint8_t>(i);
        if (!is_there(transport, target, scratch))
            continue;
        const std::size_t count = find_units(transport, target, scratch, luns);
        for (std::size_t unit = 0; unit < count; ++unit)
            UNIK_TRY(look_at_unit(transport, {target, luns[unit]}, scratch));
    }
    return {};
}

} // namespace os::scsi
