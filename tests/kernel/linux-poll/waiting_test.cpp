// Pipes, events, poll and epoll together: what is ready, who is told, what is left behind.
#include <doctest/doctest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include <fake_waiting.hpp>
#include <stand_ins.hpp>

#include <linux-events/event_file.hpp>
#include <linux-events/timer_file.hpp>
#include <linux-pipes/pipe.hpp>
#include <linux-poll/epoll.hpp>
#include <linux-poll/poll_set.hpp>
#include <threads/timer_queue.hpp>

using namespace os;
using linux::Epoll;
using linux::EpollEvent;
using linux::EventFile;
using threads::WakeReason;

namespace os::memory {
Result<void> check_program_range(VirtAddr, std::size_t, Access) {
    return {};
}
} // namespace os::memory

namespace os::threads {

static TimerQueue timer_queue;
void Timer::set(Nanoseconds deadline) {
    timer_queue.set(*this, deadline);
}
void Timer::cancel() {
    timer_queue.cancel(*this);
}

// A friend of timers, as the kernel's own.
class SafePoint {
public:
    static void run_due_timers() {
        while (Timer* timer = timer_queue.take_due(clock::monotonic()))
            timer->action_(timer->argument_);
    }
};

} // namespace os::threads

namespace {

Bytes bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string read(vfs::File& file, std::size_t size) {
    std::string out(size, '?');
    const auto got = file.read({reinterpret_cast<std::uint8_t*>(out.data()), size});
    if (!got.ok())
        return "error " + std::to_string(static_cast<int>(got.error()));
    out.resize(got.value());
    return out;
}

Ref<EventFile> make_event(std::uint64_t count = 0) {
    return try_make_ref<EventFile>(count, EventFile::Reads::everything, vfs::k_open_non_blocking)
        .value();
}
void add_one(vfs::File& event) {
    const std::uint64_t one = 1;
    REQUIRE(event.write({reinterpret_cast<const std::uint8_t*>(&one), sizeof one}).ok());
}

Ref<Epoll> make_epoll() {
    return try_make_ref<Epoll>().value();
}
// The data of the events that are ready now.
std::vector<std::uint64_t> ready(Epoll& epoll, std::size_t room = 64) {
    std::vector<EpollEvent> events(room);
    const int count = epoll.wait({events.data(), room}, Nanoseconds{0}).value();
    std::vector<std::uint64_t> out;
    for (int i = 0; i < count; ++i)
        out.push_back(events[static_cast<std::size_t>(i)].data);
    return out;
}
using Data = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("a pipe keeps order through every size of ring") {
    linux::ByteQueue queue;
    std::mt19937 random(3);
    std::string sent;
    std::string received;
    for (int i = 0; i < 5000; ++i) {
        const std::string part(random() % 3000, static_cast<char>('a' + random() % 26));
        const std::size_t put = queue.put(bytes(part));
        CHECK(put == std::min(part.size(), 65536 - (sent.size() - received.size())));
        sent += part.substr(0, put);
        std::string out(random() % 3000, '\0');
        out.resize(queue.take({reinterpret_cast<std::uint8_t*>(out.data()), out.size()}));
        received += out;
    }
    CHECK(queue.size() == sent.size() - received.size());
    CHECK(sent.compare(0, received.size(), received) == 0);
}

TEST_CASE("a pipe's ends see each other close") {
    auto ends = linux::make_pipe(0).value();
    REQUIRE(ends.writer->write(bytes("last")).ok());
    CHECK(ends.reader->poll() == vfs::k_poll_in);
    ends.writer = {};
    CHECK(ends.reader->poll() == (vfs::k_poll_in | vfs::k_poll_hang_up));
    CHECK(read(*ends.reader, 10) == "last");
    CHECK(read(*ends.reader, 10).empty());
    auto other = linux::make_pipe(0).value();
    other.reader = {};
    CHECK(other.writer->write(bytes("x")).error() == Errno::epipe);
    CHECK((other.writer->poll() & vfs::k_poll_error) != 0);
}

TEST_CASE("a blocking write waits until all of it has found room") {
    auto ends = linux::make_pipe(0).value();
    std::string received;
    std::function<WakeReason()> drain = [&] {
        received += read(*ends.reader, 10000);
        host::during_wait = drain;
        return WakeReason::woken;
    };
    host::during_wait = drain;
    const std::string text(200000, 'x');
    CHECK(ends.writer->write(bytes(text)).value() == text.size());
    host::during_wait = nullptr;
    CHECK(received.size() >= text.size() - 65536);
    host::during_wait = [] { return WakeReason::interrupted; };
    CHECK(ends.writer->write(bytes(text)).ok()); // part of it fitted
    host::during_wait = [] { return WakeReason::interrupted; };
    CHECK(ends.writer->write(bytes("x")).error() == Errno::eintr);
}

TEST_CASE("small writes are whole or not at all") {
    auto ends = linux::make_pipe(vfs::k_open_non_blocking).value();
    REQUIRE(ends.writer->write(bytes(std::string(65536 - 100, 'x'))).ok());
    const std::string small(200, 'y');
    CHECK(ends.writer->write(bytes(small)).error() == Errno::eagain);
    const Bytes parts[] = {bytes(small), bytes(small)};
    CHECK(ends.writer->write_vector(Span<const Bytes>(parts)).error() == Errno::eagain);
    const std::string large(5000, 'z');
    CHECK(ends.writer->write(bytes(large)).value() == 100);
}

TEST_CASE("level triggered events are told as long as they last") {
    const Ref<Epoll> epoll = make_epoll();
    const Ref<EventFile> event = make_event();
    REQUIRE(epoll->add(*event, 3, {vfs::k_poll_in, 33}).ok());
    CHECK(epoll->add(*event, 3, {vfs::k_poll_in, 33}).error() == Errno::eexist);
    CHECK(ready(*epoll).empty());
    add_one(*event);
    CHECK(ready(*epoll) == Data{33});
    CHECK(ready(*epoll) == Data{33});
    CHECK(epoll->poll() == vfs::k_poll_in);
    CHECK(read(*event, 8).size() == 8);
    CHECK(ready(*epoll).empty());
    CHECK(epoll->poll() == 0);
    REQUIRE(epoll->remove(*event, 3).ok());
    add_one(*event);
    CHECK(ready(*epoll).empty());
    CHECK(epoll->remove(*event, 3).error() == Errno::enoent);
}

TEST_CASE("edges are told once, one-shot events once until they are set again") {
    const Ref<Epoll> epoll = make_epoll();
    const Ref<EventFile> event = make_event(1);
    REQUIRE(epoll->add(*event, 3, {vfs::k_poll_in | linux::k_epoll_edge, 1}).ok());
    CHECK(ready(*epoll) == Data{1});
    CHECK(ready(*epoll).empty());
    add_one(*event);
    CHECK(ready(*epoll) == Data{1});
    REQUIRE(epoll->modify(*event, 3, {vfs::k_poll_in | linux::k_epoll_one_shot, 2}).ok());
    CHECK(ready(*epoll) == Data{2});
    add_one(*event);
    CHECK(ready(*epoll).empty());
    REQUIRE(epoll->modify(*event, 3, {vfs::k_poll_in | linux::k_epoll_one_shot, 4}).ok());
    CHECK(ready(*epoll) == Data{4});
}

TEST_CASE("with little room everybody's turn comes") {
    const Ref<Epoll> epoll = make_epoll();
    std::vector<Ref<EventFile>> events;
    for (int i = 0; i < 100; ++i) {
        events.push_back(make_event(1));
        REQUIRE(
            epoll->add(*events.back(), i, {vfs::k_poll_in, static_cast<std::uint64_t>(i)}).ok());
    }
    std::set<std::uint64_t> seen;
    for (int turn = 0; turn < 10; ++turn)
        for (const std::uint64_t data : ready(*epoll, 10))
            seen.insert(data);
    CHECK(seen.size() == 100);
}

TEST_CASE("a file that goes takes its events along, an epoll leaves its files alone") {
    const std::size_t before = host::living_blocks();
    {
        Ref<Epoll> epoll = make_epoll();
        Ref<EventFile> gone = make_event(1);
        Ref<EventFile> stays = make_event(1);
        auto ends = linux::make_pipe(0).value();
        REQUIRE(epoll->add(*gone, 3, {vfs::k_poll_in, 3}).ok());
        REQUIRE(epoll->add(*gone, 4, {vfs::k_poll_in, 4}).ok());
        REQUIRE(epoll->add(*stays, 5, {vfs::k_poll_in, 5}).ok());
        REQUIRE(epoll->add(*ends.reader, 6, {vfs::k_poll_in, 6}).ok());
        CHECK(ready(*epoll).size() == 3);
        gone = {};
        CHECK(ready(*epoll) == Data{5});
        ends.writer = {}; // the reader outlives the other end, told of its going
        CHECK(ready(*epoll).size() == 2);
        ends.reader = {};
        const Ref<EventFile> reused = make_event(1);
        REQUIRE(epoll->add(*reused, 3, {vfs::k_poll_in, 7}).ok());
        CHECK(ready(*epoll) == Data{5, 7});
        epoll = {};
        add_one(*stays);
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("epolls nest, but not in circles and not too deep") {
    std::vector<Ref<Epoll>> chain;
    for (int i = 0; i < 6; ++i)
        chain.push_back(make_epoll());
    const Ref<EventFile> event = make_event();
    REQUIRE(chain[0]->add(*event, 3, {vfs::k_poll_in, 0}).ok());
    for (std::size_t i = 1; i < 5; ++i)
        REQUIRE(chain[i]->add(*chain[i - 1], 3, {vfs::k_poll_in, i}).ok());
    CHECK(chain[5]->add(*chain[4], 3, {vfs::k_poll_in, 5}).error() == Errno::eloop);
    CHECK(chain[0]->add(*chain[4], 9, {vfs::k_poll_in, 9}).error() == Errno::eloop);
    CHECK(ready(*chain[4]).empty());
    add_one(*event);
    CHECK(ready(*chain[4]) == Data{4});
    CHECK(read(*event, 8).size() == 8);
    CHECK(ready(*chain[4]).empty());
}

TEST_CASE("waiting ends with an event, the deadline or a signal") {
    const Ref<Epoll> epoll = make_epoll();
    const Ref<EventFile> event = make_event();
    REQUIRE(epoll->add(*event, 3, {vfs::k_poll_in, 3}).ok());
    EpollEvent out[4];
    CHECK(epoll->wait(out, Nanoseconds{1}).value() == 0);
    host::during_wait = [] { return WakeReason::interrupted; };
    CHECK(epoll->wait(out, k_forever).error() == Errno::eintr);
    host::during_wait = [&] {
        host::during_wait = [&] {
            add_one(*event);
            return WakeReason::woken;
        };
        return WakeReason::woken; // for nothing
    };
    CHECK(epoll->wait(out, k_forever).value() == 1);
    CHECK(std::uint32_t{out[0].events} == vfs::k_poll_in);
}

TEST_CASE("poll asks each file, waits for any, and lets go of all") {
    const std::size_t before = host::living_blocks();
    {
        const Ref<EventFile> one = make_event();
        const Ref<EventFile> two = make_event();
        linux::PollSet set;
        REQUIRE(set.add(one, vfs::k_poll_in).ok());
        REQUIRE(set.add(two, vfs::k_poll_in).ok());
        REQUIRE(set.add({}, 0).ok());
        CHECK(set.wait(Nanoseconds{0}).value() == 0);
        CHECK(set.wait(Nanoseconds{1}).value() == 0);
        host::during_wait = [&] {
            add_one(*two);
            return WakeReason::woken;
        };
        CHECK(set.wait(k_forever).value() == 1);
        CHECK(set.items()[0].ready == 0);
        CHECK(set.items()[1].ready == vfs::k_poll_in);
        linux::PollSet other;
        REQUIRE(other.add(one, vfs::k_poll_in).ok());
        REQUIRE(other.add_invalid().ok());
        CHECK(other.wait(k_forever).value() == 1);
        CHECK(other.items()[1].ready == vfs::k_poll_invalid);
        linux::PollSet interrupted;
        REQUIRE(interrupted.add(one, vfs::k_poll_in).ok());
        host::during_wait = [] { return WakeReason::interrupted; };
        CHECK(interrupted.wait(k_forever).error() == Errno::eintr);
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("timers give relative and absolute deadlines, and refuse what is malformed") {
    const auto timer =
        try_make_ref<linux::TimerFile>(linux::TimerFile::Clock::monotonic, 0U).value();
    using Value = linux::TimerFile::Value;
    CHECK(timer->set({{0, 0}, {0, 1'000'000'000}}, Value::relative).error() == Errno::einval);
    CHECK(timer->set({{-1, 0}, {1, 0}}, Value::relative).error() == Errno::einval);
    REQUIRE(timer->set({{2, 5}, {1, 0}}, Value::relative).ok());
    CHECK(timer->setting().value.seconds == 1);
    CHECK(timer->setting().interval.nanoseconds == 5);
    REQUIRE(timer->set({{0, 0}, {2000, 0}}, Value::absolute).ok());
    CHECK(timer->setting().value.seconds == 1000);
    REQUIRE(timer->set({{0, 0}, {INT64_MAX, 0}}, Value::relative).ok());
    CHECK(timer->setting().value.seconds > 1'000'000'000);
    REQUIRE(timer->set({}, Value::relative).ok());
    CHECK(timer->setting().value.seconds == 0);
}

TEST_CASE("periods that went by are counted and the next one stays on the grid") {
    const auto timer =
        try_make_ref<linux::TimerFile>(linux::TimerFile::Clock::monotonic, vfs::k_open_non_blocking)
            .value();
    const Ref<Epoll> epoll = make_epoll();
    REQUIRE(epoll->add(*timer, 3, {vfs::k_poll_in, 3}).ok());
    REQUIRE(timer->set({{0, 100}, {0, 100}}, linux::TimerFile::Value::relative).ok());
    const Nanoseconds start = host::now;
    host::now = start + Nanoseconds{99};
    threads::SafePoint::run_due_timers();
    CHECK(ready(*epoll).empty());
    host::now = start + Nanoseconds{350};
    threads::SafePoint::run_due_timers();
    CHECK(ready(*epoll) == Data{3});
    CHECK(timer->setting().value.nanoseconds == 50);
    CHECK(read(*timer, 8) == std::string("\3\0\0\0\0\0\0\0", 8));
    CHECK(read(*timer, 8) == "error 11");
    CHECK(ready(*epoll).empty());
    host::now = start;
}
