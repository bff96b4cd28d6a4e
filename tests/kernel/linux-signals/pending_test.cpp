#include <linux-signals/pending.hpp>

#include <doctest/doctest.h>
#include <stand_ins.hpp>

namespace {

using namespace os::linux_signals;

constexpr SignalSet k_all{~std::uint64_t{0}};

int take_one(PendingSignals& pending, SignalSet wanted = k_all) {
    SignalInfo info;
    return pending.take(wanted, info) ? info.signal : 0;
}

std::uint64_t take_value(PendingSignals& pending) {
    SignalInfo info;
    REQUIRE(pending.take(k_all, info));
    return info.fields[1];
}

} // namespace

TEST_CASE("a standard signal is pending at most once, with its first information") {
    PendingSignals pending;
    REQUIRE(pending.add(SignalInfo::sent(k_sigterm, k_code_queue, 1)).ok());
    REQUIRE(pending.add(SignalInfo::sent(k_sigterm, k_code_queue, 2)).ok());
    CHECK(pending.set() == SignalSet::of(k_sigterm));
    CHECK(take_value(pending) == 1);
    CHECK(pending.set().empty());
    CHECK(take_one(pending) == 0);
}

TEST_CASE("a real-time signal queues in the order of sending") {
    PendingSignals pending;
    constexpr int k_signal = 40;
    for (std::uint64_t value = 1; value <= 5; ++value)
        REQUIRE(pending.add(SignalInfo::sent(k_signal, k_code_queue, value)).ok());
    for (std::uint64_t value = 1; value <= 5; ++value) {
        CHECK(pending.set().has(k_signal));
        CHECK(take_value(pending) == value);
    }
    CHECK(pending.set().empty());
}

TEST_CASE("synchronous signals come first, then the lowest number") {
    PendingSignals pending;
    for (const int signal : {40, k_sighup, k_sigsegv, k_sigterm})
        REQUIRE(pending.add(SignalInfo::sent(signal, k_code_user)).ok());
    CHECK(take_one(pending) == k_sigsegv);
    CHECK(take_one(pending) == k_sighup);
    CHECK(take_one(pending) == k_sigterm);
    CHECK(take_one(pending) == 40);
}

TEST_CASE("only what is wanted is taken") {
    PendingSignals pending;
    REQUIRE(pending.add(SignalInfo::sent(k_sigint, k_code_user)).ok());
    REQUIRE(pending.add(SignalInfo::sent(k_sigterm, k_code_user)).ok());
    CHECK(take_one(pending, SignalSet::of(k_sigterm)) == k_sigterm);
    CHECK(take_one(pending, SignalSet::of(k_sigterm)) == 0);
    CHECK(take_one(pending) == k_sigint);
}

TEST_CASE("a full queue refuses real-time signals with a value, and takes plain ones") {
    PendingSignals pending;
    for (std::size_t i = 0; i < PendingSignals::k_queue_limit; ++i)
        REQUIRE(pending.add(SignalInfo::sent(50, k_code_queue, i)).ok());
    const auto refused = pending.add(SignalInfo::sent(51, k_code_queue, 1));
    REQUIRE(!refused.ok());
    CHECK(refused.error() == os::Errno::eagain);
    CHECK(!pending.set().has(51));
    REQUIRE(pending.add(SignalInfo::sent(k_sigterm, k_code_user)).ok());
    CHECK(take_one(pending) == k_sigterm);
}

TEST_CASE("without memory a signal is pending without information") {
    const std::size_t before = host::living_blocks();
    {
        PendingSignals pending;
        host::limit_allocations(0);
        CHECK(pending.add(SignalInfo::sent(k_sigterm, k_code_queue, 7)).ok());
        CHECK(!pending.add(SignalInfo::sent(45, k_code_queue, 7)).ok());
        CHECK(pending.add(SignalInfo::sent(46, k_code_user)).ok());
        host::unlimited_memory();
        SignalInfo info;
        REQUIRE(pending.take(k_all, info));
        CHECK(info.signal == k_sigterm);
        CHECK(info.fields[1] == 0);
        CHECK(take_one(pending) == 46);
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("discarding takes all of a kind and frees it") {
    const std::size_t before = host::living_blocks();
    PendingSignals pending;
    for (int i = 0; i < 3; ++i)
        REQUIRE(pending.add(SignalInfo::sent(60, k_code_queue)).ok());
    REQUIRE(pending.add(SignalInfo::sent(k_sigint, k_code_user)).ok());
    pending.discard(SignalSet::of(60));
    CHECK(pending.set() == SignalSet::of(k_sigint));
    pending.discard(k_all);
    CHECK(host::living_blocks() == before);
}

TEST_CASE("each timer's signal is kept, even where the signal is a standard one") {
    PendingSignals pending;
    REQUIRE(pending.add(SignalInfo::timer(k_sigalrm, 3, 0, 30)).ok());
    REQUIRE(pending.add(SignalInfo::timer(k_sigalrm, 4, 0, 40)).ok());
    CHECK(pending.of_timer(5) == nullptr);
    REQUIRE(pending.of_timer(4) != nullptr);
    *pending.of_timer(4) = SignalInfo::timer(k_sigalrm, 4, 9, 40);
    CHECK(take_value(pending) == 30);
    CHECK(pending.of_timer(3) == nullptr);
    CHECK(pending.set().has(k_sigalrm));
    SignalInfo info;
    REQUIRE(pending.take(k_all, info));
    CHECK(info.of_timer(4));
    CHECK((info.fields[0] >> 32) == 9);
    CHECK(pending.set().empty());
}
