#include "memory/with_reclaim.hpp"

#include <memory/reclaim.hpp>

#include <doctest/doctest.h>

namespace {

struct Cache : os::memory::Reclaimer {
    std::size_t reclaim(std::size_t frames) override {
        ++asked;
        const std::size_t given = frames < left ? frames : left;
        left -= given;
        return given;
    }
    std::size_t left = 0;
    unsigned asked = 0;
};

Cache& cache(unsigned index) {
    static Cache caches[2];
    static const bool registered = [] {
        for (Cache& each : caches)
            os::memory::register_reclaimer(each);
        return true;
    }();
    CHECK(registered);
    caches[index].asked = 0;
    return caches[index];
}

} // namespace

TEST_CASE("a second cache is asked for what the first one does not have") {
    Cache& first = cache(0);
    Cache& second = cache(1);
    first.left = 1000;
    second.left = 5;
    CHECK(os::memory::reclaim(100));
    CHECK(first.left == 900);
    CHECK(second.asked == 0);
    first.left = 10;
    CHECK(os::memory::reclaim(1));
    CHECK(first.left == 0);
    CHECK(second.left == 0);
    CHECK_FALSE(os::memory::reclaim(1));
}

TEST_CASE("an allocation is tried for as long as the caches have something") {
    Cache& only = cache(0);
    cache(1).left = 0;
    only.left = 100;
    unsigned attempts = 0;
    CHECK_FALSE(os::memory::with_reclaim(1, [&attempts] {
        ++attempts;
        return false;
    }));
    CHECK(attempts == 5); // 32, 32, 32 and 4 came back in between
    CHECK(os::memory::with_reclaim(1, [] { return true; }));
}
