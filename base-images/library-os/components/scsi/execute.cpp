#include "execute.hpp"

#include <block/block_device.hpp>
#include <clock/clock.hpp>
#include <threads/wait_queue.hpp>

namespace os::scsi {

namespace {

constexpr unsigned k_most_tries = 8; // at once; each waits for nothing
constexpr Nanoseconds k_pause{50'000'000};
constexpr Nanoseconds k_patience{static_cast<std::int64_t>(block::k_patience_milliseconds) *
                                 1'000'000};

void pause() {
    threads::WaitQueue nobody_wakes;
    (void)nobody_wakes.wait(clock::monotonic() + k_pause, threads::Interruptible::no);
}

} // namespace

Result<Done> execute(Transport& transport, const Command& command) {
    const Nanoseconds end = clock::monotonic() + k_patience;
    for (unsigned tries = 1;;) {
        Done done;
        done.answer = UNIK_TRY(transport.execute(command));
        done.judgement = judge(done.answer);
        const Verdict verdict = done.judgement.verdict;
        if (verdict == Verdict::again && tries < k_most_tries) {
            ++tries;
            continue;
        }
        if (verdict == Verdict::again_later && clock::monotonic() < end) {
            pause();
            continue;
        }
        return done;
    }
}

Result<Bytes> ask(Transport& transport, const Command& command) {
    const Done done = UNIK_TRY(execute(transport, command));
    if (done.answer.delivery == Delivery::no_such_device)
        return Errno::enxio;
    switch (done.judgement.verdict) {
    case Verdict::good: return Bytes(command.data.part(0, done.answer.moved));
    case Verdict::no_medium: return Errno::enxio;
    case Verdict::unsupported: return Errno::eopnotsupp;
    default: return done.judgement.error;
    }
}

} // namespace os::scsi
