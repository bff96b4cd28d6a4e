#include "memory/heap.hpp"

#include <cstdlib>
#include <cstring>
#include <map>
#include <random>

#include <doctest/doctest.h>

namespace {

using os::memory::Heap;

constexpr std::size_t k_page = 4096;
std::map<void*, std::size_t> g_runs;
std::size_t g_pages = 0;
std::size_t g_limit = SIZE_MAX;

void* take_run(std::size_t frames) {
    if (g_pages + frames > g_limit)
        return nullptr;
    void* run = std::aligned_alloc(k_page, frames * k_page);
    g_runs[run] = frames;
    g_pages += frames;
    return run;
}
void give_run(void* run) {
    REQUIRE(g_runs.count(run) == 1);
    g_pages -= g_runs[run];
    g_runs.erase(run);
    std::free(run);
}

struct Fixture {
    Fixture() { g_limit = SIZE_MAX; }
    ~Fixture() {
        for (const auto& [run, frames] : g_runs)
            std::free(run);
        g_runs.clear();
        g_pages = 0;
    }
    Heap heap{{take_run, give_run}};
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "every size is aligned, and rounding is never downwards") {
    for (std::size_t size = 0; size < 9000; size += 7) {
        void* object = heap.allocate(size);
        REQUIRE(object != nullptr);
        CHECK(reinterpret_cast<std::uintptr_t>(object) % 16 == 0);
        CHECK(Heap::rounded(size) >= size);
        std::memset(object, 0xa5, size);
        heap.free(object);
    }
}

TEST_CASE_FIXTURE(Fixture, "objects of one slab do not overlap") {
    std::map<std::uint8_t*, std::size_t> objects;
    for (const std::size_t size :
         {1U, 16U, 17U, 100U, 513U, 1000U, 1345U, 2032U, 2033U, 4096U, 4097U})
        for (int i = 0; i < 40; ++i) {
            auto* object = static_cast<std::uint8_t*>(heap.allocate(size));
            std::memset(object, static_cast<int>(size % 251), size);
            objects[object] = size;
        }
    const std::uint8_t* end = nullptr;
    for (const auto& [object, size] : objects) {
        CHECK(object >= end);
        end = object + size;
        for (std::size_t i = 0; i < size; ++i)
            REQUIRE(object[i] == size % 251);
    }
    for (const auto& [object, size] : objects)
        heap.free(object);
}

TEST_CASE_FIXTURE(Fixture, "empty slabs go back but for one of each class") {
    std::vector<void*> objects;
    for (int i = 0; i < 1000; ++i)
        objects.push_back(heap.allocate(64));
    CHECK(g_pages >= 16);
    for (void* object : objects)
        heap.free(object);
    CHECK(g_pages == 1);
}

TEST_CASE_FIXTURE(Fixture, "null may be freed, and an exhausted source gives null") {
    heap.free(nullptr);
    g_limit = 1;
    CHECK(heap.allocate(100) != nullptr);
    CHECK(heap.allocate(2000) == nullptr);
    CHECK(heap.allocate(5000) == nullptr);
    CHECK(heap.allocate(SIZE_MAX) == nullptr);
    CHECK(heap.allocate(SIZE_MAX - k_page) == nullptr);
    CHECK(heap.allocate(100) != nullptr);
}

TEST_CASE_FIXTURE(Fixture, "random use keeps every object's bytes") {
    std::mt19937 random(3);
    struct Object {
        std::uint8_t* bytes;
        std::size_t size;
        std::uint8_t mark;
    };
    std::vector<Object> objects;
    for (int step = 0; step < 30000; ++step) {
        if (objects.empty() || random() % 100 < 52) {
            const std::size_t size = random() % 20 == 0 ? random() % 20000 : random() % 600;
            auto* bytes = static_cast<std::uint8_t*>(heap.allocate(size));
            REQUIRE(bytes != nullptr);
            const auto mark = static_cast<std::uint8_t>(random());
            std::memset(bytes, mark, size);
            objects.push_back({bytes, size, mark});
        } else {
            const std::size_t index = random() % objects.size();
            const Object object = objects[index];
            for (std::size_t i = 0; i < object.size; ++i)
                REQUIRE(object.bytes[i] == object.mark);
            heap.free(object.bytes);
            objects[index] = objects.back();
            objects.pop_back();
        }
    }
    for (const Object& object : objects)
        heap.free(object.bytes);
    CHECK(g_pages <= 21);
}
