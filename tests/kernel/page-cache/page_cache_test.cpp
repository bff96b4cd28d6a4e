#include <doctest/doctest.h>

#include <future>
#include <set>
#include <thread>
#include <vector>

#include <fake_frames.hpp>
#include <fake_waiting.hpp>
#include <stand_ins.hpp>

#include <page-cache/page_cache.hpp>

using namespace os;
using page_cache::PageCache;

namespace {

constexpr std::uint64_t k_pages = 100;

// Each page begins with its number.
class Source final : public page_cache::PageSource {
public:
    Result<std::size_t> read(std::uint64_t first, Span<const PhysAddr> frames) override {
        reads.push_back({first, frames.size()});
        if (meanwhile)
            std::exchange(meanwhile, nullptr)();
        std::size_t done = 0;
        for (; done < frames.size() && bad.count(first + done) == 0; ++done)
            host::frame_bytes(frames[done])[0] = static_cast<std::uint8_t>(first + done);
        if (done == 0)
            return Errno::eio;
        return done;
    }
    struct Read {
        std::uint64_t first;
        std::size_t count;
    };
    std::vector<Read> reads;
    std::set<std::uint64_t> bad;
    std::function<void()> meanwhile;
};

std::uint8_t first_byte(const Result<PhysAddr>& frame) {
    return host::frame_bytes(frame.value())[0];
}

struct Fixture {
    Source source;
    PageCache cache{source, k_pages, 10};
    ~Fixture() {
        cache.reclaim(SIZE_MAX);
        host::frames_left = SIZE_MAX;
        CHECK(cache.size() == 0);
        CHECK(host::living_frames == 0);
        CHECK(host::living_blocks() == 0);
    }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "a page is read once and shared by all who hold it") {
    const Result<PhysAddr> one = cache.hold(7);
    CHECK(first_byte(one) == 7);
    CHECK(cache.hold(7).value() == one.value());
    cache.release(7);
    cache.release(7);
    CHECK(cache.hold(7).value() == one.value());
    cache.release(7);
    CHECK(source.reads.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what comes behind is read along, up to what is there and the end") {
    CHECK(first_byte(cache.hold(20)) == 20);
    CHECK(first_byte(cache.hold(15, 15)) == 15);
    CHECK(source.reads.back().count == 5);
    CHECK(first_byte(cache.hold(16)) == 16);
    CHECK(source.reads.size() == 2);
    CHECK(first_byte(cache.hold(98, 15)) == 98);
    CHECK(source.reads.back().count == 2);
    CHECK(first_byte(cache.hold(40, 1000)) == 40);
    CHECK(source.reads.back().count == PageCache::k_most_ahead + 1);
    for (const std::uint64_t page : {20, 15, 16, 98, 40})
        cache.release(page);
}

TEST_CASE_FIXTURE(Fixture, "no more idle pages are kept than the limit, the oldest go first") {
    for (std::uint64_t page = 0; page < 30; ++page) {
        REQUIRE(cache.hold(page).ok());
        cache.release(page);
    }
    CHECK(cache.size() == 10);
    source.reads.clear();
    REQUIRE(cache.hold(20).ok());
    CHECK(source.reads.empty());
    REQUIRE(cache.hold(19).ok());
    CHECK(source.reads.size() == 1);
    cache.release(20);
    cache.release(19);
}

TEST_CASE_FIXTURE(Fixture, "held pages stay, whoever wants memory") {
    const Result<PhysAddr> held = cache.hold(3, 4);
    CHECK(cache.size() == 5);
    CHECK(cache.reclaim(2) == 2);
    CHECK(cache.reclaim(100) == 2);
    CHECK(cache.reclaim(1) == 0);
    CHECK(first_byte(held) == 3);
    cache.release(3);
}

namespace {

// A second reader, on a thread that runs only while the first one waits for it: it comes in the
// middle of the first one's reading and goes on when that is over.
struct SecondReader {
    SecondReader(PageCache& cache, Source& source, std::uint64_t page) {
        source.meanwhile = [this, &cache, page] {
            host::during_wait = [this] {
                waits.set_value();
                go_on.get_future().wait();
                return threads::WakeReason::woken;
            };
            thread = std::thread([this, &cache, page] { got = cache.hold(page); });
            waits.get_future().wait();
        };
    }
    Result<PhysAddr> join() {
        go_on.set_value();
        thread.join();
        return got;
    }
    std::promise<void> waits;
    std::promise<void> go_on;
    std::thread thread;
    Result<PhysAddr> got = Errno::enosys;
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "who wants a page that is being read waits for that reading") {
    SecondReader second(cache, source, 1);
    const Result<PhysAddr> first = cache.hold(1);
    CHECK(second.join().value() == first.value());
    CHECK(source.reads.size() == 1);
    CHECK(first_byte(first) == 1);
    cache.release(1);
    cache.release(1);
}

TEST_CASE_FIXTURE(Fixture, "who waits for a page that fails is told the error") {
    source.bad = {1};
    SecondReader second(cache, source, 1);
    CHECK(cache.hold(1).error() == Errno::eio);
    CHECK(second.join().error() == Errno::eio);
    CHECK(source.reads.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "who waits for a page behind a bad one reads it again") {
    source.bad = {2};
    SecondReader second(cache, source, 3);
    CHECK(first_byte(cache.hold(1, 5)) == 1);
    CHECK(first_byte(second.join()) == 3);
    CHECK(source.reads.size() == 2);
    cache.release(1);
    cache.release(3);
}

TEST_CASE_FIXTURE(Fixture, "an error is told and not kept") {
    source.bad = {5};
    CHECK(cache.hold(5).error() == Errno::eio);
    CHECK(cache.size() == 0);
    source.bad.clear();
    CHECK(first_byte(cache.hold(5)) == 5);
    cache.release(5);
}

TEST_CASE_FIXTURE(Fixture, "a bad page behind the one that is wanted does no harm") {
    source.bad = {8};
    CHECK(first_byte(cache.hold(5, 10)) == 5);
    CHECK(cache.size() == 3);
    CHECK(first_byte(cache.hold(9)) == 9);
    CHECK(cache.hold(8).error() == Errno::eio);
    cache.release(5);
    cache.release(9);
}

TEST_CASE_FIXTURE(Fixture, "without memory for what comes behind, the page itself is read") {
    host::frames_left = 2;
    CHECK(first_byte(cache.hold(5, 10)) == 5);
    CHECK(source.reads.back().count == 2);
    host::frames_left = 0;
    CHECK(cache.hold(50).error() == Errno::enomem);
    host::limit_allocations(0);
    CHECK(cache.hold(51).error() == Errno::enomem);
    host::unlimited_memory();
    cache.release(5);
}
