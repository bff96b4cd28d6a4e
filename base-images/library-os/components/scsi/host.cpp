#include <scsi/host.hpp>

#include <control/control.hpp>

namespace os::scsi {

namespace {
constexpr unsigned k_most_starts = 5; // a device that hangs again and again is given up
}

Result<Answer> Host::execute(const Command& command) {
    using End = block::RequestSlots::End;
    const unsigned slot = UNIK_TRY(slots().take());
    const Result<void> submitted = submit(slot, command);
    if (!submitted.ok()) {
        slots().give_back(slot);
        return submitted.error();
    }
    const End end = slots().wait(slot);
    if (end == End::silence)
        start_again("a command was not answered");
    Answer answer = read_answer(slot, command);
    slots().give_back(slot);
    if (slots().failed() && end != End::answered)
        return Errno::eio;
    if (end == End::silence)
        answer.delivery = Delivery::silence;
    return answer;
}

void Host::start_again(const char* why) {
    if (++starts_ > k_most_starts || !bring_up().ok()) {
        give_up(why);
        return;
    }
    control::warn("disk-error", "the SCSI host at %s starts again: %s", place_, why);
    slots().answer_all();
}

void Host::give_up(const char* why) {
    control::warn("disk-error", "the SCSI host at %s is given up: %s", place_, why);
    stop();
}

} // namespace os::scsi
