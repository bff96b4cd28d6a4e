#include <ata/disk.hpp>

#include <control/control.hpp>
#include <foundation/own.hpp>

namespace os::ata {

namespace {

struct Words {
    std::uint8_t bytes[k_identity_size];
};

// A device that gives no answer is cut off: it is of no use.
Result<Identity> identify(Link& link, unsigned unit) {
    const Own<Words> words = UNIK_TRY(try_make<Words>());
    const Result<Answer> answer = link.execute(unit, identify_command(), words->bytes);
    if (!answer.ok()) {
        link.cut_off();
        return answer.error();
    }
    return answer.value().failed() ? Result<Identity>(Errno::enodev) : parse_identity(words->bytes);
}

const char* reason(Errno error) {
    switch (error) {
    case Errno::eopnotsupp: return "it is not addressed by LBA";
    case Errno::einval: return "its sizes make no sense";
    case Errno::eio: return "its identification is damaged";
    default: return "it does not answer";
    }
}

} // namespace

void Turn::take() {
    while (taken_)
        waiting_.wait(k_forever, threads::Interruptible::no); // whoever has it is bounded
    taken_ = true;
}

void Turn::give_back() {
    taken_ = false;
    waiting_.wake_one();
}

Result<Answer> Disk::run(const Command& command, MutableBytes data) {
    const TurnGuard guard(link_.turn);
    if (dead_)
        return Errno::eio;
    const Result<Answer> answer = link_.execute(unit_, command, data);
    if (answer.ok())
        return answer;
    if (answer.error() == Errno::enomem)
        return Errno::enomem;
    recover(answer.error());
    return Errno::eio;
}

void Disk::recover(Errno error) {
    const char* outcome = "the device is gone";
    if (error != Errno::enodev) {
        outcome = "the device does not answer, not even after a reset: it is given up";
        if (link_.reset().ok()) {
            const Result<Identity> found = identify(link_, unit_);
            if (found.ok() && found.value().same_disk(identity_)) {
                block::report(*this, "the device did not answer and was reset");
                return;
            }
            if (found.ok())
                outcome = "there is another device in its place: it is not used";
        }
    }
    dead_ = true;
    link_.cut_off();
    block::report(*this, outcome);
}

Result<void> Disk::transfer(block::Direction direction, std::uint64_t sector, MutableBytes buffer) {
    const std::size_t count = buffer.size() / identity_.sector_size;
    if (count == 0 || buffer.size() > k_most_transfer)
        return Errno::einval;
    const Mover mover = identity_.dma ? link_.mover() : Mover::processor;
    const Answer answer = UNIK_TRY(run(
        transfer_command(identity_, mover, direction, sector, static_cast<std::uint16_t>(count)),
        buffer));
    if (!answer.failed())
        return {};
    block::report_failure(*this, direction, sector, count, ata::reason(answer));
    return Errno::eio;
}

Result<void> Disk::flush() {
    if (identity_.flush_opcode == 0)
        return dead_ ? Result<void>(Errno::eio) : Result<void>();
    const Answer answer = UNIK_TRY(run(flush_command(identity_), {}));
    if (!answer.failed())
        return {};
    block::report(*this, "flushing the device's cache failed");
    return Errno::eio;
}

Result<void> attach_disk(Link& link, unsigned unit, const char* place) {
    const Result<Identity> identity = identify(link, unit);
    if (!identity.ok()) {
        if (identity.error() == Errno::enomem)
            return Errno::enomem;
        if (identity.error() == Errno::enodev)
            return {};
        control::warn("disk-unusable", "the disk at %s is not used: %s", place,
                      reason(identity.error()));
        return {};
    }
    auto disk = UNIK_TRY(try_make<Disk>(link, unit, identity.value()));
    UNIK_TRY(block::register_device(*disk, "sd"));
    (void)disk.release();
    return {};
}

} // namespace os::ata
