#include <doctest/doctest.h>

#include <cstring>

#include <pvscsi/rings.hpp>

using namespace os;
using namespace os::pvscsi;

namespace {

// The three pages, and what the adapter does with them.
struct Adapter {
    alignas(4096) std::uint8_t state_page[4096];
    alignas(4096) std::uint8_t request_page[4096];
    alignas(4096) std::uint8_t completion_page[4096];
    Rings rings;

    Adapter() {
        std::memset(state_page, 0xee, sizeof state_page);
        rings.initialise(state_page, request_page, completion_page);
    }
    RingState& state() { return *reinterpret_cast<RingState*>(state_page); }
    Request request(std::uint32_t index) {
        Request out;
        std::memcpy(&out, request_page + index % k_request_entries * sizeof out, sizeof out);
        return out;
    }
    void complete(std::uint64_t context) {
        Completion completion;
        completion.context = context;
        std::memcpy(completion_page +
                        state().completions_made % k_completion_entries * sizeof completion,
                    &completion, sizeof completion);
        ++state().completions_made;
    }
    void add(std::uint64_t context) {
        Request request;
        request.context = context;
        rings.add(request);
    }
};

} // namespace

TEST_CASE("the shared page starts clean and says how large the rings are") {
    Adapter adapter;
    CHECK(adapter.state().requests_made == 0);
    CHECK(adapter.state().request_entries_log2 == 5);
    CHECK(adapter.state().completion_entries_log2 == 7);
    CHECK(adapter.state_page[4095] == 0);
}

TEST_CASE("requests and completions go round many times, in any order") {
    Adapter adapter;
    Completion completion;
    for (std::uint32_t round = 0; round < 1000; ++round) {
        for (std::uint64_t i = 0; i < 16; ++i) {
            adapter.add(i);
            REQUIRE(adapter.request(adapter.state().requests_made - 1).context == i);
        }
        CHECK_FALSE(adapter.rings.take(completion));
        for (std::uint64_t i = 0; i < 16; ++i)
            adapter.complete((i * 5 + round) % 16);
        for (std::uint64_t i = 0; i < 16; ++i) {
            REQUIRE(adapter.rings.take(completion));
            REQUIRE(completion.context == (i * 5 + round) % 16);
        }
        REQUIRE(adapter.state().completions_taken == 16 * (round + 1));
    }
    CHECK_FALSE(adapter.rings.broken());
}

TEST_CASE("an adapter that completes more than it was asked for breaks the rings, not the kernel") {
    Completion completion;
    SUBCASE("one too many") {
        Adapter adapter;
        adapter.add(1);
        adapter.complete(1);
        adapter.complete(1);
        CHECK_FALSE(adapter.rings.take(completion));
        CHECK(adapter.rings.broken());
    }
    SUBCASE("an index far ahead, and then a good one") {
        Adapter adapter;
        adapter.add(1);
        adapter.state().completions_made = 0x80000000;
        CHECK_FALSE(adapter.rings.take(completion));
        CHECK(adapter.rings.broken());
        adapter.state().completions_made = 1;
        CHECK_FALSE(adapter.rings.take(completion));
    }
    SUBCASE("an index that goes back") {
        Adapter adapter;
        adapter.add(1);
        adapter.complete(1);
        CHECK(adapter.rings.take(completion));
        adapter.state().completions_made = 0;
        CHECK_FALSE(adapter.rings.take(completion));
        CHECK(adapter.rings.broken());
    }
    SUBCASE("nonsense in its own counters changes nothing") {
        Adapter adapter;
        adapter.add(1);
        adapter.state().requests_made = 77;
        adapter.state().completions_taken = 99;
        adapter.complete(1);
        CHECK(adapter.rings.take(completion));
        CHECK(adapter.state().completions_taken == 1);
        adapter.add(2);
        CHECK(adapter.state().requests_made == 2);
    }
}
