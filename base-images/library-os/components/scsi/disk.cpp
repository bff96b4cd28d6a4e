#include "disk.hpp"

#include <foundation/format.hpp>

namespace os::scsi {

namespace {

constexpr std::size_t k_capacity_16_size = 32;
constexpr std::size_t k_capacity_10_size = 8;
constexpr std::size_t k_mode_sense_size = 4; // the header is all that is looked at
constexpr std::uint8_t k_spc_3 = 5;          // from then on READ CAPACITY (16) may be asked for

} // namespace

Result<void> Disk::read_capacity(MutableBytes scratch) {
    const MutableBytes small = scratch.part(0, k_capacity_10_size);
    const MutableBytes large = scratch.part(0, k_capacity_16_size);
    capacity_ =
        UNIK_TRY(parse_capacity_10(UNIK_TRY(ask(transport_, read_capacity_10(address_, small)))));
    const bool must = capacity_.sectors >= k_too_many_for_10;
    if (!must && identity_.version < k_spc_3)
        return {};
    const Result<Bytes> answer = ask(transport_, read_capacity_16(address_, large));
    if (!answer.ok())
        return must ? Result<void>(answer.error()) : Result<void>();
    const Result<Capacity> more = parse_capacity_16(answer.value());
    if (more.ok())
        capacity_ = more.value();
    else if (must)
        return more.error();
    return {};
}

Result<void> Disk::prepare(MutableBytes scratch) {
    UNIK_TRY(ask(transport_, test_unit_ready(address_)));
    UNIK_TRY(read_capacity(scratch));
    const std::uint32_t sector = capacity_.sector_size;
    if (sector < block::k_least_sector_size || sector > block::k_greatest_sector_size)
        return Errno::einval;
    const std::size_t most_sectors = transport_.most_bytes() / sector;
    most_bytes_ = (most_sectors < k_most_sectors ? most_sectors : k_most_sectors) * sector;

    const Result<Bytes> mode =
        ask(transport_, mode_sense(address_, scratch.part(0, k_mode_sense_size)));
    if (identity_.type == DeviceType::cd || (mode.ok() && is_write_protected(mode.value())))
        access_ = block::Access::read_only;
    return {};
}

// A disk that was silent once is not asked again: every request would take the whole patience.
Result<Done> Disk::run(const Command& command) {
    if (given_up_)
        return Errno::eio;
    const Done done = UNIK_TRY(execute(transport_, command));
    if (done.answer.delivery == Delivery::silence && !given_up_) {
        given_up_ = true;
        block::report(*this, "the device does not answer: it is given up");
    }
    return done;
}

Result<void> Disk::transfer(block::Direction direction, std::uint64_t sector, MutableBytes buffer) {
    const auto count = static_cast<std::uint32_t>(buffer.size() / capacity_.sector_size);
    const Command command = direction == block::Direction::read
                                ? read_sectors(address_, sector, count, buffer)
                                : write_sectors(address_, sector, count, buffer);
    const Done done = UNIK_TRY(run(command));
    if (given_up_)
        return Errno::eio;
    const bool good = done.judgement.verdict == Verdict::good;
    if (good && done.answer.moved == buffer.size())
        return {};
    char why[64] = "the device moved fewer bytes than asked for";
    if (!good)
        describe(done.answer, why, sizeof why);
    block::report_failure(*this, direction, sector, count, why);
    return good ? Errno::eio : done.judgement.error;
}

Result<void> Disk::flush() {
    const Done done = UNIK_TRY(run(synchronize_cache(address_)));
    // A disk that does not know the command has nothing to flush.
    if (done.judgement.verdict == Verdict::good || done.judgement.verdict == Verdict::unsupported)
        return {};
    if (given_up_)
        return Errno::eio;
    char what[128];
    char why[64];
    describe(done.answer, why, sizeof why);
    format(what, sizeof what, "flushing the device's cache failed: %s", why);
    block::report(*this, what);
    return done.judgement.error;
}

} // namespace os::scsi
